//! The one error type of the service layer.
//!
//! Adapters render an [`ApiError`] for their protocol and decide nothing.

mod domain;

pub use crate::catalogue::Code;
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
