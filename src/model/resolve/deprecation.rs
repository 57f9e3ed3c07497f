//! Deprecations: their dates, and whether what replaces the old is there.

use jiff::civil::Date;

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Deprecation, RelationKind, Successor};
use crate::spec::{self, Text};

impl Resolver<'_> {
    /// `successors`: what else there is where `owner` stands, by the names that the author would write.
    pub(super) fn deprecation(
        &mut self,
        typed: Option<&spec::Deprecation>,
        owner: &str,
        successors: impl FnOnce() -> Vec<Successor>,
    ) -> Option<Deprecation> {
        let typed = typed?;
        let since = typed.since.as_ref().and_then(|text| self.date(text));
        let sunset = typed.sunset.as_ref().and_then(|text| self.date(text));
        if let (Some(first), Some(last)) = (since, sunset)
            && last < first
        {
            let place = |text: &Option<Text>| text.as_ref().map_or(typed.span, |text| text.span);
            // RFC 9745 §4: the sunset must not be earlier than the deprecation.
            self.out.push(
                Diagnostic::error(Code::Contradiction, place(&typed.sunset), "the sunset is before the deprecation")
                    .related(place(&typed.since), "deprecated since then")
                    .help("`sunset` is the last day, so `since` or a later one".to_owned()),
            );
        }
        let replaced_by = typed.replaced_by.as_ref().and_then(|name| self.successor(name, owner, successors()));
        Some(Deprecation { since, sunset, replaced_by, reason: typed.reason.as_ref().map(|text| text.value.clone()) })
    }

    fn date(&mut self, text: &Text) -> Option<Date> {
        let date = text.value.parse().ok().filter(|_| text.value.len() == "2026-01-31".len());
        if date.is_none() {
            let message = format!("`{}` is not a date", text.value);
            self.error(Code::BadLiteral, text.span, message, "write it as `2026-01-31`");
        }
        date
    }

    fn successor(&mut self, name: &Text, owner: &str, successors: Vec<Successor>) -> Option<Successor> {
        if name.value == owner {
            let message = format!("`{owner}` can't replace itself");
            self.error(Code::UnknownName, name.span, message, "name what clients should use instead");
            return None;
        }
        let found = successors.iter().find(|successor| successor.name == name.value);
        if found.is_none() {
            let names = successors.iter().map(|each| each.name.as_str()).filter(|each| *each != owner);
            let help = self.out.suggest(&name.value, names);
            let help = help.unwrap_or_else(|| "name something that stands beside it".to_owned());
            self.error(Code::UnknownName, name.span, format!("there is no `{}` to replace it", name.value), help);
        }
        found.cloned()
    }

    /// Those of the fields among `resolved`.
    pub(super) fn field_deprecations(
        &mut self,
        fields: &[spec::Field],
        relations: &[spec::Relation],
        resolved: &mut [model::Field],
    ) {
        for typed in fields.iter().filter(|field| field.deprecated.is_some()) {
            let name = &typed.name.value;
            let successors = || properties(fields, relations);
            let deprecation = self.deprecation(typed.deprecated.as_ref(), name, successors);
            if let Some(field) = resolved.iter_mut().find(|field| field.name == *name) {
                field.deprecated = deprecation;
            }
        }
    }

    /// Those of fields and relations, a relation's for the id that it brings, too.
    pub(super) fn property_deprecations(
        &mut self,
        fields: &[spec::Field],
        relations: &[spec::Relation],
        resource: &mut model::Resource,
    ) {
        self.field_deprecations(fields, relations, &mut resource.fields);
        for typed in relations.iter().filter(|relation| relation.deprecated.is_some()) {
            let name = &typed.name.value;
            let deprecation = self.deprecation(typed.deprecated.as_ref(), name, || properties(fields, relations));
            let Some(relation) = resource.relations.iter_mut().find(|relation| relation.name == *name) else {
                continue;
            };
            if let RelationKind::BelongsTo { field, .. } = relation.kind {
                resource.fields[field].deprecated = deprecation.clone();
            }
            relation.deprecated = deprecation;
        }
    }

    /// That of a resource as a whole, and those of its operations. `words`: all operations and actions that it has.
    pub(super) fn resource_deprecations(&mut self, typed: &spec::Resource, resource: &mut model::Resource) {
        let spec = self.spec;
        let resources = || {
            let names = spec.resources.given().into_iter().flatten().map(|other| &other.name.value);
            names.map(|name| Successor::resource(name)).collect()
        };
        resource.deprecated = self.deprecation(typed.deprecated.as_ref(), &typed.name.value, resources);
        let words = || typed.operations.iter().flat_map(|operations| &operations.words);
        let operations = words().map(|operation| (&operation.name.value, operation.deprecated.as_ref()));
        let actions = typed.actions.given().into_iter().flatten();
        let actions = actions.map(|action| (&action.name.value, action.deprecated.as_ref()));
        for (word, typed) in operations.chain(actions) {
            let operations = words().map(|each| Successor::operation(&each.name.value, &resource.names));
            let actions = resource.actions.iter().map(|action| Successor::action(action, &resource.names));
            let deprecation = self.deprecation(typed, word, || operations.chain(actions).collect());
            resource.deprecated_operations.extend(deprecation.map(|deprecation| (word.clone(), deprecation)));
        }
    }
}

/// What stands together as fields and relations.
fn properties(fields: &[spec::Field], relations: &[spec::Relation]) -> Vec<Successor> {
    let fields = fields.iter().map(|field| &field.name);
    let relations = relations.iter().map(|relation| &relation.name);
    fields.chain(relations).map(|name| Successor::property(&name.value)).collect()
}
