//! Uniques and indexes over several fields: whether the names lead to fields whose values can be compared.

use std::collections::HashSet;

use super::Resolver;
use super::field::is_comparable;
use crate::diagnostic::{Code, Span};
use crate::model::{self, RelationKind, Sort};
use crate::spec::{self, Slot, Text};

impl Resolver<'_> {
    pub(super) fn indexes(&mut self, typed: &spec::Resource, resource: &mut model::Resource) {
        let keys = self.keys(&typed.unique, "unique", typed, resource);
        for (list, typed) in keys.iter().zip(&typed.unique) {
            self.check_ascending(list, typed);
        }
        resource.unique = keys.into_iter().map(|list| list.iter().map(|key| key.field).collect()).collect();
        resource.indexes = self.keys(&typed.indexes, "indexes", typed, resource);
    }

    /// One list for each that was typed; what is wrong in it is left out.
    fn keys(
        &mut self,
        lists: &[spec::Index],
        word: &str,
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Vec<Vec<Sort>> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for list in lists {
            if list.keys.is_empty() {
                self.error(
                    Code::Empty,
                    list.span,
                    format!("an empty list in `{word}`"),
                    "name the fields, or remove it",
                );
            }
            let keys = self.fields_of(list, typed, resource);
            // What is left of a list with mistakes says nothing about the list.
            if keys.len() == list.keys.len()
                && !keys.is_empty()
                && !seen.insert(keys.iter().map(|key| (key.field, key.descending)).collect::<Vec<_>>())
            {
                self.error(Code::Duplicate, list.span, "these fields are listed twice", "remove one of the lists");
            }
            all.push(keys);
        }
        all
    }

    fn fields_of(&mut self, list: &spec::Index, typed: &spec::Resource, resource: &model::Resource) -> Vec<Sort> {
        let mut keys: Vec<Sort> = Vec::new();
        for text in &list.keys {
            let (name, descending) = match text.value.strip_prefix('-') {
                Some(name) => (name, true),
                None => (text.value.as_str(), false),
            };
            let Some(field) = self.stored_field(name, text.span, typed, resource) else { continue };
            if !self.is_stored_field(name, text.span, typed) {
                continue;
            }
            if keys.iter().any(|key| key.field == field) {
                self.error(Code::Duplicate, text.span, format!("`{name}` is written twice"), "remove one of them");
            } else {
                keys.push(Sort { field, descending });
            }
        }
        keys
    }

    /// The position of a field that can be compared; a belongs_to stands for its id.
    pub(super) fn stored_field(
        &mut self,
        name: &str,
        span: Span,
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Option<usize> {
        let relation = resource.relations.iter().find(|relation| relation.name == name);
        let by_relation = relation.and_then(|relation| match relation.kind {
            RelationKind::BelongsTo { field, .. } => Some(field),
            _ => None,
        });
        let field = by_relation.or_else(|| resource.fields.iter().position(|field| field.name == name));
        match field {
            Some(field) if is_comparable(&resource.fields[field].ty) => return Some(field),
            Some(field) => {
                let message = format!("`{name}` is of type `{}`", self.type_name(&resource.fields[field].ty));
                self.error(Code::KeyNotApplicable, span, message, "values of this type can't be compared");
            }
            None if relation.is_some() => {
                let help = "only a belongs_to is stored in the row itself";
                self.error(Code::KeyNotApplicable, span, format!("`{name}` isn't stored here"), help);
            }
            None if is_declared(typed, name) => {}
            None => {
                let relations = resource.relations.iter().map(|relation| relation.name.as_str());
                let names = resource.fields.iter().map(|field| field.name.as_str()).chain(relations);
                let help = self.out.suggest(name, names);
                let help = help.unwrap_or_else(|| "name fields and relations of this resource".to_owned());
                let message = format!("`{}` has no field or relation `{name}`", typed.name.value);
                self.error(Code::UnknownName, span, message, help);
            }
        }
        None
    }

    fn check_ascending(&mut self, keys: &[Sort], typed: &spec::Index) {
        if keys.iter().all(|key| !key.descending) {
            return;
        }
        let descending: Vec<&Text> = typed.keys.iter().filter(|key| key.value.starts_with('-')).collect();
        for key in descending {
            let help = format!("write `{}`", key.value.trim_start_matches('-'));
            self.error(Code::KeyNotApplicable, key.span, "a unique list has no direction", help);
        }
    }
}

/// Whether a mistake in it was reported already.
fn is_declared(typed: &spec::Resource, name: &str) -> bool {
    let fields = typed.fields.given().into_iter().flatten().any(|field| field.name.value == name);
    let relations = typed.relations.given().into_iter().flatten().any(|relation| relation.name.value == name);
    fields || relations || typed.fields == Slot::Broken || typed.relations == Slot::Broken
}
