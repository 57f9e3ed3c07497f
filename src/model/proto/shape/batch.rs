//! Many writes in one request, and rows without end in a stream.

use super::{Message, Method, Streams, field, message, pair, singular, whole};
use crate::model::{Model, Resource, prose};

pub(super) fn methods(model: &Model, resource: &Resource) -> Vec<Method> {
    if resource.batch.is_none() {
        return Vec::new();
    }
    let many = &resource.names.pascal_plural;
    let nouns = resource.nouns();
    let method = |name: String, comment: String, streams: Streams| Method {
        request: format!("{name}Request"),
        response: format!("{name}Response"),
        name,
        comment: Some(prose::join(&comment, &Vec::from_iter(model.admitted(resource, "batch")))),
        safe: false,
        deprecated: resource.deprecation_of("batch").is_some(),
        streams,
    };
    let mut methods =
        vec![method(format!("BatchWrite{many}"), format!("Changes several {nouns} at once."), Streams::Nothing)];
    if resource.operations.create {
        let comment = format!("Creates any number of {nouns}, each on its own, and sums up what became of them.");
        methods.push(method(format!("Import{many}"), comment, Streams::Requests));
    }
    methods
}

pub(super) fn messages(model: &Model, resource: &Resource) -> Vec<Message> {
    let Some(max) = resource.batch else { return Vec::new() };
    let (name, many) = (&resource.names.pascal, &resource.names.pascal_plural);
    let partial = "Whether to do each on its own. Otherwise all of it is done, or nothing.";
    let write = vec![
        field("operations", &format!("repeated {name}BatchOperation"), &format!("In this order; at most {max}.")),
        field("return_partial_success", "bool", partial),
    ];
    let results = field("results", &format!("repeated {name}BatchResult"), "One per operation, in their order.");
    let mut messages = vec![operation(resource), result(model, resource)];
    messages.extend(pair(&format!("BatchWrite{many}"), write, vec![results]));
    if resource.operations.create {
        let summary = vec![
            field("created", "int64", "How many were created."),
            field(
                "failures",
                &format!("repeated {name}BatchResult"),
                "What became of the others; the first 100 of them.",
            ),
        ];
        messages.extend(pair(&format!("Import{many}"), vec![whole(resource, "")], summary));
    }
    messages
}

fn operation(resource: &Resource) -> Message {
    let name = &resource.names.pascal;
    let operations = resource.operations;
    let all = [
        (operations.create, "create", format!("Create{name}Request")),
        (operations.update, "update", format!("Update{name}Request")),
        (operations.delete, "delete", format!("Delete{name}Request")),
    ];
    let fields = all.into_iter().filter(|(offered, ..)| *offered).map(|(_, verb, ty)| field(verb, &ty, ""));
    let comment = "What to do with one row: exactly one of the fields.";
    message(format!("{name}BatchOperation"), Some(comment.to_owned()), fields.collect())
}

fn result(model: &Model, resource: &Resource) -> Message {
    let mut fields = vec![
        field("index", "int32", "The position of the operation."),
        field("deleted_id", singular(model, &resource.fields[0].ty), "The id of the row that is gone."),
        field("code", "int32", "The gRPC status that it would have had alone; 0 is OK."),
        field("reason", "string", "The kind of error: `VALIDATION_FAILED`."),
        field("message", "string", "What is wrong, in words."),
        field("violations", "repeated Violation", ""),
    ];
    let mut row = whole(resource, "The row as it is now, unless it was deleted or something is wrong.");
    // A resource may be called `Message`.
    if fields.iter().any(|field| field.name == row.name) {
        row.name += "_row";
    }
    fields.insert(1, row);
    message(format!("{}BatchResult", resource.names.pascal), Some("What became of one operation.".to_owned()), fields)
}

/// Shared by all resources.
pub(super) fn violation(model: &Model) -> Option<Message> {
    let used = model.resources.iter().any(|resource| resource.batch.is_some());
    let fields = vec![
        field("field", "string", "Where it stands: `items[0].price`."),
        field("reason", "string", "The rule that is broken: `REQUIRED`."),
        field("description", "string", "What is wrong, in words."),
    ];
    used.then(|| message("Violation".to_owned(), Some("What is wrong with one field.".to_owned()), fields))
}
