//! Diagnostics as GitHub workflow commands: `::error file=…,line=…,col=…,title=…::message`.

use super::{Diagnostic, Diagnostics};

pub fn render(all: &Diagnostics) -> String {
    all.list.iter().map(|diagnostic| command(all, diagnostic)).collect()
}

fn command(all: &Diagnostics, diagnostic: &Diagnostic) -> String {
    let source = all.source(diagnostic.span.file);
    let start = source.position(diagnostic.span.start);
    let end = source.position(diagnostic.span.end);
    format!(
        "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
        diagnostic.severity.word(),
        property(&source.name),
        start.line,
        start.column,
        end.line,
        end.column,
        diagnostic.code.id(),
        data(&message(diagnostic)),
    )
}

fn message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if !diagnostic.label.is_empty() {
        text.push_str(&format!(": {}", diagnostic.label));
    }
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    text
}

/// Escapes as the runner's own toolkit does.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
