//! Specs as people get them wrong, and all that apigen says about each, as it is read on a terminal. A change that says it
//! better rewrites the texts: `BLESS=1 cargo test --test broken`.

use std::{env, fs, path::PathBuf};

fn specs() -> Vec<PathBuf> {
    let files = fs::read_dir("tests/broken").unwrap().map(|entry| entry.unwrap().path());
    let mut specs: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    specs.sort();
    specs
}

#[test]
fn every_mistake_is_told_as_it_was() {
    let specs = specs();
    assert!(specs.len() >= 30, "only {} specs", specs.len());
    let mut changed = Vec::new();
    for spec in specs {
        let mistakes = apigen::load(&spec).unwrap().expect_err("a broken spec").to_string();
        let expected = spec.with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&expected, &mistakes).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != mistakes {
            changed.push(format!("{}\n{mistakes}", spec.display()));
        }
    }
    assert!(changed.is_empty(), "apigen says something else now:\n\n{}", changed.join("\n"));
}

/// From top to bottom, as people mend them.
#[test]
fn mistakes_are_told_in_file_order() {
    for spec in specs() {
        let mistakes = apigen::load(&spec).unwrap().expect_err("a broken spec");
        let places: Vec<_> = mistakes.iter().map(|mistake| mistake.span).collect();
        assert!(places.is_sorted(), "{}\n{mistakes}", spec.display());
    }
}
