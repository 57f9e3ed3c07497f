//! Parameters of SQL that hooks write themselves.

use super::{Id, Native, Row};
use crate::{
    descriptor::Type,
    value::{Date, Decimal, SignedDuration, Timestamp, Uuid, Value},
};

/// A value that knows its type in both databases, a NULL too.
pub trait Param: Sync {
    fn typed(&self) -> (Type, Value);

    /// The type of a NULL that stands for such a value.
    fn null() -> Type
    where
        Self: Sized;
}

macro_rules! params {
    ($($ty:ty => $name:expr;)*) => {
        $(impl Param for $ty {
            fn typed(&self) -> (Type, Value) {
                ($name, Native::value(self.clone()))
            }

            fn null() -> Type {
                $name
            }
        })*
    };
}

params! {
    bool => Type::Bool;
    i32 => Type::Int32;
    i64 => Type::Int64;
    f64 => Type::Float64;
    String => Type::String;
    Uuid => Type::Uuid;
    Timestamp => Type::Timestamp;
    Date => Type::Date;
    SignedDuration => Type::Duration;
    Vec<u8> => Type::Bytes;
    serde_json::Value => Type::Json;
}

impl Param for &str {
    fn typed(&self) -> (Type, Value) {
        (Type::String, Value::Text((*self).to_owned()))
    }

    fn null() -> Type {
        Type::String
    }
}

/// At its own scale. SQLite keeps decimals as whole numbers at the scale of their field, so give it that: `rescale(2)`.
impl Param for Decimal {
    fn typed(&self) -> (Type, Value) {
        let scale = u8::try_from(self.scale()).unwrap_or(u8::MAX);
        (Type::Decimal { precision: 28, scale }, Value::Decimal(*self))
    }

    fn null() -> Type {
        Type::Decimal { precision: 28, scale: 0 }
    }
}

impl<R: Row> Param for Id<R> {
    fn typed(&self) -> (Type, Value) {
        (Self::null(), self.value().clone())
    }

    fn null() -> Type {
        R::RESOURCE.fields[0].ty
    }
}

impl<T: Param> Param for Option<T> {
    fn typed(&self) -> (Type, Value) {
        self.as_ref().map_or_else(|| (T::null(), Value::Null), T::typed)
    }

    fn null() -> Type {
        T::null()
    }
}
