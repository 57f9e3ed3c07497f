//! Stores to test with, short ways to run a statement, and a gate that holds a database thread.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use apigen_runtime::{
    descriptor::Type,
    error::ApiError,
    store::{
        self, Arg, Statements,
        sqlite::{Options, SqliteStore},
    },
    value::Value,
};
use futures_util::{FutureExt, future::BoxFuture};

/// A store on a file that goes away with it.
pub struct OnDisk {
    pub folder: tempfile::TempDir,
    pub store: SqliteStore,
}

impl OnDisk {
    pub fn new() -> OnDisk {
        OnDisk::with(options())
    }

    pub fn with(options: Options) -> OnDisk {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&url(&folder), options).unwrap();
        OnDisk { folder, store }
    }

    /// Another program's connection to the same file.
    pub fn outsider(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("data/shop.db")).unwrap()
    }
}

pub fn url(folder: &tempfile::TempDir) -> String {
    format!("sqlite:{}", folder.path().join("data/shop.db").display())
}

pub fn options() -> Options {
    Options { readers: 2, queue: 64, busy_timeout: Duration::from_millis(100) }
}

pub fn in_memory() -> SqliteStore {
    SqliteStore::open("sqlite::memory:", options()).unwrap()
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

pub async fn execute(store: &SqliteStore, sql: &'static str) -> Result<u64, ApiError> {
    execute_by(store, soon(), sql).await
}

pub fn execute_by<'s>(
    store: &'s SqliteStore,
    deadline: Instant,
    sql: &'static str,
) -> BoxFuture<'s, Result<u64, ApiError>> {
    store::write(store, deadline, move |tx| Box::pin(async move { Ok(tx.execute(sql, &[]).await?) })).boxed()
}

/// Runs a query and reads every column as an integer.
pub async fn numbers(store: &SqliteStore, sql: &'static str) -> Vec<i64> {
    numbers_by(store, soon(), sql).await.unwrap()
}

pub async fn numbers_by(store: &SqliteStore, deadline: Instant, sql: &'static str) -> Result<Vec<i64>, ApiError> {
    store::read(store, deadline, move |tx| {
        Box::pin(async move {
            let rows = tx.query(sql, &[], &[Type::Int64]).await?;
            Ok(rows.into_iter().map(|row| number(&row[0])).collect())
        })
    })
    .await
}

/// The same without a transaction around it.
pub async fn number_alone(store: &SqliteStore, deadline: Instant, sql: &'static str) -> Result<i64, ApiError> {
    number_by(Statements::One, store, deadline, sql).await
}

pub async fn number_by(
    statements: Statements,
    store: &SqliteStore,
    deadline: Instant,
    sql: &'static str,
) -> Result<i64, ApiError> {
    store::read_by(statements, store, deadline, move |tx| {
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

/// Puts a request into its queue without waiting for the answer.
pub fn queued<'f, T>(mut future: BoxFuture<'f, T>) -> BoxFuture<'f, T> {
    assert!((&mut future).now_or_never().is_none(), "the request was answered at once");
    future
}

/// An insert into `t` as a write of its own.
pub fn insert<'s>(store: &'s SqliteStore, id: i64) -> BoxFuture<'s, Result<u64, ApiError>> {
    store::write(store, soon(), move |tx| {
        Box::pin(async move {
            let id = Value::Int(id);
            Ok(tx.execute("INSERT INTO t VALUES (?1)", &[Arg::One(Type::Int64, &id)]).await?)
        })
    })
    .boxed()
}

/// Holds a database thread until it is opened, so that requests pile up behind it.
pub struct Gate<'s> {
    release: mpsc::Sender<()>,
    held: BoxFuture<'s, Result<(), ApiError>>,
}

impl<'s> Gate<'s> {
    pub fn writer(store: &'s SqliteStore) -> Gate<'s> {
        Gate::shut(|job| store::write(store, soon(), job).boxed())
    }

    pub fn reader(store: &'s SqliteStore) -> Gate<'s> {
        Gate::shut(|job| store::read(store, soon(), job).boxed())
    }

    fn shut(submit: impl FnOnce(Hold) -> BoxFuture<'s, Result<(), ApiError>>) -> Gate<'s> {
        let (release, released) = mpsc::channel::<()>();
        let (enter, entered) = mpsc::channel();
        let held = queued(submit(Box::new(move |_| {
            enter.send(()).unwrap();
            // Ends when the gate opens, or is dropped by a failing test.
            let _ = released.recv();
            Box::pin(async { Ok(()) })
        })));
        entered.recv().unwrap();
        Gate { release, held }
    }

    pub async fn open(self) {
        // Longer than a group grows, so that those behind the gate make up the next one.
        thread::sleep(Duration::from_millis(10));
        drop(self.release);
        self.held.await.unwrap();
    }
}

type Hold = Box<dyn for<'t> FnMut(&'t mut dyn store::Tx) -> BoxFuture<'t, Result<(), ApiError>> + Send>;
