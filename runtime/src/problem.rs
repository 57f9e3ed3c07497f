//! An [`ApiError`] as `application/problem+json` (RFC 9457).

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value as Json, json};

use crate::error::{ApiError, Location, Violation};

pub const MEDIA_TYPE: &str = "application/problem+json";

/// `instance` is the path of the request.
pub fn response(error: &ApiError, request_id: &str, instance: &str) -> Response {
    let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = body(error, request_id, instance).to_string();
    let mut response =
        (status, [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "no-store")], body).into_response();
    if let Some(delay) = error.retry_after {
        // Whole seconds, never too early (RFC 9110 §10.2.3).
        let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for (name, header) in HEADERS {
        let value = error.metadata.iter().find(|(key, _)| key == name);
        if let Some(value) = value.and_then(|(_, value)| HeaderValue::from_str(value).ok()) {
            response.headers_mut().insert(HeaderName::from_static(header), value);
        }
    }
    response
}

/// Metadata that HTTP has a header for.
const HEADERS: &[(&str, &str)] =
    &[("allow", "allow"), ("accept_post", "accept-post"), ("accept_patch", "accept-patch")];

/// The members of the problem.
pub fn body(error: &ApiError, request_id: &str, instance: &str) -> Json {
    let mut body = json!({
        "type": "about:blank",
        "title": error.code.title(),
        "status": error.code.http_status(),
        "detail": error.message,
        "instance": instance,
        "code": error.code.as_str(),
        "request_id": request_id,
        "retryable": error.code.retryable(),
    });
    if !error.violations.is_empty() {
        body["errors"] = error.violations.iter().map(violation).collect();
    }
    if error.truncated {
        body["truncated"] = Json::Bool(true);
    }
    body
}

fn violation(violation: &Violation) -> Json {
    let (kind, place) = match &violation.location {
        Location::Body(path) => ("pointer", Location::pointer(path)),
        Location::Parameter(name) => ("parameter", name.clone()),
        Location::Header(name) => ("header", (*name).to_owned()),
    };
    json!({ kind: place, "code": violation.code, "detail": violation.message })
}
