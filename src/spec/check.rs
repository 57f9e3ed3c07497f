//! Rules over several fields of a row, as typed: `starts_at < ends_at`, `one_of(issue, comment)`.

use super::keys;
use super::tree::{Entry, Node, Text};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    pub span: Span,
    pub rule: CheckRule,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CheckRule {
    /// Names of fields and relations, or literals.
    Compare { left: Text, comparison: Comparison, right: Text },
    /// Names of fields and relations.
    Count { presence: Presence, names: Vec<Text> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    NotEqual,
}

impl Comparison {
    /// Longer ones first, so that `<=` isn't taken for `<`.
    const ALL: [(&'static str, Comparison); 6] = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];

    /// `<=`.
    pub fn sign(self) -> &'static str {
        Comparison::ALL.iter().find(|(_, each)| *each == self).map_or("", |(sign, _)| sign)
    }

    /// What it is with its sides exchanged.
    pub fn mirrored(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::AtMost => Comparison::AtLeast,
            Comparison::Greater => Comparison::Less,
            Comparison::AtLeast => Comparison::AtMost,
            Comparison::Equal | Comparison::NotEqual => self,
        }
    }
}

/// How many of some fields must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    ExactlyOne,
    AtLeastOne,
}

impl Presence {
    const ALL: [Presence; 2] = [Presence::ExactlyOne, Presence::AtLeastOne];

    /// `one_of`.
    pub fn word(self) -> &'static str {
        match self {
            Presence::ExactlyOne => "one_of",
            Presence::AtLeastOne => "any_of",
        }
    }
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Vec<Check> {
    let items = keys::items(entry, out).unwrap_or_default();
    let mut checks = Vec::new();
    let mut rest = items.into_iter();
    while let Some(item) = rest.next() {
        let Some(mut text) = keys::node_text(item, "a check", out) else { continue };
        // In a list in brackets, YAML ends an item at the comma inside `one_of(a, b)`.
        while opened(&text.value) {
            let Some(next) = rest.next().and_then(|node| continuation(node, out)) else { break };
            text = Text { value: format!("{}, {}", text.value, next.value), span: text.span.to(next.span) };
        }
        checks.extend(check(&text, out));
    }
    checks
}

fn opened(text: &str) -> bool {
    text.contains('(') && !text.contains(')')
}

fn continuation(node: Node, out: &mut Diagnostics) -> Option<Text> {
    keys::node_text(node, "a check", out)
}

fn check(text: &Text, out: &mut Diagnostics) -> Option<Check> {
    let source = Source::of(text, out);
    let rule = presence(&source).or_else(|| comparison(&source));
    if rule.is_none() {
        let message = format!("`{}` isn't a check", text.value);
        out.push(Diagnostic::error(Code::BadRule, text.span, message).help(
            "write `starts_at < ends_at` (`<=`, `>`, `>=`, `==`, `!=`), `one_of(a, b)` or `any_of(a, b)`".to_owned(),
        ));
    }
    Some(Check { span: text.span, rule: rule? })
}

/// The text of a check as it stands in the file, so that its parts have places of their own.
struct Source {
    text: String,
    span: Span,
    /// The file shows something else (quotes that escape): parts have the place of the whole.
    whole: bool,
}

impl Source {
    fn of(text: &Text, out: &Diagnostics) -> Source {
        let raw = out.source(text.span.file).text.get(text.span.start..text.span.end).unwrap_or_default();
        let (inner, from) = match raw.strip_prefix(['"', '\'']) {
            Some(rest) => (&rest[..rest.len().saturating_sub(1)], 1),
            None => (raw, 0),
        };
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        if plain(inner) == plain(&text.value) {
            return Source { text: inner.to_owned(), span: text.span.part(from, inner.len()), whole: false };
        }
        Source { text: text.value.clone(), span: text.span, whole: true }
    }

    /// What stands between two places of the text, without spaces around it.
    fn part(&self, from: usize, to: usize) -> Option<Text> {
        let part = self.text.get(from..to)?;
        let start = from + (part.len() - part.trim_start().len());
        let value = part.trim().to_owned();
        let span = if self.whole { self.span } else { self.span.part(start, value.len()) };
        (!value.is_empty()).then_some(Text { value, span })
    }
}

fn presence(source: &Source) -> Option<CheckRule> {
    let text = source.text.trim_end();
    let presence = Presence::ALL.into_iter().find(|presence| text.starts_with(presence.word()))?;
    let from = presence.word().len() + text[presence.word().len()..].find(|each: char| !each.is_whitespace())?;
    let inside = text[from..].strip_prefix('(')?.strip_suffix(')')?;
    let mut at = from + 1;
    let mut names = Vec::new();
    for part in inside.split(',') {
        names.push(source.part(at, at + part.len())?);
        at += part.len() + 1;
    }
    Some(CheckRule::Count { presence, names })
}

fn comparison(source: &Source) -> Option<CheckRule> {
    let at = source.text.find(['<', '>', '=', '!'])?;
    let (sign, comparison) = Comparison::ALL.into_iter().find(|(sign, _)| source.text[at..].starts_with(sign))?;
    let left = source.part(0, at)?;
    let right = source.part(at + sign.len(), source.text.len())?;
    Some(CheckRule::Compare { left, comparison, right })
}
