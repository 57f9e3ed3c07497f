//! `unique:` and `indexes:` of a resource as typed: lists of lists of fields and relations.

use super::keys;
use super::tree::{Entry, Text};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// Of the list.
    pub span: Span,
    /// With a `-` before those that descend.
    pub keys: Vec<Text>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Vec<Index> {
    let key = entry.key.clone();
    let items = keys::items(entry, out).unwrap_or_default();
    let lists = items.into_iter().filter_map(|item| {
        let span = item.span;
        let keys = keys::words(Entry { key: Text { value: key.value.clone(), span }, value: item }, out)?;
        Some(Index { span, keys })
    });
    lists.collect()
}
