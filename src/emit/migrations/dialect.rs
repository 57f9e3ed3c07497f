//! How each database spells types, values and conditions.

use rust_decimal::Decimal;

use super::{Column, quote, required};
use crate::model::{Field, Id, Model, Origin, Resource, Rules, Type};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(super) fn folder(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
        }
    }

    pub(super) fn table_suffix(self) -> &'static str {
        match self {
            Dialect::Sqlite => " STRICT",
            Dialect::Postgres => "",
        }
    }

    pub(super) fn version_type(self) -> &'static str {
        match self {
            Dialect::Sqlite => "INTEGER",
            Dialect::Postgres => "BIGINT",
        }
    }

    pub(super) fn column(self, model: &Model, resource: &Resource, field: &Field) -> Column {
        let constraints = match (field.origin, self, &resource.id) {
            (Origin::Id, Dialect::Postgres, Id::Int64) => "GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            (Origin::Id, ..) => "NOT NULL PRIMARY KEY",
            _ if required(field) => "NOT NULL",
            _ => "",
        };
        let ty = match self {
            Dialect::Sqlite => sqlite_type(model, &field.ty),
            Dialect::Postgres => postgres_type(model, &field.ty),
        };
        Column { name: quote(&field.name), ty, parameters: self.parameters(field, ty), constraints }
    }

    /// What follows the type's name. Text is compared by bytes where order matters, as SQLite does.
    fn parameters(self, field: &Field, ty: &str) -> String {
        let ordered = field.filter || field.sort || matches!(field.ty, Type::Id(_));
        match (self, &field.ty) {
            (Dialect::Postgres, Type::Decimal { precision, scale }) => format!("({precision},{scale})"),
            (Dialect::Postgres, _) if ty == "TEXT" && ordered => " COLLATE \"C\"".to_owned(),
            _ => String::new(),
        }
    }

    /// What a CHECK of the column demands, all of it.
    pub(super) fn conditions(self, model: &Model, field: &Field) -> Vec<String> {
        let column = quote(&field.name);
        match &field.ty {
            Type::Bool if self == Dialect::Sqlite => vec![format!("{column} IN (0, 1)")],
            Type::Enum(id) => {
                let names = model.enumeration(*id).values.iter().map(|value| literal(&value.name));
                vec![format!("{column} IN ({})", names.collect::<Vec<_>>().join(", "))]
            }
            Type::Int32 | Type::Int64 | Type::Float64 => bounds(&column, &field.rules, str::to_owned),
            Type::Decimal { scale, .. } => bounds(&column, &field.rules, |bound| match self {
                Dialect::Sqlite => scaled(bound, *scale),
                Dialect::Postgres => bound.to_owned(),
            }),
            _ => Vec::new(),
        }
    }
}

fn sqlite_type(model: &Model, ty: &Type) -> &'static str {
    match ty {
        Type::Bool | Type::Int32 | Type::Int64 | Type::Decimal { .. } | Type::Timestamp | Type::Duration => "INTEGER",
        Type::Float64 => "REAL",
        Type::Uuid | Type::Bytes => "BLOB",
        Type::Id(resource) => match model.resource(*resource).id {
            Id::Prefixed(_) | Id::Uuid => "BLOB",
            Id::Int64 => "INTEGER",
            Id::Text { .. } => "TEXT",
        },
        Type::String | Type::Email | Type::Url | Type::Password | Type::Date | Type::Enum(_) => "TEXT",
        Type::Json | Type::Object(_) | Type::List(_) | Type::Map(_) => "TEXT",
    }
}

fn postgres_type(model: &Model, ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "BOOLEAN",
        Type::Int32 => "INTEGER",
        Type::Int64 | Type::Duration => "BIGINT",
        Type::Float64 => "DOUBLE PRECISION",
        Type::Decimal { .. } => "NUMERIC",
        Type::Timestamp => "TIMESTAMPTZ",
        Type::Date => "DATE",
        Type::Uuid => "UUID",
        Type::Bytes => "BYTEA",
        Type::Id(resource) => match model.resource(*resource).id {
            Id::Prefixed(_) | Id::Uuid => "UUID",
            Id::Int64 => "BIGINT",
            Id::Text { .. } => "TEXT",
        },
        Type::String | Type::Email | Type::Url | Type::Password | Type::Enum(_) => "TEXT",
        Type::Json | Type::Object(_) | Type::List(_) | Type::Map(_) => "JSONB",
    }
}

fn bounds(column: &str, rules: &Rules, spell: impl Fn(&str) -> String) -> Vec<String> {
    let all = [
        (">=", &rules.minimum),
        (">", &rules.exclusive_minimum),
        ("<=", &rules.maximum),
        ("<", &rules.exclusive_maximum),
    ];
    all.into_iter()
        .filter_map(|(operator, bound)| Some(format!("{column} {operator} {}", spell(bound.as_deref()?))))
        .collect()
}

/// A bound as the column holds it: `0.05` of a decimal of scale 2 is 5. One that is larger than any decimal stays roughly
/// right, which is right enough for every value that the column can hold.
fn scaled(bound: &str, scale: u8) -> String {
    let factor = Decimal::from(10_u64.pow(u32::from(scale)));
    let value = bound.parse().or_else(|_| Decimal::from_scientific(bound));
    match value.ok().and_then(|value: Decimal| value.checked_mul(factor)) {
        Some(exact) => exact.normalize().to_string(),
        None => format!("{bound} * 1e{scale}"),
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
