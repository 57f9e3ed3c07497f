//! Events: a stream of what becomes of a resource's rows.

use super::{Enum, EnumValue, Message, Method, Streams, field, message, pair, singular, unspecified};
use crate::model::{Model, Resource, prose};
use crate::names;

pub(super) fn method(model: &Model, resource: &Resource) -> Option<Method> {
    let name = format!("Watch{}", resource.names.pascal_plural);
    let deprecated = resource.deprecation_of("watch").is_some();
    (!resource.events.is_empty()).then(|| Method {
        request: format!("{name}Request"),
        response: format!("{name}Response"),
        name,
        comment: Some(prose::join(
            &format!("Tells what becomes of {}, as it happens.", resource.nouns()),
            &Vec::from_iter(model.admitted(resource, "watch")),
        )),
        safe: true,
        deprecated,
        streams: Streams::Responses,
    })
}

pub(super) fn messages(model: &Model, resource: &Resource) -> Vec<Message> {
    if resource.events.is_empty() {
        return Vec::new();
    }
    let (one, many) = (&resource.names.pascal, &resource.names.pascal_plural);
    let ty = format!("{one}EventType");
    let request = vec![
        field("id", singular(model, &resource.fields[0].ty), &format!("Only events of this {}.", resource.noun())),
        field("types", &format!("repeated {ty}"), "Only events of these types."),
        field("resume_token", "string", "The `position` of another event: only what comes behind it."),
    ];
    let event = vec![
        field("id", "string", "Identifies the event."),
        field("type", &ty, "What happened."),
        field("time", "google.protobuf.Timestamp", "When it happened."),
        field("position", "string", "Where it stands in the log, for `resume_token`."),
        field("data", one, &format!("The {} as it was then.", resource.noun())),
    ];
    let response = vec![field("event", &format!("{one}Event"), "")];
    let event =
        message(format!("{one}Event"), Some(format!("Something that happened to {}.", article(resource))), event);
    std::iter::once(event).chain(pair(&format!("Watch{many}"), request, response)).collect()
}

fn article(resource: &Resource) -> String {
    prose::a(&resource.noun())
}

pub(super) fn enumeration(resource: &Resource) -> Option<Enum> {
    let name = format!("{}EventType", resource.names.pascal);
    let constant = names::constant(&name);
    let values = resource.events.iter().map(|event| EnumValue {
        name: format!("{constant}_{}", names::constant(event)),
        number: 0,
        comment: None,
        deprecated: false,
    });
    (!resource.events.is_empty()).then(|| Enum {
        name,
        comment: Some(format!("What may happen to {}.", article(resource))),
        values: std::iter::once(unspecified(&constant)).chain(values).collect(),
        reserved_numbers: Vec::new(),
        reserved_names: Vec::new(),
    })
}
