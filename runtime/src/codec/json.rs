//! JSON forms of values.

use serde_json::{Map, Value as Json};

use crate::{
    descriptor::{Resource, SetBy, Type},
    error::{ApiError, Location, Segment, Violation},
    service::{Draft, Input, Write},
    value::{Value, id_text},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonForm {
    Rest,
    Graphql,
}

pub fn scalar_to_json(ty: &Type, value: &Value, form: JsonForm) -> Json {
    match value {
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) if form == JsonForm::Graphql && matches!(ty, Type::Int64) => number.to_string().into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Decimal(number) => number.to_string().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Enum(name) if form == JsonForm::Graphql => name.to_ascii_uppercase().into(),
        Value::Enum(name) => (*name).into(),
        Value::Uuid(uuid) => match ty {
            Type::Id(id) => id_text(*id, value).into(),
            _ => uuid.to_string().into(),
        },
        Value::Timestamp(time) => format!("{time:.6}").into(),
        Value::Date(date) => date.to_string().into(),
        Value::Json(json) => (**json).clone(),
        _ => Json::Null,
    }
}

pub struct JsonInput {
    members: Map<String, Json>,
    form: JsonForm,
}

impl JsonInput {
    pub fn new(members: Map<String, Json>, form: JsonForm) -> JsonInput {
        JsonInput { members, form }
    }
}

impl Input for JsonInput {
    fn decode(
        &self,
        resource: &'static Resource,
        _: Write,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError> {
        let mut draft = Draft::empty(resource);
        for (index, field) in resource.fields.iter().enumerate().filter(|(_, field)| field.set_by != SetBy::Server) {
            let name = if self.form == JsonForm::Graphql { field.camel } else { field.name };
            draft.values[index] = match self.members.get(name) {
                None => None,
                Some(Json::Null) => Some(Value::Null),
                Some(Json::String(text)) => Some(Value::Text(text.clone())),
                Some(_) => {
                    violations.push(Violation {
                        location: Location::Body(vec![Segment::Field { name: field.name, camel: field.camel }]),
                        code: "TYPE",
                        message: "must be a string".to_owned(),
                    });
                    None
                }
            };
        }
        Ok(draft)
    }
}
