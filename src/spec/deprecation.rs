//! `deprecated:` as typed, wherever it may stand: `true`, or a mapping that says more.

use super::keys::{self, Keys};
use super::tree::{Entry, Text, Value};
use super::vocabulary;
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Deprecation {
    /// Of the key.
    pub span: Span,
    pub since: Option<Text>,
    pub sunset: Option<Text>,
    pub replaced_by: Option<Text>,
    pub reason: Option<Text>,
}

/// Takes `deprecated` out of a mapping's keys. `None`: it isn't there, says `false`, or is wrong, which is reported.
pub fn take(keys: &mut Keys, out: &mut Diagnostics) -> Option<Deprecation> {
    keys.take("deprecated").and_then(|entry| read(entry, out))
}

fn read(entry: Entry, out: &mut Diagnostics) -> Option<Deprecation> {
    let span = entry.key.span;
    let plain = Deprecation { span, since: None, sunset: None, replaced_by: None, reason: None };
    if !matches!(entry.value.value, Value::Mapping(_)) {
        return keys::flag(entry, out)?.then_some(plain);
    }
    let mut keys = Keys::read(entry.value, &vocabulary::DEPRECATION, out)?;
    Some(Deprecation {
        since: keys.take_text("since", out),
        sunset: keys.take_text("sunset", out),
        replaced_by: keys.take_text("replaced_by", out),
        reason: keys.take_text("reason", out),
        ..plain
    })
}
