//! The one error type of the service layer, and the catalogue of codes.
//!
//! Adapters render an [`ApiError`] for their protocol and decide nothing. A status is never derived from another
//! protocol's: each code names its HTTP status and its gRPC code side by side (AIP-193, RFC 9457).

mod domain;

pub use domain::{DomainError, Occurrence};

use std::{fmt, time::Duration};

/// A refusal or a failure, in words that the caller may read.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    pub code: Code,
    /// What happened, where the spec declares the error. Boxed: it is rare, and every `Result` carries the room for it.
    pub domain: Option<Box<Occurrence>>,
    pub message: String,
    /// What is wrong with single inputs, at most [`ApiError::MAX_VIOLATIONS`].
    pub violations: Vec<Violation>,
    /// More violations were found than are listed.
    pub truncated: bool,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// Every dynamic part of `message`, by name (AIP-193).
    pub metadata: Vec<(&'static str, String)>,
}

/// Collects violations. Those that no answer would list are only told to be there, because a small body can hold a
/// hundred thousand mistakes.
pub fn note(violations: &mut Vec<Violation>, violation: impl FnOnce() -> Violation) {
    if violations.len() <= ApiError::MAX_VIOLATIONS {
        violations.push(violation());
    }
}

/// One input that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    pub location: Location,
    /// UPPER_SNAKE_CASE: `REQUIRED`, `MAX_LENGTH`, `UNKNOWN_FIELD`…
    pub code: &'static str,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Location {
    /// In the resource that was sent. REST shows `#/items/0/price`, gRPC `items[0].price`, GraphQL `["items", "0", "price"]`.
    Body(Vec<Segment>),
    /// A query or path parameter, or its twin: `limit`, `sort`, `order_id`.
    Parameter(String),
    /// A header or its twin, by its HTTP name.
    Header(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Segment {
    /// A declared field, by both of its names.
    Field {
        name: &'static str,
        camel: &'static str,
    },
    /// A map key, or a member that nobody declared.
    Key(String),
    Index(usize),
}

impl Violation {
    /// The same, seen from what this stands in.
    pub fn within(mut self, place: &[Segment]) -> Violation {
        if let Location::Body(path) = &mut self.location {
            path.splice(0..0, place.iter().cloned());
        }
        self
    }
}

macro_rules! codes {
    ($($variant:ident $text:literal $http:literal $grpc:literal $retryable:literal $title:literal;)*) => {
        /// The catalogue. The text is the same in `code`, `ErrorInfo.reason` and `extensions.code`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($variant),* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$variant),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text),* }
            }

            pub const fn http_status(self) -> u16 {
                match self { $(Code::$variant => $http),* }
            }

            /// The number of the gRPC status code.
            pub const fn grpc_code(self) -> i32 {
                match self { $(Code::$variant => $grpc),* }
            }

            /// Whether the very same request may succeed later.
            pub const fn retryable(self) -> bool {
                match self { $(Code::$variant => $retryable),* }
            }

            /// A short summary of the code, the same for every occurrence (RFC 9457 `title`).
            pub const fn title(self) -> &'static str {
                match self { $(Code::$variant => $title),* }
            }
        }
    };
}

codes! {
    MalformedRequest "MALFORMED_REQUEST" 400 3 false "The request can't be read";
    UnknownParameter "UNKNOWN_PARAMETER" 400 3 false "The request has a parameter that doesn't exist";
    InvalidFilter "INVALID_FILTER" 400 3 false "The filter or order can't be read";
    InvalidPageToken "INVALID_PAGE_TOKEN" 400 3 false "The cursor isn't valid for this list";
    ValidationFailed "VALIDATION_FAILED" 422 3 false "Some values aren't allowed";
    Unauthenticated "UNAUTHENTICATED" 401 16 false "Valid credentials are required";
    PermissionDenied "PERMISSION_DENIED" 403 7 false "The credentials don't permit this";
    NotFound "NOT_FOUND" 404 5 false "There is no such resource";
    MethodNotAllowed "METHOD_NOT_ALLOWED" 405 12 false "The method isn't allowed here";
    NotImplemented "NOT_IMPLEMENTED" 501 12 false "The operation isn't implemented";
    NotAcceptable "NOT_ACCEPTABLE" 406 3 false "None of the accepted media types can be served";
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 3 false "The body's media type can't be read here";
    AlreadyExists "ALREADY_EXISTS" 409 6 false "A value that must be unique is taken";
    FailedPrecondition "FAILED_PRECONDITION" 409 9 false "The state of the resource doesn't allow this";
    Conflict "CONFLICT" 409 10 true "Another request changed the same data";
    EtagMismatch "ETAG_MISMATCH" 412 10 false "The resource has changed since it was read";
    PreconditionRequired "PRECONDITION_REQUIRED" 428 3 false "An ETag is required";
    IdempotencyKeyMissing "IDEMPOTENCY_KEY_MISSING" 400 3 false "An idempotency key is required";
    IdempotencyKeyReused "IDEMPOTENCY_KEY_REUSED" 422 3 false "The idempotency key was used for another request";
    IdempotencyInProgress "IDEMPOTENCY_IN_PROGRESS" 409 10 true "The request with this idempotency key is still running";
    RateLimited "RATE_LIMITED" 429 8 true "Too many requests";
    QuotaExceeded "QUOTA_EXCEEDED" 429 8 true "The quota is used up";
    PayloadTooLarge "PAYLOAD_TOO_LARGE" 413 8 false "The request is too large";
    OutOfRange "OUT_OF_RANGE" 400 11 false "A value is out of range";
    Expired "EXPIRED" 410 11 false "The position or version asked for is gone";
    Cancelled "CANCELLED" 499 1 false "The caller cancelled the request";
    DeadlineExceeded "DEADLINE_EXCEEDED" 504 4 false "The request took too long";
    Unavailable "UNAVAILABLE" 503 14 true "The service can't answer at the moment";
    Internal "INTERNAL" 500 13 false "Something went wrong inside the service";
    DataLoss "DATA_LOSS" 500 15 false "Stored data can't be read";
}

