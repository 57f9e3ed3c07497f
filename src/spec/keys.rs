//! Reading mappings with known keys, mappings by name, and single values.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;

use super::tree::{Entry, Node, Scalar, Text, Value};
use super::vocabulary::Vocabulary;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};

/// The entries of a mapping that the language knows, each at most once.
pub struct Keys(Vec<Entry>);

impl Keys {
    /// Reports every key that isn't in `words`. `None`: not a mapping, which is reported.
    pub fn read(node: Node, words: &Vocabulary, out: &mut Diagnostics) -> Option<Keys> {
        let entries = unique(mapping(node, words.noun, out)?, out);
        if entries.iter().all(|entry| words.known.contains(&entry.key.value.as_str())) {
            return Some(Keys(entries));
        }
        let written: HashSet<String> = entries.iter().map(|entry| entry.key.value.clone()).collect();
        let meant = |mut entry: Entry| {
            entry.key.value = known(&entry.key, words, &written, out)?;
            Some(entry)
        };
        Some(Keys(entries.into_iter().filter_map(meant).collect()))
    }

    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let index = self.0.iter().position(|entry| entry.key.value == key)?;
        Some(self.0.swap_remove(index))
    }

    /// All that weren't taken.
    pub fn rest(self) -> Vec<Entry> {
        self.0
    }

    pub fn take_text(&mut self, key: &str, out: &mut Diagnostics) -> Option<Text> {
        self.take(key).and_then(|entry| text(entry, out))
    }

    /// The place of a key that says `true`.
    pub fn take_flag(&mut self, key: &str, out: &mut Diagnostics) -> Option<Span> {
        let entry = self.take(key)?;
        let span = entry.key.span;
        flag(entry, out)?.then_some(span)
    }
}

/// The key as it is spelled right. What is near to one that isn't written is taken for that: nothing is missing then.
fn known(key: &Text, words: &Vocabulary, written: &HashSet<String>, out: &mut Diagnostics) -> Option<String> {
    if words.known.contains(&key.value.as_str()) {
        return Some(key.value.clone());
    }
    if let Some((_, help)) = words.later.iter().find(|(later, _)| *later == key.value) {
        not_yet(&key.value, key.span, help, out);
        return None;
    }
    unknown_key(key, words, out);
    let near = out.nearest(&key.value, words.known.iter().copied())?;
    (!written.contains(near)).then(|| near.to_owned())
}

/// Refuses a part of the language that this version of apigen doesn't serve.
pub fn not_yet(what: &str, span: Span, help: &str, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::NotSupportedYet, span, format!("`{what}` is not supported yet")).help(help.to_owned()),
    );
}

fn unknown_key(key: &Text, words: &Vocabulary, out: &mut Diagnostics) {
    let habit = words.habit(&key.value).map(str::to_owned);
    let near = || out.suggest(&key.value, words.known.iter().copied());
    let help = habit.or_else(near).unwrap_or_else(|| words.listing());
    let message = format!("unknown key `{}` in {}", key.value, words.noun);
    out.push(Diagnostic::error(Code::UnknownKey, key.span, message).help(help));
}

pub fn report_empty_file(start: Span, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::Empty, start, "the file is empty")
            .help("a spec begins with `apigen: 1`, `api:` and `resources:`".to_owned()),
    );
}

/// The entries of a mapping by name. `None`: not a mapping, which is reported. An empty value is an empty mapping.
pub fn entries(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Entry>> {
    if entry.value.is_null() {
        return Some(Vec::new());
    }
    let Entry { key, value } = entry;
    mapping(value, format_args!("`{}`", key.value), out).map(|entries| unique(entries, out))
}

/// Reads each entry of a mapping by name, if the mapping is there.
pub fn named<T>(
    entry: Option<Entry>,
    out: &mut Diagnostics,
    mut read: impl FnMut(Entry, &mut Diagnostics) -> Option<T>,
) -> Vec<T> {
    let entries = entry.and_then(|entry| entries(entry, out)).unwrap_or_default();
    entries.into_iter().filter_map(|entry| read(entry, out)).collect()
}

fn mapping(node: Node, noun: impl Display, out: &mut Diagnostics) -> Option<Vec<Entry>> {
    match node.value {
        Value::Mapping(entries) => Some(entries),
        _ => {
            wrong_shape(&node, &format!("{noun} must be a mapping (`key: value`)"), out);
            None
        }
    }
}

/// Keeps the first of the entries with one key, reporting the others.
fn unique(entries: Vec<Entry>, out: &mut Diagnostics) -> Vec<Entry> {
    let names: HashSet<&str> = entries.iter().map(|entry| entry.key.value.as_str()).collect();
    if names.len() == entries.len() {
        return entries;
    }
    let mut seen: HashMap<String, Span> = HashMap::with_capacity(entries.len());
    let mut kept = Vec::with_capacity(entries.len());
    for entry in entries {
        match seen.get(&entry.key.value) {
            Some(first) => duplicate(&entry.key, *first, out),
            None => {
                seen.insert(entry.key.value.clone(), entry.key.span);
                kept.push(entry);
            }
        }
    }
    kept
}

pub fn duplicate(name: &Text, first: Span, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::Duplicate, name.span, format!("`{}` is written twice", name.value))
            .label("again here")
            .related(first, "first here"),
    );
}

/// A single value that isn't nothing.
pub fn text(entry: Entry, out: &mut Diagnostics) -> Option<Text> {
    let Entry { key, value } = entry;
    node_text(value, format_args!("`{}`", key.value), out)
}

pub fn node_text(node: Node, noun: impl Display, out: &mut Diagnostics) -> Option<Text> {
    let null = node.is_null();
    match node.value {
        Value::Scalar(Scalar { text, .. }) if !null => Some(Text { value: text, span: node.span }),
        _ => {
            wrong_shape(&node, &format!("{noun} must be a single value"), out);
            None
        }
    }
}

pub fn flag(entry: Entry, out: &mut Diagnostics) -> Option<bool> {
    match &entry.value.value {
        Value::Scalar(scalar) if scalar.text == "true" => Some(true),
        Value::Scalar(scalar) if scalar.text == "false" => Some(false),
        Value::Scalar(_) => {
            let message = format!("`{}` must be `true` or `false`", entry.key.value);
            out.push(Diagnostic::error(Code::WrongShape, entry.value.span, message).label("neither of the two"));
            None
        }
        _ => {
            wrong_shape(&entry.value, &format!("`{}` must be `true` or `false`", entry.key.value), out);
            None
        }
    }
}

/// The items of a list. `None`: not a list, which is reported.
pub fn items(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Node>> {
    match entry.value.value {
        Value::Sequence(items) => Some(items),
        _ => {
            wrong_shape(&entry.value, &format!("`{}` must be a list (`[a, b]`)", entry.key.value), out);
            None
        }
    }
}

/// The items of a list of single values. Broken ones are left out.
pub fn words(entry: Entry, out: &mut Diagnostics) -> Option<Vec<Text>> {
    let noun = format!("an item of `{}`", entry.key.value);
    let items = items(entry, out)?;
    Some(items.into_iter().filter_map(|item| node_text(item, &noun, out)).collect())
}

pub fn wrong_shape(node: &Node, message: &str, out: &mut Diagnostics) {
    if node.value == Value::Broken {
        return;
    }
    out.push(Diagnostic::error(Code::WrongShape, node.span, message).label(format!("{} stands here", node.kind())));
}
