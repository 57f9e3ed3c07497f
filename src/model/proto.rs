//! The protobuf shape of a model: which messages, enums and services there are, and the number of each field.
//!
//! Apart from the rest of the model because the lock numbers whole messages, wrappers of requests and responses
//! included, and needs their fields' names before it can.

pub mod shape;
mod types;

pub use self::types::{FieldType, Kind, Label, Types};

/// Google's file of operations, as others import it.
pub const OPERATIONS: &str = "google/longrunning/operations.proto";

/// One `.proto` file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct File {
    pub messages: Vec<Message>,
    pub enums: Vec<Enum>,
    pub services: Vec<Service>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub name: String,
    pub comment: Option<String>,
    pub fields: Vec<Field>,
    pub deprecated: bool,
    /// Retired numbers and names, ascending.
    pub reserved_numbers: Vec<u32>,
    pub reserved_names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    /// As in the file: `string`, `repeated OrderItem`, `optional int32`, `map<string, int64>`.
    pub ty: String,
    pub number: u32,
    pub comment: Option<String>,
    pub deprecated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    pub name: String,
    pub comment: Option<String>,
    /// The first is `…_UNSPECIFIED = 0`.
    pub values: Vec<EnumValue>,
    pub reserved_numbers: Vec<u32>,
    pub reserved_names: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EnumValue {
    pub name: String,
    pub number: u32,
    pub comment: Option<String>,
    pub deprecated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    pub name: String,
    pub comment: Option<String>,
    pub deprecated: bool,
    pub methods: Vec<Method>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    pub name: String,
    pub comment: Option<String>,
    pub request: String,
    /// Of this file, or with its package: `google.longrunning.Operation`.
    pub response: String,
    /// `option idempotency_level = NO_SIDE_EFFECTS`.
    pub safe: bool,
    pub deprecated: bool,
    pub streams: Streams,
}

/// Whether one side sends any number of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streams {
    Nothing,
    Requests,
    Responses,
}

/// Neighbours together, as `reserved` has them: `4, 7, 8, 9` → `(4, 4), (7, 9)`.
pub fn ranges(ascending: &[u32]) -> Vec<(u32, u32)> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for &number in ascending {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    ranges
}

impl File {
    /// The files of well-known types, and of Google's operations, that it needs.
    pub fn imports(&self) -> Vec<&'static str> {
        const WELL_KNOWN: [(&str, &str); 5] = [
            ("google.longrunning.Operation", OPERATIONS),
            ("google.protobuf.Duration", "google/protobuf/duration.proto"),
            ("google.protobuf.FieldMask", "google/protobuf/field_mask.proto"),
            ("google.protobuf.Value", "google/protobuf/struct.proto"),
            ("google.protobuf.Timestamp", "google/protobuf/timestamp.proto"),
        ];
        let fields = || self.messages.iter().flat_map(|message| &message.fields).map(|field| &field.ty);
        let responses = || self.services.iter().flat_map(|service| &service.methods).map(|method| &method.response);
        let used = |ty: &str| fields().chain(responses()).any(|used| used.contains(ty));
        WELL_KNOWN.into_iter().filter(|(ty, _)| used(ty)).map(|(_, import)| import).collect()
    }
}
