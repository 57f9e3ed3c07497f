//! One protocol, seen from a scenario: operations in, answers in one form out.

use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use super::scenario::{Create, Item, List, Protocol, Related, Update};

/// A step with its references resolved.
#[derive(Debug, Clone)]
pub enum Operation {
    Create(Create),
    Get(Item),
    Update(Update),
    Delete(Item),
    List(List),
    Related(Related),
}

pub type Outcome = Result<Reply, Failure>;

#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// A record in REST's spelling, or `{data, has_more, next, prev, total}`, or null.
    pub value: Json,
    pub etag: Option<String>,
}

impl Reply {
    pub fn of(value: Json) -> Reply {
        Reply { value, etag: None }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure {
    pub code: String,
    /// Absent where GraphQL has only the violations (`userErrors`).
    pub message: Option<String>,
    pub violations: Vec<Violation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// `ship_to.country`, or `page_size`, `cursor`, `sort`, `filter` for arguments, whatever a protocol calls them.
    pub at: String,
    /// Absent in GraphQL's `userErrors`, whose code is the error's.
    pub code: Option<String>,
    pub message: String,
}

pub trait Driver {
    fn protocol(&self) -> Protocol;
    fn run<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome>;
}

/// The one name of an argument of lists.
pub fn argument(name: &str) -> String {
    match name {
        "limit" | "page_size" | "first" | "last" => "page_size",
        "cursor" | "page_token" | "after" | "before" => "cursor",
        "sort" | "order_by" | "orderBy" => "sort",
        "filter" | "where" => "filter",
        other => other,
    }
    .to_owned()
}

/// A message that starts with the name of an argument, with its one name.
pub fn message(text: &str) -> String {
    match text.split_once(": ") {
        Some((name, rest)) if !name.contains(' ') => format!("{}: {rest}", argument(name)),
        _ => text.to_owned(),
    }
}
