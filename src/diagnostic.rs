//! A mistake in what the author wrote: its code, its place, what is wrong and the way out, in the author's words.
//!
//! One model, several renderers: text for people, JSON for editors, workflow commands for GitHub. Knows nothing about
//! the language itself; trouble with files (missing, unreadable) is not a diagnostic but an `anyhow::Error`.

mod codes;
mod github;
mod json;
mod source;
mod suggest;
mod text;

pub use codes::Code;
pub use source::{FileId, Position, Source, Span};
pub use text::Color;

/// Mistakes beyond this number are counted, not shown: nobody reads them, and a broken file may hold a million.
const SHOWN: usize = 500;

/// Suggestions compare a name with every other one, so only the first mistakes get one.
const SUGGESTED: usize = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// How diagnostics are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The source line with carets, as rustc does it.
    Text,
    /// An array of objects.
    Json,
    /// Workflow commands, one line each, that GitHub shows beside the changed lines.
    Github,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub span: Span,
    /// One line, lower case, no full stop.
    pub message: String,
    /// What stands beside the carets; may be empty.
    pub label: String,
    /// Other places that have to do with it, each with a label.
    pub related: Vec<(Span, String)>,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            span,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            help: None,
        }
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = label.into();
        self
    }

    pub fn related(mut self, span: Span, label: impl Into<String>) -> Diagnostic {
        self.related.push((span, label.into()));
        self
    }

    pub fn help(mut self, help: impl Into<Option<String>>) -> Diagnostic {
        self.help = help.into();
        self
    }
}

/// All mistakes of one run, with the texts that they point into.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Diagnostics {
    sources: Vec<Source>,
    list: Vec<Diagnostic>,
    /// How many errors were not kept.
    dropped: usize,
}

impl Diagnostics {
    /// Adds a text for spans to point into.
    pub fn add_source(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        self.sources.push(Source::new(name.into(), text.into()));
        FileId(self.sources.len() - 1)
    }

    pub fn source(&self, file: FileId) -> &Source {
        &self.sources[file.0]
    }

    /// Of all texts, in the order in which they were read: the spec, what it includes, its lock.
    pub fn source_names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.name.as_str())
    }

    /// The same mistake at the same place is kept once: what stands once in a spec may count for many resources.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        clip(&mut diagnostic.message);
        clip(&mut diagnostic.label);
        if self.list.contains(&diagnostic) {
            return;
        }
        if self.list.len() < SHOWN {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// In file order.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// A `did you mean` for a name that isn't among the candidates, if one of them is near.
    pub fn suggest<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
        self.nearest(name, candidates).map(|near| format!("did you mean `{near}`?"))
    }

    /// The candidate that a wrong name is meant to be, if one is near.
    pub fn nearest<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.list.len() >= SUGGESTED {
            return None;
        }
        suggest::nearest(name, candidates)
    }

    /// Brings the list into file order.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| diagnostic.span);
    }

    pub fn render(&self, format: Format, color: Color) -> String {
        match format {
            Format::Text => text::render(self, color),
            Format::Json => json::render(self),
            Format::Github => github::render(self),
        }
    }
}

/// Messages quote the author, who may have written a book.
const LONGEST_MESSAGE: usize = 400;

fn clip(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_MESSAGE) {
        text.truncate(end);
        text.push('…');
    }
}

/// The form for people, without colours.
impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(Format::Text, Color::Never))
    }
}
