//! Descriptions as GraphQL block strings (GraphQL September 2025 §2.9.4), and reasons as quoted ones.

use std::fmt;

use crate::model::{Deprecation, prose::Spelling};

/// A description, indented; without line break behind it.
pub struct Doc {
    indent: &'static str,
    text: String,
}

impl Doc {
    /// Of a definition.
    pub fn outer(text: &str) -> Doc {
        Doc { indent: "", text: block(text) }
    }

    /// Of a field, input field or enum value.
    pub fn member(text: &str) -> Doc {
        Doc { indent: "  ", text: block(text) }
    }

    /// Of an argument.
    pub fn argument(text: &str) -> Doc {
        Doc { indent: "    ", text: block(text) }
    }
}

/// Why something is deprecated, as a quoted string. GraphQL's escapes are JSON's.
pub struct Reason(String);

impl Reason {
    pub fn of(deprecation: Option<&Deprecation>) -> Option<Reason> {
        let reason = deprecation?.reason(Spelling::Graphql);
        Some(Reason(serde_json::Value::String(reason).to_string()))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Only `"""` is special in a block string. Control characters can't be written in one at all.
fn block(text: &str) -> String {
    let text = text.trim();
    if !text.contains(|c: char| c.is_control() || c == '"') {
        return text.to_owned();
    }
    let printable = text.replace("\r\n", "\n").replace(|c: char| c.is_control() && c != '\n' && c != '\t', " ");
    printable.replace("\"\"\"", "\\\"\"\"")
}

impl fmt::Display for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Doc { indent, text } = self;
        // A quote or backslash right before the closing quotes would become part of them.
        if !text.contains('\n') && !text.ends_with(['"', '\\']) {
            return write!(f, "{indent}\"\"\"{text}\"\"\"");
        }
        writeln!(f, "{indent}\"\"\"")?;
        text.lines().map(str::trim_end).try_for_each(|line| match line {
            "" => writeln!(f),
            line => writeln!(f, "{indent}{line}"),
        })?;
        write!(f, "{indent}\"\"\"")
    }
}
