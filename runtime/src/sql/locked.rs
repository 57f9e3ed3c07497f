//! Reading rows in order to write them: on PostgreSQL nobody else does meanwhile, as on SQLite nobody can.

use super::{Columns, Statement};
use crate::{reach::Reach, store::Dialect, value::Value};

/// The live rows that have one of these values in a field, in the order of their ids.
pub fn having_any(
    dialect: Dialect,
    columns: &Columns,
    (field, values): (usize, &[Value]),
    reach: &Reach,
) -> Statement<'static> {
    let resource = columns.resource;
    let field = &resource.fields[field];
    let mut statement = super::select(dialect, columns);
    let join = super::live(&mut statement, resource, " WHERE ");
    let join = super::reach::write(&mut statement, resource, reach, join);
    statement.push(join).column(field.name).push(" IN (SELECT * FROM ").table(field.ty, values).push(")");
    statement.push(" ORDER BY ").column("id");
    statement
}

/// The live rows that have this value in a field, in the order of their ids.
pub fn having(
    dialect: Dialect,
    columns: &Columns,
    (field, value): (usize, Value),
    reach: &Reach,
) -> Statement<'static> {
    let resource = columns.resource;
    let field = &resource.fields[field];
    let mut statement = super::select(dialect, columns);
    statement.push(" WHERE ").column(field.name);
    if value.is_null() {
        statement.push(" IS NULL");
    } else {
        statement.push(" = ").value(field.ty, value);
    }
    super::live(&mut statement, resource, " AND ");
    super::reach::write(&mut statement, resource, reach, " AND ");
    statement.push(" ORDER BY ").column("id");
    statement
}

/// The same, locked until the transaction ends.
pub fn locked(dialect: Dialect, columns: &Columns, having: (usize, Value), reach: &Reach) -> Statement<'static> {
    let mut statement = self::having(dialect, columns, having, reach);
    if dialect == Dialect::Postgres {
        statement.push(" FOR UPDATE OF t");
    }
    statement
}
