//! What rows that are already there get in a new column: what a create without the field would have given them, at their
//! time.

use super::{constant, dialect::Dialect, schema::DELETED_AT};
use crate::model::{Default, Field, Model, Type};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fill {
    Null,
    Constant {
        sqlite: String,
        postgres: String,
    },
    /// A `default: now`: the time at which the row was created.
    CreatedAt,
    /// A `default: today`: the UTC date of that time.
    CreatedOn,
}

/// `None`: nobody knows.
pub(super) fn of(model: &Model, table: &str, column: &str) -> Option<Fill> {
    if column == DELETED_AT {
        return Some(Fill::Null);
    }
    let resource = model.resources.iter().find(|resource| resource.names.snake_plural == table)?;
    let field = resource.fields.iter().find(|field| field.name == column)?;
    match &field.default {
        Some(Default::Now) => Some(Fill::CreatedAt),
        Some(Default::Today) => Some(Fill::CreatedOn),
        Some(Default::Literal(literal)) => {
            let spell = |dialect| constant::sql(model, &field.ty, literal, dialect);
            Some(Fill::Constant { sqlite: spell(Dialect::Sqlite)?, postgres: spell(Dialect::Postgres)? })
        }
        None => empty(field),
    }
}

fn empty(field: &Field) -> Option<Fill> {
    let constant = |sqlite: &str| Fill::Constant { sqlite: sqlite.to_owned(), postgres: sqlite.to_owned() };
    match field.ty {
        Type::List(_) => Some(constant("'[]'")),
        Type::Map(_) => Some(constant("'{}'")),
        _ => (!field.required).then_some(Fill::Null),
    }
}

impl Fill {
    /// As an expression over the columns of the row.
    pub(super) fn expression(&self, dialect: Dialect) -> &str {
        match (self, dialect) {
            (Fill::Null, _) => "NULL",
            (Fill::Constant { sqlite, .. }, Dialect::Sqlite) => sqlite,
            (Fill::Constant { postgres, .. }, Dialect::Postgres) => postgres,
            (Fill::CreatedAt, _) => r#""created_at""#,
            (Fill::CreatedOn, Dialect::Sqlite) => r#"date("created_at" / 1000000, 'unixepoch')"#,
            (Fill::CreatedOn, Dialect::Postgres) => r#"("created_at" AT TIME ZONE 'UTC')::date"#,
        }
    }
}
