//! `update_mask` (AIP-134): which fields of a resource an update writes.
//!
//! Without a mask, those that were sent. `*` replaces the whole resource. Otherwise those that the mask names, and one that
//! is named but wasn't sent is cleared.

use super::input::{Presence, empty};
use crate::{
    codec::text,
    descriptor::{Field, Literal, Resource, SetBy, Type},
    error::{Location, Violation},
    value::Value,
};

pub(super) const PARAMETER: &str = "update_mask";

/// Which fields are written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selection {
    Populated,
    All,
    /// By their index.
    Named(Vec<usize>),
}

impl Selection {
    /// What can't be in a mask becomes a violation; what only the server sets is left out in silence.
    pub fn read(resource: &'static Resource, paths: &[String], violations: &mut Vec<Violation>) -> Selection {
        match paths {
            [] => Selection::Populated,
            [all] if all == "*" => Selection::All,
            paths => {
                let mut named = Vec::new();
                for path in paths {
                    match field_of(resource, path) {
                        Ok(index) => named.extend(index),
                        Err(refusal) => violations.push(refusal.violation(path)),
                    }
                }
                Selection::Named(named)
            }
        }
    }

    pub fn contains(&self, index: usize) -> bool {
        match self {
            Selection::Populated | Selection::All => true,
            Selection::Named(indexes) => indexes.contains(&index),
        }
    }

    /// What the update writes into a field: `None` leaves it alone.
    pub fn pick(&self, index: usize, field: &Field, value: Value, presence: Presence) -> Option<Value> {
        match (self, presence) {
            (_, Presence::Invalid) => None,
            (_, Presence::Present) => Some(value),
            (Selection::Populated, Presence::Absent) => None,
            (Selection::Named(indexes), Presence::Absent) => indexes.contains(&index).then(|| empty(&field.ty)),
            (Selection::All, Presence::Absent) => Some(default(field)),
        }
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

/// The field that a path names; `Ok(None)`: it is the server's.
fn field_of(resource: &'static Resource, path: &str) -> Result<Option<usize>, Refusal> {
    const UNKNOWN: Refusal = Refusal { code: "UNKNOWN_FIELD", message: "isn't a field of the resource" };
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if name == "etag" && rest.is_none() {
        return Ok(None);
    }
    if name == "*" {
        return Err(Refusal { code: "INVALID_PATH", message: "must stand alone" });
    }
    let index = resource.field_index(name).filter(|index| !resource.fields[*index].internal).ok_or(UNKNOWN)?;
    let field = &resource.fields[index];
    match (rest, &field.ty) {
        _ if index == 0 || field.set_by == SetBy::Server => Ok(None),
        (None, _) => Ok(Some(index)),
        (Some(rest), Type::Object(object)) if object.fields.iter().any(|field| field.name == rest) => Err(Refusal {
            code: "INVALID_PATH",
            message: "is part of a value that can only be replaced as a whole: name the field that holds it",
        }),
        (Some(_), Type::List(_) | Type::Map(_)) => Err(Refusal {
            code: "INVALID_PATH",
            message: "is an element, and lists and maps can only be replaced as a whole: name the field that holds it",
        }),
        (Some(_), _) => Err(UNKNOWN),
    }
}

/// What a full replacement puts where nothing was sent.
fn default(field: &Field) -> Value {
    match (field.default, &field.ty) {
        (Some(Literal::Text(text)), ty) if has_text_form(ty) => text::parse_text(ty, text)
            .unwrap_or_else(|invalid| unreachable!("the default of {} {}", field.name, invalid.message)),
        (Some(Literal::Now), _) => Value::Timestamp(now()),
        (Some(Literal::Today), _) => Value::Date(now().to_zoned(jiff::tz::TimeZone::UTC).date()),
        (_, ty) => empty(ty),
    }
}

fn has_text_form(ty: &Type) -> bool {
    !matches!(ty, Type::Object(_) | Type::List(_) | Type::Map(_))
}

/// In whole microseconds.
fn now() -> jiff::Timestamp {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}
