//! Bodies of actions: what each takes, and what comes of those that return no row.

use indexmap::IndexMap;
use openapiv3::{ArrayType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, Type as JsonType};

use super::{Bodies, Purpose, closed, described, required_on_create};
use crate::{
    emit::openapi::schemas,
    model::{Action, Field, Resource, Returns, Rules, Type, reach::Direction},
};

/// `CancelOrderInput`
pub fn input_name(resource: &Resource, action: &Action) -> String {
    format!("{}Input", action.method(&resource.names))
}

impl Bodies<'_> {
    pub(super) fn actions(&self, resource: &Resource, schemas: &mut IndexMap<String, Schema>) {
        for action in &resource.actions {
            if !action.safe && !action.input.is_empty() {
                schemas.insert(input_name(resource, action), self.action_input(resource, action));
            }
            if let (Some(name), Some(schema)) = (self.model.result_name(resource, action), self.result(action)) {
                schemas.insert(name, schema);
            }
        }
    }

    fn action_input(&self, resource: &Resource, action: &Action) -> Schema {
        let fields: Vec<&Field> = action.input.iter().collect();
        let object = self.object(None, &fields, required_on_create(&fields), Purpose::Create);
        let description = format!("What `{}` takes.", action.camel(&resource.names));
        described(Some(description), closed(object))
    }

    /// `None`: it is a component of its own anyway.
    fn result(&self, action: &Action) -> Option<Schema> {
        let result = match &action.returns {
            Returns::Nothing | Returns::Row(_) | Returns::Value(Type::Object(_)) => return None,
            Returns::Rows(id) => ReferenceOr::boxed_item(Schema {
                schema_data: SchemaData::default(),
                schema_kind: SchemaKind::Type(JsonType::Array(ArrayType {
                    items: Some(schemas::reference(&self.model.resource(*id).names.pascal)),
                    min_items: None,
                    max_items: None,
                    unique_items: false,
                })),
            }),
            Returns::Value(ty) => schemas::shape(self, ty, &Rules::default(), Direction::Out).boxed(),
        };
        let object = ObjectType {
            properties: [("result".to_owned(), result)].into_iter().collect(),
            required: vec!["result".to_owned()],
            ..ObjectType::default()
        };
        Some(described(Some("What came of it.".to_owned()), object))
    }
}
