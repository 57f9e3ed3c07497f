//! The contracts of a small shop, judged by the tools that read them.

mod access;
mod client;
mod computed;
mod docs;
mod graphql;
mod long_running;
mod openapi;
mod openapi31;
mod proto;
mod shop;

use std::path::Path;

use apigen::model::Model;

/// From the line that begins with `start` to the brace that closes it.
fn section<'t>(text: &'t str, start: &str) -> &'t str {
    let begin = text.find(&format!("\n{start}")).unwrap_or_else(|| panic!("no {start} in:\n{text}")) + 1;
    let end = text[begin..].find("\n}").unwrap_or_else(|| panic!("{start} has no end"));
    &text[begin..begin + end + 2]
}

/// Specs with everything that the language has, and names that get in the way somewhere.
const SPECS: [&str; 10] = [
    "specs/shop.yaml",
    "specs/library.yaml",
    "specs/social.yaml",
    "specs/chat.yaml",
    "specs/payments.yaml",
    "tests/specs/desk.yaml",
    "tests/specs/every_type.yaml",
    "tests/specs/guarded.yaml",
    "tests/specs/library.yaml",
    "tests/specs/obstacles.yaml",
];

/// What a spec of this repository means.
fn model_of(spec: &str) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(spec);
    match apigen::load(&path).expect("the spec can be read") {
        Ok(loaded) => loaded.model,
        Err(mistakes) => panic!("{mistakes}"),
    }
}
