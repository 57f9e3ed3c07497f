//! The command line as scripts rely on it: exit codes, and which stream says what.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const SHOP: &str = "\
apigen: 1
api: { name: shop, version: v1, title: Shop }
resources:
  Product:
    fields:
      name: string
";

/// A folder with `shop.yaml`.
fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("shop.yaml"), SHOP).unwrap();
    place
}

fn apigen(place: &TempDir, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_apigen"))
        .args(arguments.split_whitespace())
        .current_dir(place.path())
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

/// Runs apigen, expects an exit code, and returns stdout and stderr.
#[track_caller]
fn check(place: &TempDir, arguments: &str, code: i32) -> (String, String) {
    let output = apigen(place, arguments);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "apigen {arguments}\n{stdout}\n{stderr}");
    (stdout, stderr)
}

fn append(path: &Path, text: &str) {
    fs::write(path, fs::read_to_string(path).unwrap() + text).unwrap();
}

#[test]
fn what_was_generated_is_fresh_until_the_spec_changes() {
    let place = place();
    let (stdout, stderr) = check(&place, "generate shop.yaml --out out", 0);
    assert!(stdout.starts_with("out: ") && stdout.ends_with(" written, 0 deleted, 0 unchanged\n"), "{stdout}");
    assert_eq!(stderr, "");
    assert_eq!(check(&place, "check shop.yaml --out out", 0), Default::default());
    let (stdout, _) = check(&place, "generate shop.yaml --out out", 0);
    assert!(stdout.starts_with("out: 0 written, 0 deleted, "), "{stdout}");
    append(&place.path().join("shop.yaml"), "      stock?: int32\n");
    let (stdout, stderr) = check(&place, "check shop.yaml --out out", 1);
    assert!(stdout.contains("missing: migrations/sqlite/0002_add_products_stock.sql\n"), "{stdout}");
    assert!(stdout.contains("stale: shop.lock\n--- a/shop.lock\n+++ b/shop.lock\n"), "{stdout}");
    assert_eq!(stderr, "error: out is stale: run `apigen generate shop.yaml --out out`\n");
    check(&place, "generate shop.yaml --out out", 0);
    check(&place, "check shop.yaml --out out", 0);
}

#[test]
fn tables_that_no_migration_leads_to_are_rejected_and_nothing_written() {
    let place = place();
    check(&place, "generate shop.yaml --out out", 0);
    append(&place.path().join("shop.yaml"), "      stock: int32\n");
    let lock = fs::read(place.path().join("shop.lock")).unwrap();
    for arguments in
        ["generate shop.yaml --out out", "generate shop.yaml --out out --force", "check shop.yaml --out out"]
    {
        let (stdout, stderr) = check(&place, arguments, 1);
        assert_eq!(stdout, "");
        assert!(stderr.contains("\n  products.stock: the rows that are already there need a value"), "{stderr}");
    }
    assert_eq!(fs::read(place.path().join("shop.lock")).unwrap(), lock);
    check(&place, "generate shop.yaml --out out --target contracts", 0);
    fs::remove_dir_all(place.path().join("out/migrations")).unwrap();
    check(&place, "generate shop.yaml --out out", 0);
    check(&place, "check shop.yaml --out out", 0);
}

#[test]
fn migrations_that_someone_edited_are_refused_by_force_too() {
    let place = place();
    check(&place, "generate shop.yaml --out out", 0);
    append(&place.path().join("out/migrations/sqlite/0001_initial.sql"), "-- and more\n");
    for arguments in ["generate shop.yaml --out out --force", "check shop.yaml --out out"] {
        let (stdout, stderr) = check(&place, arguments, 2);
        assert_eq!(stdout, "");
        assert!(stderr.contains("out/migrations/sqlite/0001_initial.sql isn't as apigen wrote it"), "{stderr}");
    }
}

