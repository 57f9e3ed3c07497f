//! Diagnostics for programs: one JSON array, positions from 1.

use serde::Serialize;

use super::{Diagnostic, Diagnostics, Span};

#[derive(Serialize)]
struct Record<'a> {
    severity: &'static str,
    code: &'static str,
    title: &'static str,
    message: &'a str,
    label: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
    help: Option<&'a str>,
    related: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Related<'a> {
    label: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

pub fn render(all: &Diagnostics) -> String {
    let records: Vec<_> = all.list.iter().map(|diagnostic| record(all, diagnostic)).collect();
    let mut text = serde_json::to_string_pretty(&records)
        .unwrap_or_else(|error| unreachable!("strings and numbers always become JSON: {error}"));
    text.push('\n');
    text
}

fn record<'a>(all: &'a Diagnostics, diagnostic: &'a Diagnostic) -> Record<'a> {
    Record {
        severity: diagnostic.severity.word(),
        code: diagnostic.code.id(),
        title: diagnostic.code.title(),
        message: &diagnostic.message,
        label: &diagnostic.label,
        place: place(all, diagnostic.span),
        help: diagnostic.help.as_deref(),
        related: diagnostic.related.iter().map(|(span, label)| Related { label, place: place(all, *span) }).collect(),
    }
}

fn place(all: &Diagnostics, span: Span) -> Place<'_> {
    let source = all.source(span.file);
    let (start, end) = (source.position(span.start), source.position(span.end));
    Place { file: &source.name, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
}
