//! The statements of tables of pairs.

use super::Statement;
use crate::{
    descriptor::{Join, Type},
    store::Dialect,
    value::Value,
};

/// Puts two rows together, as they may be already.
pub fn pair(dialect: Dialect, join: &Join, near: &Value, far: (Type, &Value)) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("INSERT INTO ").name(join.table).push(" (").name(join.near).push(", ").name(join.far);
    statement.push(") VALUES (").value(Type::Id(join.near_id), near.clone()).push(", ").value(far.0, far.1.clone());
    statement.push(") ON CONFLICT DO NOTHING");
    statement
}

/// Takes rows apart, as they may be already.
pub fn part(dialect: Dialect, join: &Join, near: &Value, (ty, far): (Type, &[Value])) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("DELETE FROM ").name(join.table).push(" WHERE ").name(join.near).push(" = ");
    statement.value(Type::Id(join.near_id), near.clone()).push(" AND ").name(join.far);
    statement.push(" IN (SELECT * FROM ").table(ty, far).push(")");
    statement
}
