//! Diagnostics for people: the source line, carets, and help, as rustc shows them.

use std::io::IsTerminal;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, Source, Span};

/// When to use colours on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether a stream gets colours (https://no-color.org: `NO_COLOR` set to anything but nothing).
    pub fn applies_to(self, stream: &impl IsTerminal) -> bool {
        match self {
            Color::Auto => stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            Color::Always => true,
            Color::Never => false,
        }
    }
}

pub fn render(all: &Diagnostics, color: Color) -> String {
    let renderer = if color.applies_to(&std::io::stderr()) { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in &all.list {
        text.push_str(&renderer.render(&[group(all, diagnostic)]));
        text.push_str("\n\n");
    }
    text.push_str(&summary(all));
    text
}

fn group<'a>(all: &'a Diagnostics, diagnostic: &'a Diagnostic) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.id()));
    group = group.elements(snippets(all, diagnostic));
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// One snippet for the mistake, and one for each other place that has to do with it. Each is cut to its own line, so
/// that a message costs the same in a file of any length.
fn snippets<'a>(
    all: &'a Diagnostics,
    diagnostic: &'a Diagnostic,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let main = snippet(all, diagnostic.span, &diagnostic.label, AnnotationKind::Primary);
    let others = diagnostic.related.iter().map(|(span, label)| snippet(all, *span, label, AnnotationKind::Context));
    std::iter::once(main).chain(others).collect()
}

fn snippet<'a>(
    all: &'a Diagnostics,
    span: Span,
    label: &'a str,
    kind: AnnotationKind,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let source = all.source(span.file);
    let line = source.line_at(span.start);
    let mut annotation = kind.span(within(source, &line, span));
    if !label.is_empty() {
        annotation = annotation.label(label);
    }
    Snippet::source(&source.text[line])
        .line_start(source.position(span.start).line)
        .path(source.name.as_str())
        .annotation(annotation)
}

/// The part of `span` on its first line, relative to that line.
fn within(source: &Source, line: &Range<usize>, span: Span) -> Range<usize> {
    let start = source.floor(span.start).clamp(line.start, line.end);
    let end = source.floor(span.end).clamp(start, line.end);
    start - line.start..end - line.start
}

/// `2 errors in specs/shop.yaml`; empty when there is nothing to tell.
fn summary(all: &Diagnostics) -> String {
    let errors = all.list.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count() + all.dropped;
    let Some(source) = all.sources.first() else { return String::new() };
    let not_shown = if all.dropped > 0 { format!(", {} of them not shown", all.dropped) } else { String::new() };
    match errors {
        0 => String::new(),
        1 => format!("1 error in {}\n", source.name),
        errors => format!("{errors} errors in {}{not_shown}\n", source.name),
    }
}
