//! `update_mask` (AIP-134): which fields of a resource an update writes.
//!
//! Without a mask, those that were sent. `*` replaces the whole resource, which is another write of the service's. Otherwise
//! those that the mask names, and one that is named but wasn't sent is cleared: to its default where it can't be without
//! a value. A path may lead into a value type: `address.city`.

use super::input::{Presence, empty};
use crate::{
    descriptor::{Field, Resource, SetBy, Type},
    error::{self, Location, Violation},
    validate,
    value::{Value, now},
};

pub(super) const PARAMETER: &str = "update_mask";

/// Whether a mask asks for the whole resource to be replaced.
pub(super) fn replaces(paths: &[String]) -> bool {
    matches!(paths, [all] if all == "*")
}

/// Which fields are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selection {
    Populated,
    /// By the indexes along their paths, which are never empty: a longer path leads into a value type.
    Named(Vec<Vec<usize>>),
}

impl Selection {
    /// What can't be in a mask becomes a violation; what only the server sets is left out in silence.
    pub fn read(resource: &'static Resource, paths: &[String], violations: &mut Vec<Violation>) -> Selection {
        match paths {
            [] => Selection::Populated,
            paths => {
                let mut named = Vec::new();
                for path in paths {
                    match indexes(resource, path) {
                        Ok(indexes) => named.extend(indexes),
                        Err(refusal) => error::note(violations, || refusal.violation(path)),
                    }
                }
                Selection::Named(named)
            }
        }
    }

    pub fn contains(&self, index: usize) -> bool {
        match self {
            Selection::Populated => true,
            Selection::Named(paths) => paths.iter().any(|path| path[0] == index),
        }
    }

    /// Whether a field is written in part, so that what is stored must be known.
    pub fn reaches_inside(&self) -> bool {
        matches!(self, Selection::Named(paths) if paths.iter().any(|path| path.len() > 1))
    }

    /// What the update writes into a field: `None` leaves it alone.
    pub fn pick(
        &self,
        index: usize,
        field: &'static Field,
        (sent, presence): (Value, Presence),
        current: Option<&Value>,
    ) -> Option<Value> {
        match (self, presence) {
            (_, Presence::Invalid) => None,
            (Selection::Populated, Presence::Present) => Some(sent),
            (Selection::Populated, Presence::Absent) => None,
            (Selection::Named(paths), _) => {
                let mut paths = paths.iter().filter(|path| path[0] == index).peekable();
                if paths.peek()?.len() == 1 && presence == Presence::Absent {
                    return Some(cleared(field));
                }
                let mut value = current.cloned().unwrap_or(Value::Null);
                paths.for_each(|path| replace(&mut value, &field.ty, &path[1..], &sent));
                Some(value)
            }
        }
    }
}

/// Replaces what lies at the end of a path into a value type.
fn replace(stored: &mut Value, ty: &'static Type, path: &[usize], sent: &Value) {
    let ([index, rest @ ..], Type::Object(object)) = (path, ty) else {
        *stored = sent.clone();
        return;
    };
    let member = &object.fields[*index];
    let sent = match sent {
        Value::Object(members) => members[*index].clone(),
        // There is nothing to clear inside of what isn't there.
        _ if stored.is_null() => return,
        _ => empty(&member.ty),
    };
    if stored.is_null() {
        *stored = Value::Object(object.fields.iter().map(|field| empty(&field.ty)).collect());
    }
    if let Value::Object(members) = stored {
        replace(&mut members[*index], &member.ty, rest, &sent);
    }
}

struct Refusal {
    code: &'static str,
    message: &'static str,
}

impl Refusal {
    fn violation(&self, path: &str) -> Violation {
        Violation {
            location: Location::Parameter(PARAMETER.to_owned()),
            code: self.code,
            message: format!("`{path}` {}", self.message),
        }
    }
}

/// The indexes along a path; `Ok(None)`: it leads to what only the server sets.
fn indexes(resource: &'static Resource, path: &str) -> Result<Option<Vec<usize>>, Refusal> {
    const UNKNOWN: Refusal = Refusal { code: "UNKNOWN_FIELD", message: "isn't a field of the resource" };
    const ELEMENT: Refusal = Refusal {
        code: "INVALID_PATH",
        message: "is an element, and lists and maps can only be replaced as a whole: name the field that holds it",
    };
    const STAR: Refusal = Refusal { code: "INVALID_PATH", message: "must stand alone" };
    match path {
        "*" => return Err(STAR),
        "etag" => return Ok(None),
        _ => {}
    }
    let mut indexes = Vec::new();
    let mut fields = resource.fields;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let index = fields.iter().position(|field| field.name == name && !field.internal).ok_or(UNKNOWN)?;
        let field = &fields[index];
        // An update's id says which resource is meant.
        if field.set_by == SetBy::Server || (indexes.is_empty() && index == 0) {
            return Ok(None);
        }
        indexes.push(index);
        fields = match &field.ty {
            Type::Object(object) => object.fields,
            Type::List(_) | Type::Map(_) if names.peek().is_some() => return Err(ELEMENT),
            _ => &[],
        };
    }
    Ok(Some(indexes))
}

/// What a field is once it was named but not sent.
fn cleared(field: &Field) -> Value {
    let default = if field.required { validate::default(field, now()) } else { None };
    default.unwrap_or_else(|| empty(&field.ty))
}
