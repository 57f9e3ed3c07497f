//! The details of a status, read as the messages of google/rpc/error_details.proto.

use std::collections::HashMap;

use prost::Message;
use tonic::Status;

#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[derive(Clone, PartialEq, Message)]
pub struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub reason: String,
    #[prost(string, tag = "2")]
    pub domain: String,
    #[prost(map = "string, string", tag = "3")]
    pub metadata: HashMap<String, String>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    pub retry_delay: Option<prost_types::Duration>,
}

#[derive(Clone, PartialEq, Message)]
pub struct RequestInfo {
    #[prost(string, tag = "1")]
    pub request_id: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub field_violations: Vec<FieldViolation>,
}

#[derive(Clone, PartialEq, Message)]
pub struct FieldViolation {
    #[prost(string, tag = "1")]
    pub field: String,
    #[prost(string, tag = "2")]
    pub description: String,
    #[prost(string, tag = "3")]
    pub reason: String,
}

#[derive(Clone, PartialEq, Message)]
pub struct PreconditionFailure {
    #[prost(message, repeated, tag = "1")]
    pub violations: Vec<PreconditionViolation>,
}

#[derive(Clone, PartialEq, Message)]
pub struct PreconditionViolation {
    #[prost(string, tag = "1")]
    pub kind: String,
    #[prost(string, tag = "2")]
    pub subject: String,
    #[prost(string, tag = "3")]
    pub description: String,
}

/// Each kind of detail, which may appear once at most.
#[derive(Debug, Default)]
pub struct Details {
    pub info: ErrorInfo,
    pub request: RequestInfo,
    pub retry: Option<RetryInfo>,
    pub bad_request: Option<BadRequest>,
    pub precondition: Option<PreconditionFailure>,
}

impl Details {
    /// Of any error: it has an ErrorInfo and a RequestInfo, and says twice the same.
    pub fn of(status: &Status) -> Details {
        let decoded = RpcStatus::decode(status.details()).expect("details are a google.rpc.Status");
        assert_eq!((decoded.code, decoded.message.as_str()), (status.code() as i32, status.message()));
        let info: ErrorInfo = find(&decoded, "ErrorInfo").unwrap_or_else(|| panic!("no ErrorInfo: {status:?}"));
        assert_eq!(info.domain, "shop.v1");
        assert!(info.reason.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{}", info.reason);
        let request: RequestInfo = find(&decoded, "RequestInfo").expect("a RequestInfo");
        assert_eq!(status.metadata().get("x-request-id").unwrap().to_str().unwrap(), request.request_id);
        Details {
            info,
            request,
            retry: find(&decoded, "RetryInfo"),
            bad_request: find(&decoded, "BadRequest"),
            precondition: find(&decoded, "PreconditionFailure"),
        }
    }

    /// `field REASON` of each violation.
    pub fn violations(&self) -> Vec<String> {
        let Some(bad_request) = &self.bad_request else { return Vec::new() };
        let shown = bad_request.field_violations.iter().map(|violation| {
            assert!(!violation.description.is_empty(), "{violation:?}");
            format!("{} {}", violation.field, violation.reason)
        });
        let mut shown: Vec<_> = shown.collect();
        shown.sort_unstable();
        shown
    }
}

fn find<M: Message + Default>(status: &RpcStatus, name: &str) -> Option<M> {
    let url = format!("type.googleapis.com/google.rpc.{name}");
    let mut found = status.details.iter().filter(|any| any.type_url == url);
    let one = found.next()?;
    assert!(found.next().is_none(), "{name} appears twice");
    Some(M::decode(one.value.as_slice()).expect(name))
}
