//! The same document in OpenAPI 3.1.0, whose schemas are JSON Schema 2020-12.
//!
//! A rewrite of the finished 3.0 document, so that neither can know more than the other: `openapiv3` has no types for 3.1,
//! and few words of a schema differ. What isn't a schema stays as it is.

use indexmap::IndexMap;
use openapiv3::{OpenAPI, Operation, PathItem, ReferenceOr};
use serde::{Deserialize, Serialize};

/// A document whose members keep their order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Node {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    Map(Members),
}

type Members = IndexMap<String, Node>;

/// `document`, which is in 3.0, in 3.1.
pub fn rewrite(document: &OpenAPI) -> Node {
    let webhooks = webhooks(&document.paths.paths);
    let Node::Map(mut document) = read(document) else { unreachable!("a document is an object") };
    document.insert("openapi".to_owned(), text("3.1.0"));
    if let (false, Some(paths)) = (webhooks.is_empty(), document.get_index_of("paths")) {
        document.shift_insert(paths + 1, "webhooks".to_owned(), read(&webhooks));
    }
    Node::Map(document.into_iter().map(outside).collect())
}

/// What the service sends on its own, which 3.0 knows only as callbacks of the operation that asks for it.
pub fn webhooks(paths: &IndexMap<String, ReferenceOr<PathItem>>) -> IndexMap<String, PathItem> {
    let operations = paths.values().filter_map(ReferenceOr::as_item).flat_map(PathItem::iter);
    let callbacks = operations.flat_map(|(_, operation)| &operation.callbacks);
    let named = |name: &String, item: &PathItem| {
        let id = Some(format!("{name}Webhook"));
        let post = item.post.clone().map(|post| Operation { operation_id: id, ..post });
        (name.clone(), PathItem { post, ..item.clone() })
    };
    callbacks.flat_map(|(name, callback)| callback.values().map(|item| named(name, item))).collect()
}

/// The same with the entries of one map of the document, which is called `name` there.
pub fn rewrite_part(name: &str, entries: &impl Serialize) -> Node {
    outside((name.to_owned(), read(entries))).1
}

fn read(document: &impl Serialize) -> Node {
    let read = serde_json::to_vec(document).and_then(|json| serde_json::from_slice(&json));
    read.unwrap_or_else(|error| unreachable!("an OpenAPI document is always JSON: {error}"))
}

/// A member of anything but a schema: on the way to the schemas. No path, status, header, media type or component is
/// called like one of these members.
fn outside((key, value): (String, Node)) -> (String, Node) {
    let value = match key.as_str() {
        "schema" => schema(value),
        "schemas" => each_schema(value),
        "example" | "examples" => value,
        _ => value.map(outside),
    };
    (key, value)
}

impl Node {
    /// With every member of it, or of the objects in it, replaced.
    fn map(self, replace: fn((String, Node)) -> (String, Node)) -> Node {
        match self {
            Node::Map(members) => Node::Map(members.into_iter().map(replace).collect()),
            Node::List(items) => Node::List(items.into_iter().map(|item| item.map(replace)).collect()),
            other => other,
        }
    }
}

fn each_schema(schemas: Node) -> Node {
    match schemas {
        Node::Map(members) => Node::Map(members.into_iter().map(|(name, each)| (name, schema(each))).collect()),
        Node::List(items) => Node::List(items.into_iter().map(schema).collect()),
        other => other,
    }
}

/// What 3.0 says about one word of a schema by another.
struct Context {
    nullable: bool,
    /// There is an `allOf` that is there for its siblings alone.
    wrapped: bool,
    exclusive_minimum: bool,
    exclusive_maximum: bool,
}

fn schema(schema: Node) -> Node {
    // `additionalProperties` may be a bool.
    let Node::Map(members) = schema else { return schema };
    let is = |key: &str| members.get(key) == Some(&Node::Bool(true));
    let context = Context {
        nullable: is("nullable"),
        wrapped: members.get("allOf").is_some_and(|parts| wrapped(parts).is_some()),
        exclusive_minimum: is("exclusiveMinimum"),
        exclusive_maximum: is("exclusiveMaximum"),
    };
    Node::Map(members.into_iter().filter_map(|(key, value)| context.member(key, value)).collect())
}

impl Context {
    /// A member of a schema, if 3.1 has it. `nullable` without a `type` means nothing in 3.0 (3.0.3, Schema Object).
    fn member(&self, key: String, value: Node) -> Option<(String, Node)> {
        let (key, value) = match key.as_str() {
            "nullable" => return None,
            "type" if self.nullable && self.wrapped => return None,
            "type" if self.nullable => ("type", Node::List(vec![value, text("null")])),
            "allOf" if self.wrapped && self.nullable => ("anyOf", or_null(value)),
            "allOf" if self.wrapped => ("$ref", wrapped(&value)?.clone()),
            "exclusiveMinimum" | "exclusiveMaximum" => return None,
            "minimum" if self.exclusive_minimum => ("exclusiveMinimum", value),
            "maximum" if self.exclusive_maximum => ("exclusiveMaximum", value),
            "example" => ("examples", Node::List(vec![value])),
            "format" if value == text("byte") => ("contentEncoding", text("base64")),
            "properties" | "allOf" | "anyOf" | "oneOf" => return Some((key, each_schema(value))),
            "items" | "not" | "additionalProperties" => return Some((key, schema(value))),
            _ => return Some((key, value)),
        };
        Some((key.to_owned(), value))
    }
}

/// What the only part of an `allOf` refers to: 3.0 allows nothing beside a `$ref`, 3.1 does.
fn wrapped(parts: &Node) -> Option<&Node> {
    let Node::List(parts) = parts else { return None };
    let [Node::Map(part)] = parts.as_slice() else { return None };
    part.get("$ref")
}

fn or_null(parts: Node) -> Node {
    let Node::List(mut parts) = parts else { return parts };
    parts.push(Node::Map(Members::from([("type".to_owned(), text("null"))])));
    Node::List(parts)
}

fn text(text: &str) -> Node {
    Node::Text(text.to_owned())
}
