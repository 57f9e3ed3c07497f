//! `renamed_from`: whether an old name is free, and what had it.

use std::collections::HashMap;

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Model, renames::Renames};
use crate::spec::{self, RelationKey, Text};

/// What may have been renamed: its name, and the one before that.
type Named<'a> = (&'a Text, Option<&'a Text>);

impl Resolver<'_> {
    /// Each old name was of one thing that is no longer called so.
    pub(super) fn check_renames(&mut self) {
        let spec = self.spec;
        let enums = spec.enums.iter().map(|item| (&item.name, item.renamed_from.as_ref()));
        let objects = spec.objects.iter().map(|item| (&item.name, item.renamed_from.as_ref()));
        let resources = spec.resources.given().into_iter().flatten();
        let own = resources.clone().map(|item| (&item.name, item.renamed_from.as_ref()));
        self.check_old_names(enums.chain(objects).chain(own).collect());
        for item in &spec.enums {
            let values = item.values.given().into_iter().flatten();
            self.check_old_names(values.map(|value| (&value.name, value.renamed_from.as_ref())).collect());
        }
        for object in &spec.objects {
            self.check_old_names(fields(object.fields.given()).collect());
        }
        for resource in resources {
            let relations = resource.relations.given().into_iter().flatten();
            relations.clone().for_each(|relation| self.check_old_relation(relation));
            let relations = relations.map(|relation| (&relation.name, relation.renamed_from.as_ref()));
            self.check_old_names(fields(resource.fields.given()).chain(relations).collect());
        }
    }

    fn check_old_names(&mut self, items: Vec<Named<'_>>) {
        let now: HashMap<&str, Span> = items.iter().map(|(name, _)| (name.value.as_str(), name.span)).collect();
        let mut old: HashMap<&str, Span> = HashMap::new();
        for from in items.iter().filter_map(|(_, from)| *from) {
            if let Some(there) = now.get(from.value.as_str()) {
                let message = format!("there still is a `{}`", from.value);
                self.report_old_name(from, *there, message, "this is it");
            } else if let Some(first) = old.insert(&from.value, from.span) {
                let message = format!("two things were `{}`", from.value);
                self.report_old_name(from, first, message, "the other one");
            }
        }
    }

    fn report_old_name(&mut self, from: &Text, other: Span, message: String, label: &str) {
        self.out.push(
            Diagnostic::error(Code::Contradiction, from.span, message)
                .related(other, label)
                .help("what was renamed is gone under its old name; remove the `renamed_from`".to_owned()),
        );
    }

    /// Only a belongs_to is stored under its name.
    fn check_old_relation(&mut self, relation: &spec::Relation) {
        let Some(from) = &relation.renamed_from else { return };
        if let Some((key, _)) = relation.target.given()
            && *key != RelationKey::BelongsTo
        {
            let message = format!("`renamed_from` has no meaning for a {}", key.word());
            self.error(Code::KeyNotApplicable, from.span, message, "remove it: nothing is stored under its name");
        }
    }
}

fn fields(fields: Option<&Vec<spec::Field>>) -> impl Iterator<Item = Named<'_>> {
    fields.into_iter().flatten().map(|field| (&field.name, field.renamed_from.as_ref()))
}

/// The old names by position in a model that has no mistakes.
pub fn collect(spec: &spec::Spec, model: &Model) -> Renames {
    let resources = spec.resources.given().map(Vec::as_slice).unwrap_or_default();
    let mut renames = Renames {
        resources: positions(resources.iter().map(|item| &item.renamed_from)),
        objects: positions(spec.objects.iter().map(|item| &item.renamed_from)),
        enums: positions(spec.enums.iter().map(|item| &item.renamed_from)),
        ..Renames::default()
    };
    for (index, item) in spec.enums.iter().enumerate() {
        let values = positions(item.values.given().into_iter().flatten().map(|value| &value.renamed_from));
        renames.values.extend(values.into_iter().map(|(value, old)| (index, value, old)));
    }
    for (index, object) in spec.objects.iter().enumerate() {
        let old = old_fields(object.fields.given(), &model.objects[index].fields);
        renames.members.extend(old.into_iter().map(|(field, old)| (index, field, old)));
    }
    for (index, resource) in resources.iter().enumerate() {
        let there = &model.resources[index];
        let old = old_fields(resource.fields.given(), &there.fields);
        renames.fields.extend(old.into_iter().map(|(field, old)| (index, field, old)));
        for relation in resource.relations.given().into_iter().flatten() {
            let Some(old) = &relation.renamed_from else { continue };
            if let Some(position) = there.relations.iter().position(|each| each.name == relation.name.value) {
                renames.relations.push((index, position, old.value.clone()));
            }
        }
    }
    renames
}

fn positions<'a>(old: impl Iterator<Item = &'a Option<Text>>) -> Vec<(usize, String)> {
    old.enumerate().filter_map(|(index, old)| Some((index, old.as_ref()?.value.clone()))).collect()
}

fn old_fields(typed: Option<&Vec<spec::Field>>, resolved: &[crate::model::Field]) -> Vec<(usize, String)> {
    let old = typed.into_iter().flatten().filter_map(|field| Some((field, field.renamed_from.as_ref()?)));
    let old = old.filter_map(|(field, old)| {
        let position = resolved.iter().position(|each| each.name == field.name.value)?;
        Some((position, old.value.clone()))
    });
    old.collect()
}
