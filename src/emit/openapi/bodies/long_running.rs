//! Operations that actions start.

use indexmap::IndexMap;
use openapiv3::{BooleanType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringType};

use super::{Bodies, JsonType, Schemas, described, page_of};
use crate::{
    emit::openapi::schemas::{self, Shape},
    model::{Rules, Type, long_running, reach::Direction},
};

impl Bodies<'_> {
    /// None if no action starts any.
    pub(super) fn long_running(&self) -> Schemas {
        if self.model.long_running().next().is_none() {
            return IndexMap::new();
        }
        let page = described(Some("One page of operations.".to_owned()), page_of("Operation", "operations"));
        let schemas = [("Operation", self.operation()), ("OperationList", page)];
        schemas.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
    }

    fn operation(&self) -> Schema {
        let text = || Shape::Kind(Box::new(schemas::string(StringType::default())));
        let done = Shape::Kind(Box::new(SchemaKind::Type(JsonType::Boolean(BooleanType::default()))));
        let (action, created_at) = (long_running::ACTION, long_running::CREATED_AT);
        let time = schemas::shape(self, &Type::Timestamp, &Rules::default(), Direction::Out);
        let always = [
            ("id", "Identifies the operation.", text()),
            (action.0, action.1, text()),
            ("done", long_running::DONE, done),
            (created_at.0, created_at.1, time),
        ];
        let required = always.iter().map(|(name, ..)| (*name).to_owned()).collect();
        let error = ("error", long_running::ERROR, Shape::Named("ApiProblem".to_owned(), "object"));
        let members = always.into_iter().chain([error]);
        let properties = members.map(|(name, description, shape)| (name.to_owned(), shape.with(about(description))));
        let properties = properties.chain(self.response()).collect();
        let description = "Something that takes its time. Kept for some days after it is done.".to_owned();
        described(Some(description), ObjectType { properties, required, ..ObjectType::default() })
    }

    /// Unless no action returns anything.
    fn response(&self) -> Option<(String, ReferenceOr<Box<Schema>>)> {
        let response = match self.model.operation_results().as_slice() {
            [] => return None,
            [one] => Shape::Named(one.clone(), "object").with(about(long_running::RESPONSE)),
            several => {
                let any_of = several.iter().map(|name| schemas::reference(name)).collect();
                let description = format!("{} Which schema it has follows from `action`.", long_running::RESPONSE);
                let schema = Schema { schema_data: about(&description), schema_kind: SchemaKind::AnyOf { any_of } };
                ReferenceOr::boxed_item(schema)
            }
        };
        Some(("response".to_owned(), response))
    }
}

fn about(description: &str) -> SchemaData {
    SchemaData { description: Some(description.to_owned()), ..SchemaData::default() }
}
