//! `enums:` and `types:` as typed.

use super::deprecation::{self, Deprecation};
use super::field::{self, Field};
use super::keys::{self, Keys};
use super::tree::{Entry, Node, Text, Value};
use super::{Slot, vocabulary};
use crate::diagnostic::Diagnostics;

#[derive(Debug, Clone, PartialEq)]
pub struct Enum {
    pub name: Text,
    pub description: Option<Text>,
    pub renamed_from: Option<Text>,
    /// Broken values are left out.
    pub values: Slot<Vec<EnumValue>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EnumValue {
    pub name: Text,
    pub description: Option<Text>,
    pub deprecated: Option<Deprecation>,
    pub renamed_from: Option<Text>,
}

/// A value type.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub name: Text,
    pub description: Option<Text>,
    pub renamed_from: Option<Text>,
    pub fields: Slot<Vec<Field>>,
}

/// `Role: [customer, support]` or `Role: { description: …, values: … }`.
pub fn read_enum(entry: Entry, out: &mut Diagnostics) -> Option<Enum> {
    let name = entry.key.clone();
    if let Value::Sequence(_) = entry.value.value {
        return Some(Enum {
            name,
            description: None,
            renamed_from: None,
            values: Slot::read(Some(entry), |entry| values(entry, out)),
        });
    }
    let broken = Enum { name: name.clone(), description: None, renamed_from: None, values: Slot::Broken };
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::ENUM, out) else { return Some(broken) };
    Some(Enum {
        name,
        description: keys.take_text("description", out),
        renamed_from: keys.take_text("renamed_from", out),
        values: Slot::read(keys.take("values"), |entry| values(entry, out)),
    })
}

fn values(entry: Entry, out: &mut Diagnostics) -> Option<Vec<EnumValue>> {
    match entry.value.value {
        Value::Mapping(_) => Some(keys::entries(entry, out)?.into_iter().map(|entry| value(entry, out)).collect()),
        _ => Some(keys::items(entry, out)?.into_iter().filter_map(|item| bare_value(item, out)).collect()),
    }
}

fn value(entry: Entry, out: &mut Diagnostics) -> EnumValue {
    let bare = EnumValue { name: entry.key, description: None, deprecated: None, renamed_from: None };
    if entry.value.is_null() {
        return bare;
    }
    match Keys::read(entry.value, &vocabulary::ENUM_VALUE, out) {
        Some(mut keys) => EnumValue {
            description: keys.take_text("description", out),
            deprecated: deprecation::take(&mut keys, out),
            renamed_from: keys.take_text("renamed_from", out),
            ..bare
        },
        None => bare,
    }
}

/// Enum values are names even where YAML would see something else: `null`, `true`.
fn bare_value(node: Node, out: &mut Diagnostics) -> Option<EnumValue> {
    match node.value {
        Value::Scalar(scalar) => Some(EnumValue {
            name: Text { value: scalar.text, span: node.span },
            description: None,
            deprecated: None,
            renamed_from: None,
        }),
        _ => {
            keys::wrong_shape(&node, "an enum value in a list must be a name", out);
            None
        }
    }
}

pub fn read_object(entry: Entry, out: &mut Diagnostics) -> Option<Object> {
    let name = entry.key;
    let Some(mut keys) = Keys::read(entry.value, &vocabulary::OBJECT, out) else {
        return Some(Object { name, description: None, renamed_from: None, fields: Slot::Broken });
    };
    Some(Object {
        name,
        description: keys.take_text("description", out),
        renamed_from: keys.take_text("renamed_from", out),
        fields: Slot::read(keys.take("fields"), |entry| field::read_all(entry, out)),
    })
}
