//! `errors:` as typed: the failures that a domain adds to the catalogue.

use super::keys::{self, Keys};
use super::tree::{Entry, Text};
use super::type_expr::{self, TypeExpr};
use super::{Slot, vocabulary};
use crate::diagnostic::Diagnostics;

#[derive(Debug, Clone, PartialEq)]
pub struct DomainError {
    pub name: Text,
    pub description: Option<Text>,
    pub code: Slot<Text>,
    pub message: Slot<Text>,
    pub params: Slot<Vec<Param>>,
}

/// A value that stands in the message.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub name: Text,
    pub ty: Slot<TypeExpr>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<DomainError> {
    let name = entry.key;
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::ERROR, out) else { return Some(broken(name)) };
    Some(DomainError {
        name,
        description: keys.take_text("description", out),
        code: Slot::read(keys.take("code"), |entry| keys::text(entry, out)),
        message: Slot::read(keys.take("message"), |entry| keys::text(entry, out)),
        params: Slot::read(keys.take("params"), |entry| params(entry, out)),
    })
}

fn params(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Param>> {
    let entries = keys::entries(entry, out)?;
    Some(entries.into_iter().map(|entry| param(entry, out)).collect())
}

fn param(entry: Entry, out: &mut Diagnostics) -> Param {
    let name = entry.key.clone();
    let ty = Slot::read(Some(entry), |entry| keys::text(entry, out).and_then(|text| type_expr::read(text, out)));
    Param { name, ty }
}

/// Its name still counts, so that others may refer to it.
fn broken(name: Text) -> DomainError {
    DomainError { name, description: None, code: Slot::Broken, message: Slot::Broken, params: Slot::Broken }
}
