//! One value of any type of the language, as the service layer and the store see it.
//!
//! JSON, GraphQL, protobuf and SQL each have their own form; the codecs in `codec` and the stores lead from and to this
//! one. A record is a `Vec<Value>` in the order of its resource's fields, because a row may be read in part.

use std::collections::BTreeMap;

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
    Uuid(uuid::Uuid),
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
}

impl Record {
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
    match (id, value) {
        (Id::Prefixed(prefix), Value::Uuid(uuid)) => type_id_text(prefix, *uuid),
        (_, Value::Uuid(uuid)) => uuid.to_string(),
        (_, Value::Int(number)) => number.to_string(),
        (_, Value::Text(text)) => text.clone(),
        (id, value) => unreachable!("{value:?} isn't an id of kind {id:?}"),
    }
}

/// Reads an id that came from outside. `None`: it isn't one of this kind, so no row can have it.
pub fn parse_id(id: Id, text: &str) -> Option<Value> {
    match id {
        Id::Prefixed(prefix) => parse_type_id(prefix, text).map(Value::Uuid),
        Id::Uuid => uuid::Uuid::try_parse(text).ok().map(Value::Uuid),
        Id::Int64 => text.parse().ok().map(Value::Int),
        Id::Text { .. } => (!text.is_empty()).then(|| Value::Text(text.to_owned())),
    }
}

fn type_id_text(prefix: &str, uuid: uuid::Uuid) -> String {
    let mut text = String::with_capacity(prefix.len() + 27);
    text.push_str(prefix);
    text.push('_');
    text.push_str(&type_safe_id::DynamicType::new(prefix).map_or_else(
        |error| unreachable!("the generator refuses the prefix {prefix}: {error}"),
        |kind| type_safe_id::TypeSafeId::from_type_and_uuid(kind, uuid).to_string()[prefix.len() + 1..].to_owned(),
    ));
    text
}

fn parse_type_id(prefix: &str, text: &str) -> Option<uuid::Uuid> {
    let id: type_safe_id::TypeSafeId<type_safe_id::DynamicType> = text.parse().ok()?;
    (id.type_prefix() == prefix).then(|| id.uuid())
}
