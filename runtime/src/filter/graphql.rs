//! `where` inputs.

use serde_json::Value as Json;

use super::{Compare, Filter, Test};
use crate::{
    descriptor::Resource,
    error::{ApiError, Code},
    value::Value,
};

/// Reads equality of texts.
pub fn parse(resource: &'static Resource, value: &Json) -> Result<Filter, ApiError> {
    let members = value.as_object().into_iter().flatten();
    let compare = |(camel, test): (&String, &Json)| {
        let field = resource.fields.iter().position(|field| field.camel == camel);
        let text = test.get("eq").and_then(Json::as_str);
        match (field, text) {
            (Some(field), Some(text)) => {
                Ok(Filter::Compare(Compare { field, test: Test::Eq(Value::Text(text.to_owned())) }))
            }
            _ => Err(ApiError::new(Code::InvalidFilter, format!("can't filter by {camel}"))),
        }
    };
    members.map(compare).collect::<Result<_, _>>().map(Filter::And)
}
