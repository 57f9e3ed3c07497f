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

#[cfg(test)]
mod tests {
    use super::super::{Columns, Sight, by_id};
    use super::*;
    use crate::{
        descriptor::{Id, Relation},
        value::Value,
    };

    static LOAN: Resource = Resource {
        name: "Loan",
        table: "loans",
        fields: &[
            Field::new("id", "id", Type::Id(Id::Int64)),
            Field::new("member_id", "memberId", Type::Id(Id::Int64)),
        ],
        ..Resource::BLANK
    };
    static LOANS: Aggregate = Aggregate { function: Function::Count, relation: "loans", conditions: &[] };
    static MEMBER: Resource = Resource {
        name: "Member",
        table: "members",
        fields: &[
            Field::new("id", "id", Type::Id(Id::Int64)),
            Field::new("name", "name", Type::String),
            Field::new("loans", "loans", Type::Int32).aggregate(&LOANS),
        ],
        relations: &[Relation::new("loans", "loans", &LOAN, RelationKind::HasMany { column: "member_id" })],
        ..Resource::BLANK
    };

    #[test]
    fn what_is_not_read_is_not_counted() {
        let read = |fields: &[usize]| {
            let sight = |index| if fields.contains(&index) { Sight::All } else { Sight::None };
            let columns = Columns::seen(&MEMBER, |index, _| sight(index));
            by_id(Dialect::Sqlite, &columns, &Value::Int(1)).sql
        };
        assert_eq!(
            read(&[0, 2]),
            r#"SELECT t."id", (SELECT count(*) FROM "loans" AS c WHERE c."member_id" = t."id"), t."version" FROM "members" AS t WHERE t."id" = ?1"#
        );
        assert_eq!(read(&[0, 1]), r#"SELECT t."id", t."name", t."version" FROM "members" AS t WHERE t."id" = ?1"#);
    }
}