#[test]
fn a_wrong_spec_is_rejected_and_nothing_written() {
    let place = place();
    append(&place.path().join("shop.yaml"), "    relations:\n      owner: { belongs_to: Custmer }\n");
    for arguments in ["generate shop.yaml --out out", "check shop.yaml --out out", "check shop.yaml"] {
        let (stdout, stderr) = check(&place, arguments, 1);
        assert_eq!(stdout, "");
        assert!(stderr.contains("Custmer"), "{stderr}");
    }
    assert!(!place.path().join("out").exists() && !place.path().join("shop.lock").exists());
}

#[test]
fn what_could_not_run_says_why() {
    let place = place();
    let (_, stderr) = check(&place, "check missing.yaml", 2);
    assert!(stderr.starts_with("error: ") && stderr.contains("missing.yaml"), "{stderr}");
    let (_, stderr) = check(&place, "generate shop.yaml", 2);
    assert!(stderr.contains("--out"), "{stderr}");
    let (_, stderr) = check(&place, "generate shop.yaml --out shop.yaml", 2);
    assert_eq!(stderr, "error: shop.yaml is not a folder\n");
    let (_, stderr) = check(&place, "generate shop.yaml --out out --runtime path:none", 2);
    assert_eq!(stderr, "error: no crate in none: it has no Cargo.toml\n");
    check(&place, "generate shop.yaml --out out --runtime elsewhere", 2);
    let (stdout, _) = check(&place, "--help", 0);
    assert!(stdout.contains("generate") && stdout.contains("check"), "{stdout}");
}

#[test]
fn a_check_from_elsewhere_finds_the_same() {
    let place = place();
    check(&place, "generate shop.yaml --out out", 0);
    let elsewhere = TempDir::new().unwrap();
    let (spec, out) = (place.path().join("shop.yaml"), place.path().join("out"));
    check(&elsewhere, &format!("check {} --out {}", spec.display(), out.display()), 0);
}

#[test]
fn an_edited_file_stops_a_run_that_isnt_forced() {
    let place = place();
    check(&place, "generate shop.yaml --out out", 0);
    append(&place.path().join("out/server/Cargo.toml"), "# mine\n");
    let (stdout, _) = check(&place, "check shop.yaml --out out", 1);
    assert!(stdout.contains("stale: server/Cargo.toml\n") && stdout.contains("\n-# mine\n"), "{stdout}");
    let (_, stderr) = check(&place, "generate shop.yaml --out out", 2);
    assert!(stderr.contains("server/Cargo.toml: edited by hand") && stderr.contains("--force"), "{stderr}");
    check(&place, "generate shop.yaml --out out --force", 0);
    check(&place, "check shop.yaml --out out", 0);
}

#[test]
fn a_locked_run_doesnt_move_the_lock() {
    let place = place();
    let (_, stderr) = check(&place, "generate shop.yaml --out out --locked", 1);
    assert_eq!(stderr, "error: shop.lock would change: run without --locked, and commit it\n");
    assert!(!place.path().join("out").exists());
    check(&place, "generate shop.yaml --out out", 0);
    check(&place, "generate shop.yaml --out out --locked", 0);
    append(&place.path().join("shop.yaml"), "      stock: int32\n");
    let lock = fs::read(place.path().join("shop.lock")).unwrap();
    check(&place, "generate shop.yaml --out out --locked", 1);
    assert_eq!(fs::read(place.path().join("shop.lock")).unwrap(), lock);
}

