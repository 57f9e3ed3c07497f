//! Fields of resources and value types as typed.

use super::Slot;
use super::access::{self, Access};
use super::aggregate::{self, Aggregate, AggregateKey};
use super::deprecation::{self, Deprecation};
use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::type_expr::{self, TypeExpr};
use super::vocabulary::{self, Vocabulary};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Without its `?`.
    pub name: Text,
    pub optional: bool,
    pub ty: Slot<TypeExpr>,
    pub description: Option<Text>,
    pub example: Option<Node>,
    pub default: Option<Node>,
    pub deprecated: Option<Deprecation>,
    /// The name that it had before.
    pub renamed_from: Option<Text>,
    pub flags: Flags,
    pub scale: Slot<Text>,
    pub precision: Option<Text>,
    pub rules: Vec<Rule>,
    /// Who may `read` it and who may `write` it.
    pub access: Vec<Access>,
    /// Broken: reported.
    pub aggregate: Slot<Aggregate>,
}

impl Field {
    /// Whether rows have it in the database.
    pub fn is_stored(&self) -> bool {
        self.aggregate == Slot::Absent && self.flags.computed.is_none()
    }
}

/// Where each key stands that says `true`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flags {
    pub read_only: Option<Span>,
    pub write_only: Option<Span>,
    pub create_only: Option<Span>,
    pub internal: Option<Span>,
    pub unique: Option<Span>,
    pub index: Option<Span>,
    pub filter: Option<Span>,
    pub sort: Option<Span>,
    pub sensitive: Option<Span>,
    pub computed: Option<Span>,
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
    read_mapping(entry, &vocabulary::FIELD, out)
}

/// The same of an action's `input:`, where fewer keys mean something.
pub fn read_inputs(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Field>> {
    read_mapping(entry, &vocabulary::INPUT, out)
}

fn read_mapping(entry: Entry, words: &Vocabulary, out: &mut Diagnostics) -> Option<Vec<Field>> {
    Some(keys::entries(entry, out)?.into_iter().map(|entry| read(entry, words, out)).collect())
}

/// `name: TYPE` or `name: { type: TYPE, … }`.
fn read(entry: Entry, words: &Vocabulary, out: &mut Diagnostics) -> Field {
    let (name, optional) = split_optional(entry.key);
    if let Value::Mapping(_) = entry.value.value {
        return match Keys::read(entry.value, words, out) {
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
        deprecated: None,
        renamed_from: None,
        flags: Flags::default(),
        scale: Slot::Absent,
        precision: None,
        rules: Vec::new(),
        access: Vec::new(),
        aggregate: Slot::Absent,
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
        deprecated: deprecation::take(&mut keys, out),
        renamed_from: keys.take_text("renamed_from", out),
        flags: flags(&mut keys, out),
        scale: Slot::read(keys.take("scale"), |entry| keys::text(entry, out)),
        precision: keys.take_text("precision", out),
        rules: RuleKey::ALL.into_iter().filter_map(|key| rule(key, &mut keys, out)).collect(),
        access: keys.take("access").map(|entry| access::of_field(entry, out)).unwrap_or_default(),
        aggregate: aggregate(&mut keys, out),
    }
}

fn aggregate(keys: &mut Keys, out: &mut Diagnostics) -> Slot<Aggregate> {
    let found: Vec<_> = AggregateKey::ALL.into_iter().filter_map(|key| Some((key, keys.take(key.word())?))).collect();
    if let [(_, first), (_, second)] = found.as_slice() {
        out.push(
            Diagnostic::error(Code::Contradiction, second.key.span, "a field is either counted or added up")
                .related(first.key.span, "the other one"),
        );
        return Slot::Broken;
    }
    match found.into_iter().next() {
        Some((key, entry)) => Slot::read(Some(entry), |entry| aggregate::read(key, entry, out)),
        None => Slot::Absent,
    }
}

fn flags(keys: &mut Keys, out: &mut Diagnostics) -> Flags {
    Flags {
        read_only: keys.take_flag("read_only", out),
        write_only: keys.take_flag("write_only", out),
        create_only: keys.take_flag("create_only", out),
        internal: keys.take_flag("internal", out),
        unique: keys.take_flag("unique", out),
        index: keys.take_flag("index", out),
        filter: keys.take_flag("filter", out),
        sort: keys.take_flag("sort", out),
        sensitive: keys.take_flag("sensitive", out),
        computed: keys.take_flag("computed", out),
    }
}

fn rule(key: RuleKey, keys: &mut Keys, out: &mut Diagnostics) -> Option<Rule> {
    let entry = keys.take(key.word())?;
    let span = entry.key.span;
    keys::text(entry, out).map(|value| Rule { key, span, value })
}
