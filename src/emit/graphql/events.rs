//! Events: a subscription per resource that tells of any.

use super::{
    members::{Argument, Member, Members},
    text::Doc,
};
use crate::{
    model::{Model, Resource, prose},
    names,
};

/// `OrderEvent` and `OrderEventType`.
pub struct Types {
    pub doc: Doc,
    pub name: String,
    pub fields: Members,
    pub values_doc: Doc,
    pub values: Vec<(Doc, String)>,
}

pub fn types(resource: &Resource) -> Option<Types> {
    let (name, one) = (format!("{}Event", resource.names.pascal), prose::a(&resource.noun()));
    let fields = [
        Member::new("id", "ID!", "Identifies the event."),
        Member::new("type", format!("{name}Type!"), "What happened."),
        Member::new("time", "DateTime!", "When it happened."),
        Member::new("position", "String!", "Where it stands in the log, for `after`."),
        Member::new("data", format!("{}!", resource.names.pascal), &format!("The {} as it was then.", resource.noun())),
    ];
    let value = |event: &String| (Doc::member(&prose::sentence(event)), names::constant(event));
    (!resource.events.is_empty()).then(|| Types {
        doc: Doc::outer(&format!("Something that happened to {one}.")),
        name,
        fields: fields.into_iter().collect(),
        values_doc: Doc::outer(&format!("What may happen to {one}.")),
        values: resource.events.iter().map(value).collect(),
    })
}

pub fn subscriptions(model: &Model) -> Members {
    let telling = model.resources.iter().filter(|resource| !resource.events.is_empty());
    telling.map(|resource| subscription(model, resource)).collect()
}

fn subscription(model: &Model, resource: &Resource) -> Member {
    let event = format!("{}Event", resource.names.pascal);
    let description = format!("What becomes of {}, as it happens.", resource.nouns());
    let description = super::said(model, resource, &description, "watch");
    Member::new(format!("{}Events", resource.names.camel), format!("{event}!"), &description)
        .with([
            Argument::new("id", "ID", &format!("Only events of this {}.", resource.noun())),
            Argument::new("types", format!("[{event}Type!]"), "Only events of these types."),
            Argument::new("after", "String", "The `position` of another event: only what comes behind it."),
        ])
        .deprecated(resource.deprecation_of("watch"))
}
