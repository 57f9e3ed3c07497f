//! The author's literals in the forms that outputs need.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde_json::{Map, Number, Value};

use crate::model::{Literal, Model, Type};

/// As the runtime reads a default: scalars as their text, everything else as JSON.
pub fn text(model: &Model, ty: &Type, literal: &Literal) -> String {
    match json(model, ty, literal) {
        Value::String(text) if !matches!(ty, Type::Json) => text,
        json => json.to_string(),
    }
}

/// A literal in its JSON form.
pub fn json(model: &Model, ty: &Type, literal: &Literal) -> Value {
    match (literal, ty) {
        (Literal::Null, _) => Value::Null,
        (Literal::Scalar(text), ty) => of_text(ty, text),
        (Literal::List(items), Type::List(item)) => items.iter().map(|each| json(model, item, each)).collect(),
        (Literal::List(items), _) => items.iter().map(|each| json(model, &Type::Json, each)).collect(),
        (Literal::Map(members), ty) => {
            let member =
                |(key, value): &(String, Literal)| (key.clone(), json(model, member_type(model, ty, key), value));
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
    }
}

fn member_type<'m>(model: &'m Model, ty: &'m Type, key: &str) -> &'m Type {
    match ty {
        Type::Map(value) => value,
        Type::Object(id) => {
            let field = model.object(*id).fields.iter().find(|field| field.name == key);
            field.map_or(&Type::Json, |field| &field.ty)
        }
        _ => &Type::Json,
    }
}

fn of_text(ty: &Type, text: &str) -> Value {
    let as_json = match ty {
        Type::Bool => text.parse().ok().map(Value::Bool),
        Type::Int32 | Type::Int64 => integer(text).map(Value::from),
        Type::Float64 => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
        Type::Json => serde_json::from_str(text).ok(),
        _ => None,
    };
    as_json.unwrap_or_else(|| Value::String(text.to_owned()))
}

/// A whole number as an author may write it: `10`, `1_000` isn't one, `1e3` is.
pub fn integer(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| decimal(text).filter(Decimal::is_integer)?.to_i64())
}

pub fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}
