//! The lock as a file: small, sorted YAML. Numbers stand in their order, so that two branches that both add a field
//! change the same lines, and whoever merges them sees it.

use std::collections::{BTreeMap, HashSet};

use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use serde_saphyr::{Location, Spanned};

use super::{HIGHEST, Lock, Numbers, RESERVED, plain};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Position, Span};

const HEADER: &str = "\
# Kept by apigen: protobuf numbers that must never move. Commit this file with the spec.
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    #[serde(default)]
    messages: BTreeMap<String, ReadNumbers>,
    #[serde(default)]
    enums: BTreeMap<String, ReadNumbers>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadNumbers {
    #[serde(default)]
    used: BTreeMap<String, Spanned<u32>>,
    #[serde(default)]
    retired: BTreeMap<u32, Spanned<String>>,
}

/// Reads a lock that has the very form in which it is written, as almost all have. `None` leaves the others, and whatever
/// is wrong, to [`parse`].
pub fn as_written(bytes: &[u8]) -> Option<Lock> {
    plain::read(std::str::from_utf8(bytes).ok()?).filter(is_possible)
}

/// Reads a lock in any form that was added to `out`. `None`: it can't be read, which is reported.
pub fn parse(file: FileId, out: &mut Diagnostics) -> Option<Lock> {
    let text = out.source(file).text.clone();
    if text.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
        return Some(Lock::default());
    }
    if let Some(line) = text.lines().find(|line| line.starts_with(CONFLICT)) {
        report_conflict(file, &text, line, out);
        return None;
    }
    let read: Read = match serde_saphyr::from_str(&text) {
        Ok(read) => read,
        Err(error) => {
            let span = error.location().map_or(Span { file, start: 0, end: 0 }, |place| span(file, &place, out));
            report(span, error.without_snippet().to_string(), out);
            return None;
        }
    };
    let mut complete = true;
    let mut section = |section: BTreeMap<String, ReadNumbers>, out: &mut Diagnostics| {
        let numbers = section.into_iter().map(|(name, read)| (name, numbers(file, read, &mut complete, out)));
        numbers.collect()
    };
    let lock = Lock { messages: section(read.messages, out), enums: section(read.enums, out) };
    complete.then_some(lock)
}

/// Whether each number could have been given, and to one thing.
fn is_possible(lock: &Lock) -> bool {
    lock.messages.values().chain(lock.enums.values()).all(|numbers| {
        let mut seen = HashSet::new();
        numbers.used.values().chain(numbers.retired.keys()).all(|number| is_number(*number) && seen.insert(*number))
    })
}

fn is_number(number: u32) -> bool {
    number != 0 && number <= HIGHEST && !RESERVED.contains(&number)
}

fn numbers(file: FileId, read: ReadNumbers, complete: &mut bool, out: &mut Diagnostics) -> Numbers {
    let mut seen = BTreeMap::new();
    let used = read.used.iter().map(|(name, number)| (number.value, name, span(file, &number.referenced, out)));
    let retired = read.retired.iter().map(|(number, name)| (*number, &name.value, span(file, &name.referenced, out)));
    let all: Vec<_> = used.chain(retired).collect();
    for (number, name, span) in all {
        if !is_number(number) {
            report(span, format!("`{name}` can't have the number {number}"), out);
            *complete = false;
        } else if let Some(other) = seen.insert(number, name) {
            report(span, format!("`{other}` and `{name}` both have the number {number}"), out);
            *complete = false;
        }
    }
    Numbers {
        used: read.used.into_iter().map(|(name, number)| (name, number.value)).collect(),
        retired: read.retired.into_iter().map(|(number, name)| (number, name.value)).collect(),
    }
}

/// How version control begins a piece of a file that two branches changed.
const CONFLICT: &str = "<<<<<<<";

fn report_conflict(file: FileId, text: &str, line: &str, out: &mut Diagnostics) {
    let start = line.as_ptr().addr() - text.as_ptr().addr();
    let span = Span { file, start, end: start + line.len() };
    out.push(
        Diagnostic::error(Code::Lock, span, "the lock has an unresolved merge conflict")
            .label("two branches gave out numbers here")
            .help(
                "keep the side that others have already (`git checkout --ours` on the branch that is merged into) and \
                 run `apigen generate`: what only the other side had gets the next free numbers"
                    .to_owned(),
            ),
    );
}

fn report(span: Span, message: impl Into<String>, out: &mut Diagnostics) {
    out.push(
        Diagnostic::error(Code::Lock, span, message)
            .help("restore the lock from version control; after a merge, keep the lines of both sides".to_owned()),
    );
}

/// What stands at a place, up to the end of its line.
fn span(file: FileId, place: &Location, out: &Diagnostics) -> Span {
    let source = out.source(file);
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let start = source.offset(Position { line: number(place.line()), column: number(place.column()) });
    Span { file, start, end: source.line_at(start).end.max(start) }
}

#[derive(Serialize)]
struct Written<'a> {
    messages: BTreeMap<&'a str, WrittenNumbers<'a>>,
    enums: BTreeMap<&'a str, WrittenNumbers<'a>>,
}

#[derive(Serialize)]
struct WrittenNumbers<'a> {
    #[serde(serialize_with = "by_number", skip_serializing_if = "BTreeMap::is_empty")]
    used: &'a BTreeMap<String, u32>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    retired: &'a BTreeMap<u32, String>,
}

fn by_number<S: Serializer>(used: &BTreeMap<String, u32>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut sorted: Vec<_> = used.iter().collect();
    sorted.sort_by_key(|(_, number)| **number);
    serializer.collect_map(sorted)
}

/// The same bytes for the same lock.
pub fn render(lock: &Lock) -> String {
    let written = Written { messages: section(&lock.messages), enums: section(&lock.enums) };
    let yaml = serde_saphyr::to_string(&written)
        .unwrap_or_else(|error| unreachable!("maps of words and numbers always become YAML: {error}"));
    format!("{HEADER}{yaml}")
}

fn section(numbers: &BTreeMap<String, Numbers>) -> BTreeMap<&str, WrittenNumbers<'_>> {
    numbers
        .iter()
        .map(|(name, numbers)| (name.as_str(), WrittenNumbers { used: &numbers.used, retired: &numbers.retired }))
        .collect()
}
