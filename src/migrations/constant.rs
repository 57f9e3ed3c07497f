//! Literals of the spec as the databases hold them: what the server would have stored, had it been given them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde_json::Value;

use super::dialect::{Dialect, literal, scaled};
use crate::{
    emit::literal as spec,
    model::{Default, Field, Literal, Model, Type},
};

/// `None` where no constant can say it.
pub(super) fn sql(model: &Model, ty: &Type, value: &Literal, dialect: Dialect) -> Option<String> {
    let Literal::Scalar(text) = value else { return Some(literal(&stored(model, ty, value)?.to_string())) };
    match (ty, dialect) {
        (Type::Bool, Dialect::Sqlite) => Some(i32::from(text == "true").to_string()),
        (Type::Bool, Dialect::Postgres) => Some(text.to_uppercase()),
        (Type::Int32 | Type::Int64, _) => spec::integer(text).map(|number| number.to_string()),
        (Type::Float64, _) => text.parse().ok().map(|number: f64| format!("{number:?}")),
        (Type::Decimal { scale, .. }, Dialect::Sqlite) => Some(scaled(text, *scale)),
        (Type::Decimal { .. }, Dialect::Postgres) => spec::decimal(text).map(|number| number.to_string()),
        (Type::Duration, _) => microseconds(text).map(|micros| micros.to_string()),
        (Type::Timestamp, Dialect::Sqlite) => timestamp(text).map(|time| time.as_microsecond().to_string()),
        (Type::Timestamp, Dialect::Postgres) => timestamp(text).map(|time| literal(&time.to_string())),
        (Type::Uuid, Dialect::Sqlite) => uuid::Uuid::try_parse(text).ok().map(|id| format!("x'{}'", id.simple())),
        (Type::Bytes, Dialect::Sqlite) => bytes(text).map(|digits| format!("x'{digits}'")),
        (Type::Bytes, Dialect::Postgres) => bytes(text).map(|digits| format!(r"'\x{digits}'")),
        (Type::Json, _) => Some(literal(&stored(model, ty, value)?.to_string())),
        _ => Some(literal(text)),
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.parse().ok()?;
    Timestamp::from_microsecond(time.as_microsecond()).ok()
}

fn microseconds(text: &str) -> Option<i64> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    i64::try_from(duration.as_micros()).ok()
}

/// Hexadecimal digits of base64.
fn bytes(text: &str) -> Option<String> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Inside JSON, durations are whole microseconds, times are in UTC, decimals have all their places, and a value type
/// leaves out what is null.
fn stored(model: &Model, ty: &Type, value: &Literal) -> Option<Value> {
    match (ty, value) {
        (_, Literal::Null) => Some(Value::Null),
        (Type::Object(id), Literal::Map(given)) => {
            let mut members = serde_json::Map::new();
            for field in &model.object(*id).fields {
                let value = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
                match member(model, field, value)? {
                    Value::Null if field.ty != Type::Json || value == Some(&Literal::Null) => {}
                    stored => drop(members.insert(field.name.clone(), stored)),
                }
            }
            Some(Value::Object(members))
        }
        (Type::List(item), Literal::List(items)) => items.iter().map(|each| stored(model, item, each)).collect(),
        (Type::Map(item), Literal::Map(entries)) => {
            let entries = entries.iter().map(|(key, value)| Some((key.clone(), stored(model, item, value)?)));
            entries.collect::<Option<_>>().map(Value::Object)
        }
        (Type::Duration, Literal::Scalar(text)) => microseconds(text).map(Value::from),
        (Type::Timestamp, Literal::Scalar(text)) => timestamp(text).map(|time| Value::String(time.to_string())),
        (Type::Decimal { scale, .. }, Literal::Scalar(text)) => {
            let mut number = spec::decimal(text)?;
            number.rescale(u32::from(*scale));
            Some(Value::String(number.to_string()))
        }
        _ => Some(spec::json(model, ty, value)),
    }
}

/// What a value type holds where its literal says `given`. Not everything that a write fills in is a constant.
fn member(model: &Model, field: &Field, given: Option<&Literal>) -> Option<Value> {
    match (given, &field.default, &field.ty) {
        (Some(value), ..) => stored(model, &field.ty, value),
        (None, Some(Default::Literal(value)), ty) => stored(model, ty, value),
        (None, Some(Default::Now | Default::Today), _) => None,
        (None, None, Type::List(_)) => Some(Value::Array(Vec::new())),
        (None, None, Type::Map(_)) => Some(Value::Object(serde_json::Map::new())),
        (None, None, _) => Some(Value::Null),
    }
}
