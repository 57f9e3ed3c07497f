//! Relations as typed.

use super::access::{self, Access};
use super::deprecation::{self, Deprecation};
use super::field::split_optional;
use super::keys::{self, Keys};
use super::tree::{Entry, Text};
use super::{Slot, vocabulary};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Without its `?`.
    pub name: Text,
    pub optional: bool,
    /// Kind and target. Broken: reported, and nothing else about the relation is worth reporting.
    pub target: Slot<(RelationKey, Text)>,
    pub inverse: Slot<Text>,
    /// The resource whose rows make a many_to_many.
    pub through: Slot<Text>,
    pub nested: Option<Span>,
    pub description: Option<Text>,
    pub deprecated: Option<Deprecation>,
    /// The name that it had before.
    pub renamed_from: Option<Text>,
    pub create_only: Option<Span>,
    pub read_only: Option<Span>,
    pub unique: Option<Span>,
    pub on_delete: Option<Text>,
    pub default: Option<Text>,
    /// Who may `read` it and who may `write` it.
    pub access: Vec<Access>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKey {
    BelongsTo,
    HasMany,
    HasOne,
    ManyToMany,
}

impl RelationKey {
    const ALL: [RelationKey; 4] =
        [RelationKey::BelongsTo, RelationKey::HasMany, RelationKey::HasOne, RelationKey::ManyToMany];

    /// `belongs_to`.
    pub fn word(self) -> &'static str {
        match self {
            RelationKey::BelongsTo => "belongs_to",
            RelationKey::HasMany => "has_many",
            RelationKey::HasOne => "has_one",
            RelationKey::ManyToMany => "many_to_many",
        }
    }
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Relation {
    let (name, optional) = split_optional(entry.key);
    match Keys::read(entry.value, &vocabulary::RELATION, out) {
        Some(keys) => with_keys(name, optional, keys, out),
        None => broken(name, optional),
    }
}

fn broken(name: Text, optional: bool) -> Relation {
    Relation {
        name,
        optional,
        target: Slot::Broken,
        inverse: Slot::Absent,
        through: Slot::Absent,
        nested: None,
        description: None,
        deprecated: None,
        renamed_from: None,
        create_only: None,
        read_only: None,
        unique: None,
        on_delete: None,
        default: None,
        access: Vec::new(),
    }
}

type Target = Slot<(RelationKey, Text)>;

fn with_keys(name: Text, optional: bool, mut keys: Keys, out: &mut Diagnostics) -> Relation {
    Relation {
        name,
        optional,
        target: target(&mut keys, out),
        inverse: Slot::read(keys.take("inverse"), |entry| keys::text(entry, out)),
        nested: keys.take_flag("nested", out),
        through: Slot::read(keys.take("through"), |entry| keys::text(entry, out)),
        description: keys.take_text("description", out),
        deprecated: deprecation::take(&mut keys, out),
        renamed_from: keys.take_text("renamed_from", out),
        create_only: keys.take_flag("create_only", out),
        read_only: keys.take_flag("read_only", out),
        unique: keys.take_flag("unique", out),
        on_delete: keys.take_text("on_delete", out),
        default: keys.take_text("default", out),
        access: keys.take("access").map(|entry| access::of_field(entry, out)).unwrap_or_default(),
    }
}

fn target(keys: &mut Keys, out: &mut Diagnostics) -> Target {
    let mut found: Vec<_> =
        RelationKey::ALL.into_iter().filter_map(|key| Some((key, keys.take(key.word())?))).collect();
    if let [(_, first), (_, second), ..] = found.as_slice() {
        let message = format!("a relation is either `{}` or `{}`", first.key.value, second.key.value);
        let (first, second) = (first.key.span.min(second.key.span), first.key.span.max(second.key.span));
        out.push(Diagnostic::error(Code::Contradiction, second, message).related(first, "the other one"));
        return Slot::Broken;
    }
    match found.pop() {
        Some((key, entry)) => Slot::read(Some(entry), |entry| Some((key, keys::text(entry, out)?))),
        None => Slot::Absent,
    }
}
