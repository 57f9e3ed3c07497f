//! Patterns, each compiled once however often the spec repeats it.

use std::collections::HashMap;

use regex::Regex;

#[derive(Default)]
pub struct Patterns(HashMap<String, Result<Regex, String>>);

impl Patterns {
    /// The expression, or why it isn't one, in one line. Lent, since a copy would begin without what this one has learned.
    pub fn get(&mut self, pattern: &str) -> Result<&Regex, &str> {
        if !self.0.contains_key(pattern) {
            let compiled = Regex::new(pattern).map_err(|error| reason(&error));
            self.0.insert(pattern.to_owned(), compiled);
        }
        self.0[pattern].as_ref().map_err(String::as_str)
    }
}

/// The last line of a syntax error is the reason; those before draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
