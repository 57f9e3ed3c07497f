//! Errors that a spec adds to the catalogue. Each amounts to one of its codes, and is told apart by its own name.

use serde_json::Value as Json;

use super::{ApiError, Code};
use crate::{
    codec::json::{self, JsonForm},
    descriptor::Type,
    value::Value,
};

/// An error of the spec.
#[derive(Debug)]
pub struct DomainError {
    /// `OUT_OF_STOCK`.
    pub name: &'static str,
    /// Its status on every protocol.
    pub code: Code,
    /// With `{param}` where a value stands.
    pub message: &'static str,
    pub params: &'static [(&'static str, Type)],
}

/// A [`DomainError`] that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// Callers see it in place of the code's.
    pub name: &'static str,
    pub params: Vec<(&'static str, Json)>,
}

impl ApiError {
    /// `values` in the order of the error's params.
    pub fn domain(error: &'static DomainError, values: Vec<Value>) -> ApiError {
        let params = error.params.iter().zip(&values);
        let params: Vec<_> = params.map(|((name, ty), value)| (*name, to_json(ty, value))).collect();
        let filled = |message: String, (name, value): &(&str, Json)| {
            message.replace(&format!("{{{name}}}"), &text(value).replace(['{', '}'], "_"))
        };
        let message = params.iter().fold(error.message.to_owned(), filled);
        let domain = Some(Box::new(Occurrence { name: error.name, params }));
        ApiError { domain, ..ApiError::new(error.code, message) }
    }
}

fn to_json(ty: &Type, value: &Value) -> Json {
    // A param has no scale of its own.
    if let Value::Decimal(number) = value {
        return number.to_string().into();
    }
    serde_json::to_value(json::Json { ty, value, form: JsonForm::Rest })
        .unwrap_or_else(|error| unreachable!("a value is always JSON: {error}"))
}

/// As part of a sentence.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static OUT_OF_STOCK: DomainError = DomainError {
        name: "OUT_OF_STOCK",
        code: Code::FailedPrecondition,
        message: "Not enough of {product} in stock: {available} left",
        params: &[("product", Type::String), ("available", Type::Int32)],
    };

    #[test]
    fn params_stand_in_the_message_and_beside_it() {
        let error = ApiError::domain(&OUT_OF_STOCK, vec![Value::Text("{available}".to_owned()), Value::Int(3)]);
        assert_eq!(error.message, "Not enough of _available_ in stock: 3 left");
        assert_eq!((error.reason(), error.code), ("OUT_OF_STOCK", Code::FailedPrecondition));
        assert_eq!(error.params(), [("product", Json::from("{available}")), ("available", Json::from(3))]);
        let details: Vec<_> = error.details().collect();
        assert_eq!(details, [("product", "{available}".to_owned()), ("available", "3".to_owned())]);
    }
}
