//! `defaults:`: keys that every resource has unless it has its own.
//!
//! They are put into the mapping of each resource before that is read, so whatever a resource may say can be a default,
//! and is checked where it is used. Knows nothing about what a key means, except where it can't mean anything.

use super::keys::Keys;
use super::tree::{Entry, Node, Value};
use super::vocabulary::{RESOURCE, Vocabulary};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

/// Keys that say what makes a resource different from the others.
const OF_ONE: [&str; 12] = [
    "description",
    "deprecated",
    "renamed_from",
    "plural",
    "path",
    "fields",
    "relations",
    "search",
    "unique",
    "indexes",
    "checks",
    "actions",
];

/// Keys that mean something only where one of these operations is, so that they pass by all other resources.
const NEEDS: [(&str, &[&str]); 4] = [
    ("list", &["list"]),
    ("batch", &["create", "update", "delete"]),
    ("soft_delete", &["delete"]),
    ("require", &["create", "update", "replace", "delete"]),
];

/// Bytes that defaults may take: there is a copy for each resource, and no service needs more.
const LARGEST: usize = 16 << 10;

#[derive(Debug, Default)]
pub struct Defaults(Vec<Entry>);

/// Checks which keys there are.
pub fn read(entry: Option<Entry>, out: &mut Diagnostics) -> Defaults {
    let Some(entry) = entry else { return Defaults::default() };
    let span = entry.key.span;
    let words = Vocabulary { noun: "`defaults`", ..RESOURCE };
    let Some(keys) = Keys::read(entry.value, &words, out) else { return Defaults::default() };
    let entries: Vec<_> = keys.rest().into_iter().filter(|entry| may_be_shared(entry, out)).collect();
    let size: usize = entries.iter().map(|entry| size(&entry.value)).sum();
    if size > LARGEST {
        report_size(span, out);
        return Defaults::default();
    }
    Defaults(entries)
}

fn may_be_shared(entry: &Entry, out: &mut Diagnostics) -> bool {
    let key = &entry.key;
    let of_one = OF_ONE.contains(&key.value.as_str());
    if of_one {
        out.push(
            Diagnostic::error(Code::KeyNotApplicable, key.span, format!("`{}` can't be the same for all", key.value))
                .help("write it in each resource".to_owned()),
        );
    }
    !of_one
}

fn report_size(span: Span, out: &mut Diagnostics) {
    let message = "the defaults are too large";
    out.push(Diagnostic::error(Code::WrongShape, span, message).help("a few short keys are enough".to_owned()));
}

/// About how much memory a copy takes.
fn size(node: &Node) -> usize {
    let inner = match &node.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|entry| entry.key.value.len() + size(&entry.value)).sum(),
        Value::Broken => 0,
    };
    size_of::<Entry>() + inner
}

impl Defaults {
    /// Adds to a resource's mapping what it doesn't say itself.
    pub fn complete(&self, resource: &mut Entry) {
        let Value::Mapping(own) = &mut resource.value.value else { return };
        let missing = |entry: &&Entry| own.iter().all(|other| other.key.value != entry.key.value);
        let added: Vec<_> = self.0.iter().filter(missing).cloned().collect();
        let (operations, others) = added.into_iter().partition(|entry| entry.key.value == "operations");
        let operations: Vec<Entry> = operations;
        own.extend(operations);
        let fitting: Vec<_> = others.into_iter().filter(|entry| fits(entry, own)).collect();
        own.extend(fitting);
    }
}

/// Whether a resource with these keys has what the default is about.
fn fits(default: &Entry, own: &[Entry]) -> bool {
    let Some((_, needed)) = NEEDS.iter().find(|(key, _)| *key == default.key.value) else { return true };
    let Some(operations) = own.iter().find(|entry| entry.key.value == "operations") else { return true };
    let has = |word: &str| needed.contains(&word);
    match &operations.value.value {
        Value::Sequence(items) => {
            items.iter().any(|item| matches!(&item.value, Value::Scalar(scalar) if has(&scalar.text)))
        }
        Value::Mapping(entries) => entries.iter().any(|entry| has(&entry.key.value)),
        Value::Scalar(_) | Value::Broken => true,
    }
}
