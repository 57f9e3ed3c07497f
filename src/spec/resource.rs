//! Resources as typed.

use super::field::{self, Field};
use super::keys::{self, Keys};
use super::relation::{self, Relation};
use super::tree::{Entry, Text, Value};
use super::{Slot, vocabulary};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub name: Text,
    pub description: Option<Text>,
    pub plural: Option<Text>,
    pub path: Option<Text>,
    pub id: Slot<Id>,
    pub fields: Slot<Vec<Field>>,
    pub relations: Slot<Vec<Relation>>,
    pub timestamps: Option<bool>,
    /// With the place of the key.
    pub operations: Option<(Span, Vec<Text>)>,
    pub list: Option<List>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Id {
    pub span: Span,
    pub prefix: Option<Text>,
    pub ty: Option<Text>,
    pub pattern: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Of the key.
    pub span: Span,
    pub sort: Vec<Text>,
    pub page_size: Option<Text>,
    pub max_page_size: Option<Text>,
    pub total: Option<Span>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<Resource> {
    let name = entry.key;
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::RESOURCE, out) else { return Some(broken(name)) };
    Some(Resource {
        name,
        description: keys.take_text("description", out),
        plural: keys.take_text("plural", out),
        path: keys.take_text("path", out),
        id: Slot::read(keys.take("id"), |entry| id(entry, out)),
        fields: Slot::read(keys.take("fields"), |entry| field::read_all(entry, out)),
        relations: Slot::read(keys.take("relations"), |entry| relations(entry, out)),
        timestamps: keys.take("timestamps").and_then(|entry| keys::flag(entry, out)),
        operations: keys.take("operations").and_then(|entry| operations(entry, out)),
        list: keys.take("list").and_then(|entry| list(entry, out)),
    })
}

/// Its name still counts, so that others may refer to it.
fn broken(name: Text) -> Resource {
    Resource {
        name,
        description: None,
        plural: None,
        path: None,
        id: Slot::Broken,
        fields: Slot::Broken,
        relations: Slot::Broken,
        timestamps: None,
        operations: None,
        list: None,
    }
}

/// `id: uuid` is short for `id: { type: uuid }`.
fn id(entry: Entry, out: &mut Diagnostics) -> Option<Id> {
    let span = entry.value.span;
    if let Value::Scalar(_) = entry.value.value {
        return keys::text(entry, out).map(|ty| Id { span, prefix: None, ty: Some(ty), pattern: None });
    }
    let mut keys = Keys::read(entry.value, &vocabulary::ID, out)?;
    Some(Id {
        span,
        prefix: keys.take_text("prefix", out),
        ty: keys.take_text("type", out),
        pattern: keys.take_text("pattern", out),
    })
}

fn relations(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Relation>> {
    Some(keys::entries(entry, out)?.into_iter().map(|entry| relation::read(entry, out)).collect())
}

fn operations(entry: Entry, out: &mut Diagnostics) -> Option<(Span, Vec<Text>)> {
    let span = entry.key.span;
    keys::words(entry, out).map(|words| (span, words))
}

fn list(entry: Entry, out: &mut Diagnostics) -> Option<List> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::LIST, out)?;
    Some(List {
        span,
        sort: keys.take("sort").and_then(|entry| keys::words(entry, out)).unwrap_or_default(),
        page_size: keys.take_text("page_size", out),
        max_page_size: keys.take_text("max_page_size", out),
        total: keys.take_flag("total", out),
    })
}
