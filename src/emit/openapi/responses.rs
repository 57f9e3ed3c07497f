//! Responses that operations share: one per HTTP status of the error catalogue, with the codes that it may carry, and
//! the headers that come with successes.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use openapiv3::{
    AdditionalProperties, ArrayType, BooleanType, Header, HeaderStyle, IntegerType, MediaType, ObjectType,
    ParameterSchemaOrContent, ReferenceOr, Response, Schema, SchemaData, SchemaKind, StatusCode, StringType,
    Type as JsonType,
};
use serde_json::{Value, json};

use super::{bodies::described, schemas};

const PROBLEM: &str = "application/problem+json";

/// What one status means, whatever the operation.
struct Failure {
    status: u16,
    name: &'static str,
    description: &'static str,
}

const FAILURES: &[Failure] = &[
    failure(
        400,
        "BadRequest",
        "The request can't be understood: `MALFORMED_REQUEST`, `UNKNOWN_PARAMETER`, `INVALID_FILTER` or `INVALID_PAGE_TOKEN`.",
    ),
    failure(401, "Unauthenticated", "Valid credentials are required: `UNAUTHENTICATED`."),
    failure(403, "PermissionDenied", "The credentials don't permit this: `PERMISSION_DENIED`."),
    failure(404, "NotFound", "There is nothing here: `NOT_FOUND`."),
    failure(406, "NotAcceptable", "None of the accepted media types can be served: `NOT_ACCEPTABLE`."),
    failure(
        409,
        "Conflict",
        "The data doesn't allow it: `ALREADY_EXISTS` (a unique value is taken), `FAILED_PRECONDITION` (the state of the \
         resource, or other data, doesn't allow it) or `CONFLICT` (another request changed the same data; try again).",
    ),
    failure(410, "Gone", "What was there is no longer: `EXPIRED`. A position in the log, or the operation itself."),
    failure(412, "PreconditionFailed", "The resource has changed since it was read: `ETAG_MISMATCH`."),
    failure(413, "PayloadTooLarge", "The body is too large: `PAYLOAD_TOO_LARGE`."),
    failure(415, "UnsupportedMediaType", "The body's media type can't be read here: `UNSUPPORTED_MEDIA_TYPE`."),
    failure(422, "UnprocessableContent", "Some values aren't allowed: `VALIDATION_FAILED`. `errors` names each."),
    failure(428, "PreconditionRequired", "An `If-Match` is required: `PRECONDITION_REQUIRED`."),
    failure(429, "TooManyRequests", "Too many requests: `RATE_LIMITED`. Try again later."),
    failure(500, "InternalError", "Something went wrong inside the service: `INTERNAL` or `DATA_LOSS`."),
    failure(503, "Unavailable", "The service can't answer at the moment: `UNAVAILABLE`. Try again later."),
    failure(504, "Timeout", "The request took too long: `DEADLINE_EXCEEDED`."),
];

const fn failure(status: u16, name: &'static str, description: &'static str) -> Failure {
    Failure { status, name, description }
}

const NOT_MODIFIED: u16 = 304;

/// A reference to the shared response of a status.
pub fn reference(status: u16) -> (StatusCode, ReferenceOr<Response>) {
    let failure = FAILURES.iter().find(|failure| failure.status == status);
    let name = failure.map_or("NotModified", |failure| failure.name);
    (StatusCode::Code(status), ReferenceOr::Reference { reference: format!("#/components/responses/{name}") })
}

/// The shared responses of these statuses, by name.
pub fn all(statuses: &BTreeSet<u16>) -> IndexMap<String, ReferenceOr<Response>> {
    let not_modified = statuses.contains(&NOT_MODIFIED).then(|| ("NotModified", not_modified()));
    let failures = FAILURES.iter().filter(|failure| statuses.contains(&failure.status));
    not_modified
        .into_iter()
        .chain(failures.map(|failure| (failure.name, problem(failure))))
        .map(|(name, response)| (name.to_owned(), ReferenceOr::Item(response)))
        .collect()
}

