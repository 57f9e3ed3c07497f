//! Credentials and tokens.

use indexmap::IndexMap;
use openapiv3::{IntegerType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringType};

use super::{Bodies, JsonType, Schemas, closed, described, schemas};
use crate::model::{Login, Rules, login, reach::Direction};

impl Bodies<'_> {
    pub(super) fn login(&self, login: &Login) -> Schemas {
        [("AuthLogin", self.credentials(login)), ("AuthRefresh", refresh()), ("AuthToken", token())]
            .map(|(name, schema)| (name.to_owned(), schema))
            .into_iter()
            .collect()
    }

    fn credentials(&self, login: &Login) -> Schema {
        let members = self.model.credentials(login);
        // By rules that a field has got later, nobody is kept out who was let in before.
        let property = |(field, description): (&crate::model::Field, String)| {
            let data =
                SchemaData { description: Some(description), write_only: !field.readable(), ..SchemaData::default() };
            (field.name.clone(), schemas::shape(self, &field.ty, &Rules::default(), Direction::In).with(data))
        };
        let required = members.iter().map(|(field, _)| field.name.clone()).collect();
        let properties = members.into_iter().map(property).collect();
        let object = ObjectType { properties, required, ..ObjectType::default() };
        described(Some("Who wants to log in.".to_owned()), closed(object))
    }
}

fn refresh() -> Schema {
    let properties = IndexMap::from([text("refresh_token", login::REFRESH_TOKEN)]);
    let required = vec!["refresh_token".to_owned()];
    let object = ObjectType { properties, required, ..ObjectType::default() };
    described(Some("Which session it is about.".to_owned()), closed(object))
}

fn token() -> Schema {
    let property = |(name, description): &(&str, &str)| match *name {
        "expires_in" => number(name, description),
        _ => text(name, description),
    };
    let properties: IndexMap<_, _> = login::TOKENS.iter().map(property).collect();
    let required = properties.keys().cloned().collect();
    let object = ObjectType { properties, required, ..ObjectType::default() };
    described(Some("A pair of tokens (RFC 6749 §5.1).".to_owned()), object)
}

fn text(name: &str, description: &str) -> (String, ReferenceOr<Box<Schema>>) {
    named(name, description, schemas::string(StringType::default()))
}

fn number(name: &str, description: &str) -> (String, ReferenceOr<Box<Schema>>) {
    named(name, description, SchemaKind::Type(JsonType::Integer(IntegerType::default())))
}

fn named(name: &str, description: &str, schema_kind: SchemaKind) -> (String, ReferenceOr<Box<Schema>>) {
    let schema_data = SchemaData { description: Some(description.to_owned()), ..SchemaData::default() };
    (name.to_owned(), ReferenceOr::boxed_item(Schema { schema_data, schema_kind }))
}
