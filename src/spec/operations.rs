//! `operations:` as typed: a list of words, or a mapping whose values say more about some of them.

use super::deprecation::{self, Deprecation};
use super::keys::{self, Keys};
use super::tree::{Entry, Text, Value};
use super::vocabulary;
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Operations {
    /// Of the key.
    pub span: Span,
    pub words: Vec<Operation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub name: Text,
    pub deprecated: Option<Deprecation>,
}

/// `[list, get]` or `{ list: , get: { deprecated: true } }`.
pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<Operations> {
    let span = entry.key.span;
    let words = match entry.value.value {
        Value::Mapping(_) => keys::entries(entry, out)?.into_iter().map(|entry| operation(entry, out)).collect(),
        _ => keys::words(entry, out)?.into_iter().map(|name| Operation { name, deprecated: None }).collect(),
    };
    Some(Operations { span, words })
}

fn operation(entry: Entry, out: &mut Diagnostics) -> Operation {
    let name = entry.key;
    if entry.value.is_null() {
        return Operation { name, deprecated: None };
    }
    let keys = Keys::read(entry.value, &vocabulary::OPERATION, out);
    Operation { name, deprecated: keys.and_then(|mut keys| deprecation::take(&mut keys, out)) }
}
