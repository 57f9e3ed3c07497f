//! Fresh databases for the two servers.

use anyhow::Context;
use tempfile::TempDir;
use tokio_postgres::NoTls;

pub enum Database {
    /// Files in a folder that goes with it.
    Sqlite(TempDir),
    /// The URL of a database from which others can be made.
    Postgres(String),
}

/// The programs, each of which gets a database of its own.
const SERVERS: [&str; 2] = ["baseline", "shop"];

impl Database {
    pub fn all(postgres_url: &str) -> impl Iterator<Item = Database> {
        // Where the build is, not in /tmp: that may be memory, which flushes nothing.
        let folder = std::env::current_exe().ok().and_then(|exe| exe.parent().map(ToOwned::to_owned));
        let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(folder.unwrap_or_default());
        let sqlite = folder.ok().map(Database::Sqlite);
        sqlite.into_iter().chain([Database::Postgres(postgres_url.to_owned())])
    }

    pub fn name(&self) -> &'static str {
        match self {
            Database::Sqlite(_) => "SQLite",
            Database::Postgres(_) => "PostgreSQL",
        }
    }

    /// DATABASE_URL for a program. The one by hand knows no TLS, so neither uses it.
    pub fn url(&self, server: &str) -> String {
        match self {
            Database::Sqlite(folder) => format!("sqlite:{}", folder.path().join(server).with_extension("db").display()),
            Database::Postgres(url) => match url.rsplit_once('/') {
                Some((server_url, _)) => format!("{server_url}/{}?sslmode=disable", postgres_name(server)),
                None => url.clone(),
            },
        }
    }

    pub async fn create(&self) -> anyhow::Result<()> {
        self.drop_databases().await?;
        self.administer(|name| format!("CREATE DATABASE {name}")).await
    }

    /// 200 orders of one user, each of three products that are there, for both programs.
    pub async fn seed_orders(&self) -> anyhow::Result<()> {
        for server in SERVERS {
            match self {
                Database::Sqlite(folder) => {
                    let path = folder.path().join(server).with_extension("db");
                    rusqlite::Connection::open(path)?.execute_batch(include_str!("orders/sqlite.sql"))?;
                }
                Database::Postgres(_) => {
                    let (client, connection) = tokio_postgres::connect(&self.url(server), NoTls).await?;
                    tokio::spawn(connection);
                    client.batch_execute(include_str!("orders/postgres.sql")).await?;
                }
            }
        }
        Ok(())
    }

    pub async fn drop(self) -> anyhow::Result<()> {
        self.drop_databases().await
    }

    async fn drop_databases(&self) -> anyhow::Result<()> {
        self.administer(|name| format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    async fn administer(&self, sql: impl Fn(&str) -> String) -> anyhow::Result<()> {
        let Database::Postgres(url) = self else { return Ok(()) };
        let connected = tokio_postgres::connect(url, NoTls).await;
        let (client, connection) = connected.context("set APIGEN_BENCH_POSTGRES_URL to a PostgreSQL to measure on")?;
        tokio::spawn(connection);
        for server in SERVERS {
            client.batch_execute(&sql(&postgres_name(server))).await?;
        }
        Ok(())
    }
}

fn postgres_name(server: &str) -> String {
    format!("bench_{server}_{}", std::process::id())
}
