//! The statements of rows that stay when they are deleted, with the time in `deleted_at`.

use super::Statement;
use crate::{
    descriptor::{Field, Resource, Type},
    etag::Precondition,
    reach::Reach,
    store::Dialect,
    value::Value,
};

/// Deletes one row, where it is live and in a version that may be written.
pub fn hide_one(
    dialect: Dialect,
    resource: &'static Resource,
    (id, reach): (&Value, &Reach),
    time: &Value,
    precondition: &Precondition,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement
        .push("UPDATE ")
        .name(resource.table)
        .push(" AS t SET \"deleted_at\" = ")
        .value(Type::Timestamp, time.clone());
    statement.push(", \"version\" = t.\"version\" + 1");
    super::identified(&mut statement, resource, id, reach);
    super::admitted(&mut statement, precondition);
    statement
}

/// Deletes the live rows whose `field` has one of these values, all at this time; returns their ids.
pub fn hide(
    dialect: Dialect,
    resource: &'static Resource,
    field: &'static Field,
    values: &[Value],
    time: &Value,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement
        .push("UPDATE ")
        .name(resource.table)
        .push(" AS t SET \"deleted_at\" = ")
        .value(Type::Timestamp, time.clone());
    statement.push(", \"version\" = t.\"version\" + 1 WHERE t.\"deleted_at\" IS NULL AND ");
    one_of(&mut statement, field, values);
    statement.push(" RETURNING \"id\"");
    statement
}

/// Brings back the rows whose `field` has one of these values and that were deleted at this time; returns their ids.
pub fn reveal(
    dialect: Dialect,
    resource: &'static Resource,
    field: &'static Field,
    values: &[Value],
    time: &Value,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement
        .push("UPDATE ")
        .name(resource.table)
        .push(" AS t SET \"deleted_at\" = NULL, \"version\" = t.\"version\" + 1");
    statement.push(" WHERE t.\"deleted_at\" = ").value(Type::Timestamp, time.clone()).push(" AND ");
    one_of(&mut statement, field, values);
    statement.push(" RETURNING \"id\"");
    statement
}

/// Which of the rows of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Live,
    /// Those that are deleted and stay.
    Hidden,
}

/// Takes the reference `field` out of rows whose field `by` has one of these values.
pub fn unlink(
    dialect: Dialect,
    (resource, which): (&'static Resource, Which),
    field: &'static Field,
    (by, values): (&'static Field, &[Value]),
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("UPDATE ").name(resource.table).push(" AS t SET ").name(field.name);
    statement.push(" = NULL, \"version\" = t.\"version\" + 1 WHERE ");
    one_of(&mut statement, by, values);
    only(&mut statement, resource, which);
    statement
}

/// The ids of the rows that refer to one of these.
pub fn referring(
    dialect: Dialect,
    (resource, which): (&'static Resource, Which),
    field: &'static Field,
    values: &[Value],
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT t.\"id\" FROM ").name(resource.table).push(" AS t WHERE ");
    one_of(&mut statement, field, values);
    only(&mut statement, resource, which);
    statement
}

fn only(statement: &mut Statement, resource: &'static Resource, which: Which) {
    if resource.soft_delete && which != Which::All {
        let is = if which == Which::Live { "IS NULL" } else { "IS NOT NULL" };
        statement.push(" AND t.\"deleted_at\" ").push(is);
    }
}

/// When the rows of `target` were deleted that some rows refer to by `field`; null of those that live, which on PostgreSQL
/// they do until the end of the transaction.
pub fn referred_to(
    dialect: Dialect,
    (resource, ids): (&'static Resource, &[Value]),
    field: &'static Field,
    target: &'static Resource,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT p.\"deleted_at\" FROM ").name(target.table).push(" AS p WHERE p.\"id\" IN (SELECT ");
    statement.column(field.name).push(" FROM ").name(resource.table).push(" AS t WHERE ");
    one_of(&mut statement, &resource.fields[0], ids);
    statement.push(")");
    if dialect == Dialect::Postgres {
        statement.push(" FOR SHARE OF p");
    }
    statement
}

/// Removes rows for good.
pub fn forget(dialect: Dialect, resource: &'static Resource, ids: &[Value]) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("DELETE FROM ").name(resource.table).push(" AS t WHERE ");
    one_of(&mut statement, &resource.fields[0], ids);
    statement
}

/// One row if any live row refers to one of these, otherwise none.
pub fn any_live(
    dialect: Dialect,
    resource: &'static Resource,
    field: &'static Field,
    values: &[Value],
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT 1 FROM ").name(resource.table).push(" AS t WHERE ");
    one_of(&mut statement, field, values);
    super::live(&mut statement, resource, " AND ");
    statement.push(" LIMIT 1");
    statement
}

/// When a row was deleted: null for a live one, no row for one that never was.
pub fn state(dialect: Dialect, resource: &'static Resource, (id, reach): (&Value, &Reach)) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT t.\"deleted_at\" FROM ").name(resource.table).push(" AS t WHERE t.\"id\" = ");
    statement.value(resource.fields[0].ty, id.clone());
    super::reach::write(&mut statement, resource, reach, " AND ");
    if dialect == Dialect::Postgres {
        statement.push(" FOR UPDATE OF t");
    }
    statement
}

/// Whether a row is live. On PostgreSQL it stays so until the end of the transaction.
pub fn live_for_share(
    dialect: Dialect,
    resource: &'static Resource,
    (id, reach): (&Value, &Reach),
) -> Statement<'static> {
    let mut statement = super::exists(dialect, resource, (0, id), reach);
    if dialect == Dialect::Postgres {
        statement.push(" FOR SHARE OF t");
    }
    statement
}

fn one_of(statement: &mut Statement, field: &'static Field, values: &[Value]) {
    statement.column(field.name).push(" IN (SELECT * FROM ").table(field.ty, values).push(")");
}
