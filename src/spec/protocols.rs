//! `rest:`, `graphql:` and `grpc:` as typed: what single protocols do differently from the defaults.

use super::keys::{self, Keys};
use super::tree::{Entry, Text};
use super::vocabulary;
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rest {
    /// Each item tells where to go from it.
    pub links: Option<Span>,
    /// RFC 6902 patches are accepted, too.
    pub json_patch: Option<Span>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graphql {
    pub max_depth: Option<Text>,
    pub max_complexity: Option<Text>,
    pub http: Option<Text>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grpc {
    pub reflection: Option<bool>,
}

pub fn rest(entry: Entry, out: &mut Diagnostics) -> Option<Rest> {
    let mut keys = Keys::read(entry.value, &vocabulary::REST, out)?;
    Some(Rest { links: keys.take_flag("links", out), json_patch: keys.take_flag("json_patch", out) })
}

pub fn graphql(entry: Entry, out: &mut Diagnostics) -> Option<Graphql> {
    let mut keys = Keys::read(entry.value, &vocabulary::GRAPHQL, out)?;
    Some(Graphql {
        max_depth: keys.take_text("max_depth", out),
        max_complexity: keys.take_text("max_complexity", out),
        http: keys.take_text("http", out),
    })
}

pub fn grpc(entry: Entry, out: &mut Diagnostics) -> Option<Grpc> {
    let mut keys = Keys::read(entry.value, &vocabulary::GRPC, out)?;
    Some(Grpc { reflection: keys.take("reflection").and_then(|entry| keys::flag(entry, out)) })
}
