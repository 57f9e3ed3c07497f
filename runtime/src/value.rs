//! One value of any type of the language, as the service layer and the store see it.
//!
//! JSON, GraphQL, protobuf and SQL each have their own form; the codecs in `codec` and the stores lead from and to this
//! one. A record is a `Vec<Value>` in the order of its resource's fields, because a row may be read in part.

use std::{collections::BTreeMap, fmt::Write};

pub use jiff::{SignedDuration, Timestamp, civil::Date};
pub use rust_decimal::Decimal;
pub use serde_json::Value as Json;
use type_safe_id::{StaticType, TypeSafeId};
pub use uuid::Uuid;

use crate::descriptor::{Id, Resource};

/// A value, already of its field's type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// `int32`, `int64` and numbered ids.
    Int(i64),
    Float(f64),
    /// At exactly the scale of its field.
    Decimal(rust_decimal::Decimal),
    /// `string`, `email`, `url`, a client-chosen id, or the hash of a `password`.
    Text(String),
    /// A `password` on its way to being hashed.
    Password(Secret),
    /// A value of an enum, as the descriptor spells it.
    Enum(&'static str),
    /// `uuid` and generated ids; the prefix of a TypeID belongs to its type.
    Uuid(Uuid),
    /// Whole microseconds.
    Timestamp(jiff::Timestamp),
    Date(jiff::civil::Date),
    /// Microseconds.
    Duration(i64),
    Bytes(Vec<u8>),
    Json(Box<serde_json::Value>),
    List(Vec<Value>),
    Map(BTreeMap<String, Value>),
    /// A value type, in the order of its fields.
    Object(Vec<Value>),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// To the microsecond, as far as an `i64` reaches.
    pub fn of_duration(duration: SignedDuration) -> Value {
        let micros = duration.as_micros().clamp(i64::MIN.into(), i64::MAX.into());
        Value::Duration(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// An id, as rows are found by it in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key<'v> {
    Uuid(Uuid),
    Int(i64),
    Text(&'v str),
}

impl Value {
    /// Of an id.
    pub fn key(&self) -> Key<'_> {
        match self {
            Value::Uuid(uuid) => Key::Uuid(*uuid),
            Value::Int(number) => Key::Int(*number),
            Value::Text(text) => Key::Text(text),
            other => unreachable!("{other:?} isn't an id"),
        }
    }
}

/// The clock at the precision that rows keep.
pub fn now() -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// A text that no log shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A row of a resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// In the order of [`Resource::fields`]; a field that wasn't read is `Null`.
    pub values: Vec<Value>,
    /// Counts the row's writes from 1; shown as ETag.
    pub version: i64,
    /// How well the row matches the words of a list that is in order of that; else `Null`.
    pub score: Value,
}

impl Record {
    pub fn new(values: Vec<Value>, version: i64) -> Record {
        Record { values, version, score: Value::Null }
    }

    pub fn id(&self) -> &Value {
        &self.values[0]
    }

    /// The value of a field by its snake_case name.
    pub fn get(&self, resource: &Resource, name: &str) -> Option<&Value> {
        resource.field_index(name).map(|index| &self.values[index])
    }
}

/// An id as every contract shows it: `usr_01h…`, a UUID, a number or the client's text.
pub fn id_text(id: Id, value: &Value) -> String {
    let mut text = String::new();
    write_id(id, value, &mut text);
    text
}

/// Appends what [`id_text`] gives.
pub fn write_id(id: Id, value: &Value, out: &mut String) {
    let written = match (id, value) {
        (Id::Prefixed(prefix), Value::Uuid(uuid)) => {
            out.reserve(prefix.len() + 1 + SUFFIX);
            out.push_str(prefix);
            out.push('_');
            write!(out, "{}", TypeSafeId::<Bare>::from_uuid(*uuid))
        }
        (Id::Uuid, Value::Uuid(uuid)) => write!(out, "{}", uuid.hyphenated()),
        (Id::Int64, Value::Int(number)) => write!(out, "{number}"),
        (Id::Text, Value::Text(text)) => out.write_str(text),
        (id, value) => unreachable!("{value:?} isn't an id of kind {id:?}"),
    };
    written.unwrap_or_else(|error| unreachable!("writing to a String can't fail: {error}"));
}

/// Reads an id that came from outside. `None`: it isn't one of this kind, so no row can have it.
pub fn parse_id(id: Id, text: &str) -> Option<Value> {
    match id {
        Id::Prefixed(prefix) => parse_type_id(prefix, text).map(Value::Uuid),
        Id::Uuid => parse_uuid(text).map(Value::Uuid),
        // One row, one address: `007` and `+7` aren't 7.
        Id::Int64 => text.parse().ok().filter(|number: &i64| number.to_string() == text).map(Value::Int),
        Id::Text => (!text.is_empty() && !text.contains('\0')).then(|| Value::Text(text.to_owned())),
    }
}

/// Reads the hyphenated form, the only one that the contracts name; a row then has a single address.
pub(crate) fn parse_uuid(text: &str) -> Option<Uuid> {
    const HYPHENATED: usize = uuid::fmt::Hyphenated::LENGTH;
    (text.len() == HYPHENATED).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// Characters of a TypeID behind its prefix.
const SUFFIX: usize = 26;

/// The part of a TypeID behind its prefix. The library's run-time prefixes would be checked anew for every id, and panic on
/// a long foreign one.
#[derive(Default)]
struct Bare;

impl StaticType for Bare {
    const TYPE: &'static str = "";
}

fn parse_type_id(prefix: &str, text: &str) -> Option<Uuid> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
    // A second underscore would start another prefix.
    suffix.parse::<TypeSafeId<Bare>>().ok().map(|id| id.uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: Id = Id::Prefixed("usr");

    #[test]
    fn type_ids_are_written_and_read() {
        let uuid = Uuid::parse_str("0188bac7-4afa-78aa-bc3b-bd1eef28d881").unwrap();
        let text = id_text(USER, &Value::Uuid(uuid));
        assert_eq!(text, "usr_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(parse_id(USER, &text), Some(Value::Uuid(uuid)));
        assert_eq!(parse_id(Id::Prefixed("line_item"), &text.replace("usr", "line_item")), Some(Value::Uuid(uuid)));
    }

    #[test]
    fn what_isnt_an_id_of_the_kind_is_none() {
        let long = format!("{}_01h2xcejqtf2nbrexx3vqjhp41", "é".repeat(40));
        for text in [
            "",
            "usr",
            "usr_",
            "usr_01h2xcejqtf2nbrexx3vqjhp4",
            "usr_01H2XCEJQTF2NBREXX3VQJHP41",
            "usr_81h2xcejqtf2nbrexx3vqjhp41",
            "usr_01h2xcejqtf2nbrexx3vqjhp4u",
            "ord_01h2xcejqtf2nbrexx3vqjhp41",
            "usr__01h2xcejqtf2nbrexx3vqjhp41",
            "usr_x_01h2xcejqtf2nbrexx3vqjhp41",
            "01h2xcejqtf2nbrexx3vqjhp41",
            "usr_é1h2xcejqtf2nbrexx3vqjhp4",
            &long,
        ] {
            assert_eq!(parse_id(USER, text), None, "{text}");
        }
        assert_eq!(parse_id(Id::Uuid, "0188bac74afa78aabc3bbd1eef28d881"), None);
        assert_eq!(parse_id(Id::Int64, "9223372036854775808"), None);
        assert_eq!(parse_id(Id::Int64, "007"), None);
        assert_eq!(parse_id(Id::Int64, "-7"), Some(Value::Int(-7)));
        assert_eq!(parse_id(Id::Text, ""), None);
    }
}
