//! The Rust types that stand for values of the language.

use std::collections::BTreeMap;

use super::Id;
use crate::value::{Date, Decimal, Secret, SignedDuration, Timestamp, Uuid, Value};

/// A Rust type that a [`Value`] of the right type becomes, and that becomes one.
pub trait Native: Sized {
    fn of(value: Value) -> Self;

    fn value(self) -> Value;
}

fn unfit(value: &Value, ty: &str) -> ! {
    unreachable!("{value:?} stands where the descriptor has a {ty}")
}

/// One variant, one type.
macro_rules! native {
    ($($ty:ty => $variant:ident($inner:ident) $to:expr, $from:expr;)*) => {
        $(impl Native for $ty {
            fn of(value: Value) -> Self {
                match value {
                    Value::$variant($inner) => $to,
                    other => unfit(&other, stringify!($ty)),
                }
            }

            fn value(self) -> Value {
                let $inner = self;
                Value::$variant($from)
            }
        })*
    };
}

native! {
    bool => Bool(bool) bool, bool;
    i64 => Int(number) number, number;
    f64 => Float(number) number, number;
    Decimal => Decimal(number) number, number;
    Uuid => Uuid(uuid) uuid, uuid;
    Date => Date(date) date, date;
    // Rows keep whole microseconds.
    Timestamp => Timestamp(time) time, Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time);
    Vec<u8> => Bytes(bytes) bytes, bytes;
    serde_json::Value => Json(json) *json, Box::new(json);
}

impl Native for i32 {
    fn of(value: Value) -> i32 {
        match value {
            Value::Int(number) if i32::try_from(number).is_ok() => number as i32,
            other => unfit(&other, "i32"),
        }
    }

    fn value(self) -> Value {
        Value::Int(self.into())
    }
}

impl Native for String {
    fn of(value: Value) -> String {
        match value {
            Value::Text(text) => text,
            other => unfit(&other, "String"),
        }
    }

    fn value(self) -> Value {
        Value::Text(self)
    }
}

impl Native for SignedDuration {
    fn of(value: Value) -> SignedDuration {
        match value {
            Value::Duration(micros) => SignedDuration::from_micros(micros),
            other => unfit(&other, "SignedDuration"),
        }
    }

    fn value(self) -> Value {
        Value::of_duration(self)
    }
}

/// The password as it was sent, or its hash once there is one.
impl Native for Secret {
    fn of(value: Value) -> Secret {
        match value {
            Value::Password(secret) => secret,
            Value::Text(hash) => Secret(hash),
            other => unfit(&other, "Secret"),
        }
    }

    fn value(self) -> Value {
        Value::Password(self)
    }
}

impl<R> Native for Id<R> {
    fn of(value: Value) -> Id<R> {
        Id::new(value)
    }

    fn value(self) -> Value {
        Id::value(&self).clone()
    }
}

impl<T: Native> Native for Option<T> {
    fn of(value: Value) -> Option<T> {
        (!value.is_null()).then(|| T::of(value))
    }

    fn value(self) -> Value {
        self.map_or(Value::Null, T::value)
    }
}

impl<T: Native> Native for Vec<T> {
    fn of(value: Value) -> Vec<T> {
        match value {
            Value::List(items) => items.into_iter().map(T::of).collect(),
            other => unfit(&other, "Vec"),
        }
    }

    fn value(self) -> Value {
        Value::List(self.into_iter().map(T::value).collect())
    }
}

impl<T: Native> Native for BTreeMap<String, T> {
    fn of(value: Value) -> BTreeMap<String, T> {
        match value {
            Value::Map(entries) => entries.into_iter().map(|(key, value)| (key, T::of(value))).collect(),
            other => unfit(&other, "BTreeMap"),
        }
    }

    fn value(self) -> Value {
        Value::Map(self.into_iter().map(|(key, value)| (key, value.value())).collect())
    }
}
