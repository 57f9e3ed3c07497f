//! Fields of resources and value types as typed.

use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::type_expr::{self, TypeExpr};
use super::{Slot, vocabulary};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Without its `?`.
    pub name: Text,
    pub optional: bool,
    pub ty: Slot<TypeExpr>,
    pub description: Option<Text>,
    pub example: Option<Node>,
    pub default: Option<Node>,
    pub flags: Flags,
    pub scale: Slot<Text>,
    pub precision: Option<Text>,
    pub rules: Vec<Rule>,
}

/// Where each key stands that says `true`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flags {
    pub deprecated: Option<Span>,
    pub read_only: Option<Span>,
    pub write_only: Option<Span>,
    pub create_only: Option<Span>,
    pub internal: Option<Span>,
    pub unique: Option<Span>,
    pub index: Option<Span>,
    pub filter: Option<Span>,
    pub sort: Option<Span>,
    pub sensitive: Option<Span>,
}

/// One of JSON Schema's constraints.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub key: RuleKey,
    /// Of the key.
    pub span: Span,
    pub value: Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleKey {
    MinLength,
    MaxLength,
    Pattern,
    Minimum,
    Maximum,
    ExclusiveMinimum,
    ExclusiveMaximum,
    MultipleOf,
    MinItems,
    MaxItems,
    UniqueItems,
}

impl RuleKey {
    pub const ALL: [RuleKey; 11] = [
        RuleKey::MinLength,
        RuleKey::MaxLength,
        RuleKey::Pattern,
        RuleKey::Minimum,
        RuleKey::Maximum,
        RuleKey::ExclusiveMinimum,
        RuleKey::ExclusiveMaximum,
        RuleKey::MultipleOf,
        RuleKey::MinItems,
        RuleKey::MaxItems,
        RuleKey::UniqueItems,
    ];

    /// `min_length`.
    pub fn word(self) -> &'static str {
        match self {
            RuleKey::MinLength => "min_length",
            RuleKey::MaxLength => "max_length",
            RuleKey::Pattern => "pattern",
            RuleKey::Minimum => "minimum",
            RuleKey::Maximum => "maximum",
            RuleKey::ExclusiveMinimum => "exclusive_minimum",
            RuleKey::ExclusiveMaximum => "exclusive_maximum",
            RuleKey::MultipleOf => "multiple_of",
            RuleKey::MinItems => "min_items",
            RuleKey::MaxItems => "max_items",
            RuleKey::UniqueItems => "unique_items",
        }
    }
}

/// All fields of a `fields:` mapping. `None`: not a mapping, which is reported.
pub fn read_all(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Field>> {
    Some(keys::entries(entry, out)?.into_iter().map(|entry| read(entry, out)).collect())
}

/// `name: TYPE` or `name: { type: TYPE, … }`.
fn read(entry: Entry, out: &mut Diagnostics) -> Field {
    let (name, optional) = split_optional(entry.key);
    let computed = is_computed(&entry.value);
    if let Value::Mapping(_) = entry.value.value {
        return match Keys::read(entry.value, &vocabulary::FIELD, out) {
            Some(keys) if computed => Field { ty: Slot::Broken, ..with_keys(name, optional, keys, out) },
            Some(keys) => with_keys(name, optional, keys, out),
            None => bare(name, optional, Slot::Broken),
        };
    }
    let noun = format!("the type of `{}`", name.value);
    let ty = match keys::node_text(entry.value, &noun, out).and_then(|text| type_expr::read(text, out)) {
        Some(ty) => Slot::Given(ty),
        None => Slot::Broken,
    };
    bare(name, optional, ty)
}

/// Refused by its key, so the type isn't missing as well.
fn is_computed(node: &Node) -> bool {
    matches!(&node.value, Value::Mapping(entries)
        if entries.iter().any(|entry| matches!(entry.key.value.as_str(), "count" | "sum")))
}

/// `note?` is the name `note`, optional.
pub fn split_optional(key: Text) -> (Text, bool) {
    match key.value.strip_suffix('?') {
        // A quoted key's place includes its quotes, so it stays as it is.
        Some(name) if key.span.end - key.span.start == key.value.len() => {
            (Text { value: name.to_owned(), span: key.span.part(0, name.len()) }, true)
        }
        Some(name) => (Text { value: name.to_owned(), span: key.span }, true),
        None => (key, false),
    }
}

fn bare(name: Text, optional: bool, ty: Slot<TypeExpr>) -> Field {
    Field {
        name,
        optional,
        ty,
        description: None,
        example: None,
        default: None,
        flags: Flags::default(),
        scale: Slot::Absent,
        precision: None,
        rules: Vec::new(),
    }
}

fn with_keys(name: Text, optional: bool, mut keys: Keys, out: &mut Diagnostics) -> Field {
    Field {
        name,
        optional,
        ty: Slot::read(keys.take("type"), |entry| keys::text(entry, out).and_then(|text| type_expr::read(text, out))),
        description: keys.take_text("description", out),
        example: keys.take("example").map(|entry| entry.value),
        default: keys.take("default").map(|entry| entry.value),
        flags: flags(&mut keys, out),
        scale: Slot::read(keys.take("scale"), |entry| keys::text(entry, out)),
        precision: keys.take_text("precision", out),
        rules: RuleKey::ALL.into_iter().filter_map(|key| rule(key, &mut keys, out)).collect(),
    }
}

fn flags(keys: &mut Keys, out: &mut Diagnostics) -> Flags {
    Flags {
        deprecated: deprecated(keys, out),
        read_only: keys.take_flag("read_only", out),
        write_only: keys.take_flag("write_only", out),
        create_only: keys.take_flag("create_only", out),
        internal: keys.take_flag("internal", out),
        unique: keys.take_flag("unique", out),
        index: keys.take_flag("index", out),
        filter: keys.take_flag("filter", out),
        sort: keys.take_flag("sort", out),
        sensitive: keys.take_flag("sensitive", out),
    }
}

/// `deprecated: true`. The form with dates is for later.
pub fn deprecated(keys: &mut Keys, out: &mut Diagnostics) -> Option<Span> {
    let entry = keys.take("deprecated")?;
    let span = entry.key.span;
    if let Value::Mapping(_) = entry.value.value {
        keys::not_yet("deprecated: { … }", span, vocabulary::DEPRECATION, out);
        return None;
    }
    keys::flag(entry, out)?.then_some(span)
}

fn rule(key: RuleKey, keys: &mut Keys, out: &mut Diagnostics) -> Option<Rule> {
    let entry = keys.take(key.word())?;
    let span = entry.key.span;
    keys::text(entry, out).map(|value| Rule { key, span, value })
}
