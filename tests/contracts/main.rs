//! The contracts of a small shop, judged by the tools that read them.

mod graphql;
mod openapi;
mod proto;
mod shop;

/// From the line that begins with `start` to the brace that closes it.
fn section<'t>(text: &'t str, start: &str) -> &'t str {
    let begin = text.find(&format!("\n{start}")).unwrap_or_else(|| panic!("no {start} in:\n{text}")) + 1;
    let end = text[begin..].find("\n}").unwrap_or_else(|| panic!("{start} has no end"));
    &text[begin..begin + end + 2]
}
