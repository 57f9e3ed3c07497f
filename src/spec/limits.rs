//! How often callers may call, as typed: `limits: { anonymous: 60/min }`, and `limit: 5/s` of one thing.

use super::keys::Keys;
use super::tree::{Entry, Text};
use super::vocabulary;
use crate::diagnostic::Diagnostics;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Limits {
    pub anonymous: Option<Text>,
    pub authenticated: Option<Text>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<Limits> {
    let mut keys = Keys::read(entry.value, &vocabulary::LIMITS, out)?;
    Some(Limits { anonymous: keys.take_text("anonymous", out), authenticated: keys.take_text("authenticated", out) })
}
