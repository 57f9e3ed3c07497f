//! The bytes of a response: errors in GraphQL's shape, and data beside them.
//!
//! `extensions.code` is the catalogue's code for what the service refused, and Apollo's names for what never reached it.

use apollo_compiler::{
    Name,
    parser::{LineColumn, SourceMap, SourceSpan},
    request,
    response::GraphQLError,
    validation::DiagnosticList,
};
use serde_json::{Value as Json, json};

use crate::error::{ApiError, Location, Segment, Violation};

/// Why a request wasn't executed at all: its answer has no `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Parse,
    Validation,
    Variables,
    Operation,
}

impl Stage {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Stage::Parse => "GRAPHQL_PARSE_FAILED",
            Stage::Validation => "GRAPHQL_VALIDATION_FAILED",
            Stage::Variables => "BAD_USER_INPUT",
            Stage::Operation => "OPERATION_RESOLUTION_FAILURE",
        }
    }
}

/// A mistake in the document, its variables or the choice of its operation.
#[derive(Debug)]
pub(crate) struct RequestError {
    pub(crate) stage: Stage,
    pub(crate) message: String,
    pub(crate) locations: Vec<LineColumn>,
}

impl RequestError {
    pub(crate) fn new(
        stage: Stage,
        message: impl Into<String>,
        span: Option<SourceSpan>,
        sources: &SourceMap,
    ) -> RequestError {
        let locations = span.and_then(|span| span.line_column(sources)).into_iter().collect();
        RequestError { stage, message: message.into(), locations }
    }

    pub(crate) fn of_request(stage: Stage, error: &request::RequestError, sources: &SourceMap) -> RequestError {
        RequestError::of_library(stage, error.to_graphql_error(sources))
    }

    /// Behind the first syntax error the rest is guesswork; other mistakes are told up to the usual number.
    pub(crate) fn all(stage: Stage, errors: &DiagnosticList) -> Vec<RequestError> {
        let told = if stage == Stage::Parse { 1 } else { ApiError::MAX_VIOLATIONS };
        errors.iter().take(told).map(|error| RequestError::of_library(stage, error.to_json())).collect()
    }

    fn of_library(stage: Stage, error: GraphQLError) -> RequestError {
        RequestError { stage, message: error.message, locations: error.locations }
    }

    fn to_json(&self, request_id: &str) -> Json {
        let mut error = json!({
            "message": self.message,
            "extensions": { "code": self.stage.code(), "status": 400, "request_id": request_id, "retryable": false },
        });
        if !self.locations.is_empty() {
            error["locations"] = locations(&self.locations);
        }
        error
    }
}

/// One step from the root of the data.
#[derive(Debug, Clone)]
pub(crate) enum PathSegment {
    /// A response key, and where the document asks for it.
    Key(Name, Option<SourceSpan>),
    Index(usize),
}

/// Why a place of the data is null.
#[derive(Debug)]
pub(crate) struct FieldError {
    pub(crate) path: Vec<PathSegment>,
    pub(crate) error: ApiError,
}

impl FieldError {
    fn to_json(&self, request_id: &str, sources: &SourceMap) -> Json {
        let path: Vec<Json> = self.path.iter().map(PathSegment::to_json).collect();
        let mut error = json!({
            "message": self.error.message,
            "path": path,
            "extensions": extensions(&self.error, request_id),
        });
        if let Some(place) = self.span().and_then(|span| span.line_column(sources)) {
            error["locations"] = locations(&[place]);
        }
        error
    }

    fn span(&self) -> Option<SourceSpan> {
        self.path.iter().rev().find_map(|segment| match segment {
            PathSegment::Key(_, span) => Some(*span),
            PathSegment::Index(_) => None,
        })?
    }
}

impl PathSegment {
    fn to_json(&self) -> Json {
        match self {
            PathSegment::Key(name, _) => name.as_str().into(),
            PathSegment::Index(index) => (*index).into(),
        }
    }
}

/// The answer to a request that wasn't executed.
pub(crate) fn rejected(errors: &[RequestError], request_id: &str) -> Vec<u8> {
    let errors: Vec<Json> = errors.iter().map(|error| error.to_json(request_id)).collect();
    json!({ "errors": errors }).to_string().into_bytes()
}

/// The answer of the layers around execution.
pub(crate) fn refused(error: &ApiError, request_id: &str) -> Vec<u8> {
    let error = json!({ "message": error.message, "extensions": extensions(error, request_id) });
    json!({ "errors": [error] }).to_string().into_bytes()
}

/// The answer to a request that was executed. Errors come first, so that nobody overlooks them.
pub(crate) fn executed(data: &[u8], errors: &[FieldError], request_id: &str, sources: &SourceMap) -> Vec<u8> {
    let mut body = Vec::with_capacity(data.len() + 16);
    body.push(b'{');
    if !errors.is_empty() {
        let errors: Vec<Json> = errors.iter().map(|error| error.to_json(request_id, sources)).collect();
        body.extend_from_slice(b"\"errors\":");
        body.extend_from_slice(Json::Array(errors).to_string().as_bytes());
        body.push(b',');
    }
    body.extend_from_slice(b"\"data\":");
    body.extend_from_slice(data);
    body.push(b'}');
    body
}

/// The path of an input as GraphQL shows it, `["items", "0", "price"]`; `None`: no input is to blame.
pub(crate) fn input_path(location: &Location) -> Option<Vec<String>> {
    let Location::Body(path) = location else { return None };
    let segments = path.iter().map(|segment| match segment {
        Segment::Field { camel, .. } => (*camel).to_owned(),
        Segment::Key(key) => key.clone(),
        Segment::Index(index) => index.to_string(),
    });
    Some(segments.collect())
}

fn extensions(error: &ApiError, request_id: &str) -> Json {
    let mut extensions = json!({
        "code": error.reason(),
        "status": error.code.http_status(),
        "request_id": request_id,
        "retryable": error.code.retryable(),
    });
    if let Some(delay) = error.retry_after {
        extensions["retry_after"] = (delay.as_secs_f64().ceil() as u64).into();
    }
    if !error.violations.is_empty() {
        extensions["errors"] = error.violations.iter().map(violation).collect();
    }
    if error.truncated {
        extensions["truncated"] = true.into();
    }
    if !error.params().is_empty() {
        extensions["params"] = error.params().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    }
    extensions
}

fn violation(violation: &Violation) -> Json {
    let (key, place): (&str, Json) = match &violation.location {
        Location::Body(_) => ("field", input_path(&violation.location).into()),
        Location::Parameter(name) => ("parameter", name.as_str().into()),
        Location::Header(name) => ("header", (*name).into()),
    };
    json!({ key: place, "code": violation.code, "detail": violation.message })
}

fn locations(places: &[LineColumn]) -> Json {
    places.iter().map(|place| json!({ "line": place.line, "column": place.column })).collect()
}
