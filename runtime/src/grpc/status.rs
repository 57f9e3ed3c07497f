//! Errors as gRPC shows them: a status with `google.rpc` details in its trailers (AIP-193).
//!
//! Every error carries an ErrorInfo; each kind of detail appears at most once. Trailers are limited to about 8 KiB, base64
//! included, so the details are cut to what fits.

use axum::body::Body;
use http::{Response, header::HeaderValue};
use prost::Message;
use prost_types::Any;
use tonic::metadata::MetadataMap;

use crate::error::{ApiError, Code, Location, Violation};

/// Encoded `google.rpc.Status`, before base64 adds a third.
const MAX_DETAILS: usize = 4_096;
/// Any one text among the details.
const MAX_TEXT: usize = 256;
/// The message travels percent-encoded, so that it may treble.
const MAX_MESSAGE: usize = 400;

/// The status of an error. `domain` names the service that gives the reasons their meaning: the protobuf package.
pub fn status(error: &ApiError, request_id: &str, domain: &str) -> tonic::Status {
    let message = clip(&error.message, MAX_MESSAGE);
    let mut violations = error.violations.as_slice();
    let details = loop {
        let details = encode(error, &message, violations, request_id, domain);
        match violations.split_last() {
            Some((_, fewer)) if details.len() > MAX_DETAILS => violations = fewer,
            _ => break details,
        }
    };
    let code = tonic::Code::from_i32(error.code.grpc_code());
    tonic::Status::with_details_and_metadata(code, message, details.into(), metadata(error))
}

/// What programs look for where HTTP has it.
fn metadata(error: &ApiError) -> MetadataMap {
    let mut metadata = MetadataMap::new();
    let challenge = error.metadata.iter().find(|(name, _)| *name == "www_authenticate");
    if let Some(challenge) = challenge.and_then(|(_, challenge)| challenge.parse().ok()) {
        metadata.insert("www-authenticate", challenge);
    }
    metadata
}

/// An error as a whole response without a body (trailers only), for what is refused before a method is reached.
pub fn error_response(error: &ApiError, request_id: &str, domain: &str) -> Response<Body> {
    let mut response = status(error, request_id, domain).into_http();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// The answer to a method or service that doesn't exist. `path` is the request's: `/shop.v1.OrderService/Burn`.
pub fn unimplemented(path: &str, request_id: &str, domain: &str) -> Response<Body> {
    let path = clip(path, MAX_TEXT);
    let error = ApiError::new(Code::NotImplemented, format!("there is no method {path}")).with("method", path);
    error_response(&error, request_id, domain)
}

fn encode(error: &ApiError, message: &str, violations: &[Violation], request_id: &str, domain: &str) -> Vec<u8> {
    let mut details = vec![
        any("ErrorInfo", &error_info(error, violations.len(), domain)),
        any("RequestInfo", &RequestInfo { request_id: clip(request_id, MAX_TEXT), serving_data: String::new() }),
    ];
    if !violations.is_empty() {
        let field_violations = violations.iter().map(field_violation).collect();
        details.push(any("BadRequest", &BadRequest { field_violations }));
    }
    if let Some(retry_delay) = error.retry_after.and_then(|delay| delay.try_into().ok()) {
        details.push(any("RetryInfo", &RetryInfo { retry_delay: Some(retry_delay) }));
    }
    if error.code == Code::FailedPrecondition {
        details.push(any("PreconditionFailure", &precondition_failure(error, message)));
    }
    Status { code: error.code.grpc_code(), message: message.to_owned(), details }.encode_to_vec()
}

fn error_info(error: &ApiError, listed: usize, domain: &str) -> ErrorInfo {
    const MAX_ENTRIES: usize = 8;
    let entries = error.details().take(MAX_ENTRIES);
    let mut metadata: Vec<MetadataEntry> =
        entries.map(|(key, value)| MetadataEntry { key: key.to_owned(), value: clip(&value, MAX_TEXT) }).collect();
    if error.truncated || listed < error.violations.len() {
        metadata.push(MetadataEntry { key: "truncated".to_owned(), value: "true".to_owned() });
    }
    ErrorInfo { reason: error.reason().to_owned(), domain: domain.to_owned(), metadata }
}

fn field_violation(violation: &Violation) -> FieldViolation {
    FieldViolation {
        field: clip(&field_path(&violation.location), MAX_TEXT),
        description: clip(&violation.message, MAX_TEXT),
        reason: violation.code.to_owned(),
    }
}

/// Headers of REST have their twins in the request message.
pub(super) fn field_path(location: &Location) -> String {
    match location {
        Location::Header(name) if name.eq_ignore_ascii_case("if-match") => "etag".to_owned(),
        other => other.to_string(),
    }
}

fn precondition_failure(error: &ApiError, message: &str) -> PreconditionFailure {
    let subject = error.details().next().map(|(_, value)| clip(&value, MAX_TEXT)).unwrap_or_default();
    let kind = error.reason().to_owned();
    PreconditionFailure { violations: vec![PreconditionViolation { kind, subject, description: message.to_owned() }] }
}

fn any(name: &str, message: &impl Message) -> Any {
    Any { type_url: format!("type.googleapis.com/google.rpc.{name}"), value: message.encode_to_vec() }
}

/// At most `limit` bytes, cut between characters.
fn clip(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = (0..=limit - '…'.len_utf8()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}…", &text[..end])
}

// The messages of google/rpc/status.proto and google/rpc/error_details.proto that are used here.

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
    #[prost(string, tag = "2")]
    domain: String,
    /// A `map<string, string>` in the order of the error.
    #[prost(message, repeated, tag = "3")]
    metadata: Vec<MetadataEntry>,
}

