//! An [`ApiError`] as `application/problem+json` (RFC 9457).

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::error::{ApiError, Code, Location, Violation};

pub const MEDIA_TYPE: &str = "application/problem+json";

/// `instance` is the path of the request.
pub fn response(error: &ApiError, request_id: &str, instance: &str) -> Response {
    let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let problem = Problem::new(error, request_id, instance);
    let body =
        serde_json::to_string(&problem).unwrap_or_else(|error| unreachable!("a problem is always JSON: {error}"));
    let mut response =
        (status, [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")], body).into_response();
    if let Some(delay) = error.retry_after {
        // Whole seconds, never too early (RFC 9110 §10.2.3).
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    add_headers(error, response.headers_mut());
    response
}

/// What an error says that HTTP has headers for.
pub fn add_headers(error: &ApiError, headers: &mut HeaderMap) {
    for (name, header) in HEADERS {
        let value = error.metadata.iter().find(|(key, _)| key == name);
        if let Some(value) = value.and_then(|(_, value)| HeaderValue::from_str(value).ok()) {
            headers.insert(HeaderName::from_static(header), value);
        }
    }
}

/// Metadata that HTTP has a header for.
const HEADERS: &[(&str, &str)] = &[
    ("allow", "allow"),
    ("accept_post", "accept-post"),
    ("accept_patch", "accept-patch"),
    ("accept", "accept"),
    ("www_authenticate", "www-authenticate"),
];

/// The members, in the order of RFC 9457, then our extensions.
#[derive(Serialize)]
pub struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'static str,
    request_id: &'a str,
    retryable: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "serde_json::Map::is_empty")]
    params: serde_json::Map<String, serde_json::Value>,
}

/// What programs act upon: the params of a domain's error, or the state that stands in the way.
fn params(error: &ApiError) -> serde_json::Map<String, serde_json::Value> {
    let state = error.metadata.iter().filter(|_| error.code == Code::FailedPrecondition);
    let state = state.map(|(name, value)| (*name, value.as_str().into()));
    let params = error.params().iter().cloned().chain(state);
    params.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Where, then what: exactly one of the first three is there.
#[derive(Default, Serialize)]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    header: Option<&'a str>,
    code: &'static str,
    detail: &'a str,
}

impl<'a> Problem<'a> {
    /// `instance` is the path of the request.
    pub fn new(error: &'a ApiError, request_id: &'a str, instance: &'a str) -> Problem<'a> {
        Problem {
            kind: "about:blank",
            title: error.code.title(),
            status: error.code.http_status(),
            detail: &error.message,
            instance,
            code: error.reason(),
            request_id,
            retryable: error.code.retryable(),
            errors: error.violations.iter().map(Item::new).collect(),
            truncated: error.truncated,
            params: params(error),
        }
    }
}

impl<'a> Item<'a> {
    fn new(violation: &'a Violation) -> Item<'a> {
        let item = Item { code: violation.code, detail: &violation.message, ..Item::default() };
        match &violation.location {
            Location::Body(path) => Item { pointer: Some(Location::pointer(path)), ..item },
            Location::Parameter(name) => Item { parameter: Some(name), ..item },
            Location::Header(name) => Item { header: Some(name), ..item },
        }
    }
}
