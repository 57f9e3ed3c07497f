//! What a filter means, in plain Rust: the reference that the SQL is held to.

use std::cmp::Ordering;

use super::{Filter, Test};
use crate::value::{Record, Value};

impl Filter {
    /// Whether a fully read row meets the condition.
    pub fn matches(&self, record: &Record) -> bool {
        match self {
            Filter::And(parts) => parts.iter().all(|part| part.matches(record)),
            Filter::Or(parts) => parts.iter().any(|part| part.matches(record)),
            Filter::Not(inner) => !inner.matches(record),
            Filter::Compare(compare) => compare.test.holds(&record.values[compare.field]),
            // Nothing in a row tells of it.
            Filter::Linked(..) => false,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        if let Test::IsNull(wanted) = self {
            return value.is_null() == *wanted;
        }
        let compared = |other| compare(value, other);
        match self {
            Test::Eq(other) => compared(other).is_some_and(Ordering::is_eq),
            Test::Ne(other) => compared(other).is_some_and(Ordering::is_ne),
            Test::In(others) => others.iter().any(|other| compared(other).is_some_and(Ordering::is_eq)),
            Test::Lt(other) => compared(other).is_some_and(Ordering::is_lt),
            Test::Lte(other) => compared(other).is_some_and(Ordering::is_le),
            Test::Gt(other) => compared(other).is_some_and(Ordering::is_gt),
            Test::Gte(other) => compared(other).is_some_and(Ordering::is_ge),
            Test::Contains(part) => text(value).is_some_and(|text| text.contains(part)),
            Test::StartsWith(part) => text(value).is_some_and(|text| text.starts_with(part)),
            Test::EndsWith(part) => text(value).is_some_and(|text| text.ends_with(part)),
            Test::IsNull(_) => unreachable!("answered above"),
        }
    }
}

/// `None` where either is null: nothing is known then, not even that they differ. Texts compare by code points.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Int(b)) | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Enum(a), Value::Enum(b)) => Some(a.cmp(b)),
        (Value::Uuid(a), Value::Uuid(b)) => Some(a.cmp(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
