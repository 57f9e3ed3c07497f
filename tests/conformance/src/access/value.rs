//! Values of every type that keep the spec's rules, as contracts show them and as databases keep them.

use regex::Regex;
use serde_json::{Value as Json, json};

use super::spec::{Field, Id, Spec};

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A new id, by a number that no other has.
pub fn id(kind: &Id, number: u64) -> Json {
    match kind {
        Id::Number => json!(number),
        Id::Text => json!(format!("t{number}")),
        // A UUID of version 7 from its time and number.
        Id::Prefixed(prefix) => json!(format!("{prefix}_{}", base32(uuid(number)))),
    }
}

fn uuid(number: u64) -> u128 {
    let millis = 1_700_000_000_000_u128;
    (millis << 80) | (0x7 << 76) | (0b10 << 62) | u128::from(number)
}

/// Crockford's, as TypeIDs have it.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn base32(number: u128) -> String {
    (0..26).rev().map(|digit| char::from(DIGITS[(number >> (5 * digit)) as usize & 31])).collect()
}

fn number_of(text: &str) -> u128 {
    let digits = text.bytes().map(|byte| DIGITS.iter().position(|digit| *digit == byte).expect("a digit of a TypeID"));
    digits.fold(0, |number, digit| (number << 5) | digit as u128)
}

/// An id as the database keeps it.
pub fn id_literal(dialect: Dialect, kind: &Id, id: &Json) -> String {
    match (kind, id) {
        (_, Json::Null) => "NULL".to_owned(),
        (Id::Number, id) => id.to_string(),
        (Id::Text, id) => quoted(id.as_str().expect("a text")),
        (Id::Prefixed(_), id) => {
            let (_, digits) = id.as_str().and_then(|id| id.rsplit_once('_')).expect("a TypeID");
            let hex = format!("{:032x}", number_of(digits));
            if dialect == Dialect::Sqlite { format!("x'{hex}'") } else { format!("'{hex}'") }
        }
    }
}

pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Spec {
    /// A value for a field, other than all others of it where the type has so many.
    pub fn value(&self, field: &Field, number: u64) -> Json {
        match field.keys.get("default") {
            Some(default) if *default != "now" && *default != "today" => self.typed(&field.ty, default),
            _ => self.fresh(field, number),
        }
    }

    /// The same, whatever the default.
    pub fn fresh(&self, field: &Field, number: u64) -> Json {
        match &*field.ty {
            "string" | "password" => json!(self.matching(field, number)),
            "email" => json!(format!("someone{number}@example.com")),
            "url" => json!(format!("https://example.com/{number}")),
            "bool" => json!(false),
            "int32" | "int64" => json!(field.keys["minimum"].as_i64().unwrap_or(1).max(1)),
            "decimal" => json!("1.00"),
            // Of what begins today, too, it comes after.
            "date" if field.keys["default"] == "today" => json!("2026-01-01"),
            "date" => json!("2099-01-01"),
            "timestamp" => json!("2026-01-01T00:00:00Z"),
            list if list.starts_with("list<") => json!([]),
            name => match (self.enums.get(name), self.types.get(name)) {
                (Some(values), _) => json!(values[0]),
                (_, Some(fields)) => {
                    let required = fields.iter().filter(|field| !field.optional);
                    required.map(|field| (field.name.clone(), self.value(field, number))).collect()
                }
                _ => panic!("no spec of the tests has a type {name}"),
            },
        }
    }

    fn typed(&self, ty: &str, literal: &Json) -> Json {
        match (ty, literal) {
            ("decimal", number) => json!(format!("{}.00", number.to_string().trim_end_matches(".0"))),
            ("int32" | "int64" | "bool", value) => value.clone(),
            (_, Json::String(_)) => literal.clone(),
            _ => panic!("no spec of the tests has a default like {literal}"),
        }
    }

    fn matching(&self, field: &Field, number: u64) -> String {
        let pattern = field.keys["pattern"].as_str().map(|pattern| Regex::new(pattern).expect("a pattern"));
        let longest = field.keys["max_length"].as_u64().unwrap_or(u64::MAX);
        let least = field.keys["min_length"].as_u64().unwrap_or(0) as usize;
        let tries = [
            format!("{:a<least$}", format!("text{number}")),
            format!("{number:010}"),
            format!("{number:013}"),
            "AA".to_owned(),
            "AAA".to_owned(),
        ];
        let fits = |text: &&String| {
            text.chars().count() as u64 <= longest && pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
        };
        tries.iter().find(fits).unwrap_or_else(|| panic!("no text fits {}", field.keys)).clone()
    }

    /// As the database keeps it.
    pub fn literal(&self, dialect: Dialect, field: &Field, value: &Json) -> String {
        match (&*field.ty, value) {
            (_, Json::Null) => "NULL".to_owned(),
            ("bool", value) if dialect == Dialect::Sqlite => u8::from(*value == true).to_string(),
            ("decimal", Json::String(text)) if dialect == Dialect::Sqlite => text.replace('.', ""),
            ("timestamp", Json::String(text)) => instant(dialect, text),
            (_, Json::String(text)) => quoted(text),
            (_, Json::Bool(_) | Json::Number(_)) => value.to_string(),
            (_, composite) => quoted(&composite.to_string()),
        }
    }
}

pub fn instant(dialect: Dialect, text: &str) -> String {
    let time: jiff::Timestamp = text.parse().expect("a time");
    if dialect == Dialect::Sqlite { time.as_microsecond().to_string() } else { quoted(text) }
}
