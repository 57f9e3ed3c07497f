//! Diagnostics for people: the source line, carets, and help, as rustc shows them.

use std::io::IsTerminal;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

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
    group = match is_readable(all, diagnostic) {
        true => group.elements(snippets(all, diagnostic)),
        false => group.element(origin(all, diagnostic.span)),
    };
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(help)),
        None => group,
    }
}

/// Nobody reads longer lines, and drawing them takes long.
const LONGEST_LINE: usize = 2000;

fn is_readable(all: &Diagnostics, diagnostic: &Diagnostic) -> bool {
    let mut spans = std::iter::once(diagnostic.span).chain(diagnostic.related.iter().map(|(span, _)| *span));
    spans.all(|span| all.source(span.file).line_at(span.start).len() <= LONGEST_LINE)
}

/// The place alone.
fn origin(all: &Diagnostics, span: Span) -> Origin<'_> {
    let source = all.source(span.file);
    let position = source.position(span.start);
    Origin::path(source.name.as_str()).line(position.line).char_column(position.column)
}

type Part<'a> = Snippet<'a, Annotation<'a>>;

/// A place and what to draw there.
#[derive(Clone, Copy)]
struct Mark<'a> {
    span: Span,
    label: &'a str,
    kind: AnnotationKind,
}

/// Places further apart than this are shown apart.
const NEAR: usize = 4000;

/// Each snippet is cut to the lines that it shows, so that a message costs the same in a file of any length.
fn snippets<'a>(all: &'a Diagnostics, diagnostic: &'a Diagnostic) -> Vec<Part<'a>> {
    let main = Mark { span: diagnostic.span, label: &diagnostic.label, kind: AnnotationKind::Primary };
    let others =
        diagnostic.related.iter().map(|(span, label)| Mark { span: *span, label, kind: AnnotationKind::Context });
    let is_near = |mark: &Mark| mark.span.file == main.span.file && mark.span.start.abs_diff(main.span.start) <= NEAR;
    let (mut near, far): (Vec<_>, Vec<_>) = others.partition(is_near);
    near.insert(0, main);
    std::iter::once(snippet(all, &near))
        .chain(far.iter().map(|mark| snippet(all, std::slice::from_ref(mark))))
        .collect()
}

/// The lines around marks of one file.
fn snippet<'a>(all: &'a Diagnostics, marks: &[Mark<'a>]) -> Part<'a> {
    let source = all.source(marks[0].span.file);
    let lines = marks.iter().map(|mark| source.line_at(mark.span.start));
    let window = lines.reduce(|left, right| left.start.min(right.start)..left.end.max(right.end)).unwrap_or_default();
    Snippet::source(&source.text[window.clone()])
        .line_start(source.position(window.start).line)
        .path(source.name.as_str())
        .annotations(marks.iter().map(|mark| annotation(source, window.start, mark)))
}

/// A mark on the first line of its span, relative to the window's start.
fn annotation<'a>(source: &Source, window: usize, mark: &Mark<'a>) -> Annotation<'a> {
    let line = source.line_at(mark.span.start);
    let start = source.floor(mark.span.start).clamp(line.start, line.end);
    let end = source.floor(mark.span.end).clamp(start, line.end);
    let annotation = mark.kind.span(start - window..end - window);
    if mark.label.is_empty() { annotation } else { annotation.label(mark.label) }
}

/// `2 errors`; empty when there is none.
fn summary(all: &Diagnostics) -> String {
    let errors = all.list.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count() + all.dropped;
    match (errors, all.dropped) {
        (0, _) => String::new(),
        (1, _) => "1 error\n".to_owned(),
        (errors, 0) => format!("{errors} errors\n"),
        (errors, dropped) => format!("{errors} errors, {dropped} of them not shown\n"),
    }
}
