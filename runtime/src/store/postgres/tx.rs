//! One transaction on one connection. It begins with the job's first statement and in the same packet; a job that runs
//! none costs nothing.
//!
//! In PostgreSQL an error ends a transaction, whatever the job makes of it. So a job that passes over an error, and would
//! be committed on SQLite, fails here with that error.

use std::{pin::pin, time::Instant};

use futures_util::{
    FutureExt, TryStreamExt,
    future::{BoxFuture, maybe_done},
};
use tokio_postgres::{Client, Error, Row, RowStream, error::SqlState};

use super::{
    Statements,
    constraints::Constraints,
    error::{self, Fate},
    lease::Lease,
    values::{self, Parameter},
};
use crate::{
    descriptor::Type,
    error::ApiError,
    store::{Arg, Dialect, Output, StoreError, Tx},
    value::Value,
};

/// Statements are as many as the shapes of requests, which callers choose. A connection that knows this many starts anew.
const CACHED_STATEMENTS: usize = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// One statement, without a transaction around it.
    ReadOne,
    Read,
    /// One statement, without a transaction around it.
    WriteOne,
    Write,
}

impl Access {
    /// Whether the statement stands alone.
    pub(super) fn is_bare(self) -> bool {
        matches!(self, Access::ReadOne | Access::WriteOne)
    }
}

/// What came of an attempt to run a job.
pub(super) enum End {
    Final(Result<Output, ApiError>),
    /// The transaction lost against another one; the job may run again.
    Lost(Result<Output, ApiError>),
}

pub(super) struct PostgresTx<'l> {
    lease: &'l Lease,
    access: Access,
    deadline: Instant,
    statements: Statements,
    constraints: &'l Constraints,
    state: State,
    /// The first error, after which nothing can be committed.
    failed: Option<StoreError>,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has been sent.
    Unopened,
    Open,
    /// The one statement that needs no transaction has been sent.
    Spent,
    /// Rolled back, to ask the catalogue something.
    RolledBack,
}

