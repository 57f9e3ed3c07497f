//! Many writes in one request.

use super::Resolver;
use super::resource::OPERATIONS;
use crate::diagnostic::{Code, Span};
use crate::model::{Id, Resource};
use crate::spec;

const MAX: u32 = 100;

/// Below a resource's path, where clients that choose their ids may have rows, too.
const SEGMENT: &str = "batch";

impl Resolver<'_> {
    /// How many rows a batch may have.
    pub(super) fn batch(&mut self, typed: &spec::Resource, resource: &Resource) -> Option<u32> {
        let batch = typed.batch.as_ref()?;
        let operations = resource.operations;
        // A word that isn't known could have been one of them.
        let mut words = typed.operations.iter().flat_map(|operations| &operations.words);
        let misspelt = words.any(|word| !OPERATIONS.contains(&word.name.value.as_str()));
        if !(operations.create || operations.update || operations.delete || misspelt) {
            let help = "add `create`, `update` or `delete` to the `operations`, or remove it";
            self.error(Code::KeyNotApplicable, batch.span, "`batch` without any operation that writes", help);
        }
        self.check_segment(batch.span, SEGMENT, resource);
        let Some(text) = &batch.max else { return Some(MAX) };
        let max = text.value.parse::<u32>().ok().filter(|max| (1..=1000).contains(max));
        if max.is_none() {
            let message = format!("`{}` is not a number of rows", text.value);
            self.error(Code::BadRule, text.span, message, "write a whole number from 1 to 1000");
        }
        max
    }

    /// An id that the client chose mustn't be the name of the path.
    pub(super) fn check_segment(&mut self, span: Span, segment: &str, resource: &Resource) {
        let Id::Text { pattern } = &resource.id else { return };
        let chosen = |pattern: &String| regex::Regex::new(pattern).is_ok_and(|regex| !regex.is_match(segment));
        if !pattern.as_ref().is_some_and(chosen) {
            let path = format!("/{}/{segment}", resource.names.path);
            let message = format!("`{path}` is the path of a row whose id is `{segment}`, too");
            let help = format!("give the id a `pattern` that `{segment}` doesn't match");
            self.error(Code::NamesCollide, span, message, help);
        }
    }
}
