//! SQLite's result codes in the words of the store.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// What a statement's failure means to whoever asked.
pub(super) fn translate(error: Error) -> StoreError {
    let message = error.to_string();
    let Some(code) = error.sqlite_error() else { return StoreError::Other(message) };
    match code.code {
        ErrorCode::ConstraintViolation => constraint(code.extended_code, message),
        ErrorCode::OperationInterrupted => StoreError::Deadline,
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::OutOfMemory
        | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Unavailable(format!("{message} (SQLite code {})", code.extended_code))
        }
        _ => StoreError::Other(format!("{message} (SQLite code {})", code.extended_code)),
    }
}

/// What a failed BEGIN or COMMIT means to every request of its group: nobody's own input is to blame, not even for a
/// deferred constraint, which apigen's schemas don't have.
pub(super) fn translate_for_group(error: Error) -> StoreError {
    match translate(error) {
        StoreError::Unavailable(cause) => StoreError::Unavailable(cause),
        other => StoreError::Other(format!("the transaction of a group of writes failed: {other:?}")),
    }
}

fn constraint(extended_code: i32, message: String) -> StoreError {
    match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            unique(&message)
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => StoreError::ForeignKey,
        _ => StoreError::Constraint(message),
    }
}

/// `UNIQUE constraint failed: t.a, t.b`, or `index 'name'` for an index over expressions.
fn unique(message: &str) -> StoreError {
    let (_, broken) = message.split_once(": ").unwrap_or(("", message));
    let pairs = broken.split(", ").map(|column| column.split_once('.').unwrap_or(("", column)));
    let table = pairs.clone().next().map_or("", |(table, _)| table).to_owned();
    StoreError::Unique { table, columns: pairs.map(|(_, column)| column.to_owned()).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_constraints_name_table_and_columns() {
        let error = unique("UNIQUE constraint failed: line_items.order_id, line_items.sku");
        let columns = vec!["order_id".to_owned(), "sku".to_owned()];
        assert_eq!(error, StoreError::Unique { table: "line_items".to_owned(), columns });
    }

    #[test]
    fn unique_indexes_over_expressions_are_named() {
        let error = unique("UNIQUE constraint failed: index 'users_lower_email'");
        let columns = vec!["index 'users_lower_email'".to_owned()];
        assert_eq!(error, StoreError::Unique { table: String::new(), columns });
    }
}
