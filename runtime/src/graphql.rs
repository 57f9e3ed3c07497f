//! GraphQL: the schema that the contract shows, answered over the service.
//!
//! A request goes through `document` (parse, validate, limits; kept), `plan` (what to read and what to answer; kept as well,
//! and filled with the request's variables), the service's `level` (one statement per level, relation and arguments, in one snapshot) and
//! `complete` (bytes, null propagation, paths). `http` is the only file that knows HTTP. The language itself is apollo-compiler's.

mod arguments;
mod complete;
mod document;
mod engine;
mod http;
mod limits;
mod mutate;
mod plan;
mod response;
mod schema;
#[cfg(test)]
mod tests;

pub use http::{Format, error_response, router};

/// What is served, and how much one request may ask for.
#[derive(Debug, Clone)]
pub struct Options {
    /// Introspection and GraphiQL are served.
    pub development: bool,
    /// Bytes of one document.
    pub max_document_bytes: usize,
    /// Tokens of one document.
    pub max_tokens: usize,
    /// Fields below one another, introspection left aside.
    pub max_depth: usize,
    /// Aliases in one document.
    pub max_aliases: usize,
    /// Objects that the answer could have, counted before anything is read: a list's rows as many as the page asked for. A
    /// page whose size isn't asked for counts as 5, lest plain nested lists be refused: `max_rows` bounds what they really
    /// read. A row's own fields are part of it, but one that is asked for twice costs as much as another row.
    pub max_complexity: u64,
    /// Rows that one operation may read.
    pub max_rows: usize,
    /// The status codes of the newest draft of GraphQL over HTTP, in place of those that clients expect today.
    pub http_draft: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            development: false,
            max_document_bytes: 64 * 1024,
            max_tokens: 10_000,
            max_depth: 12,
            max_aliases: 100,
            max_complexity: 10_000,
            max_rows: 10_000,
            http_draft: false,
        }
    }
}
