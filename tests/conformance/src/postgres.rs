//! Empty PostgreSQL databases for servers, where `APIGEN_TEST_POSTGRES_URL` names a server to make them on.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Once,
};

use crate::shop::unique;

/// `None`, said loudly, where there is no server; with `CI` set that is a failure.
pub fn url() -> Option<String> {
    let url = std::env::var("APIGEN_TEST_POSTGRES_URL").ok();
    if url.is_none() {
        skip("APIGEN_TEST_POSTGRES_URL names no server to test on");
    }
    url
}

/// Whether a program is there that a test starts; otherwise as above.
pub fn installed(program: &Path) -> bool {
    let installed = program.exists();
    if !installed {
        skip(&format!("{} isn't installed", program.display()));
    }
    installed
}

pub(crate) fn skip(reason: &str) {
    eprintln!("SKIPPED: {reason}");
    assert!(std::env::var_os("CI").is_none(), "nothing may be skipped in CI: {reason}");
}

const PREFIX: &str = "apigen_conformance_";

/// The URL of a new, empty database. It is left behind, under a name that says whose it is, until another process makes
/// one.
pub fn database() -> String {
    static SWEPT: Once = Once::new();
    let admin = std::env::var("APIGEN_TEST_POSTGRES_URL").expect("asked for only where it is set");
    SWEPT.call_once(|| sweep(&admin));
    let name = format!("{PREFIX}{}_{}", std::process::id(), unique());
    let (server, _) = admin.rsplit_once('/').expect("the URL names a database");
    ask(&admin, &format!("DROP DATABASE IF EXISTS {name}"));
    ask(&admin, &format!("CREATE DATABASE {name}"));
    format!("{server}/{name}")
}

/// Drops what processes have left behind that have ended, as far as this system tells.
fn sweep(admin: &str) {
    let processes = Path::new("/proc");
    if !processes.join("self").exists() {
        return;
    }
    for name in ask(admin, "SELECT datname FROM pg_database").lines() {
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('_').next());
        if process.is_some_and(|process| !processes.join(process).exists()) {
            // Another process may be faster.
            let _ = psql(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// What psql shows of what a statement finds.
pub fn ask(admin: &str, statement: &str) -> String {
    let done = psql(admin, statement);
    assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn psql(admin: &str, statement: &str) -> Output {
    Command::new("psql").args(["-qXAt", "-c", statement, admin]).output().expect("psql is installed")
}
