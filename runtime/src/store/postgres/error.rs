//! PostgreSQL's error codes in the words of the store, and what they say about the connection.

use std::{error::Error as _, io};

use deadpool_postgres::PoolError;
use tokio_postgres::{
    Error,
    error::{DbError, Severity, SqlState},
};

use super::{tx::Access, values::Unfit};
use crate::store::StoreError;

/// Whether a connection may serve another job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Usable,
    Lost,
}

/// What a statement's failure means to whoever asked. Unique constraints are named by
/// [`Constraints`](super::constraints::Constraints).
pub(super) fn translate(error: &Error, access: Access) -> (StoreError, Fate) {
    match error.as_db_error() {
        Some(cause) => translate_answer(cause, access),
        None => translate_silence(error),
    }
}

fn translate_answer(error: &DbError, access: Access) -> (StoreError, Fate) {
    let text = || format!("{} (SQLSTATE {})", error.message(), error.code().code());
    let code = error.code();
    // Shutdowns, crashes and timeouts of idle sessions: the server has closed the connection.
    if matches!(error.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) {
        return (StoreError::Unavailable(text()), Fate::Lost);
    }
    if *code == SqlState::READ_ONLY_SQL_TRANSACTION && matches!(access, Access::Write | Access::WriteOne) {
        // After a failover this server is a standby; another connection leads to the new primary.
        return (StoreError::Unavailable(text()), Fate::Lost);
    }
    if *code == SqlState::FEATURE_NOT_SUPPORTED && error.routine() == Some("RevalidateCachedQuery") {
        // A migration has changed what the statement returns; another connection prepares it anew.
        return (StoreError::Serialization, Fate::Lost);
    }
    if *code == SqlState::INVALID_SQL_STATEMENT_NAME || *code == SqlState::DUPLICATE_PSTATEMENT {
        let cause = format!("{}; behind PgBouncer, add `pgbouncer=true` to DATABASE_URL", text());
        return (StoreError::Unavailable(cause), Fate::Lost);
    }
    let translated = match *code {
        SqlState::UNIQUE_VIOLATION => super::constraints::unique(error, super::constraints::unknown(error)),
        SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => StoreError::ForeignKey,
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => StoreError::Serialization,
        SqlState::QUERY_CANCELED => StoreError::Deadline,
        SqlState::LOCK_NOT_AVAILABLE => StoreError::Unavailable(text()),
        ref other => match &other.code()[..2] {
            // The detail, which isn't here, would quote the row.
            "23" => StoreError::Constraint(error.message().to_owned()),
            "53" | "58" => StoreError::Unavailable(text()),
            "08" | "57" => return (StoreError::Unavailable(text()), Fate::Lost),
            _ => StoreError::Other(text()),
        },
    };
    (translated, Fate::Usable)
}

/// The driver's own errors, without an answer of the server.
fn translate_silence(error: &Error) -> (StoreError, Fate) {
    if error.source().is_some_and(|source| source.is::<Unfit>()) {
        return (StoreError::Other(text(error)), Fate::Usable);
    }
    if error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()) {
        return (StoreError::Unavailable(text(error)), Fate::Lost);
    }
    (StoreError::Other(text(error)), Fate::Lost)
}

/// No connection to be had, for whatever reason.
pub(super) fn of_pool(error: PoolError) -> StoreError {
    match error {
        PoolError::Closed => closed(),
        PoolError::Backend(error) => StoreError::Unavailable(text(&error)),
        other => StoreError::Unavailable(other.to_string()),
    }
}

pub(super) fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_owned())
}

pub(super) fn to_anyhow(error: StoreError) -> anyhow::Error {
    match error {
        StoreError::Unavailable(cause) => anyhow::Error::msg(cause),
        other => anyhow::anyhow!("{other:?}"),
    }
}

/// An error with its cause: "db error" alone tells nobody anything.
pub(super) fn text(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(cause), _) => format!("{} (SQLSTATE {})", cause.message(), cause.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