fn not_modified() -> Response {
    success("The resource hasn't changed since the `ETag` in `If-None-Match`.", &["ETag"], None)
}

fn problem(failure: &Failure) -> Response {
    let headers: &[&str] = match failure.status {
        401 => &["WWW-Authenticate"],
        429 => &["RateLimit", "RateLimit-Policy", "Retry-After"],
        503 => &["Retry-After"],
        _ => &[],
    };
    let mut response = success(failure.description, headers, None);
    let media = MediaType { schema: Some(schemas::reference("ApiProblem")), ..MediaType::default() };
    response.content.insert(PROBLEM.to_owned(), media);
    response
}

/// The response of a status with errors of the domain, a line each, beside those that every service has.
pub fn with_errors(status: u16, lines: &[String]) -> Response {
    let shared = FAILURES.iter().find(|failure| failure.status == status);
    let mut response = problem(shared.unwrap_or(&failure(0, "", "")));
    let list = lines.iter().map(|line| format!("- {line}")).collect::<Vec<_>>().join("\n");
    response.description = match shared {
        Some(shared) => format!("{} Or an error of the domain:\n\n{list}", shared.description),
        None => format!("An error of the domain:\n\n{list}"),
    };
    response
}

/// A response with shared headers (each answer has `X-Request-Id`) and, if it has a body, the schema of that.
pub fn success(description: &str, headers: &[&str], body: Option<&str>) -> Response {
    let content = body.map(|schema| {
        let media = MediaType { schema: Some(schemas::reference(schema)), ..MediaType::default() };
        ("application/json".to_owned(), media)
    });
    Response {
        description: description.to_owned(),
        headers: headers.iter().chain(&["X-Request-Id"]).map(|name| shared_header(name)).collect(),
        content: content.into_iter().collect(),
        ..Response::default()
    }
}

/// A header of a response, by reference.
pub fn shared_header(name: &str) -> (String, ReferenceOr<Header>) {
    (name.to_owned(), ReferenceOr::Reference { reference: format!("#/components/headers/{name}") })
}

/// The shared headers that these responses refer to.
pub fn header_names<'r>(responses: impl Iterator<Item = &'r ReferenceOr<Response>>) -> impl Iterator<Item = String> {
    responses.filter_map(ReferenceOr::as_item).flat_map(|response| response.headers.keys().cloned())
}

/// The shared headers that are used, by name.
pub fn headers(used: &BTreeSet<String>) -> IndexMap<String, ReferenceOr<Header>> {
    [
        ("Deprecation", "Since when the operation is deprecated (RFC 9745).", Some(json!("@1767225600"))),
        ("ETag", "The version of the resource, for `If-Match` and `If-None-Match`.", Some(json!("\"v3\""))),
        ("Link", "The URLs of the next, the previous and the first page (RFC 8288), as far as there are any.", None),
        ("Location", "The path of the new resource.", None),
        ("Operation-Location", "The path of the operation, as in `Location`.", None),
        (
            "RateLimit",
            "How many requests are left, and for how long (RateLimit header fields).",
            Some(json!("\"anonymous\";r=0;t=1")),
        ),
        (
            "RateLimit-Policy",
            "How many requests are admitted, and in what time.",
            Some(json!("\"anonymous\";q=60;w=60")),
        ),
        ("Retry-After", "After how many seconds to try again.", Some(json!("1"))),
        ("Sunset", "When the operation will be gone (RFC 8594).", Some(json!("Thu, 31 Dec 2026 23:59:59 GMT"))),
        ("WWW-Authenticate", "How to say who the caller is (RFC 6750).", Some(json!("Bearer realm=\"api\""))),
        ("X-Request-Id", "Identifies the request in the logs of the service.", None),
    ]
    .into_iter()
    .filter(|(name, ..)| used.contains(*name))
    .map(|(name, description, example)| (name.to_owned(), ReferenceOr::Item(header(description, example))))
    .collect()
}

