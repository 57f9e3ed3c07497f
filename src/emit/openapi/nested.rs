//! Rows that are created along with another one, as members of its body.

use openapiv3::{ArrayType, ReferenceOr, Schema, SchemaData, SchemaKind, Type as JsonType};

use super::schemas;
use crate::model::{Model, Relation, RelationKind, Resource, prose};

/// `OrderItemsCreate`: one of the items of a new order.
pub fn name(owner: &Resource, relation: &Relation) -> String {
    format!("{}{}Create", owner.names.pascal, prose::capitalised(&relation.camel))
}

pub fn properties(model: &Model, owner: &Resource) -> Vec<(String, ReferenceOr<Box<Schema>>)> {
    owner.nested().map(|relation| (relation.name.clone(), property(model, owner, relation))).collect()
}

fn property(model: &Model, owner: &Resource, relation: &Relation) -> ReferenceOr<Box<Schema>> {
    let schema_kind = match relation.kind {
        RelationKind::HasOne { .. } => SchemaKind::AllOf { all_of: vec![schemas::reference(&name(owner, relation))] },
        _ => SchemaKind::Type(JsonType::Array(ArrayType {
            items: Some(schemas::reference(&name(owner, relation))),
            min_items: None,
            max_items: None,
            unique_items: false,
        })),
    };
    let description = format!("{} Created along with it: all of it, or nothing.", relation.summary(model, owner));
    let schema_data = SchemaData { description: Some(description), ..SchemaData::default() };
    ReferenceOr::boxed_item(Schema { schema_data, schema_kind })
}
