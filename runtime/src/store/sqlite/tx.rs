//! One transaction on one connection. Every operation finishes inside its first `poll`, which is what lets a database
//! thread run a job without an executor.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use futures_util::{FutureExt, future::BoxFuture};
use rusqlite::{CachedStatement, Connection};

use super::{error::translate, values};
use crate::{
    descriptor::Type,
    error::ApiError,
    store::{Arg, Dialect, Job, Output, StoreError, Tx},
    value::Value,
};

pub(super) struct SqliteTx<'c> {
    /// Exclusive, because a shared connection isn't `Send`, and a job's future must be.
    connection: &'c mut Connection,
    access: Access,
    deadline: Instant,
    /// How many statements have been begun.
    statements: u32,
    /// A statement was refused or interrupted because the deadline had passed.
    expired: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// One statement, without a transaction around it.
    ReadOne,
    Read,
    Write,
}

impl<'c> SqliteTx<'c> {
    pub(super) fn new(connection: &'c mut Connection, access: Access, deadline: Instant) -> SqliteTx<'c> {
        SqliteTx { connection, access, deadline, statements: 0, expired: false }
    }

    /// Polls the job once. Whatever goes wrong inside it, a panic too, becomes its own error.
    pub(super) fn run(mut self, job: &mut Job) -> Result<Output, ApiError> {
        let result = match catch_unwind(AssertUnwindSafe(|| job(&mut self).now_or_never())) {
            Ok(Some(result)) => result?,
            Ok(None) => {
                let cause = "the job waited for something other than its transaction; \
                             do that before the transaction or after its commit";
                return Err(ApiError::internal(cause));
            }
            // The panic's own hook has said where.
            Err(_) => return Err(ApiError::internal("the job panicked")),
        };
        // The job may have passed over the error, but half of its statements didn't run.
        if self.expired { Err(StoreError::Deadline.into()) } else { Ok(result) }
    }

    fn prepare(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<CachedStatement<'_>, StoreError> {
        if Instant::now() >= self.deadline {
            return Err(StoreError::Deadline);
        }
        self.statements += 1;
        if self.access == Access::ReadOne && self.statements > 1 {
            return Err(StoreError::Other(format!("`{sql}` comes second in a job of one statement")));
        }
        let mut statement = self.connection.prepare_cached(sql).map_err(translate)?;
        // COMMIT, ROLLBACK, SAVEPOINT, ATTACH and settings are just the statements that neither write nor return rows.
        if statement.readonly() && statement.column_count() == 0 {
            return Err(StoreError::Other(format!("a job can't run `{sql}`: its transaction isn't its own")));
        }
        if self.access != Access::Write && !statement.readonly() {
            return Err(StoreError::Other(format!("a job that only reads can't run `{sql}`")));
        }
        values::bind_all(&mut statement, args)?;
        Ok(statement)
    }

    fn query_now(&mut self, sql: &str, args: &[Arg<'_>], columns: &[Type]) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut statement = self.prepare(sql, args)?;
        let found = statement.column_count();
        if found != columns.len() {
            return Err(StoreError::Other(format!("`{sql}` has {found} columns, not {}", columns.len())));
        }
        let mut records = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(translate)? {
            records.push(values::read_row(row, columns)?);
        }
        Ok(records)
    }

    fn execute_now(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        let changed = self.prepare(sql, args)?.raw_execute().map_err(translate)?;
        Ok(changed as u64)
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        self.expired |= matches!(result, Err(StoreError::Deadline));
        result
    }
}

impl Tx for SqliteTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query<'a>(
        &'a mut self,
        sql: &'a str,
        args: &'a [Arg<'a>],
        columns: &'a [Type],
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>, StoreError>> {
        Box::pin(async move {
            let result = self.query_now(sql, args, columns);
            self.note(result)
        })
    }

    fn execute<'a>(&'a mut self, sql: &'a str, args: &'a [Arg<'a>]) -> BoxFuture<'a, Result<u64, StoreError>> {
        Box::pin(async move {
            let result = self.execute_now(sql, args);
            self.note(result)
        })
    }
}

/// Runs a statement of the store's own, such as `BEGIN`.
pub(super) fn control(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.raw_execute().map(drop)
}

/// Leaves whatever transaction is open. Nothing can be done should that fail; the next BEGIN will say so.
pub(super) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = control(connection, "ROLLBACK")
    {
        tracing::error!(%error, "a transaction couldn't be rolled back");
    }
}
