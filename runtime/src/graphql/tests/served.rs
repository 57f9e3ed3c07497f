//! Methods, media types and statuses, of requests that read nothing.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Body};
use futures_util::future::BoxFuture;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value as Json, json as j};
use tower::ServiceExt;

use super::fixture::{API, json};
use crate::{
    cursor::CursorKey,
    descriptor::Migration,
    edge::{self, Limits},
    error::{ApiError, Code},
    graphql::{Format, Options, error_response, router},
    service::Service,
    store::{Dialect, Job, Output, Store, StoreError},
};

/// A database that is never there.
struct Nothing;

impl Store for Nothing {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn read(&self, _: Job, _: std::time::Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        Box::pin(async { Err(ApiError::new(Code::Unavailable, "no database")) })
    }

    fn write(&self, job: Job, deadline: std::time::Instant) -> BoxFuture<'_, Result<Output, ApiError>> {
        self.read(job, deadline)
    }

    fn migrate(&self, _: &'static [Migration]) -> BoxFuture<'_, anyhow::Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn ready(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// Over no database.
pub fn service() -> Arc<Service> {
    let cursor_key = CursorKey::new("a secret of the tests").unwrap();
    Arc::new(Service::new(&API, Arc::new(Nothing), cursor_key).unwrap())
}

fn served(development: bool) -> Router {
    let options = Options { development, ..Options::default() };
    let limits = Limits {
        body: 1 << 20,
        concurrency: 1,
        request: Duration::from_secs(10),
        streams: Vec::new(),
        domain: "shop.v1",
    };
    edge::stack(router(service(), options).expect("the schema fits"), limits, edge::Callers::default())
}

struct Answer {
    status: StatusCode,
    content_type: String,
    allow: Option<String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Json {
        json(&self.body)
    }

    fn code(&self) -> String {
        self.json()["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned()
    }
}

fn send(request: http::request::Builder, body: &str) -> Answer {
    send_to(served(false), request, Body::from(body.to_owned()))
}

fn send_to(router: Router, request: http::request::Builder, body: Body) -> Answer {
    let request = request.body(body).expect("a request");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let response = runtime.block_on(router.oneshot(request)).expect("infallible");
    let header = |name| response.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    let (content_type, allow) = (header(header::CONTENT_TYPE).unwrap_or_default(), header(header::ALLOW));
    let status = response.status();
    let body = runtime.block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).expect("a body");
    Answer { status, content_type, allow, body: String::from_utf8(body.to_vec()).expect("UTF-8") }
}

fn post() -> http::request::Builder {
    Request::post("/graphql").header(header::CONTENT_TYPE, "application/json; charset=utf-8")
}

fn get(query: &str) -> http::request::Builder {
    Request::get(format!("/graphql?{query}"))
}

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

#[test]
fn the_status_depends_on_the_media_type() {
    for (query, old, new) in [
        ("{ __typename }", 200, 200),
        ("{ users { nodes { id } } }", 200, 200),
        ("{", 200, 400),
        ("{ size }", 200, 400),
        ("query($id: ID!) { user(id: $id) { id } }", 200, 400),
    ] {
        for (accept, status) in [(OLD, old), (NEW, new)] {
            let answer = send(post().header(header::ACCEPT, accept), &j!({ "query": query }).to_string());
            assert_eq!(answer.status, status, "{query} as {accept}: {}", answer.body);
            assert_eq!(answer.content_type, format!("{accept}; charset=utf-8"));
        }
    }
}

#[test]
fn the_draft_tells_more_by_the_status() {
    let options = Options { http_draft: true, ..Options::default() };
    let limits = Limits {
        body: 1 << 20,
        concurrency: 1,
        request: Duration::from_secs(10),
        streams: Vec::new(),
        domain: "shop.v1",
    };
    let router = edge::stack(router(service(), options).expect("the schema fits"), limits, edge::Callers::default());
    for (query, status, media_type) in [
        ("{ __typename }", 200, OLD),
        ("{ users { nodes { id } } }", 294, OLD),
        ("{ nobody }", 422, NEW),
        ("{", 400, NEW),
    ] {
        let body = Body::from(j!({ "query": query }).to_string());
        let answer = send_to(router.clone(), post().header(header::ACCEPT, OLD), body);
        assert_eq!(answer.status.as_u16(), status, "{query}");
        assert!(answer.content_type.starts_with(media_type), "{query}: {}", answer.content_type);
    }
}

#[test]
fn what_isnt_read_is_told() {
    let answer = send(post(), r#"{"query": "{ users { nodes { id } } }"}"#);
    assert_eq!(answer.json()["data"], j!(null));
    assert_eq!(answer.code(), "UNAVAILABLE");
}

#[test]
fn a_mutation_with_a_wrong_argument_writes_nothing() {
    let query = "mutation($id: ID = \"x\") { kind: __typename gone: deleteUser(id: $id) { deletedId } }";
    let answer = send(post(), &j!({ "query": query, "variables": { "id": null } }).to_string()).json();
    assert_eq!((&answer["data"], &answer["errors"][0]["path"]), (&j!(null), &j!(["gone"])));
    let none = send(post(), &j!({ "query": "mutation { __typename }" }).to_string());
    assert_eq!(none.body, r#"{"data":{"__typename":"Mutation"}}"#);
}

#[test]
fn only_json_is_read() {
    for content_type in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data")]
    {
        let mut request = Request::post("/graphql");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let answer = send(request, r#"{"query": "{ __typename }"}"#);
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (415, "UNSUPPORTED_MEDIA_TYPE"),
            "{content_type:?}"
        );
    }
}

#[test]
fn unreadable_requests_are_400() {
    for body in [
        "",
        "{",
        "[]",
        r#"["{ __typename }", null, null]"#,
        "null",
        "{}",
        r#"{"query": null}"#,
        r#"{"query": 1}"#,
        r#"{"query": "{ __typename }", "variables": "x"}"#,
        r#"{"query": "{ __typename }", "extensions": []}"#,
        r#"{"query": "{ __typename }", "operationName": 1}"#,
    ] {
        let answer = send(post(), body);
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "MALFORMED_REQUEST"), "{body}");
        assert_eq!(answer.content_type, "application/json; charset=utf-8");
        assert!(answer.json().get("data").is_none());
    }
    let fine =
        r#" {"query": "{ __typename }", "variables": null, "operationName": null, "extensions": {"a": 1}, "x": 1}"#;
    assert_eq!(send(post(), fine).body, r#"{"data":{"__typename":"Query"}}"#);
}

#[test]
fn get_may_query_and_nothing_else() {
    let answer = send(
        get("query=query+Q($n:Int)%7Busers(first:$n)%7BtotalCount%7D%7D&operationName=Q&variables=%7B%22n%22:1%7D"),
        "",
    );
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (200, "UNAVAILABLE"));
    assert_eq!(send(get("query=%7B__typename%7D"), "").body, r#"{"data":{"__typename":"Query"}}"#);
    assert_eq!(send(get("query=%7B__typename%7D&variables=x"), "").status, 400);
    assert_eq!(send(get(""), "").status, 400);
    let answer = send(get("query=mutation%7BdeleteUser(id:1)%7BdeletedId%7D%7D"), "");
    assert_eq!((answer.status.as_u16(), answer.allow.as_deref()), (405, Some("POST")));
    let answer = send(Request::builder().method(Method::PUT).uri("/graphql"), "");
    assert_eq!((answer.status.as_u16(), answer.allow.as_deref()), (405, Some("GET, POST")));
}

#[test]
fn other_media_types_are_not_acceptable() {
    let answer = send(post().header(header::ACCEPT, "text/csv"), r#"{"query": "{ __typename }"}"#);
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (406, "NOT_ACCEPTABLE"));
}

#[test]
fn a_body_beyond_the_limit_is_too_large() {
    let body = Body::from(" ".repeat((1 << 20) + 1));
    let answer = send_to(served(false), post(), body);
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn graphiql_is_for_development() {
    let page = || get("").header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
    let answer = send_to(served(true), page(), Body::empty());
    assert_eq!((answer.status.as_u16(), answer.content_type.as_str()), (200, "text/html; charset=utf-8"));
    assert!(answer.body.contains("GraphiQL"));
    assert_eq!(send(page(), "").status, 400);
}

#[test]
fn layers_around_answer_in_the_same_form() {
    let error = ApiError::new(Code::RateLimited, "slow down").retry_after(Duration::from_millis(1500));
    let response = error_response(&error, "req-9", Format::Json);
    assert_eq!(
        (response.status().as_u16(), &response.headers()[header::RETRY_AFTER]),
        (429, &"2".parse().expect("a value"))
    );
}
