//! Events: what others may hear of a resource, and what there is to be heard.

use std::collections::HashMap;

use super::{Resolver, names};
use crate::diagnostic::{Code, Span};
use crate::model::{OnDelete, RelationKind, Resource};
use crate::spec;

/// Below a resource's path, where clients that choose their ids may have rows, too.
const SEGMENT: &str = "events";

impl Resolver<'_> {
    pub(super) fn events(&mut self, typed: &spec::Resource, resource: &Resource) -> Vec<String> {
        let actions = typed.actions.given().into_iter().flatten();
        for event in actions.filter_map(|action| action.event.as_ref()) {
            names::check_snake(event, self.out);
        }
        let Some((span, words)) = &typed.events else { return Vec::new() };
        if words.is_empty() {
            self.error(Code::Empty, *span, "no events", "name at least one, or remove the key");
        }
        self.check_segment(*span, SEGMENT, resource);
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut events = Vec::new();
        for word in words {
            match seen.insert(&word.value, word.span) {
                Some(first) => self.repeated(word, first),
                None => events.push(word.value.clone()),
            }
        }
        events
    }

    /// Whether something emits each of them: rows also come and go along with others.
    pub(super) fn check_events(&mut self, typed: &[spec::Resource], resources: &[Resource]) {
        for (index, (typed, resource)) in typed.iter().zip(resources).enumerate() {
            let emitted = emitted(index, resource, resources);
            let broken = typed.actions == spec::Slot::Broken;
            for word in typed.events.iter().flat_map(|(_, words)| words).filter(|_| !broken) {
                if emitted.contains(&word.value.as_str()) {
                    continue;
                }
                let help = self.out.suggest(&word.value, emitted.iter().copied());
                let help = help.unwrap_or_else(|| match emitted.as_slice() {
                    [] => "nothing ever changes its rows".to_owned(),
                    emitted => format!("there are: {}", emitted.join(", ")),
                });
                let message = format!("nothing emits the event `{}` of `{}`", word.value, resource.names.pascal);
                self.error(Code::UnknownEvent, word.span, message, help);
            }
        }
    }
}

fn emitted<'r>(index: usize, resource: &'r Resource, resources: &'r [Resource]) -> Vec<&'r str> {
    let operations = resource.operations;
    let is_this = |target: crate::model::ResourceId| target.0 == index;
    let mut nested = resources.iter().flat_map(Resource::nested);
    let created = operations.create || nested.any(|relation| is_this(relation.target));
    let cascades = |kind: &RelationKind| matches!(kind, RelationKind::BelongsTo { on_delete: OnDelete::Cascade, .. });
    let deleted = operations.delete || resource.relations.iter().any(|relation| cascades(&relation.kind));
    let standard = [("created", created), ("updated", operations.update || operations.replace), ("deleted", deleted)];
    let standard = standard.into_iter().filter_map(|(name, emitted)| emitted.then_some(name));
    let actions = resource.actions.iter().filter(|action| !action.safe).map(|action| action.event.as_str());
    let mut all: Vec<&str> = Vec::new();
    for name in standard.chain(actions) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}
