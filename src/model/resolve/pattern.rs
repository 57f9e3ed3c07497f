//! Patterns, each compiled once however often the spec repeats it.

use std::collections::HashMap;

use regex::Regex;

#[derive(Default)]
pub struct Patterns(HashMap<String, Result<Regex, String>>);

impl Patterns {
    /// The expression, or why it isn't one, in one line.
    pub fn get(&mut self, pattern: &str) -> Result<Regex, String> {
        match self.0.get(pattern) {
            Some(known) => known.clone(),
            None => {
                let compiled = Regex::new(pattern).map_err(|error| reason(&error));
                self.0.insert(pattern.to_owned(), compiled.clone());
                compiled
            }
        }
    }
}

/// The last line of a syntax error is the reason; those before draw the pattern.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim_start_matches("error: ").to_owned()
}
