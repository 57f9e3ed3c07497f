//! Schemas that a spec asks for by `rest:`: links from item to item, and patches by RFC 6902.

use indexmap::IndexMap;
use openapiv3::{AnySchema, ArrayType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, StringType};

use super::{JsonType, described, schemas};
use crate::model::Protocols;

pub fn schemas_of(protocols: Protocols) -> Vec<(String, Schema)> {
    let links = protocols.links.then(|| [("ApiLinks", links()), ("ApiLink", link())]);
    let patch = protocols.json_patch.then(|| [("ApiJsonPatch", patch()), ("ApiJsonPatchOperation", operation())]);
    let all = links.into_iter().flatten().chain(patch.into_iter().flatten());
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn links() -> Schema {
    let link = openapiv3::AdditionalProperties::Schema(Box::new(schemas::reference("ApiLink")));
    let object = ObjectType { additional_properties: Some(link), ..ObjectType::default() };
    described(
        Some(
            "Where to go from an item, as far as the item tells: itself (`self`), what it relates to, and the actions that \
             its state and the caller's rights allow now, each by its name. What depends on other rows is left in, and may \
             still be refused."
                .into(),
        ),
        object,
    )
}

fn link() -> Schema {
    let properties = IndexMap::from([
        text("href", "A path of this API.", &[]),
        text("method", "The HTTP method; GET if there is none.", &["POST"]),
    ]);
    let required = vec!["href".to_owned()];
    described(Some("A link.".to_owned()), ObjectType { properties, required, ..ObjectType::default() })
}

fn patch() -> Schema {
    let array = ArrayType {
        items: Some(schemas::reference("ApiJsonPatchOperation")),
        min_items: None,
        max_items: None,
        unique_items: false,
    };
    let description = Some("Changes in their order: all of them, or none (RFC 6902).".to_owned());
    let schema_data = SchemaData { description, ..SchemaData::default() };
    Schema { schema_data, schema_kind: SchemaKind::Type(JsonType::Array(array)) }
}

fn operation() -> Schema {
    let value = Schema {
        schema_data: SchemaData { description: Some("What to add or to compare.".to_owned()), ..SchemaData::default() },
        schema_kind: SchemaKind::Any(AnySchema::default()),
    };
    let properties = IndexMap::from([
        text("op", "What to do.", &["add", "remove", "replace", "move", "copy", "test"]),
        text("path", "Where, as a JSON Pointer (RFC 6901).", &[]),
        text("from", "Where a `move` or `copy` takes it from.", &[]),
        ("value".to_owned(), ReferenceOr::boxed_item(value)),
    ]);
    let required = vec!["op".to_owned(), "path".to_owned()];
    described(Some("One change.".to_owned()), ObjectType { properties, required, ..ObjectType::default() })
}

fn text(name: &str, description: &str, values: &[&str]) -> (String, ReferenceOr<Box<Schema>>) {
    let enumeration = values.iter().map(|value| Some((*value).to_owned())).collect();
    let schema_kind = schemas::string(StringType { enumeration, ..StringType::default() });
    let schema_data = SchemaData { description: Some(description.to_owned()), ..SchemaData::default() };
    (name.to_owned(), ReferenceOr::boxed_item(Schema { schema_data, schema_kind }))
}
