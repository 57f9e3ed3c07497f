//! Clients of a server under test, one per protocol. Each knows how its protocol spells requests and rows, told by the
//! descriptors and by the contracts that the server has, and nothing about what should be answered.

#![expect(clippy::expect_used, clippy::panic, reason = "in a test, this is how things fail")]

mod graphql;
mod grpc;
mod rest;

use std::fmt;

use serde_json::Value as Json;
use ureq::{
    Agent,
    http::{Method, Request, Response},
};

use crate::descriptor::{Api, Resource};

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Rest,
    Graphql,
    Grpc,
}

pub(super) const ALL: [Protocol; 3] = [Protocol::Rest, Protocol::Graphql, Protocol::Grpc];

/// What can be asked about rows of a resource. Ids are texts, inputs are as REST has them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ask<'a> {
    Create(&'a Json),
    Get(&'a str),
    List,
    Update { id: &'a str, etag: &'a str, input: &'a Json },
    Delete { id: &'a str, etag: &'a str },
}

/// A row or a list of rows, as the protocol spells them; null for what shows none.
pub(super) type Answer = Result<Json, Failure>;

/// Why something was refused, as every protocol tells it.
#[derive(Debug)]
pub(super) struct Failure {
    /// `VALIDATION_FAILED`.
    pub code: String,
    /// The fields that are wrong, as REST has them: `unit_price`.
    pub fields: Vec<String>,
    /// For people.
    pub told: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:?}: {}", self.code, self.fields, self.told)
    }
}

/// Who asks whom.
pub(super) struct Client {
    pub api: &'static Api,
    /// `http://127.0.0.1:43210`
    pub url: String,
    /// `Bearer …`
    pub authorization: Option<String>,
    agent: Agent,
}

impl Client {
    pub fn new(api: &'static Api, url: String) -> Client {
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Client { api, url, authorization: None, agent }
    }

    pub fn ask(&self, protocol: Protocol, resource: &'static Resource, ask: Ask<'_>) -> Answer {
        match protocol {
            Protocol::Rest => rest::ask(self, resource, ask),
            Protocol::Graphql => graphql::ask(self, resource, ask),
            Protocol::Grpc => grpc::ask(self, resource, ask),
        }
    }

    /// What a protocol makes of a row that REST shows.
    pub fn spelled(&self, protocol: Protocol, resource: &'static Resource, row: &Json) -> Json {
        match protocol {
            Protocol::Rest => row.clone(),
            Protocol::Graphql => graphql::spelled(resource.fields, row),
            Protocol::Grpc => grpc::spelled(self.api, resource, row),
        }
    }

    /// The version of a row, as REST tells it.
    pub fn etag(&self, resource: &'static Resource, id: &str) -> String {
        rest::etag(self, resource, id)
    }

    fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Response<Vec<u8>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        let credentials = self.authorization.iter().map(|value| ("authorization", value.as_str()));
        for (name, value) in headers.iter().copied().chain(credentials) {
            request = request.header(name, value);
        }
        let answer = match body {
            Some(body) => request.body(body).map(|request| self.agent.run(request)),
            None => request.body(()).map(|request| self.agent.run(request)),
        };
        let (head, mut body) = answer.expect("a request is well-formed").expect("the server answers").into_parts();
        Response::from_parts(head, body.read_to_vec().expect("the server answers whole"))
    }
}

/// An id as a text, whether it is one or a number.
pub(super) fn text(id: &Json) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

fn json(body: &[u8]) -> Json {
    serde_json::from_slice(body).unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(body)))
}