#[derive(Clone, PartialEq, Message)]
struct MetadataEntry {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<prost_types::Duration>,
}

#[derive(Clone, PartialEq, Message)]
struct RequestInfo {
    #[prost(string, tag = "1")]
    request_id: String,
    #[prost(string, tag = "2")]
    serving_data: String,
}

#[derive(Clone, PartialEq, Message)]
struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    field_violations: Vec<FieldViolation>,
}

#[derive(Clone, PartialEq, Message)]
struct FieldViolation {
    #[prost(string, tag = "1")]
    field: String,
    #[prost(string, tag = "2")]
    description: String,
    #[prost(string, tag = "3")]
    reason: String,
}

#[derive(Clone, PartialEq, Message)]
struct PreconditionFailure {
    #[prost(message, repeated, tag = "1")]
    violations: Vec<PreconditionViolation>,
}

#[derive(Clone, PartialEq, Message)]
struct PreconditionViolation {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    subject: String,
    #[prost(string, tag = "3")]
    description: String,
}

/// What a client reads of an error.
#[cfg(feature = "testing")]
pub struct Refusal {
    pub reason: String,
    pub message: String,
    /// Dotted paths.
    pub fields: Vec<String>,
}

#[cfg(feature = "testing")]
impl Refusal {
    /// `None`: it is no `google.rpc.Status`, or has no ErrorInfo.
    pub fn read(details: &[u8]) -> Option<Refusal> {
        let status = Status::decode(details).ok()?;
        let find = |name: &str| status.details.iter().find(|any| any.type_url.ends_with(name));
        let info = ErrorInfo::decode(&*find("/google.rpc.ErrorInfo")?.value).ok()?;
        let refused = find("/google.rpc.BadRequest").and_then(|any| BadRequest::decode(&*any.value).ok());
        let violations = refused.map(|refused| refused.field_violations).unwrap_or_default();
        let fields = violations.into_iter().map(|violation| violation.field).collect();
        Some(Refusal { reason: info.reason, message: status.message, fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Segment;

    fn details(error: &ApiError) -> Status {
        let status = status(error, "req-1", "lab.v1");
        assert_eq!(status.code() as i32, error.code.grpc_code());
        let details = Status::decode(status.details()).expect("details are a google.rpc.Status");
        assert_eq!(details.message, status.message());
        let trailers = status.into_http::<Body>();
        let size: usize = trailers.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        assert!(size < 8_192, "{size} bytes of trailers");
        details
    }

    fn find<M: Message + Default>(status: &Status, name: &str) -> Option<M> {
        let url = format!("type.googleapis.com/google.rpc.{name}");
        let mut found = status.details.iter().filter(|any| any.type_url == url);
        let one = found.next()?;
        assert!(found.next().is_none(), "{name} appears twice");
        Some(M::decode(one.value.as_slice()).expect(name))
    }

    fn body(index: usize, message: &str) -> Violation {
        let field = Segment::Field { name: "items", camel: "items" };
        let location = Location::Body(vec![field, Segment::Index(index)]);
        Violation { location, code: "MAX_LENGTH", message: message.to_owned() }
    }

    #[test]
    fn every_error_says_what_it_is() {
        for code in Code::ALL {
            let details = details(&ApiError::new(*code, "no").with("what", "value"));
            let info: ErrorInfo = find(&details, "ErrorInfo").expect("an ErrorInfo");
            assert_eq!((info.reason.as_str(), info.domain.as_str()), (code.as_str(), "lab.v1"));
            assert_eq!(info.metadata, [MetadataEntry { key: "what".to_owned(), value: "value".to_owned() }]);
            let request: RequestInfo = find(&details, "RequestInfo").expect("a RequestInfo");
            assert_eq!(request.request_id, "req-1");
            let precondition: Option<PreconditionFailure> = find(&details, "PreconditionFailure");
            assert_eq!(precondition.is_some(), *code == Code::FailedPrecondition);
            assert_eq!(find::<BadRequest>(&details, "BadRequest"), None);
            assert_eq!(find::<RetryInfo>(&details, "RetryInfo"), None);
        }
    }

    #[test]
    fn violations_are_named_by_dotted_paths() {
        let header = Violation { location: Location::Header("If-Match"), code: "X", message: "m".to_owned() };
        let details = details(&ApiError::validation(vec![body(2, "is long"), header]));
        let bad: BadRequest = find(&details, "BadRequest").expect("a BadRequest");
        let fields: Vec<_> = bad.field_violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["items[2]", "etag"]);
        assert_eq!(bad.field_violations[0].description, "is long");
        assert_eq!(bad.field_violations[0].reason, "MAX_LENGTH");
    }

    #[test]
    fn a_delay_is_told() {
        let error = ApiError::new(Code::Unavailable, "later").retry_after(std::time::Duration::from_millis(1_500));
        let retry: RetryInfo = find(&details(&error), "RetryInfo").expect("a RetryInfo");
        assert_eq!(retry.retry_delay, Some(prost_types::Duration { seconds: 1, nanos: 500_000_000 }));
    }

    #[test]
    fn trailers_stay_small() {
        let long = "ü€".repeat(5_000);
        let violations: Vec<Violation> = (0..40).map(|index| body(index, &long)).collect();
        let mut error = ApiError::validation(violations);
        error.message = long.clone();
        error.metadata = vec![("key", long.clone()); 30];
        let details = details(&error);
        let bad: BadRequest = find(&details, "BadRequest").expect("a BadRequest");
        assert!((1..20).contains(&bad.field_violations.len()), "{}", bad.field_violations.len());
        let info: ErrorInfo = find(&details, "ErrorInfo").expect("an ErrorInfo");
        assert!(info.metadata.contains(&MetadataEntry { key: "truncated".to_owned(), value: "true".to_owned() }));
    }

    #[test]
    fn a_refusal_before_the_method_is_a_grpc_response() {
        let response = unimplemented("/lab.v1.SampleService/Burn", "req-1", "lab.v1");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/grpc");
        assert_eq!(response.headers()["grpc-status"], "12");
        assert_eq!(response.headers()["x-request-id"], "req-1");
        assert!(response.headers().contains_key("grpc-status-details-bin"));
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!(clip("aüüüü", 7), "aü…");
        assert!(clip(&"€".repeat(100), 50).len() <= 50);
    }
}
