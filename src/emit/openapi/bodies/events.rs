//! What a stream of events consists of.

use indexmap::IndexMap;
use openapiv3::{ObjectType, Schema, SchemaData, StringType};

use super::{Bodies, described};
use crate::{
    emit::openapi::schemas::{self, Shape},
    model::{Resource, Rules, Type, prose, reach::Direction},
};

impl Bodies<'_> {
    pub(super) fn events(&self, resource: &Resource, schemas: &mut IndexMap<String, Schema>) {
        if resource.events.is_empty() {
            return;
        }
        let name = format!("{}Event", resource.names.pascal);
        schemas.insert(format!("{name}Type"), types(resource));
        schemas.insert(name, self.event(resource));
        if self.model.webhooks {
            schemas.insert(format!("{}Webhook", resource.names.pascal), self.delivery(resource));
        }
    }

    /// What is sent to endpoints.
    fn delivery(&self, resource: &Resource) -> Schema {
        let types = resource.events.iter().map(|event| Some(format!("{}.{event}", resource.names.snake)));
        let types = StringType { enumeration: types.collect(), ..StringType::default() };
        let time = schemas::shape(self, &Type::Timestamp, &Rules::default(), Direction::Out);
        let row = format!("The {} as it was then.", resource.noun());
        let members = [
            ("type", "What happened.", Shape::Kind(Box::new(schemas::string(types)))),
            ("timestamp", "When it happened.", time),
            ("data", &row, Shape::Named(resource.names.pascal.clone(), "object")),
        ];
        let description = format!("What an endpoint is sent about {}.", prose::a(&resource.noun()));
        described(Some(description), members_of(members.into()))
    }

    fn event(&self, resource: &Resource) -> Schema {
        let text = || Shape::Kind(Box::new(schemas::string(StringType::default())));
        let ty = format!("{}EventType", resource.names.pascal);
        let row = format!("The {} as it was then.", resource.noun());
        let members = vec![
            ("id", "Identifies the event.", text()),
            ("type", "What happened.", Shape::Named(ty, "string")),
            ("time", "When it happened.", schemas::shape(self, &Type::Timestamp, &Rules::default(), Direction::Out)),
            ("position", "Where it stands in the log, for `Last-Event-ID`.", text()),
            ("data", &row, Shape::Named(resource.names.pascal.clone(), "object")),
        ];
        described(Some(format!("Something that happened to {}.", prose::a(&resource.noun()))), members_of(members))
    }
}

/// All of them are always there.
fn members_of(members: Vec<(&str, &str, Shape)>) -> ObjectType {
    let required = members.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let properties = members.into_iter().map(|(name, description, shape)| {
        let data = SchemaData { description: Some(description.to_owned()), ..SchemaData::default() };
        (name.to_owned(), shape.with(data))
    });
    ObjectType { properties: properties.collect(), required, ..ObjectType::default() }
}

fn types(resource: &Resource) -> Schema {
    let enumeration = resource.events.iter().cloned().map(Some).collect();
    let description = Some(format!("What may happen to {}.", prose::a(&resource.noun())));
    Schema {
        schema_data: SchemaData { description, ..SchemaData::default() },
        schema_kind: schemas::string(StringType { enumeration, ..StringType::default() }),
    }
}
