//! Failures that a spec adds to the catalogue of errors.

use apigen_runtime::catalogue::Code;

use super::{Model, Resource, Type};

/// Position in [`Model::errors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorId(pub usize);

#[derive(Debug, Clone, PartialEq)]
pub struct DomainError {
    /// `OUT_OF_STOCK`: the code that callers see.
    pub name: String,
    /// Its constructor in Rust: `out_of_stock`.
    pub rust: String,
    pub description: Option<String>,
    pub code: Canonical,
    /// With `{param}` where a value stands.
    pub message: String,
    pub params: Vec<Param>,
}

/// A single value that stands in the message.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    pub name: String,
    /// Its constructor's argument in Rust: `r#type`.
    pub rust: String,
    pub ty: Type,
}

/// What an error amounts to on each protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canonical {
    InvalidArgument,
    OutOfRange,
    FailedPrecondition,
    AlreadyExists,
    Aborted,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    ResourceExhausted,
    Unavailable,
}

impl Canonical {
    pub const ALL: [Canonical; 10] = [
        Canonical::InvalidArgument,
        Canonical::OutOfRange,
        Canonical::FailedPrecondition,
        Canonical::AlreadyExists,
        Canonical::Aborted,
        Canonical::NotFound,
        Canonical::PermissionDenied,
        Canonical::Unauthenticated,
        Canonical::ResourceExhausted,
        Canonical::Unavailable,
    ];

    /// As a spec writes it: `failed_precondition`.
    pub fn word(self) -> &'static str {
        match self {
            Canonical::InvalidArgument => "invalid_argument",
            Canonical::OutOfRange => "out_of_range",
            Canonical::FailedPrecondition => "failed_precondition",
            Canonical::AlreadyExists => "already_exists",
            Canonical::Aborted => "aborted",
            Canonical::NotFound => "not_found",
            Canonical::PermissionDenied => "permission_denied",
            Canonical::Unauthenticated => "unauthenticated",
            Canonical::ResourceExhausted => "resource_exhausted",
            Canonical::Unavailable => "unavailable",
        }
    }

    /// The code of the catalogue that is rendered the same way.
    pub fn catalogued(self) -> Code {
        match self {
            Canonical::InvalidArgument => Code::ValidationFailed,
            Canonical::OutOfRange => Code::OutOfRange,
            Canonical::FailedPrecondition => Code::FailedPrecondition,
            Canonical::AlreadyExists => Code::AlreadyExists,
            Canonical::Aborted => Code::Conflict,
            Canonical::NotFound => Code::NotFound,
            Canonical::PermissionDenied => Code::PermissionDenied,
            Canonical::Unauthenticated => Code::Unauthenticated,
            Canonical::ResourceExhausted => Code::QuotaExceeded,
            Canonical::Unavailable => Code::Unavailable,
        }
    }

    pub fn http_status(self) -> u16 {
        self.catalogued().http_status()
    }
}

impl Model {
    pub fn error(&self, id: ErrorId) -> &DomainError {
        &self.errors[id.0]
    }

    /// Failures of the domain that any write of a resource may end with.
    pub fn write_errors(&self, resource: &Resource) -> Vec<&DomainError> {
        resource.errors.iter().map(|id| self.error(*id)).collect()
    }
}

impl DomainError {
    /// `` `OUT_OF_STOCK`: Not enough of {product} in stock. ``
    pub fn line(&self) -> String {
        let text = self.description.as_deref().unwrap_or(&self.message);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("`{}`: {text}{end}", self.name)
    }
}

/// What else an operation may fail with, as a sentence per error.
pub fn sentences(errors: &[&DomainError]) -> Vec<String> {
    errors.iter().map(|error| format!("May fail with {}", error.line())).collect()
}
