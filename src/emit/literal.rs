//! The author's literals in the form that outputs need.

use serde_json::{Map, Value as Json};

use crate::model::{Literal, Model, Type};

/// As the runtime reads a default: scalars as their text, everything else as JSON.
pub fn text(model: &Model, ty: &Type, literal: &Literal) -> String {
    match (ty, literal) {
        (Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Json, _) => json(model, ty, literal).to_string(),
        (_, Literal::Scalar(text)) => text.clone(),
        (_, other) => unreachable!("{other:?} was checked against {ty:?}"),
    }
}

/// As JSON, in the form that REST bodies have.
pub fn json(model: &Model, ty: &Type, literal: &Literal) -> Json {
    match (ty, literal) {
        (_, Literal::Null) => Json::Null,
        (Type::Bool | Type::Int32 | Type::Int64 | Type::Float64, Literal::Scalar(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str()))
        }
        (Type::Json, Literal::Scalar(text)) => serde_json::from_str(text).unwrap_or_else(|_| Json::from(text.as_str())),
        (_, Literal::Scalar(text)) => Json::from(text.as_str()),
        (Type::List(item), Literal::List(items)) => items.iter().map(|literal| json(model, item, literal)).collect(),
        (Type::Map(item), Literal::Map(entries)) => {
            entries.iter().map(|(key, literal)| (key.clone(), json(model, item, literal))).collect::<Map<_, _>>().into()
        }
        (Type::Object(id), Literal::Map(entries)) => {
            let fields = &model.object(*id).fields;
            let member = |(name, literal): &(String, Literal)| {
                let field = fields.iter().find(|field| &field.name == name)?;
                Some((name.clone(), json(model, &field.ty, literal)))
            };
            entries.iter().filter_map(member).collect::<Map<_, _>>().into()
        }
        (_, Literal::List(items)) => items.iter().map(|literal| json(model, &Type::Json, literal)).collect(),
        (_, Literal::Map(entries)) => {
            entries.iter().map(|(key, literal)| (key.clone(), json(model, &Type::Json, literal))).collect::<Map<_, _>>().into()
        }
    }
}