fn header(description: &str, example: Option<Value>) -> Header {
    let schema = schemas::plain(schemas::string(StringType::default()));
    Header {
        description: Some(description.to_owned()),
        style: HeaderStyle::Simple,
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(ReferenceOr::Item(schema)),
        example,
        examples: IndexMap::new(),
        extensions: IndexMap::new(),
    }
}

/// `Problem` and `Violation`.
pub fn schemas() -> [(String, Schema); 2] {
    [("ApiProblem".to_owned(), problem_schema()), ("ApiViolation".to_owned(), violation_schema())]
}

fn problem_schema() -> Schema {
    let mut properties: Vec<Property> = vec![
        text("type", "What kind of problem (a URI).", json!("about:blank")),
        text("title", "A short summary of the code.", json!("Some values aren't allowed")),
        (
            "status",
            SchemaKind::Type(JsonType::Integer(IntegerType {
                minimum: Some(400),
                maximum: Some(599),
                ..IntegerType::default()
            })),
            data("The HTTP status.", Some(json!(422))),
        ),
        text("detail", "What went wrong this time.", json!("#/name at most 100 characters")),
        text("instance", "The path that was asked for.", json!("/v1")),
        text("code", "The error code, the same on every protocol.", json!("VALIDATION_FAILED")),
        text("request_id", "Identifies the request in the logs of the service.", json!("0193a4c57e1a7c3b9d2e")),
        flag("retryable", "Whether the very same request may succeed later."),
    ];
    let required = properties.iter().map(|(name, ..)| (*name).to_owned()).collect();
    properties.push(flag("truncated", "There are more errors than are listed."));
    let errors = SchemaKind::Type(JsonType::Array(ArrayType {
        items: Some(schemas::reference("ApiViolation")),
        min_items: None,
        max_items: Some(20),
        unique_items: false,
    }));
    properties.push(("errors", errors, data("Each input that was refused.", None)));
    let params = SchemaKind::Type(JsonType::Object(ObjectType {
        additional_properties: Some(AdditionalProperties::Any(true)),
        ..ObjectType::default()
    }));
    let description = "The parts of `detail` that differ from time to time, by name, for programs to read.";
    properties.push(("params", params, data(description, None)));
    object("Why a request failed (RFC 9457).", properties, required)
}

fn violation_schema() -> Schema {
    let properties = vec![
        text("pointer", "The member of the body, as a JSON Pointer in URI-fragment form.", json!("#/name")),
        text("parameter", "The parameter, if it wasn't in the body.", json!("limit")),
        text("header", "The header, if it wasn't in the body.", json!("If-Match")),
        text("code", "What is wrong with it.", json!("MAX_LENGTH")),
        text("detail", "The same in words.", json!("at most 100 characters")),
    ];
    object("One input that was refused.", properties, vec!["code".to_owned(), "detail".to_owned()])
}

type Property = (&'static str, SchemaKind, SchemaData);

fn object(description: &str, properties: Vec<Property>, required: Vec<String>) -> Schema {
    let property = |(name, schema_kind, schema_data): Property| {
        (name.to_owned(), ReferenceOr::boxed_item(Schema { schema_data, schema_kind }))
    };
    let properties = properties.into_iter().map(property).collect();
    described(Some(description.to_owned()), ObjectType { properties, required, ..ObjectType::default() })
}

fn text(name: &'static str, description: &str, example: Value) -> Property {
    (name, schemas::string(StringType::default()), data(description, Some(example)))
}

fn flag(name: &'static str, description: &str) -> Property {
    (name, SchemaKind::Type(JsonType::Boolean(BooleanType::default())), data(description, None))
}

fn data(description: &str, example: Option<Value>) -> SchemaData {
    SchemaData { description: Some(description.to_owned()), example, ..SchemaData::default() }
}
