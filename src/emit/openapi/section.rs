//! A map of the document as YAML, written as its entries come. Knows nothing about what they are.

use indexmap::IndexMap;
use serde::Serialize;

use super::{OpenApi, v31};

pub struct Section {
    version: OpenApi,
    /// How far the map's name is indented.
    columns: usize,
    name: &'static str,
    /// Nothing, as long as there are no entries.
    pub text: String,
}

impl Section {
    pub fn new(version: OpenApi, columns: usize, name: &'static str) -> Section {
        Section { version, columns, name, text: String::new() }
    }

    pub fn add(&mut self, entries: &IndexMap<String, impl Serialize>) {
        if entries.is_empty() {
            return;
        }
        let indent = " ".repeat(self.columns);
        if self.text.is_empty() {
            self.text = format!("{indent}{}:\n", self.name);
        }
        let entries = match self.version {
            OpenApi::V3_0 => yaml(entries),
            OpenApi::V3_1 => yaml(&v31::rewrite_part(self.name, entries)),
        };
        for line in entries.split_inclusive('\n') {
            if line != "\n" {
                self.text.extend([&indent, "  "]);
            }
            self.text.push_str(line);
        }
    }

    /// The map, which has to be there.
    pub fn or_empty(self) -> String {
        if self.text.is_empty() { format!("{}: {{}}\n", self.name) } else { self.text }
    }
}

pub fn yaml(value: &impl Serialize) -> String {
    // Long texts stay on their line: a folded one would change all its lines with a word.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(value, options)
        .unwrap_or_else(|error| unreachable!("an OpenAPI document is always YAML: {error}"))
}
