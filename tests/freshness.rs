//! The committed example is what apigen writes today, byte by byte, so that whoever reads it reads the truth.

use std::{fs, path::Path};

use apigen::{
    emit::{Options, Runtime},
    files::{self, Difference, DifferenceKind},
    migrations::History,
};

const SPEC: &str = "specs/shop.yaml";
const OUT: &str = "generated-example";
/// As the example's manifest keeps it: the runtime's folder is seen from the output folder.
const SETTINGS: &str = "apigen generate specs/shop.yaml --target all --openapi 3.0 --runtime path:../runtime";
const MEND: &str = "cargo run -- generate specs/shop.yaml --out generated-example --runtime path:runtime";

/// Everything of the example, in memory. Specs go by the name that was typed, so the test runs where cargo starts it: in
/// the repository.
fn example() -> files::Files {
    let loaded = apigen::load(SPEC.as_ref()).unwrap().unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert!(!loaded.lock_changed, "specs/shop.lock is stale; run\n  {MEND}");
    let options = Options { runtime: Runtime::Path("../runtime".to_owned()), ..Options::default() };
    let history = History::read(OUT.as_ref()).unwrap();
    let mut files = apigen::generate(&loaded.model, &options, &history).unwrap();
    files.remember(SETTINGS);
    files
}

#[test]
fn the_example_is_what_apigen_writes() {
    let differences = files::compare(&example(), OUT.as_ref()).unwrap();
    let described: String = differences.iter().map(describe).collect();
    assert!(described.is_empty(), "{OUT} is stale; run\n  {MEND}\n{described}");
}

fn describe(difference: &Difference) -> String {
    let path = &difference.path;
    match &difference.kind {
        DifferenceKind::Missing => format!("missing: {path}\n"),
        DifferenceKind::Unexpected => format!("unexpected: {path}\n"),
        DifferenceKind::Stale { diff } => format!("stale: {path}\n{}", diff.as_deref().unwrap_or("(binary)\n")),
    }
}

/// The shop's own code.
const WRITTEN: &str = "app/src/hooks.rs";

/// apigen never touches these again, so the command above doesn't mend them: delete them first.
#[test]
fn the_examples_own_files_are_as_a_first_run_writes_them() {
    for (path, content, owner) in example().iter().filter(|(path, ..)| *path != WRITTEN) {
        let found = fs::read(Path::new(OUT).join(path)).unwrap_or_default();
        assert!(
            found == content || owner == files::Owner::Apigen,
            "{OUT}/{path} is stale; delete it and run\n  {MEND}"
        );
    }
}

/// A lock that lags behind gives the next change of its spec more lines than that has.
#[test]
fn the_locks_of_all_specs_are_up_to_date() {
    let files = ["specs", "tests/specs"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let locks = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "lock"));
    let mut checked = 0;
    for spec in locks.map(|lock| lock.with_extension("yaml")) {
        let loaded = apigen::load(&spec).unwrap().unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert!(
            !loaded.lock_changed,
            "the lock of {0} is stale; run\n  cargo run -- generate {0} --out FOLDER",
            spec.display()
        );
        checked += 1;
    }
    assert!(checked > 5, "only {checked} specs have locks");
}
