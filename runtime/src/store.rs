//! Where rows live. The service layer writes SQL by descriptor and runs it through [`Store`] and [`Tx`]; which database
//! answers is known only below this line.
//!
//! A job is an `async` closure over a [`Tx`]. On SQLite every `Tx` operation finishes inside `poll`, so a database thread
//! polls the job once; on PostgreSQL the same job runs as an ordinary future. A job may run again when its transaction was
//! lost through no fault of its own, so it must not consume what it captured.

use std::{any::Any, time::Instant};

use futures_util::future::BoxFuture;

use crate::{
    descriptor::{Migration, Type},
    error::{ApiError, Code},
    value::Value,
};

pub mod json;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

/// A database.
pub trait Store: Send + Sync + 'static {
    fn dialect(&self) -> Dialect;

    /// Runs a job that only reads, in one snapshot.
    fn read(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>>;

    /// Runs a job that reads with one statement, which is a snapshot of its own and needs no transaction around it.
    fn read_one(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.read(job, deadline)
    }

    /// The same for a statement that takes less time than handing it to somebody else would: it may run where it is asked
    /// for.
    fn look_up(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.read_one(job, deadline)
    }

    /// Runs a job in a write transaction and answers after its commit is durable. `Err` from the job rolls it back.
    fn write(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>>;

    /// Runs a job that writes with one statement, which is a transaction of its own.
    fn write_one(&self, job: Job, deadline: Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.write(job, deadline)
    }

    /// Applies what hasn't been applied yet, in order, once, however many instances start together.
    fn migrate(&self, migrations: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>>;

    /// Whether the database answers.
    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Finishes what is queued, refuses what comes later, and closes every connection.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// How SQL is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// What a parameter's number follows. (In SQLite `$2` would be a parameter *named* 2.)
    pub const fn mark(self) -> char {
        match self {
            Dialect::Sqlite => '?',
            Dialect::Postgres => '$',
        }
    }
}

/// One transaction.
pub trait Tx: Send {
    fn dialect(&self) -> Dialect;

    /// Runs one statement and reads its rows; `columns` says how to read each of them.
    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        args: &'a [Arg<'a>],
        columns: &'a [Type],
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, StoreError>>;

    /// Runs one statement and counts the rows that it changed.
    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>>;

    /// Runs statements in their order, none of which needs the answer to another. An error is that of the first that fails,
    /// whose place comes with it; what comes behind it changes nothing.
    fn execute_all<'a>(
        &'a mut self,
        statements: &'a [(&'a str, Vec<Arg<'a>>)],
    ) -> BoxFuture<'a, Result<(), (usize, StoreError)>> {
        Box::pin(async move {
            for (index, (sql, args)) in statements.iter().enumerate() {
                self.execute(sql, args).await.map_err(|error| (index, error))?;
            }
            Ok(())
        })
    }
}

/// A parameter: `?1` is the first. The type gives a NULL its type, a decimal its scale.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    One(Type, &'a Value),
    /// A table of values: `rarray(?1)` on SQLite, `unnest($1)` on PostgreSQL.
    Many(Type, &'a [Value]),
}

pub type Job = Box<dyn for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<Output, ApiError>> + Send>;

/// What a job gives back, its type erased so that stores are compiled once.
pub type Output = Box<dyn Any + Send>;

/// What a database answers when it doesn't do as told.
#[derive(Debug, Clone, PartialEq)]
pub enum StoreError {
    /// The columns of the unique constraint that a write would break, in its order.
    Unique { table: String, columns: Vec<String> },
    /// A row refers to one that isn't there, or is referred to.
    ForeignKey,
    /// A CHECK or NOT NULL that validation should have caught.
    Constraint(String),
    /// The transaction lost against another one and may be tried again.
    Serialization,
    /// The deadline passed before or while the statement ran.
    Deadline,
    /// No connection, a full queue, or shutting down.
    Unavailable(String),
    /// The connection broke while a write was being kept.
    Uncertain(String),
    /// A broken statement or a broken database.
    Other(String),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        match error {
            StoreError::Unique { columns, .. } => {
                ApiError::new(Code::AlreadyExists, format!("{} is taken", columns.join(", ")))
            }
            StoreError::ForeignKey => {
                ApiError::new(Code::FailedPrecondition, "another resource refers to this one, or isn't there")
            }
            StoreError::Serialization => ApiError::new(Code::Conflict, "another request changed the same data"),
            StoreError::Deadline => ApiError::new(Code::DeadlineExceeded, "the request took too long"),
            StoreError::Unavailable(cause) => {
                tracing::warn!(cause, "database unavailable");
                ApiError::new(Code::Unavailable, "the database can't answer at the moment")
                    .retry_after(std::time::Duration::from_secs(1))
            }
            // Repeating such a write might do it twice. UNAVAILABLE would ask for just that (AIP-194), so this is INTERNAL.
            StoreError::Uncertain(cause) => {
                tracing::error!(cause, "the connection broke during a commit");
                ApiError::new(
                    Code::Internal,
                    "the connection to the database broke during the commit; whether the write was kept is unknown",
                )
            }
            StoreError::Constraint(cause) | StoreError::Other(cause) => ApiError::internal(cause),
        }
    }
}

/// Runs a typed read job.
pub async fn read<T, F>(store: &dyn Store, deadline: Instant, mut job: F) -> Result<T, ApiError>
where
    T: Any + Send,
    F: for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
{
    store.read(erase(move |tx| job(tx)), deadline).await.map(restore)
}

/// How many statements a job may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statements {
    /// One that finds a row by its id and looks at no other; of a write, one.
    LookUp,
    One,
    Many,
}

/// Runs a typed read job, at less cost if it has one statement.
pub async fn read_by<T, F>(
    statements: Statements,
    store: &dyn Store,
    deadline: Instant,
    mut job: F,
) -> Result<T, ApiError>
where
    T: Any + Send,
    F: for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
{
    let job = erase(move |tx| job(tx));
    let read = match statements {
        Statements::LookUp => store.look_up(job, deadline),
        Statements::One => store.read_one(job, deadline),
        Statements::Many => store.read(job, deadline),
    };
    read.await.map(restore)
}

/// Runs a typed write job.
pub async fn write<T, F>(store: &dyn Store, deadline: Instant, job: F) -> Result<T, ApiError>
where
    T: Any + Send,
    F: for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
{
    write_by(Statements::Many, store, deadline, job).await
}

/// Runs a typed write job, at less cost if it has one statement.
pub async fn write_by<T, F>(
    statements: Statements,
    store: &dyn Store,
    deadline: Instant,
    mut job: F,
) -> Result<T, ApiError>
where
    T: Any + Send,
    F: for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
{
    let job = erase(move |tx| job(tx));
    let written = match statements {
        Statements::LookUp | Statements::One => store.write_one(job, deadline),
        Statements::Many => store.write(job, deadline),
    };
    written.await.map(restore)
}

fn erase<T, F>(mut job: F) -> Job
where
    T: Any + Send,
    F: for<'t> FnMut(&'t mut dyn Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
{
    Box::new(move |tx| {
        let typed = job(tx);
        Box::pin(async move { typed.await.map(|output| Box::new(output) as Output) })
    })
}

fn restore<T: Any>(output: Output) -> T {
    match output.downcast::<T>() {
        Ok(typed) => *typed,
        Err(_) => unreachable!("a store returns what the job returned"),
    }
}