impl<'l> PostgresTx<'l> {
    pub(super) fn new(
        lease: &'l Lease,
        access: Access,
        deadline: Instant,
        statements: Statements,
        constraints: &'l Constraints,
    ) -> PostgresTx<'l> {
        let (state, failed, fate) = (State::Unopened, None, Fate::Usable);
        PostgresTx { lease, access, deadline, statements, constraints, state, failed, fate }
    }

    /// Commits if all went well. Says what came of the job, and of the connection.
    pub(super) async fn end(mut self, result: Result<Output, ApiError>) -> (End, Fate) {
        let result = match (result, &self.failed) {
            (Ok(_), Some(passed_over)) => Err(passed_over.clone().into()),
            (result, _) => result,
        };
        if self.state != State::Open || self.fate == Fate::Lost {
            return self.ended(result);
        }
        if self.access == Access::Write && result.is_ok() {
            let result = self.commit().await.and(result);
            return self.ended(result);
        }
        // Nobody has to wait for it: whatever the connection serves next comes behind it. A read has nothing to keep.
        if let Some(Err(_)) = self.lease.batch_execute("ROLLBACK").now_or_never() {
            self.fate = Fate::Lost;
        }
        self.ended(result)
    }

    fn ended(self, result: Result<Output, ApiError>) -> (End, Fate) {
        let end = if self.failed == Some(StoreError::Serialization) { End::Lost(result) } else { End::Final(result) };
        (end, self.fate)
    }

    async fn commit(&mut self) -> Result<(), ApiError> {
        if self.lease.is_closed() {
            self.fate = Fate::Lost;
            return Err(StoreError::Unavailable("the connection broke before the commit".to_owned()).into());
        }
        let Err(error) = self.lease.batch_execute("COMMIT").await else { return Ok(()) };
        let failure = Box::pin(self.note(&error)).await;
        Err(if self.fate == Fate::Lost { StoreError::Uncertain(error::text(&error)) } else { failure }.into())
    }

    fn opening(&self) -> String {
        // The server counts in milliseconds, and takes 0 for "forever".
        let left = self.deadline.saturating_duration_since(Instant::now()).as_millis().clamp(1, i32::MAX as u128);
        let begin = match self.access {
            Access::ReadOne | Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            Access::WriteOne | Access::Write => "BEGIN",
        };
        format!("{begin}; SET LOCAL statement_timeout = {left}")
    }

    async fn run(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(Vec<Row>, u64), StoreError> {
        self.admit(sql)?;
        match self.send(sql, args).await {
            Ok(answer) => Ok(answer),
            // On the heap, because it is large and rare.
            Err(error) => Err(Box::pin(self.note(&error)).await),
        }
    }

    /// All of them at once; the answers come in their order.
    async fn run_all(&mut self, statements: &[(&str, Vec<Arg<'_>>)]) -> Result<(), (usize, StoreError)> {
        if statements.is_empty() {
            return Ok(());
        }
        for (index, (sql, _)) in statements.iter().enumerate() {
            self.admit(sql).map_err(|error| (index, error))?;
        }
        let mut answered = 0;
        match self.send_all(statements, &mut answered).await {
            Ok(()) => Ok(()),
            Err(error) => Err((answered, Box::pin(self.note(&error)).await)),
        }
    }

    /// Refuses what can't be run here, or not any more.
    fn admit(&mut self, sql: &str) -> Result<(), StoreError> {
        if Instant::now() >= self.deadline {
            self.failed.get_or_insert(StoreError::Deadline);
            return Err(StoreError::Deadline);
        }
        if let Some(failed) = &self.failed {
            return Err(StoreError::Other(format!(
                "`{sql}` comes after an error that ended the transaction: {failed:?}"
            )));
        }
        let fits = match self.access {
            Access::ReadOne => self.state == State::Unopened && reads(sql),
            Access::WriteOne => self.state == State::Unopened,
            Access::Read | Access::Write => true,
        };
        if !fits {
            return Err(StoreError::Other(format!("a job of one statement can't run `{sql}`")));
        }
        if !belongs_to_jobs(sql) {
            return Err(StoreError::Other(format!("a job can't run `{sql}`: its transaction isn't its own")));
        }
        if self.access == Access::WriteOne && self.lease.is_closed() {
            self.fate = Fate::Lost;
            let broken = StoreError::Unavailable("the connection broke before the write".to_owned());
            return Err(self.failed.get_or_insert(broken).clone());
        }
        Ok(())
    }

    async fn send(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(Vec<Row>, u64), Error> {
        let lease = self.lease;
        let parameters = args.iter().copied().map(Parameter);
        let rows = match self.statements {
            Statements::Prepared => {
                let statement = self.prepared(sql, args).await?;
                self.open(lease.query_raw(&statement, parameters)).await?
            }
            Statements::Unnamed => {
                let typed: Vec<_> = parameters.zip(args.iter().map(values::parameter_type)).collect();
                self.open(lease.query_typed_raw(sql, typed)).await?
            }
        };
        read(rows).await
    }

    async fn send_all(&mut self, statements: &[(&str, Vec<Arg<'_>>)], answered: &mut usize) -> Result<(), Error> {
        let lease = self.lease;
        let mut sent = Vec::with_capacity(statements.len());
        for (sql, args) in statements {
            let prepared = match self.statements {
                Statements::Prepared => Some(self.prepared(sql, args).await?),
                Statements::Unnamed => None,
            };
            sent.push(Box::pin(maybe_done(async move {
                let parameters = args.iter().copied().map(Parameter);
                let rows = match prepared {
                    Some(statement) => lease.query_raw(&statement, parameters).await?,
                    None => {
                        let typed: Vec<_> = parameters.zip(args.iter().map(values::parameter_type)).collect();
                        lease.query_typed_raw(sql, typed).await?
                    }
                };
                read(rows).await
            })));
        }
        self.open(async {
            // The first poll of each puts it into the connection's queue.
            for statement in &mut sent {
                let _ = statement.as_mut().now_or_never();
            }
            for statement in &mut sent {
                statement.as_mut().await;
                statement.as_mut().take_output().transpose()?;
                *answered += 1;
            }
            Ok(())
        })
        .await
    }

    async fn prepared(&self, sql: &str, args: &[Arg<'_>]) -> Result<tokio_postgres::Statement, Error> {
        let cache = &self.lease.statement_cache;
        if cache.size() >= CACHED_STATEMENTS {
            cache.clear();
        }
        let types: Vec<_> = args.iter().map(values::parameter_type).collect();
        self.lease.prepare_typed_cached(sql, &types).await
    }

    /// Sends statements, and ahead of them what opens the transaction, should they need one.
    async fn open<T>(&mut self, statements: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        if self.state != State::Unopened {
            return statements.await;
        }
        if self.access.is_bare() {
            self.state = State::Spent;
            return statements.await;
        }
        self.state = State::Open;
        let opening = self.opening();
        let client: &Client = self.lease;
        let mut opened = pin!(client.batch_execute(&opening));
        // The first poll puts it into the connection's queue, where the statements then come behind it.
        if let Some(early) = opened.as_mut().now_or_never() {
            early?;
            return statements.await;
        }
        let answer = statements.await;
        opened.await?;
        answer
    }

    /// Remembers an error, which has ended the transaction.
    async fn note(&mut self, error: &Error) -> StoreError {
        let (mut failure, fate) = error::translate(error, self.access);
        self.fate = fate;
        if error.code() == Some(&SqlState::UNIQUE_VIOLATION) {
            failure = self.unique(error).await.unwrap_or(failure);
        }
        // An answer, whichever, would tell that it wasn't kept; but not class 08, by which a pooler says that it got none.
        let answered = error.code().is_some_and(|code| !code.code().starts_with("08"));
        let unanswered = self.state == State::Spent && self.fate == Fate::Lost && !answered;
        if self.access == Access::WriteOne && unanswered {
            failure = StoreError::Uncertain(error::text(error));
        }
        self.failed.get_or_insert(failure).clone()
    }

    async fn unique(&mut self, error: &Error) -> Option<StoreError> {
        let error = error.as_db_error()?;
        if let Some(known) = self.constraints.known(error) {
            return Some(known);
        }
        // The transaction is lost anyway, and the catalogue can't be read within it.
        self.lease.batch_execute("ROLLBACK").await.ok()?;
        self.state = State::RolledBack;
        self.constraints.look_up(error, self.lease).await.ok()
    }
}

impl Tx for PostgresTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        args: &'a [Arg<'a>],
        columns: &'a [Type],
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, StoreError>> {
        Box::pin(async move {
            let (rows, _) = self.run(sql, args).await?;
            rows.iter().map(|row| values::read_row(row, columns)).collect()
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move { self.run(sql, args).await.map(|(_, changed)| changed) })
    }

    fn execute_all<'a>(
        &'a mut self,
        statements: &'a [(&'a str, Vec<Arg<'a>>)],
    ) -> BoxFuture<'a, Result<(), (usize, StoreError)>> {
        Box::pin(self.run_all(statements))
    }
}

/// All rows of an answer, and how many it says were changed.
async fn read(rows: RowStream) -> Result<(Vec<Row>, u64), Error> {
    let mut rows = pin!(rows);
    let mut read = Vec::new();
    while let Some(row) = rows.try_next().await? {
        read.push(row);
    }
    Ok((read, rows.rows_affected().unwrap_or(0)))
}

const ENDING: [&str; 8] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"];
const STAYING: [&str; 7] = ["PREPARE", "DEALLOCATE", "DISCARD", "RESET", "LISTEN", "UNLISTEN", "COPY"];

/// Not what begins or ends a transaction, nor what would stay with the connection.
fn belongs_to_jobs(sql: &str) -> bool {
    let mut words = first_words(sql);
    let first = words.next().unwrap_or_default();
    if is_one_of(first, &["SET"]) {
        return words.next().is_some_and(|word| is_one_of(word, &["LOCAL", "TRANSACTION", "CONSTRAINTS"]));
    }
    !is_one_of(first, &ENDING) && !is_one_of(first, &STAYING)
}

fn is_one_of(word: &str, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

/// Where no transaction is there to forbid it, nothing else may be run.
fn reads(sql: &str) -> bool {
    first_words(sql).next().is_some_and(|word| word.eq_ignore_ascii_case("SELECT"))
}

/// The words of a statement, without the comments before them.
fn first_words(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql.trim_start();
    loop {
        let behind = match rest.get(..2) {
            Some("--") => rest.split_once('\n').map_or("", |(_, behind)| behind),
            Some("/*") => rest.split_once("*/").map_or("", |(_, behind)| behind),
            _ => break,
        };
        rest = behind.trim_start();
    }
    rest.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transaction_is_not_the_jobs_own() {
        for sql in ["COMMIT", " /* a */ -- b\n end", "rollback;", "SET search_path = x", "set session y = 1", "BEGIN"] {
            assert!(!belongs_to_jobs(sql), "{sql}");
        }
        for sql in ["SELECT 1", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "set local x = 1", "", "/* open", "-"] {
            assert!(belongs_to_jobs(sql), "{sql}");
        }
    }
}
