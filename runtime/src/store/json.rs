//! The JSON in which lists, maps and value types are stored: TEXT on SQLite, JSONB on PostgreSQL.
//!
//! It is the store's own form, the same on both databases, and knows nothing of what the protocols show. Decimals,
//! UUIDs, dates and ids are strings, timestamps RFC 3339, durations whole microseconds, bytes base64. A value type
//! leaves out the fields that are null, so that a null inside a `json` field stays apart from an absent field.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value as Json};

use crate::{
    descriptor::{Enum, Object, Type},
    value::{Value, id_text, parse_id},
};

/// The stored form of a value of type `ty`.
pub fn to_json(ty: Type, value: &Value) -> Json {
    match (ty, value) {
        (_, Value::Null) => Json::Null,
        (Type::Id(id), id_value) => Json::String(id_text(id, id_value)),
        (_, Value::Bool(bool)) => Json::Bool(*bool),
        (_, Value::Int(number) | Value::Duration(number)) => Json::from(*number),
        // Minus zero becomes zero, as JSONB would make it.
        (_, Value::Float(number)) => Json::from(*number + 0.0),
        (Type::Decimal { scale, .. }, Value::Decimal(number)) => {
            let mut number = *number;
            number.rescale(u32::from(scale));
            Json::String(number.to_string())
        }
        (_, Value::Text(text)) => Json::String(text.clone()),
        (_, Value::Enum(name)) => Json::String((*name).to_owned()),
        (_, Value::Uuid(uuid)) => Json::String(uuid.to_string()),
        (_, Value::Timestamp(time)) => Json::String(time.to_string()),
        (_, Value::Date(date)) => Json::String(date.to_string()),
        (_, Value::Bytes(bytes)) => Json::String(BASE64_STANDARD.encode(bytes)),
        (_, Value::Json(json)) => (**json).clone(),
        (Type::List(item), Value::List(items)) => items.iter().map(|value| to_json(*item, value)).collect(),
        (Type::Map(item), Value::Map(entries)) => {
            Json::Object(entries.iter().map(|(key, value)| (key.clone(), to_json(*item, value))).collect())
        }
        (Type::Object(object), Value::Object(values)) => Json::Object(
            object
                .fields
                .iter()
                .zip(values)
                .filter(|(_, value)| !value.is_null())
                .map(|(field, value)| (field.name.to_owned(), to_json(field.ty, value)))
                .collect(),
        ),
        (ty, _) => unreachable!("the service layer gave a value that isn't of type {ty:?}"),
    }
}

/// Reads the stored form back. A value type may have gained fields since it was written (they are null, lists and maps
/// empty) and lost some (they are passed over). The error says what can't be read and never quotes the value.
pub fn from_json(ty: Type, json: Json) -> Result<Value, String> {
    match (ty, json) {
        (Type::Json, json) => Ok(Value::Json(Box::new(json))),
        (_, Json::Null) => Ok(Value::Null),
        (Type::Bool, Json::Bool(bool)) => Ok(Value::Bool(bool)),
        (Type::Int32 | Type::Int64, Json::Number(number)) => number.as_i64().map(Value::Int).ok_or_else(|| unfit(ty)),
        (Type::Duration, Json::Number(number)) => number.as_i64().map(Value::Duration).ok_or_else(|| unfit(ty)),
        (Type::Float64, Json::Number(number)) => number.as_f64().map(Value::Float).ok_or_else(|| unfit(ty)),
        (_, Json::String(text)) => from_text(ty, text),
        (Type::List(item), Json::Array(items)) => {
            items.into_iter().map(|json| from_json(*item, json)).collect::<Result<_, _>>().map(Value::List)
        }
        (Type::Map(item), Json::Object(entries)) => entries
            .into_iter()
            .map(|(key, json)| Ok((key, from_json(*item, json)?)))
            .collect::<Result<_, _>>()
            .map(Value::Map),
        (Type::Object(object), Json::Object(members)) => from_members(object, members),
        _ => Err(unfit(ty)),
    }
}

fn from_text(ty: Type, text: String) -> Result<Value, String> {
    let value = match ty {
        Type::String | Type::Email | Type::Url | Type::Password => Some(Value::Text(text)),
        Type::Decimal { scale, .. } => rust_decimal::Decimal::from_str_exact(&text).ok().map(|mut number| {
            number.rescale(u32::from(scale));
            Value::Decimal(number)
        }),
        Type::Uuid => uuid::Uuid::try_parse(&text).ok().map(Value::Uuid),
        Type::Timestamp => text.parse().ok().map(Value::Timestamp),
        Type::Date => text.parse().ok().map(Value::Date),
        Type::Bytes => BASE64_STANDARD.decode(text).ok().map(Value::Bytes),
        Type::Id(id) => parse_id(id, &text),
        Type::Enum(names) => enum_value(names, &text),
        _ => None,
    };
    value.ok_or_else(|| unfit(ty))
}

