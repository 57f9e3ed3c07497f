//! Fields that are counted or added up from other rows, as typed.

use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::vocabulary;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

/// `count: items`, `sum: items.amount`, or either with `{ of: …, where: { … } }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub key: AggregateKey,
    /// Of the key.
    pub span: Span,
    /// A relation, and the field of its rows that is added up.
    pub of: Text,
    /// Fields of those rows, and the value that each must have.
    pub conditions: Vec<(Text, Node)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateKey {
    Count,
    Sum,
}

impl AggregateKey {
    pub const ALL: [AggregateKey; 2] = [AggregateKey::Count, AggregateKey::Sum];

    /// `count`.
    pub fn word(self) -> &'static str {
        match self {
            AggregateKey::Count => "count",
            AggregateKey::Sum => "sum",
        }
    }
}

pub fn read(key: AggregateKey, entry: Entry, out: &mut Diagnostics) -> Option<Aggregate> {
    let span = entry.key.span;
    if !matches!(entry.value.value, Value::Mapping(_)) {
        return keys::text(entry, out).map(|of| Aggregate { key, span, of, conditions: Vec::new() });
    }
    let mut keys = Keys::read(entry.value, &vocabulary::AGGREGATE, out)?;
    let conditions = keys::named(keys.take("where"), out, |entry, _| Some((entry.key, entry.value)));
    let Some(of) = keys.take("of") else {
        let message = format!("`{}` has no `of`", key.word());
        out.push(
            Diagnostic::error(Code::MissingKey, span, message)
                .help("name the relation: `{ of: items, where: { state: open } }`".to_owned()),
        );
        return None;
    };
    keys::text(of, out).map(|of| Aggregate { key, span, of, conditions })
}
