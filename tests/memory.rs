//! However hostile a spec is, reading it takes no more memory than a spec of a thousand resources.

use std::{
    fs,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use wait4::Wait4 as _;

/// In bytes.
const LARGEST: usize = 10_000_000;
const MEMORY: u64 = 200 << 20;

/// Refused, and how many bytes of memory that took at most.
#[track_caller]
fn check(text: &str) {
    let place = TempDir::new().unwrap();
    let spec = place.path().join("spec.yaml");
    fs::write(&spec, text).unwrap();
    let mut apigen = Command::new(env!("CARGO_BIN_EXE_apigen"));
    apigen.args(["check", "--quiet"]).arg(&spec).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = apigen.spawn().unwrap().wait4().unwrap();
    assert_eq!(ended.status.code(), Some(1), "{text:.20}…");
    let memory = ended.rusage.maxrss;
    assert!(memory < MEMORY, "{text:.20}… took {} MB", memory >> 20);
}

/// As often as fits.
fn filled(piece: &str) -> String {
    piece.repeat(LARGEST / piece.len())
}

#[test]
fn repetitions() {
    for piece in ["key: {a: b}\n", "a: &a [*a, *a]\n", "# x\n", "!a ", "x", "\0", "'", ": "] {
        check(&filled(piece));
    }
    check(&format!("a:\n{}", filled("- x\n")));
}

#[test]
fn nesting() {
    for piece in ["[", "{a: ", "- ", "? "] {
        check(&filled(piece));
    }
    check(&(0..4000).map(|depth| " ".repeat(depth) + "a:\n").collect::<String>());
}

#[test]
fn aliases_of_aliases() {
    let doubled = |index: usize| format!("a{index}: &a{index} [*a{0}, *a{0}, *a{0}]\n", index - 1);
    check(&("a0: &a0 [x, x]\n".to_owned() + &(1..1000).map(doubled).collect::<String>()));
}

#[test]
fn different_keys() {
    let keys: String = (0..LARGEST / 12).map(|index| format!("k{index}: 1\n")).collect();
    check(&format!("apigen: 1\n{keys}"));
}
