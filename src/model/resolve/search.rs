//! Search: which fields' words lists can be searched for.

use super::Resolver;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Type};
use crate::spec::{self, Slot, Text};

impl Resolver<'_> {
    /// Positions of the fields behind `q`.
    pub(super) fn search(&mut self, typed: &spec::Resource, resource: &model::Resource) -> Vec<usize> {
        let Some((span, words)) = &typed.search else { return Vec::new() };
        if words.is_empty() {
            self.error(Code::Empty, *span, "no fields to search", "name at least one, or remove the key");
        }
        let mut fields = Vec::new();
        for (index, word) in words.iter().enumerate() {
            if let Some(first) = words[..index].iter().find(|first| first.value == word.value) {
                self.repeated(word, first.span);
            } else {
                fields.extend(self.searched(word, typed, resource));
            }
        }
        fields
    }

    fn searched(&mut self, word: &Text, typed: &spec::Resource, resource: &model::Resource) -> Option<usize> {
        let Some(index) = resource.fields.iter().position(|field| field.name == word.value) else {
            self.report_unknown_field(word, typed, resource);
            return None;
        };
        if !self.is_stored_field(&word.value, word.span, typed) {
            return None;
        }
        let field = &resource.fields[index];
        if field.ty != Type::String {
            let message = format!("`{}` can't be searched", word.value);
            let help = format!("only a `string` holds words, and this is `{}`", self.type_name(&field.ty));
            self.error(Code::KeyNotApplicable, word.span, message, help);
        } else if !field.readable() {
            let help = "clients could find out its value by asking; leave it out";
            self.error(Code::Contradiction, word.span, "a hidden field can't be searched", help);
        }
        Some(index)
    }

    /// Nothing to say of a field that couldn't be resolved: that was reported.
    fn report_unknown_field(&mut self, word: &Text, typed: &spec::Resource, resource: &model::Resource) {
        let declared = typed.fields.given().into_iter().flatten().any(|field| field.name.value == word.value);
        if declared || typed.fields == Slot::Broken {
            return;
        }
        let strings = resource.fields.iter().filter(|field| field.ty == Type::String);
        let help = self.out.suggest(&word.value, strings.map(|field| field.name.as_str()));
        let message = format!("`{}` has no field `{}`", typed.name.value, word.value);
        self.out.push(Diagnostic::error(Code::UnknownName, word.span, message).help(help));
    }
}
