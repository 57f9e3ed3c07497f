//! Fields that are found out from other rows, as subqueries of what is read.

use super::{Parent, Statement};
use crate::{
    descriptor::{Aggregate, Field, Function, RelationKind, Resource, Type},
    store::Dialect,
    validate::parse_literal,
};

/// The number as an expression over the row `t`.
pub fn write(statement: &mut Statement, resource: &'static Resource, field: &Field, aggregate: &Aggregate) {
    let Some(relation) = resource.relation(aggregate.relation) else {
        unreachable!("{} has a relation {}", resource.name, aggregate.relation)
    };
    let target = relation.target;
    statement.push("(SELECT ");
    match aggregate.function {
        Function::Count => drop(statement.push("count(*)")),
        Function::Sum(summed) => drop(statement.push("coalesce(sum(c.").name(summed).push("), 0)")),
    }
    // PostgreSQL counts and adds in wider types.
    match (statement.dialect, field.ty) {
        (Dialect::Postgres, Type::Int32) => drop(statement.push("::integer")),
        (Dialect::Postgres, Type::Int64 | Type::Duration) => drop(statement.push("::bigint")),
        _ => {}
    }
    statement.push(" FROM ").name(target.table).push(" AS c WHERE ");
    match relation.kind {
        RelationKind::HasMany { column } => drop(statement.push("c.").name(column).push(" = t.\"id\"")),
        RelationKind::ManyToMany(join) => {
            statement
                .push("c.\"id\" IN (SELECT l.")
                .name(join.far)
                .push(" FROM ")
                .name(join.table)
                .push(" AS l WHERE l.");
            statement.name(join.near).push(" = t.\"id\"");
            Parent::Join(join).end(statement);
        }
        RelationKind::BelongsTo { .. } | RelationKind::HasOne { .. } => {
            unreachable!("{} leads to one row", relation.name)
        }
    }
    if target.soft_delete {
        statement.push(" AND c.\"deleted_at\" IS NULL");
    }
    for (name, literal) in aggregate.conditions {
        let Some(tested) = target.field(name) else { unreachable!("{} has a field {name}", target.name) };
        statement.push(" AND c.").name(name).push(" = ").value(tested.ty, parse_literal(&tested.ty, literal));
    }
    statement.push(")");
}
