//! What the author typed: every item with its place, nothing filled in, no opinions about what it means.
//!
//! This is the only part that knows YAML. What can be judged by looking at one mapping alone (unknown and repeated
//! keys, a list where a word is expected, keys of later versions of the language) is reported here; the rest is left to
//! [`model::resolve`](crate::model::resolve).

mod access;
mod action;
mod aggregate;
mod api;
mod auth;
mod check;
mod defaults;
mod deprecation;
mod domain_error;
mod field;
mod include;
mod index;
mod keys;
mod limits;
mod operations;
mod protocols;
mod relation;
mod resource;
mod tree;
mod type_expr;
mod types;
mod vocabulary;

pub use access::{Access, Alternative, Part};
pub use action::{Action, Transition};
pub use aggregate::{Aggregate, AggregateKey};
pub use api::{Api, Contact, License, Server};
pub use auth::{Auth, Login, Role, TenantClaim};
pub use check::{Check, CheckRule, Comparison, Presence};
pub use deprecation::Deprecation;
pub use domain_error::{DomainError, Param};
pub use field::{Field, Flags, Rule, RuleKey};
pub use include::Open;
pub use index::Index;
pub use limits::Limits;
pub use operations::{Operation, Operations};
pub use protocols::{Graphql, Grpc, Rest};
pub use relation::{Relation, RelationKey};
pub use resource::{Id, List, Resource};
pub use tree::{Entry, Node, Scalar, Text, Value};
pub use type_expr::{Holds, Item, TypeExpr};
pub use types::{Enum, EnumValue, Object};

use crate::diagnostic::{Diagnostics, FileId, Span};
use keys::Keys;
use resource::read as read_resource;
use types::{read_enum, read_object};

/// A whole spec file.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The place to point at when something is missing as a whole.
    pub start: Span,
    pub language: Slot<Text>,
    pub api: Slot<Api>,
    pub auth: Option<Auth>,
    pub limits: Limits,
    pub rest: Rest,
    pub graphql: Graphql,
    pub grpc: Grpc,
    pub enums: Vec<Enum>,
    pub objects: Vec<Object>,
    pub errors: Vec<DomainError>,
    pub resources: Slot<Vec<Resource>>,
    /// Whether events are sent to endpoints.
    pub webhooks: Option<Webhooks>,
}

/// A value whose absence matters, so that a mistake in it isn't reported a second time as its absence.
#[derive(Debug, Clone, PartialEq)]
pub enum Slot<T> {
    Absent,
    /// It is there, but wrong, which was reported.
    Broken,
    Given(T),
}

impl<T> Slot<T> {
    pub fn given(&self) -> Option<&T> {
        match self {
            Slot::Given(value) => Some(value),
            Slot::Absent | Slot::Broken => None,
        }
    }

    /// Reads `entry` if there is one. `read` reports what is wrong when it returns `None`.
    fn read<E>(entry: Option<E>, read: impl FnOnce(E) -> Option<T>) -> Slot<T> {
        match entry.map(read) {
            None => Slot::Absent,
            Some(None) => Slot::Broken,
            Some(Some(value)) => Slot::Given(value),
        }
    }
}

/// Reads a text that was added to `out`, and those that it includes, by `open`. `None`: it isn't even a mapping, which is reported.
pub fn parse(file: FileId, open: Open<'_>, out: &mut Diagnostics) -> Option<Spec> {
    let start = Span { file, start: 0, end: 0 };
    let Some(root) = tree::load(file, out) else {
        if !out.has_errors() {
            keys::report_empty_file(start, out);
        }
        return None;
    };
    let start = Span { end: root.span.start, start: root.span.start, file };
    let mut keys = Keys::read(root, &vocabulary::TOP, out)?;
    let defaults = defaults::read(keys.take("defaults"), out);
    let included = include::read(keys.take("include"), out);
    let mut spec = Spec {
        start,
        language: Slot::read(keys.take("apigen"), |entry| keys::text(entry, out)),
        api: Slot::read(keys.take("api"), |entry| api::read(entry.value, out)),
        auth: keys.take("auth").and_then(|entry| auth::read(entry, out)),
        limits: keys.take("limits").and_then(|entry| limits::read(entry, out)).unwrap_or_default(),
        rest: keys.take("rest").and_then(|entry| protocols::rest(entry, out)).unwrap_or_default(),
        graphql: keys.take("graphql").and_then(|entry| protocols::graphql(entry, out)).unwrap_or_default(),
        grpc: keys.take("grpc").and_then(|entry| protocols::grpc(entry, out)).unwrap_or_default(),
        enums: keys::named(keys.take("enums"), out, read_enum),
        objects: keys::named(keys.take("types"), out, read_object),
        errors: keys::named(keys.take("errors"), out, domain_error::read),
        webhooks: keys.take("webhooks").and_then(|entry| webhooks(entry, out)),
        resources: Slot::read(keys.take("resources"), |entry| {
            let entries = keys::entries(entry, out)?;
            Some(entries.into_iter().filter_map(|entry| read_resource(entry, &defaults, out)).collect())
        }),
    };
    include::merge(&mut spec, file, included, &defaults, open, out);
    Some(spec)
}

/// `webhooks:` as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhooks {
    /// Of the key.
    pub span: Span,
    /// Who may register endpoints.
    pub access: Option<Vec<Alternative>>,
}

/// `webhooks:` alone is short for `webhooks: {}`.
fn webhooks(entry: Entry, out: &mut Diagnostics) -> Option<Webhooks> {
    let span = entry.key.span;
    if entry.value.is_null() {
        return Some(Webhooks { span, access: None });
    }
    let mut keys = Keys::read(entry.value, &vocabulary::WEBHOOKS, out)?;
    Some(Webhooks { span, access: keys.take("access").and_then(|entry| access::alternatives(entry, out)) })
}