impl ApiError {
    /// The same, about a part of what was sent.
    pub fn within(mut self, place: &[Segment]) -> ApiError {
        self.violations = self.violations.into_iter().map(|violation| violation.within(place)).collect();
        self
    }

    /// gRPC trailers are limited to about 8 KiB, so every protocol lists at most this many violations.
    pub const MAX_VIOLATIONS: usize = 20;

    pub fn new(code: Code, message: impl Into<String>) -> ApiError {
        ApiError {
            code,
            domain: None,
            message: message.into(),
            violations: Vec::new(),
            truncated: false,
            retry_after: None,
            metadata: Vec::new(),
        }
    }

    /// What callers tell errors apart by: the same text on every protocol.
    pub fn reason(&self) -> &'static str {
        self.domain.as_ref().map_or(self.code.as_str(), |domain| domain.name)
    }

    /// Dynamic parts of `message` that programs act upon, so that every protocol shows them as values.
    pub fn params(&self) -> &[(&'static str, serde_json::Value)] {
        self.domain.as_ref().map_or(&[], |domain| &domain.params)
    }

    /// `metadata` and `params` as texts.
    pub fn details(&self) -> impl Iterator<Item = (&'static str, String)> {
        let params = self.params().iter().map(|(name, value)| (*name, domain::text(value)));
        self.metadata.iter().cloned().chain(params)
    }

    /// A bug or a broken dependency. The cause is logged; the caller learns only that it happened.
    pub fn internal(cause: impl fmt::Display) -> ApiError {
        tracing::error!(%cause, "internal error");
        ApiError::new(Code::Internal, "something went wrong inside the service")
    }

    /// Several inputs are wrong at once. `violations` mustn't be empty.
    pub fn validation(mut violations: Vec<Violation>) -> ApiError {
        let message = match violations.as_slice() {
            [only] => format!("{} {}", only.location, only.message),
            all if all.len() > Self::MAX_VIOLATIONS => {
                format!("more than {} values aren't allowed", Self::MAX_VIOLATIONS)
            }
            some => format!("{} values aren't allowed", some.len()),
        };
        let truncated = violations.len() > Self::MAX_VIOLATIONS;
        violations.truncate(Self::MAX_VIOLATIONS);
        ApiError { violations, truncated, ..ApiError::new(Code::ValidationFailed, message) }
    }

    /// One input, not part of the resource, is wrong.
    pub fn parameter(code: Code, parameter: &str, violation: &'static str, message: impl Into<String>) -> ApiError {
        let message = message.into();
        let violation = Violation {
            location: Location::Parameter(parameter.to_owned()),
            code: violation,
            message: message.clone(),
        };
        ApiError { violations: vec![violation], ..ApiError::new(code, format!("{parameter}: {message}")) }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> ApiError {
        self.metadata.push((name, value.into()));
        self
    }

    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> ApiError {
        self.retry_after = Some(delay);
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason(), self.message)
    }
}

impl std::error::Error for ApiError {}

impl fmt::Display for Location {
    /// As a dotted path: `items[0].price` (`google.rpc.BadRequest.FieldViolation.field`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Parameter(name) => f.write_str(name),
            Location::Header(name) => f.write_str(name),
            Location::Body(path) => path.iter().enumerate().try_for_each(|(position, segment)| match segment {
                Segment::Index(index) => write!(f, "[{index}]"),
                Segment::Field { name, .. } => write!(f, "{}{name}", if position == 0 { "" } else { "." }),
                Segment::Key(key) => write!(f, "{}{key}", if position == 0 { "" } else { "." }),
            }),
        }
    }
}

impl Location {
    /// A JSON Pointer in URI-fragment form: `#/items/0/price` (RFC 6901 §6).
    pub fn pointer(path: &[Segment]) -> String {
        use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
        const FRAGMENT: &AsciiSet = &CONTROLS
            .add(b' ')
            .add(b'"')
            .add(b'<')
            .add(b'>')
            .add(b'`')
            .add(b'%')
            .add(b'#')
            .add(b'[')
            .add(b']')
            .add(b'^')
            .add(b'{')
            .add(b'|')
            .add(b'}')
            .add(b'\\');
        let mut pointer = String::from("#");
        for segment in path {
            pointer.push('/');
            match segment {
                Segment::Index(index) => pointer.push_str(&index.to_string()),
                Segment::Field { name, .. } => pointer.push_str(name),
                Segment::Key(key) => {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    pointer.extend(utf8_percent_encode(&escaped, FRAGMENT));
                }
            }
        }
        pointer
    }
}
