//! What the words of a field's type say: how many values, and of what. Knows nothing about any output's types.

use std::collections::HashSet;

use super::{Field, File};

/// `optional OrderStatus` → one value that may be absent, of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldType<'f> {
    pub label: Label,
    /// Of a map, what its values are.
    pub kind: Kind<'f>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    One,
    Optional,
    Repeated,
    /// Its keys are strings.
    Map,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'f> {
    Bool,
    Int32,
    Int64,
    Double,
    String,
    Bytes,
    Enum(&'f str),
    Message(&'f str),
    /// `Timestamp` of `google.protobuf.Timestamp`.
    WellKnown(&'f str),
}

/// Tells the enums of one file from its messages, which have the same kind of names.
#[derive(Debug)]
pub struct Types<'f> {
    enums: HashSet<&'f str>,
}

impl<'f> Types<'f> {
    pub fn of(file: &'f File) -> Types<'f> {
        Types { enums: file.enums.iter().map(|declared| declared.name.as_str()).collect() }
    }

    pub fn of_field(&self, field: &'f Field) -> FieldType<'f> {
        let (label, name) = field.label();
        FieldType { label, kind: self.kind(name) }
    }

    fn kind(&self, name: &'f str) -> Kind<'f> {
        match name {
            "bool" => Kind::Bool,
            "int32" => Kind::Int32,
            "int64" => Kind::Int64,
            "double" => Kind::Double,
            "string" => Kind::String,
            "bytes" => Kind::Bytes,
            name if self.enums.contains(name) => Kind::Enum(name),
            name => name.strip_prefix("google.protobuf.").map_or(Kind::Message(name), Kind::WellKnown),
        }
    }
}

impl Field {
    fn label(&self) -> (Label, &str) {
        let map = || self.ty.strip_prefix("map<string, ")?.strip_suffix('>');
        if let Some(name) = self.ty.strip_prefix("repeated ") {
            (Label::Repeated, name)
        } else if let Some(name) = self.ty.strip_prefix("optional ") {
            (Label::Optional, name)
        } else if let Some(name) = map() {
            (Label::Map, name)
        } else {
            (Label::One, &self.ty)
        }
    }
}
