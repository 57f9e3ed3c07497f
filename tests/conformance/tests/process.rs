//! The server as a process: how it starts, what stops it from starting, and how it ends.

#[path = "process/configuration.rs"]
mod configuration;
#[path = "process/database.rs"]
mod database;
#[path = "process/shutdown.rs"]
mod shutdown;
#[path = "process/startup.rs"]
mod startup;

use apigen_conformance::command::{Ended, run_to_end, shop};

/// Runs the server with these settings to its end.
fn run(arguments: &[&str], env: &[(&str, &str)]) -> Ended {
    run_to_end(shop().args(arguments).envs(env.iter().copied()))
}

/// A start that must fail: exit code 2 and one line that begins with `error:` and has all of these words.
fn refused(arguments: &[&str], env: &[(&str, &str)], words: &[&str]) {
    let ended = run(arguments, env);
    assert_eq!(ended.code, Some(2), "{arguments:?} {env:?}: {ended:?}");
    assert_eq!(ended.stdout, "", "{arguments:?} {env:?}");
    assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    let errors: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    let [error] = errors.as_slice() else { panic!("{arguments:?} {env:?}: {ended:?}") };
    for word in words {
        assert!(error.contains(word), "no {word:?} in {error:?}");
    }
}
