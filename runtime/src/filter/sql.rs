//! Filters as SQL conditions, spelled so that an index on the column serves them.
//!
//! SQL's third truth value never gets out: a comparison with NULL is unknown, which a WHERE takes for false, and so do AND
//! and OR. Only NOT would make a difference, so negations are pushed down to the comparisons, where a NULL is asked for.

use std::borrow::Cow;

use super::{Compare, Filter, Test};
use crate::{
    descriptor::{Field, Join, RelationKind, Resource, Type},
    store::Dialect,
    value::Value,
};

/// Appends the condition and its arguments. `args` may already hold some: placeholders are numbered on from there.
pub fn write(
    filter: &Filter,
    resource: &'static Resource,
    dialect: Dialect,
    sql: &mut String,
    args: &mut Vec<(Type, Cow<'_, Value>)>,
) {
    Writer { resource, dialect, sql, args }.filter(filter, Sense::Is);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Is,
    IsNot,
}

impl Sense {
    fn flipped(self) -> Sense {
        match self {
            Sense::Is => Sense::IsNot,
            Sense::IsNot => Sense::Is,
        }
    }
}

/// How the ids look that a row of `resource` is linked with by this table.
fn linked_id(resource: &'static Resource, join: &Join) -> Option<Type> {
    let relation = resource.relations.iter().find(|relation| relation.kind == RelationKind::ManyToMany(*join))?;
    Some(relation.target.fields[0].ty)
}

struct Writer<'a, 'v> {
    resource: &'static Resource,
    dialect: Dialect,
    sql: &'a mut String,
    args: &'a mut Vec<(Type, Cow<'v, Value>)>,
}

impl Writer<'_, '_> {
    fn filter(&mut self, filter: &Filter, sense: Sense) {
        match (filter, sense) {
            (Filter::And(parts), Sense::Is) | (Filter::Or(parts), Sense::IsNot) => {
                self.joined(parts, " AND ", "TRUE", sense);
            }
            (Filter::Or(parts), Sense::Is) | (Filter::And(parts), Sense::IsNot) => {
                self.joined(parts, " OR ", "FALSE", sense);
            }
            (Filter::Not(inner), sense) => self.filter(inner, sense.flipped()),
            (Filter::Compare(compare), sense) => self.compare(compare, sense),
            (Filter::Linked(join, id), sense) => self.linked(join, id, sense),
        }
    }

    fn linked(&mut self, join: &Join, id: &Value, sense: Sense) {
        let Some(far) = linked_id(self.resource, join) else { unreachable!("the filter names one of its relations") };
        let not = if sense == Sense::Is { "" } else { "NOT " };
        let Join { table, near, far: column, .. } = join;
        self.args.push((far, Cow::Owned(id.clone())));
        let (mark, number) = (self.dialect.mark(), self.args.len());
        let live = if join.soft_delete { " AND l.\"deleted_at\" IS NULL" } else { "" };
        self.sql.push_str(&format!(
            "t.\"id\" {not}IN (SELECT l.\"{near}\" FROM \"{table}\" AS l WHERE l.\"{column}\" = {mark}{number}{live})"
        ));
    }

    fn joined(&mut self, parts: &[Filter], with: &str, empty: &str, sense: Sense) {
        if parts.is_empty() {
            return self.sql.push_str(empty);
        }
        for (position, part) in parts.iter().enumerate() {
            self.sql.push_str(if position == 0 { "(" } else { with });
            self.filter(part, sense);
        }
        self.sql.push(')');
    }

    fn compare(&mut self, compare: &Compare, sense: Sense) {
        let field = &self.resource.fields[compare.field];
        match (&compare.test, sense) {
            (Test::IsNull(wanted), sense) => self.is_null(field, *wanted == (sense == Sense::Is)),
            (test, Sense::Is) => self.test(field, test),
            (test, Sense::IsNot) => {
                self.sql.push('(');
                self.is_null(field, true);
                self.sql.push_str(" OR NOT ");
                self.test(field, test);
                self.sql.push(')');
            }
        }
    }

    fn test(&mut self, field: &'static Field, test: &Test) {
        match test {
            Test::Eq(value) => self.binary(field, "=", value),
            Test::Ne(value) => self.binary(field, "<>", value),
            Test::Lt(value) => self.binary(field, "<", value),
            Test::Lte(value) => self.binary(field, "<=", value),
            Test::Gt(value) => self.binary(field, ">", value),
            Test::Gte(value) => self.binary(field, ">=", value),
            Test::In(values) => self.is_in(field, values),
            Test::Contains(text) | Test::StartsWith(text) | Test::EndsWith(text) if text.is_empty() => {
                self.is_null(field, false);
            }
            Test::Contains(text) => self.contains(field, text),
            Test::StartsWith(text) => self.starts_with(field, text),
            Test::EndsWith(text) => self.ends_with(field, text),
            Test::IsNull(wanted) => self.is_null(field, *wanted),
        }
    }

    fn is_null(&mut self, field: &Field, wanted: bool) {
        self.column(field);
        self.sql.push_str(if wanted { " IS NULL" } else { " IS NOT NULL" });
    }

