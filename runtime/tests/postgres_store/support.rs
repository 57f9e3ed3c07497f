//! Stores to test with, and short ways to run a statement.

use std::time::{Duration, Instant};

use apigen_runtime::{
    descriptor::Type,
    error::ApiError,
    store::{
        self, Arg, Statements, Store,
        postgres::{Options, PostgresStore},
    },
    value::Value,
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_postgres::Client;
use url::Url;

pub use crate::database::Database;
use crate::database::connect;

impl Database {
    /// Where the server listens, and the URL with another port in its place.
    pub fn behind(&self, port: u16) -> (String, String) {
        let mut url = Url::parse(&self.url()).unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        // Whoever carries it must be able to read it.
        url.set_query(Some("sslmode=disable"));
        (server, url.to_string())
    }

    /// Makes the server refuse new sessions, as one does that is down, or stop to do so.
    pub async fn refuse_sessions(&self, refuse: bool) {
        self.alter(&format!("WITH ALLOW_CONNECTIONS {}", !refuse)).await;
    }

    /// Makes new sessions read-only, as on a standby, or not any more.
    pub async fn only_read(&self, only_read: bool) {
        self.alter(&format!("SET default_transaction_read_only = {only_read}")).await;
    }

    async fn alter(&self, change: &str) {
        let sql = format!("ALTER DATABASE {} {change}", self.name);
        connect(&self.server).await.batch_execute(&sql).await.unwrap();
    }

    /// Another program's connection to the same database.
    pub async fn outsider(&self) -> Client {
        connect(&self.url()).await
    }

    pub async fn store(&self) -> PostgresStore {
        self.store_with(options()).await
    }

    pub async fn store_with(&self, options: Options) -> PostgresStore {
        PostgresStore::connect(&self.url(), options).await.unwrap()
    }
}

pub fn options() -> Options {
    Options { connections: 4, queue: 64, ..Options::default() }
}

pub fn single() -> Options {
    Options { connections: 1, ..options() }
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

pub async fn execute(store: &dyn Store, sql: &'static str) -> Result<u64, ApiError> {
    execute_by(store, soon(), sql).await
}

pub fn execute_by<'s>(
    store: &'s dyn Store,
    deadline: Instant,
    sql: &'static str,
) -> BoxFuture<'s, Result<u64, ApiError>> {
    store::write(store, deadline, move |tx| Box::pin(async move { Ok(tx.execute(sql, &[]).await?) })).boxed()
}

/// Runs a query and reads its first column as an integer.
pub async fn numbers(store: &dyn Store, sql: &'static str) -> Vec<i64> {
    numbers_by(store, soon(), sql).await.unwrap()
}

pub async fn numbers_by(store: &dyn Store, deadline: Instant, sql: &'static str) -> Result<Vec<i64>, ApiError> {
    store::read(store, deadline, move |tx| {
        Box::pin(async move {
            let rows = tx.query(sql, &[], &[Type::Int64]).await?;
            Ok(rows.into_iter().map(|row| number(&row[0])).collect())
        })
    })
    .await
}

/// The same without a transaction around it.
pub async fn number_alone(store: &dyn Store, deadline: Instant, sql: &'static str) -> Result<i64, ApiError> {
    store::read_by(Statements::One, store, deadline, move |tx| {
        Box::pin(async move { Ok(number(&tx.query(sql, &[], &[Type::Int64]).await?[0][0])) })
    })
    .await
}

pub fn number(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        other => panic!("{other:?} isn't a number"),
    }
}

pub async fn with_table(store: &dyn Store) {
    execute(store, "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0)").await.unwrap();
}

pub async fn rows(store: &dyn Store) -> Vec<i64> {
    numbers(store, "SELECT id FROM t ORDER BY id").await
}

/// An insert into `t` as a write of its own.
pub fn insert<'s>(store: &'s dyn Store, id: i64) -> BoxFuture<'s, Result<u64, ApiError>> {
    store::write(store, soon(), move |tx| {
        Box::pin(async move {
            let id = Value::Int(id);
            Ok(tx.execute("INSERT INTO t VALUES ($1)", &[Arg::One(Type::Int64, &id)]).await?)
        })
    })
    .boxed()
}

/// How many statements that contain this text the server is running.
pub async fn running(outsider: &Client, text: &str) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
          AND strpos(query, $1) > 0";
    outsider.query_one(sql, &[&text]).await.unwrap().get(0)
}

/// Waits until that many are running.
pub async fn until_running(outsider: &Client, text: &str, count: i64) {
    for _ in 0..1000 {
        if running(outsider, text).await == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never were {count} statements with `{text}` running");
}

/// Waits until the server has nothing left to do for any store.
pub async fn until_no_session_is_left(database: &Database) {
    let sessions = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'apigen'";
    let outsider = database.outsider().await;
    for _ in 0..1000 {
        if outsider.query_one(sessions, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("a session is left");
}

/// Ends every other session of the database, as a restart of the server does.
pub async fn terminate_backends(outsider: &Client) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended: i64 = outsider.query_one(sql, &[]).await.unwrap().get(0);
    assert!(ended > 0, "there was no session to end");
}

/// No rows.
pub const NONE: [i64; 0] = [];