#[test]
fn a_runtime_elsewhere_is_found_from_the_server() {
    let place = place();
    fs::create_dir_all(place.path().join("lib/runtime")).unwrap();
    fs::write(place.path().join("lib/runtime/Cargo.toml"), "").unwrap();
    check(&place, "generate shop.yaml --out deep/out", 0);
    assert!(place.path().join("deep/out/runtime/src/lib.rs").exists());
    check(&place, "generate shop.yaml --out deep/out --runtime path:lib/../lib/runtime", 0);
    assert!(!place.path().join("deep/out/runtime").exists());
    let manifest = fs::read_to_string(place.path().join("deep/out/server/Cargo.toml")).unwrap();
    assert!(manifest.contains(r#"path = "../../../lib/runtime""#), "{manifest}");
    check(&place, "check shop.yaml --out deep/out", 0);
}

#[test]
fn contracts_alone_leave_the_server_in_place() {
    let place = place();
    check(&place, "generate shop.yaml --out contracts-only --target contracts", 0);
    assert!(!place.path().join("contracts-only/server").exists());
    check(&place, "check shop.yaml --out contracts-only", 0);
    check(&place, "generate shop.yaml --out out", 0);
    check(&place, "generate shop.yaml --out out --target contracts", 0);
    assert!(place.path().join("out/server/Cargo.toml").exists());
    check(&place, "check shop.yaml --out out", 0);
}

#[test]
fn the_openapi_document_stays_in_the_version_that_was_asked_for() {
    let place = place();
    check(&place, "generate shop.yaml --out out --openapi 3.1", 0);
    let document = || fs::read_to_string(place.path().join("out/contracts/openapi.yaml")).unwrap();
    assert!(document().contains("\nopenapi: \"3.1.0\"\n"), "{}", document());
    check(&place, "check shop.yaml --out out", 0);
    check(&place, "generate shop.yaml --out out --target server", 0);
    check(&place, "check shop.yaml --out out", 0);
    check(&place, "generate shop.yaml --out out", 0);
    assert!(document().contains("\nopenapi: \"3.0.3\"\n"), "{}", document());
    check(&place, "check shop.yaml --out out", 0);
    let (_, stderr) = check(&place, "generate shop.yaml --out out --openapi 3.2", 2);
    assert!(stderr.contains("[possible values: 3.0, 3.1]"), "{stderr}");
}

#[test]
fn programs_read_json() {
    let place = place();
    let json = |arguments: &str, code| -> serde_json::Value {
        serde_json::from_str(&check(&place, &format!("--format json {arguments}"), code).0).unwrap()
    };
    let report = json("generate shop.yaml --out out", 0);
    assert!(report["written"].as_array().unwrap().contains(&"server/Cargo.toml".into()), "{report}");
    assert_eq!(json("check shop.yaml --out out", 0), serde_json::json!([]));
    fs::remove_file(place.path().join("out/server/Cargo.toml")).unwrap();
    let missing = serde_json::json!([{ "path": "server/Cargo.toml", "kind": "missing" }]);
    assert_eq!(json("check shop.yaml --out out", 1), missing);
}

#[test]
fn quiet_verbose_and_colour_do_as_they_say() {
    let place = place();
    assert_eq!(check(&place, "generate shop.yaml --out out -q", 0), Default::default());
    fs::remove_file(place.path().join("out/server/Cargo.toml")).unwrap();
    let (stdout, _) = check(&place, "-v generate shop.yaml --out out", 0);
    assert!(stdout.starts_with("write  server/Cargo.toml\nout: 1 written, "), "{stdout}");
    let (_, stderr) = check(&place, "check missing.yaml --color always", 2);
    assert!(stderr.starts_with("\u{1b}[1;31merror\u{1b}[0m: "), "{stderr}");
}

#[test]
fn an_interrupted_run_is_finished_by_the_next() {
    let place = place();
    check(&place, "generate shop.yaml --out out", 0);
    let staging = place.path().join("out/.apigen-staging");
    fs::create_dir_all(staging.join("new/server/src")).unwrap();
    fs::write(staging.join("new/server/src/half.rs"), "half").unwrap();
    fs::write(staging.join("journal"), "apigen journal 1\ncreate server/src/half.rs\n").unwrap();
    let (_, stderr) = check(&place, "check shop.yaml --out out", 2);
    assert!(stderr.contains("was interrupted: `apigen generate` finishes it"), "{stderr}");
    let (_, stderr) = check(&place, "generate shop.yaml --out out", 0);
    assert_eq!(stderr, "note: an interrupted run was finished first\n");
    assert!(!staging.exists());
    let (stdout, _) = check(&place, "check shop.yaml --out out", 1);
    assert_eq!(stdout, "unexpected: server/src/half.rs\n");
}
