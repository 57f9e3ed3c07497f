//! Empty PostgreSQL databases for servers, where `APIGEN_TEST_POSTGRES_URL` names a server to make them on.

use std::{path::Path, process::Command};

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

/// The URL of a new, empty database. It is left behind, under a name that says whose it is.
pub fn database() -> String {
    let admin = std::env::var("APIGEN_TEST_POSTGRES_URL").expect("asked for only where it is set");
    let name = format!("apigen_conformance_{}_{}", std::process::id(), unique());
    let (server, _) = admin.rsplit_once('/').expect("the URL names a database");
    for statement in [format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")] {
        let done = Command::new("psql").args(["-qX", "-c", &statement, &admin]).output().expect("psql is installed");
        assert!(done.status.success(), "{statement}: {}", String::from_utf8_lossy(&done.stderr));
    }
    format!("{server}/{name}")
}
