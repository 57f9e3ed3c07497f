//! A map of the document as YAML, written as its entries come. Knows nothing about what they are.

use indexmap::IndexMap;
use serde::Serialize;

use super::{OpenApi, v31, yaml};

pub struct Section {
    version: OpenApi,
    /// How far the map's name is indented.
    columns: usize,
    name: &'static str,
    empty: bool,
    /// With what was in front of it. Without entries, not even the name.
    pub text: Vec<u8>,
}

impl Section {
    pub fn new(version: OpenApi, columns: usize, name: &'static str) -> Section {
        Section { version, columns, name, empty: true, text: Vec::new() }
    }

    /// Written behind `text`.
    pub fn behind(self, text: Vec<u8>) -> Section {
        Section { text, ..self }
    }

    pub fn add(&mut self, entries: &IndexMap<String, impl Serialize>) {
        if entries.is_empty() {
            return;
        }
        if self.empty {
            self.text.extend(format!("{:1$}{2}:\n", "", self.columns, self.name).bytes());
            self.empty = false;
        }
        match self.version {
            OpenApi::V3_0 => yaml::write(entries, self.columns + 2, &mut self.text),
            OpenApi::V3_1 => {
                yaml::write(&v31::rewrite_part(self.name, entries), self.columns + 2, &mut self.text);
            }
        }
    }

    /// The map, which has to be there.
    pub fn or_empty(mut self) -> Vec<u8> {
        if self.empty {
            self.text.extend(format!("{}: {{}}\n", self.name).bytes());
        }
        self.text
    }
}