    fn binary(&mut self, field: &Field, operator: &str, value: &Value) {
        let place = self.bind(field.ty, value.clone());
        self.sql.push('(');
        self.ordered(field);
        *self.sql += &format!(" {operator} {place})");
    }

    fn is_in(&mut self, field: &Field, values: &[Value]) {
        if values.is_empty() {
            return self.sql.push_str("FALSE");
        }
        let places: Vec<_> = values.iter().map(|value| self.bind(field.ty, value.clone())).collect();
        self.sql.push('(');
        self.column(field);
        *self.sql += &format!(" IN ({}))", places.join(", "));
    }

    fn contains(&mut self, field: &Field, text: &str) {
        let place = self.bind(Type::String, Value::Text(text.to_owned()));
        self.sql.push_str(match self.dialect {
            Dialect::Sqlite => "(instr(",
            Dialect::Postgres => "(strpos(",
        });
        self.column(field);
        *self.sql += &format!(", {place}) > 0)");
    }

    /// As a range, which an index serves on both databases.
    fn starts_with(&mut self, field: &'static Field, text: &str) {
        self.sql.push('(');
        self.binary(field, ">=", &Value::Text(text.to_owned()));
        if let Some(end) = end_of_prefix(text) {
            self.sql.push_str(" AND ");
            self.binary(field, "<", &Value::Text(end));
        }
        self.sql.push(')');
    }

    fn ends_with(&mut self, field: &Field, text: &str) {
        let place = self.bind(Type::String, Value::Text(text.to_owned()));
        let (function, length) = match self.dialect {
            Dialect::Sqlite => ("substr", "-length"),
            Dialect::Postgres => ("right", "length"),
        };
        *self.sql += &format!("({function}(");
        self.column(field);
        *self.sql += &format!(", {length}({place})) = {place})");
    }

    fn column(&mut self, field: &Field) {
        *self.sql += &format!("\"{}\"", field.name);
    }

    /// The column in the order of code points, SQLite's own; PostgreSQL would take the database's language.
    fn ordered(&mut self, field: &Field) {
        self.column(field);
        if self.dialect == Dialect::Postgres && matches!(field.ty, Type::String | Type::Email | Type::Url) {
            self.sql.push_str(" COLLATE \"C\"");
        }
    }

    fn bind(&mut self, ty: Type, value: Value) -> String {
        self.args.push((ty, Cow::Owned(value)));
        let sign = match self.dialect {
            Dialect::Sqlite => '?',
            Dialect::Postgres => '$',
        };
        format!("{sign}{}", self.args.len())
    }
}

/// The least text above all that start with `prefix`. `None`: there is no such text.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.trim_end_matches(char::MAX).to_owned();
    let last = end.pop()?;
    // Ranges of `char` step over the surrogates.
    end.extend((last..=char::MAX).nth(1));
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::super::{aip160, fixture::TASK};
    use super::*;

    fn shown(text: &str, dialect: Dialect) -> String {
        let mut sql = String::new();
        let mut args = vec![(Type::Int32, Cow::Owned(Value::Int(1)))];
        write(&aip160::parse(&TASK, text).unwrap(), &TASK, dialect, &mut sql, &mut args);
        sql
    }

    #[test]
    fn conditions_are_sargable() {
        let sqlite = |text| shown(text, Dialect::Sqlite);
        assert_eq!(sqlite("count = 1"), r#"("count" = ?2)"#);
        assert_eq!(sqlite("NOT count = 1"), r#"("count" IS NULL OR NOT ("count" = ?2))"#);
        assert_eq!(sqlite("title = 'a*'"), r#"(("title" >= ?2) AND ("title" < ?3))"#);
        assert_eq!(sqlite("title = '*a*'"), r#"(instr("title", ?2) > 0)"#);
        assert_eq!(sqlite("title = '*a'"), r#"(substr("title", -length(?2)) = ?2)"#);
        assert_eq!(
            sqlite("NOT (note:* OR count < 3)"),
            r#"("note" IS NULL AND ("count" IS NULL OR NOT ("count" < ?2)))"#
        );
        assert_eq!(sqlite(""), "TRUE");
        let postgres = |text| shown(text, Dialect::Postgres);
        assert_eq!(postgres("title = 'a*'"), r#"(("title" COLLATE "C" >= $2) AND ("title" COLLATE "C" < $3))"#);
        assert_eq!(postgres("title = '*a*'"), r#"(strpos("title", $2) > 0)"#);
        assert_eq!(postgres("title = '*a'"), r#"(right("title", length($2)) = $2)"#);
    }

    #[test]
    fn a_prefix_ends_before_the_next_code_point() {
        assert_eq!(end_of_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(end_of_prefix("a\u{10FFFF}").as_deref(), Some("b"));
        assert_eq!(end_of_prefix("\u{D7FF}").as_deref(), Some("\u{E000}"));
        assert_eq!(end_of_prefix("\u{10FFFF}"), None);
    }
}
