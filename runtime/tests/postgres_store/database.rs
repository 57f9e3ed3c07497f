//! A database of a test's own, on the server that `APIGEN_TEST_POSTGRES_URL` names.

use std::io::Write;

use tokio_postgres::{Client, NoTls};
use url::Url;

const VARIABLE: &str = "APIGEN_TEST_POSTGRES_URL";

/// A new database, which goes away with this.
pub struct Database {
    pub server: String,
    pub name: String,
}

impl Database {
    /// `None` where no server is named, which is said, and in CI is a failure.
    pub async fn create() -> Option<Database> {
        let Ok(server) = std::env::var(VARIABLE) else {
            // Not by `eprintln!`, which a test that passes keeps to itself.
            let skipped = format!("SKIPPED: {VARIABLE} names no server, so the PostgreSQL store isn't tested\n");
            std::io::stderr().write_all(skipped.as_bytes()).unwrap();
            assert!(std::env::var_os("CI").is_none(), "CI must test the PostgreSQL store: set {VARIABLE}");
            return None;
        };
        let name = format!("apigen_{}", uuid::Uuid::new_v4().simple());
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        Some(Database { server, name })
    }

    pub fn url(&self) -> String {
        let mut url = Url::parse(&self.server).unwrap();
        url.set_path(&self.name);
        url.to_string()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, sql) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server).await.batch_execute(&sql).await })
        });
        if let Err(error) = dropped.join().expect("dropping a database") {
            eprintln!("{}: {error}", self.name);
        }
    }
}

pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