fn from_members(object: &'static Object, mut members: Map<String, Json>) -> Result<Value, String> {
    let values = object.fields.iter().map(|field| match (field.ty, members.remove(field.name)) {
        (ty, Some(json)) => from_json(ty, json).map_err(|error| format!("{}.{}: {error}", object.name, field.name)),
        (Type::List(_), None) => Ok(Value::List(Vec::new())),
        (Type::Map(_), None) => Ok(Value::Map(Default::default())),
        (_, None) => Ok(Value::Null),
    });
    values.collect::<Result<_, _>>().map(Value::Object)
}

/// A stored enum value as the descriptor spells it; `None` when the spec no longer has it.
pub fn enum_value(names: &Enum, text: &str) -> Option<Value> {
    names.values.iter().find(|name| **name == text).map(|name| Value::Enum(name))
}

fn unfit(ty: Type) -> String {
    match ty {
        Type::Enum(names) => format!("the stored value isn't one of {}", names.name),
        Type::Object(object) => format!("the stored value isn't a {}", object.name),
        ty => format!("the stored value isn't of type {ty:?}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::descriptor::{Field, Id};

    const SIZE: Enum = Enum { name: "Size", values: &["small", "large"] };
    const ADDRESS: Object = Object {
        name: "Address",
        fields: &[
            Field::new("street", "street", Type::String),
            Field::new("extra", "extra", Type::Json).optional(),
            Field::new("lines", "lines", Type::List(&Type::Int64)),
        ],
    };

    fn check(ty: Type, value: Value, stored: Json) {
        assert_eq!(to_json(ty, &value), stored);
        assert_eq!(from_json(ty, stored), Ok(value));
    }

    #[test]
    fn scalars_inside_lists() {
        check(Type::List(&Type::Int64), Value::List(vec![Value::Int(i64::MAX), Value::Null]), json!([i64::MAX, null]));
        let price = Type::Decimal { precision: 18, scale: 2 };
        check(price, Value::Decimal("7.50".parse().unwrap()), json!("7.50"));
        check(Type::Timestamp, Value::Timestamp("2024-02-29T12:00:00.000001Z".parse().unwrap()), {
            json!("2024-02-29T12:00:00.000001Z")
        });
        check(Type::Date, Value::Date("2024-02-29".parse().unwrap()), json!("2024-02-29"));
        check(Type::Duration, Value::Duration(-1), json!(-1));
        check(Type::Bytes, Value::Bytes(vec![0, 255]), json!("AP8="));
        check(Type::Enum(&SIZE), Value::Enum("large"), json!("large"));
        check(Type::Float64, Value::Float(1.5), json!(1.5));
        assert_eq!(to_json(Type::Float64, &Value::Float(-0.0)).to_string(), "0.0");
        check(Type::Bool, Value::Bool(true), json!(true));
        check(Type::Id(Id::Int64), Value::Int(7), json!("7"));
        let uuid = uuid::Uuid::from_u128(1);
        check(Type::Uuid, Value::Uuid(uuid), json!("00000000-0000-0000-0000-000000000001"));
        check(Type::Id(Id::Prefixed("usr")), Value::Uuid(uuid), json!("usr_00000000000000000000000001"));
    }

    #[test]
    fn value_types_leave_out_nulls() {
        let lines = Value::List(vec![Value::Int(1)]);
        let ty = Type::Object(&ADDRESS);
        let full = vec![Value::Text("a".into()), Value::Json(Box::new(Json::Null)), lines.clone()];
        check(ty, Value::Object(full), json!({"street": "a", "extra": null, "lines": [1]}));
        let sparse = vec![Value::Text("a".into()), Value::Null, lines];
        check(ty, Value::Object(sparse), json!({"street": "a", "lines": [1]}));
        check(Type::Map(&Type::Bool), Value::Map([("k".to_owned(), Value::Bool(false))].into()), json!({"k": false}));
    }

    #[test]
    fn older_and_newer_rows_are_read() {
        let stored = json!({"street": "a", "gone": 1});
        let read = from_json(Type::Object(&ADDRESS), stored).unwrap();
        assert_eq!(read, Value::Object(vec![Value::Text("a".into()), Value::Null, Value::List(vec![])]));
    }

    #[test]
    fn what_does_not_fit_is_named_but_not_quoted() {
        let error = from_json(Type::Object(&ADDRESS), json!({"street": 12345})).unwrap_err();
        assert_eq!(error, "Address.street: the stored value isn't of type String");
        assert!(from_json(Type::Enum(&SIZE), json!("huge")).is_err());
    }
}
