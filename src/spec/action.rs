//! `actions:` as typed: what else can be done with rows than to create, read, update and delete them.

use super::access::{self, Alternative};
use super::deprecation::{self, Deprecation};
use super::field::{self, Field};
use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text};
use super::type_expr::{self, TypeExpr};
use super::{Slot, vocabulary};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    pub name: Text,
    pub description: Option<Text>,
    pub deprecated: Option<Deprecation>,
    pub target: Option<Text>,
    pub input: Slot<Vec<Field>>,
    pub returns: Slot<TypeExpr>,
    pub errors: Vec<Text>,
    pub event: Option<Text>,
    pub safe: Option<Span>,
    pub long_running: Option<Span>,
    pub transition: Slot<Transition>,
    /// Who may; `None`: who may write.
    pub access: Option<Vec<Alternative>>,
    pub limit: Option<Text>,
}

/// A move of one field from some values to another one.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Of the key.
    pub span: Span,
    pub field: Slot<Text>,
    pub from: Slot<Vec<Text>>,
    pub to: Slot<Text>,
    /// Other fields, and what each becomes.
    pub set: Vec<(Text, Node)>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<Action> {
    let name = entry.key;
    if entry.value.is_null() {
        return Some(bare(name));
    }
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::ACTION, out) else { return Some(bare(name)) };
    Some(Action {
        name,
        description: keys.take_text("description", out),
        deprecated: deprecation::take(&mut keys, out),
        target: keys.take_text("target", out),
        input: Slot::read(keys.take("input"), |entry| field::read_inputs(entry, out)),
        returns: Slot::read(keys.take("returns"), |entry| {
            keys::text(entry, out).and_then(|text| type_expr::read(text, out))
        }),
        errors: keys.take("errors").and_then(|entry| keys::words(entry, out)).unwrap_or_default(),
        event: keys.take_text("event", out),
        safe: keys.take_flag("safe", out),
        long_running: keys.take_flag("long_running", out),
        transition: Slot::read(keys.take("transition"), |entry| transition(entry, out)),
        access: keys.take("access").and_then(|entry| access::alternatives(entry, out)),
        limit: keys.take_text("limit", out),
    })
}

/// An action of which only the name is known.
fn bare(name: Text) -> Action {
    Action {
        name,
        description: None,
        deprecated: None,
        target: None,
        input: Slot::Absent,
        returns: Slot::Absent,
        errors: Vec::new(),
        event: None,
        safe: None,
        long_running: None,
        transition: Slot::Absent,
        access: None,
        limit: None,
    }
}

fn transition(entry: Entry, out: &mut Diagnostics) -> Option<Transition> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::TRANSITION, out)?;
    Some(Transition {
        span,
        field: Slot::read(keys.take("field"), |entry| keys::text(entry, out)),
        from: Slot::read(keys.take("from"), |entry| keys::words(entry, out)),
        to: Slot::read(keys.take("to"), |entry| keys::text(entry, out)),
        set: keys::named(keys.take("set"), out, |entry, _| Some((entry.key, entry.value))),
    })
}
