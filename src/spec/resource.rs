//! Resources as typed.

use super::access::{self, Access};
use super::action::{self, Action};
use super::check::{self, Check};
use super::defaults::Defaults;
use super::deprecation::{self, Deprecation};
use super::field::{self, Field};
use super::index::{self, Index};
use super::keys::{self, Keys};
use super::operations::{self, Operations};
use super::relation::{self, Relation};
use super::tree::{Entry, Text, Value};
use super::{Slot, vocabulary};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub name: Text,
    pub description: Option<Text>,
    pub deprecated: Option<Deprecation>,
    /// The name that it had before.
    pub renamed_from: Option<Text>,
    pub plural: Option<Text>,
    pub path: Option<Text>,
    pub id: Slot<Id>,
    pub fields: Slot<Vec<Field>>,
    pub relations: Slot<Vec<Relation>>,
    pub timestamps: Option<bool>,
    pub operations: Option<Operations>,
    pub list: Option<List>,
    pub actions: Slot<Vec<Action>>,
    /// Names of errors that its writes may end with.
    pub errors: Vec<Text>,
    pub unique: Vec<Index>,
    pub indexes: Vec<Index>,
    pub checks: Vec<Check>,
    /// With the place of the key.
    pub search: Option<(Span, Vec<Text>)>,
    /// Names of what others may hear of, with the place of the key.
    pub events: Option<(Span, Vec<Text>)>,
    pub soft_delete: Option<Span>,
    pub batch: Option<Batch>,
    /// What every write must carry.
    pub require: Vec<Text>,
    /// Lints that don't hold here, each with the reason.
    pub lint_allow: Vec<(Text, Text)>,
    /// `self`, or relations with dots between them.
    pub owner: Option<Text>,
    /// `self`, `none`, or relations with dots between them.
    pub tenant: Option<Text>,
    pub access: Vec<Access>,
    pub limit: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Of the key.
    pub span: Span,
    pub max: Option<Text>,
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
    pub offset: Option<Span>,
}

pub fn read(mut entry: Entry, defaults: &Defaults, out: &mut Diagnostics) -> Option<Resource> {
    defaults.complete(&mut entry);
    let name = entry.key;
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::RESOURCE, out) else { return Some(broken(name)) };
    Some(Resource {
        name,
        description: keys.take_text("description", out),
        deprecated: deprecation::take(&mut keys, out),
        renamed_from: keys.take_text("renamed_from", out),
        plural: keys.take_text("plural", out),
        path: keys.take_text("path", out),
        id: Slot::read(keys.take("id"), |entry| id(entry, out)),
        fields: Slot::read(keys.take("fields"), |entry| field::read_all(entry, out)),
        relations: Slot::read(keys.take("relations"), |entry| relations(entry, out)),
        timestamps: keys.take("timestamps").and_then(|entry| keys::flag(entry, out)),
        operations: keys.take("operations").and_then(|entry| operations::read(entry, out)),
        list: keys.take("list").and_then(|entry| list(entry, out)),
        actions: Slot::read(keys.take("actions"), |entry| actions(entry, out)),
        errors: keys.take("errors").and_then(|entry| keys::words(entry, out)).unwrap_or_default(),
        unique: keys.take("unique").map(|entry| index::read(entry, out)).unwrap_or_default(),
        indexes: keys.take("indexes").map(|entry| index::read(entry, out)).unwrap_or_default(),
        checks: keys.take("checks").map(|entry| check::read(entry, out)).unwrap_or_default(),
        events: keys.take("events").and_then(|entry| words(entry, out)),
        soft_delete: keys.take_flag("soft_delete", out),
        batch: keys.take("batch").and_then(|entry| batch(entry, out)),
        search: keys.take("search").and_then(|entry| words(entry, out)),
        require: keys.take("require").and_then(|entry| keys::words(entry, out)).unwrap_or_default(),
        lint_allow: keys::named(keys.take("lint_allow"), out, |entry, out| {
            Some((entry.key.clone(), keys::text(entry, out)?))
        }),
        owner: keys.take_text("owner", out),
        tenant: keys.take_text("tenant", out),
        access: keys.take("access").map(|entry| access::read(entry, out)).unwrap_or_default(),
        limit: keys.take_text("limit", out),
    })
}

/// Its name still counts, so that others may refer to it.
fn broken(name: Text) -> Resource {
    Resource {
        name,
        description: None,
        deprecated: None,
        renamed_from: None,
        plural: None,
        path: None,
        id: Slot::Broken,
        fields: Slot::Broken,
        relations: Slot::Broken,
        timestamps: None,
        operations: None,
        list: None,
        actions: Slot::Broken,
        errors: Vec::new(),
        unique: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        search: None,
        events: None,
        soft_delete: None,
        batch: None,
        require: Vec::new(),
        lint_allow: Vec::new(),
        owner: None,
        tenant: None,
        access: Vec::new(),
        limit: None,
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

fn actions(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Action>> {
    Some(keys::entries(entry, out)?.into_iter().filter_map(|entry| action::read(entry, out)).collect())
}

fn words(entry: Entry, out: &mut Diagnostics) -> Option<(Span, Vec<Text>)> {
    let span = entry.key.span;
    keys::words(entry, out).map(|words| (span, words))
}

fn batch(entry: Entry, out: &mut Diagnostics) -> Option<Batch> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::BATCH, out)?;
    Some(Batch { span, max: keys.take_text("max", out) })
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
        offset: keys.take_flag("offset", out),
    })
}
