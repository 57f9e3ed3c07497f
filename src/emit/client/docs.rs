//! Comments of the contract as Rust's doc comments.

use std::{fmt, sync::LazyLock};

use regex::Regex;

/// A text as `///` lines, each with its line break, so that no text takes no line.
pub(super) struct Docs<'a> {
    indent: &'static str,
    text: &'a str,
}

impl Docs<'_> {
    pub(super) fn new<'a>(indent: &'static str, text: Option<&'a str>) -> Docs<'a> {
        Docs { indent, text: text.unwrap_or_default().trim_end() }
    }
}

impl fmt::Display for Docs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fenced = false;
        for line in self.text.lines().map(str::trim_end) {
            let line = without_doctest(line, &mut fenced);
            if line.is_empty() {
                writeln!(f, "{}///", self.indent)?;
            } else {
                writeln!(f, "{}/// {}", self.indent, without_links(line))?;
            }
        }
        Ok(())
    }
}

/// rustdoc takes fenced and indented code for doctests, and an author's example isn't Rust.
fn without_doctest<'l>(line: &'l str, fenced: &mut bool) -> &'l str {
    let text = line.trim_start();
    if text.starts_with("```") || text.starts_with("~~~") {
        *fenced ^= true;
        return match (text, *fenced) {
            ("```", true) => "```text",
            ("~~~", true) => "~~~text",
            _ => line,
        };
    }
    // The comment mark and a space stand in front of it.
    if !*fenced && line.len() - text.len() >= 3 { text } else { line }
}

/// rustdoc takes words in brackets for links to items, and wants angles around addresses.
fn without_links(line: &str) -> String {
    static ADDRESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"https?://[^\s)]+"));
    static BRACKETS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(^|[^\]\\])\[(([^\]]*[^\\])?)\]([^(\[]|$)"));
    let mut line = line.to_owned();
    if line.contains("http") {
        line = ADDRESS.replace_all(&line, "<$0>").into_owned();
    }
    if line.contains('[') {
        line = BRACKETS.replace_all(&line, r"$1\[$2\]$4").into_owned();
    }
    line
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{text}: {error}"))
}
