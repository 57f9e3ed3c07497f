//! Who may do what, as typed: `read: public`, `write: [owner, role:admin]`, `get: { role: doctor, when: { … } }`.

use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::vocabulary;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

/// One key of an `access:` mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// An operation, an action, or a group of them.
    pub key: Text,
    pub any: Vec<Alternative>,
}

/// All of whose parts must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Alternative {
    pub span: Span,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Public,
    Authenticated,
    Role(Text),
    Scope(Text),
    Owner(Span),
    /// Relations with dots between them.
    Via(Text),
    /// A field, and the values that it may have.
    When(Text, Vec<Node>),
}

const HELP: &str = "write `public`, `authenticated`, `owner`, `role:NAME`, `scope:NAME`, `via:PATH`, or a mapping of \
                    `role`, `scope`, `owner`, `via` and `when` that must all hold";

/// Reads a mapping from what is done to who may.
pub fn read(entry: Entry, out: &mut Diagnostics) -> Vec<Access> {
    keys::named(Some(entry), out, |entry, out| {
        let key = entry.key.clone();
        Some(Access { key, any: alternatives(entry, out)? })
    })
}

/// The `access:` of a field or relation, which speaks of `read` and `write` alone.
pub fn of_field(entry: Entry, out: &mut Diagnostics) -> Vec<Access> {
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::FIELD_ACCESS, out) else { return Vec::new() };
    let entries = ["read", "write"].into_iter().filter_map(|key| keys.take(key));
    let entries: Vec<Entry> = entries.collect();
    let read = |entry: Entry, out: &mut Diagnostics| {
        let key = entry.key.clone();
        Some(Access { key, any: alternatives(entry, out)? })
    };
    entries.into_iter().filter_map(|entry| read(entry, out)).collect()
}

/// One alternative or a list of them, without those that are reported. `None`: there are none, which is reported.
pub fn alternatives(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Alternative>> {
    let key = entry.key.clone();
    let items = match entry.value.value {
        Value::Sequence(items) => items,
        _ => vec![entry.value],
    };
    if items.is_empty() {
        let message = format!("`{}` is open to nobody", key.value);
        out.push(Diagnostic::error(Code::Empty, key.span, message).help(HELP.to_owned()));
        return None;
    }
    Some(items.into_iter().filter_map(|item| alternative(item, out)).collect())
}

fn alternative(node: Node, out: &mut Diagnostics) -> Option<Alternative> {
    let span = node.span;
    if let Value::Mapping(entries) = &node.value {
        if entries.is_empty() {
            refuse(span, "an alternative without any condition".to_owned(), out);
        }
        let parts = parts(node, out).filter(|parts| !parts.is_empty())?;
        return Some(Alternative { span, parts });
    }
    let text = keys::node_text(node, "an alternative", out)?;
    Some(Alternative { span, parts: vec![word(&text, out)?] })
}

fn word(text: &Text, out: &mut Diagnostics) -> Option<Part> {
    let rest = |prefix: &str| {
        let value = text.value.strip_prefix(prefix)?.trim().to_owned();
        let plain = text.span.end - text.span.start == text.value.len();
        let span = if plain { text.span.part(text.value.len() - value.len(), value.len()) } else { text.span };
        (!value.is_empty()).then_some(Text { value, span })
    };
    let part = match text.value.as_str() {
        "public" => Some(Part::Public),
        "authenticated" => Some(Part::Authenticated),
        "owner" => Some(Part::Owner(text.span)),
        _ => None,
    };
    let part = part
        .or_else(|| rest("role:").map(Part::Role))
        .or_else(|| rest("scope:").map(Part::Scope))
        .or_else(|| rest("via:").map(Part::Via));
    if part.is_none() {
        let suggested = out.suggest(&text.value, ["public", "authenticated", "owner"]);
        let message = format!("`{}` doesn't say who may", text.value);
        let help = suggested.unwrap_or_else(|| HELP.to_owned());
        out.push(Diagnostic::error(Code::BadAccess, text.span, message).help(help));
    }
    part
}

/// The keys of an alternative that is a mapping.
fn parts(node: Node, out: &mut Diagnostics) -> Option<Vec<Part>> {
    let mut keys = Keys::read(node, &vocabulary::ALTERNATIVE, out)?;
    let mut parts = Vec::new();
    parts.extend(keys.take_text("role", out).map(Part::Role));
    parts.extend(keys.take_text("scope", out).map(Part::Scope));
    if let Some(owner) = keys.take("owner") {
        let span = owner.key.span;
        match keys::flag(owner, out) {
            Some(true) => parts.push(Part::Owner(span)),
            Some(false) => refuse(span, "`owner: false` lets nobody in".to_owned(), out),
            None => {}
        }
    }
    parts.extend(keys.take_text("via", out).map(Part::Via));
    let conditions = keys::named(keys.take("when"), out, |entry, _| Some((entry.key, entry.value)));
    for (field, node) in conditions {
        let values = match node.value {
            Value::Sequence(items) => items,
            _ => vec![node],
        };
        if values.is_empty() {
            refuse(field.span, format!("`{}` is never nothing", field.value), out);
        }
        parts.push(Part::When(field, values));
    }
    Some(parts)
}

fn refuse(span: Span, message: String, out: &mut Diagnostics) {
    out.push(Diagnostic::error(Code::BadAccess, span, message).help(HELP.to_owned()));
}
