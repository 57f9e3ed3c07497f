//! `api:` as typed.

use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::{Slot, vocabulary};
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    pub span: Span,
    pub name: Slot<Text>,
    pub version: Slot<Text>,
    pub title: Option<Text>,
    pub description: Option<Text>,
    pub contact: Option<Contact>,
    pub license: Option<License>,
    pub servers: Vec<Server>,
    pub docs_url: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    pub name: Option<Text>,
    pub url: Option<Text>,
    pub email: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct License {
    pub span: Span,
    pub name: Slot<Text>,
    pub url: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    pub span: Span,
    pub url: Slot<Text>,
    pub description: Option<Text>,
}

pub fn read(node: Node, out: &mut Diagnostics) -> Option<Api> {
    let span = node.span;
    let mut keys = Keys::read(node, &vocabulary::API, out)?;
    Some(Api {
        span,
        name: Slot::read(keys.take("name"), |entry| keys::text(entry, out)),
        version: Slot::read(keys.take("version"), |entry| keys::text(entry, out)),
        title: keys.take_text("title", out),
        description: keys.take_text("description", out),
        contact: keys.take("contact").and_then(|entry| contact(entry, out)),
        license: keys.take("license").and_then(|entry| license(entry, out)),
        servers: keys.take("servers").map(|entry| servers(entry, out)).unwrap_or_default(),
        docs_url: keys.take_text("docs_url", out),
    })
}

fn contact(entry: Entry, out: &mut Diagnostics) -> Option<Contact> {
    let mut keys = Keys::read(entry.value, &vocabulary::CONTACT, out)?;
    Some(Contact {
        name: keys.take_text("name", out),
        url: keys.take_text("url", out),
        email: keys.take_text("email", out),
    })
}

fn license(entry: Entry, out: &mut Diagnostics) -> Option<License> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::LICENSE, out)?;
    Some(License {
        span,
        name: Slot::read(keys.take("name"), |entry| keys::text(entry, out)),
        url: keys.take_text("url", out),
    })
}

fn servers(entry: Entry, out: &mut Diagnostics) -> Vec<Server> {
    let items = keys::items(entry, out).unwrap_or_default();
    items.into_iter().filter_map(|item| server(item, out)).collect()
}

/// Its URL, or a mapping that tells more.
fn server(node: Node, out: &mut Diagnostics) -> Option<Server> {
    let span = node.span;
    if matches!(node.value, Value::Scalar(_)) {
        let url = keys::node_text(node, "a server's URL", out).map_or(Slot::Broken, Slot::Given);
        return Some(Server { span, url, description: None });
    }
    let mut keys = Keys::read(node, &vocabulary::SERVER, out)?;
    Some(Server {
        span,
        url: Slot::read(keys.take("url"), |entry| keys::text(entry, out)),
        description: keys.take_text("description", out),
    })
}
