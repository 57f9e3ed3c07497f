//! The catalogue of error codes.
//!
//! A status is never derived from another protocol's: each code names its HTTP status and its gRPC code side by side
//! (AIP-193, RFC 9457). Plain data, because apigen writes it down for the readers of the contracts.

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
    InvalidFilter "INVALID_FILTER" 400 3 false "The filter, the order or the choice of fields can't be read";
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
    Gone "EXPIRED" 410 12 false "The operation is no longer there";
    Cancelled "CANCELLED" 499 1 false "The caller cancelled the request";
    DeadlineExceeded "DEADLINE_EXCEEDED" 504 4 false "The request took too long";
    Unavailable "UNAVAILABLE" 503 14 true "The service can't answer at the moment";
    Internal "INTERNAL" 500 13 false "Something went wrong inside the service";
    DataLoss "DATA_LOSS" 500 15 false "Stored data can't be read";
}

impl Code {
    /// The gRPC status code as its documentation spells it.
    pub const fn grpc_name(self) -> &'static str {
        match self.grpc_code() {
            1 => "CANCELLED",
            3 => "INVALID_ARGUMENT",
            4 => "DEADLINE_EXCEEDED",
            5 => "NOT_FOUND",
            6 => "ALREADY_EXISTS",
            7 => "PERMISSION_DENIED",
            8 => "RESOURCE_EXHAUSTED",
            9 => "FAILED_PRECONDITION",
            10 => "ABORTED",
            11 => "OUT_OF_RANGE",
            12 => "UNIMPLEMENTED",
            13 => "INTERNAL",
            14 => "UNAVAILABLE",
            15 => "DATA_LOSS",
            16 => "UNAUTHENTICATED",
            _ => "UNKNOWN",
        }
    }
}
