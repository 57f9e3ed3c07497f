//! How each database spells types, values and conditions.

use rust_decimal::Decimal;

use super::schema::{Bounds, Column, ID, Type, VERSION};

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

    pub(super) fn column_type(self, ty: &Type) -> String {
        match (self, ty) {
            (Dialect::Sqlite, ty) => sqlite_type(ty).to_owned(),
            (Dialect::Postgres, Type::Decimal { precision, scale }) => format!("NUMERIC({precision},{scale})"),
            (Dialect::Postgres, ty) => postgres_type(ty).to_owned(),
        }
    }

    /// What follows the type in a new table.
    pub(super) fn column_constraints(self, column: &Column) -> &'static str {
        match (self, column.name.as_str(), &column.ty) {
            (Dialect::Postgres, ID, Type::Int64) => "GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            (_, ID, _) => "NOT NULL PRIMARY KEY",
            (_, VERSION, _) => "NOT NULL DEFAULT 1",
            _ if column.optional => "",
            _ => "NOT NULL",
        }
    }

    /// What a CHECK of the column demands, all of it.
    pub(super) fn conditions(self, column: &Column) -> Vec<String> {
        let name = quote(&column.name);
        match &column.ty {
            Type::Bool if self == Dialect::Sqlite => vec![format!("{name} IN (0, 1)")],
            Type::Enum(values) => {
                let values: Vec<_> = values.iter().map(|value| literal(value)).collect();
                vec![format!("{name} IN ({})", values.join(", "))]
            }
            Type::Decimal { scale, .. } if self == Dialect::Sqlite => {
                bounds(&name, &column.bounds, |bound| scaled(bound, *scale))
            }
            _ => bounds(&name, &column.bounds, str::to_owned),
        }
    }
}

fn sqlite_type(ty: &Type) -> &'static str {
    match ty {
        Type::Bool | Type::Int32 | Type::Int64 | Type::Decimal { .. } | Type::Timestamp | Type::Duration => "INTEGER",
        Type::Float64 => "REAL",
        Type::Uuid | Type::Bytes => "BLOB",
        Type::String | Type::Email | Type::Url | Type::Password | Type::Date | Type::Enum(_) => "TEXT",
        Type::Json | Type::Object(_) | Type::List(_) | Type::Map(_) => "TEXT",
    }
}

/// Text is compared by bytes, as SQLite does.
fn postgres_type(ty: &Type) -> &'static str {
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
        Type::String | Type::Email | Type::Url | Type::Password | Type::Enum(_) => r#"TEXT COLLATE "C""#,
        Type::Json | Type::Object(_) | Type::List(_) | Type::Map(_) => "JSONB",
    }
}

fn bounds(column: &str, bounds: &Bounds, spell: impl Fn(&str) -> String) -> Vec<String> {
    let all = [
        (">=", &bounds.minimum),
        (">", &bounds.exclusive_minimum),
        ("<=", &bounds.maximum),
        ("<", &bounds.exclusive_maximum),
    ];
    all.into_iter()
        .filter_map(|(operator, bound)| Some(format!("{column} {operator} {}", spell(bound.as_deref()?))))
        .collect()
}

/// A number as the column holds it: `0.05` of a decimal of scale 2 is 5. A bound that is larger than any decimal stays
/// roughly right, which is right enough for every value that the column can hold.
pub(super) fn scaled(number: &str, scale: u8) -> String {
    let factor = Decimal::from(10_u64.pow(u32::from(scale)));
    let value = number.parse().or_else(|_| Decimal::from_scientific(number));
    match value.ok().and_then(|value: Decimal| value.checked_mul(factor)) {
        Some(exact) => exact.normalize().to_string(),
        None => format!("{number} * 1e{scale}"),
    }
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
