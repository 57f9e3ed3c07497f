//! Values as SQLite stores them, by the type of their field: ids and UUIDs as 16 bytes, decimals as whole numbers at
//! their scale, times in microseconds, enums and dates as text, everything composite as JSON text.

use std::rc::Rc;

use rusqlite::{
    Row, Statement,
    types::{ToSqlOutput, Value as Owned, ValueRef},
};
use rust_decimal::Decimal;

use super::error;
use crate::{
    descriptor::{Id, Type},
    store::{
        Arg, StoreError,
        json::{enum_value, from_json, to_json},
    },
    value::Value,
};

/// Binds all parameters of a statement, which must be as many as it has.
pub(super) fn bind_all(statement: &mut Statement<'_>, args: &[Arg<'_>]) -> Result<(), StoreError> {
    if statement.parameter_count() != args.len() {
        return Err(StoreError::Other(format!(
            "a statement with {} parameters was given {}",
            statement.parameter_count(),
            args.len()
        )));
    }
    for (index, arg) in args.iter().enumerate() {
        match *arg {
            Arg::One(ty, value) => statement.raw_bind_parameter(index + 1, bind(ty, value)?),
            Arg::Many(ty, values) => statement.raw_bind_parameter(index + 1, table(ty, values)?),
        }
        .map_err(error::translate)?;
    }
    Ok(())
}

fn bind(ty: Type, value: &Value) -> Result<ToSqlOutput<'_>, StoreError> {
    let bound = match (ty, value) {
        (_, Value::Null) => ValueRef::Null,
        (Type::Bool, Value::Bool(bool)) => ValueRef::Integer(i64::from(*bool)),
        (Type::Int32 | Type::Int64 | Type::Id(Id::Int64), Value::Int(number)) => ValueRef::Integer(*number),
        (Type::Float64, Value::Float(number)) => ValueRef::Real(*number),
        (Type::Decimal { scale, .. }, Value::Decimal(number)) => ValueRef::Integer(scaled(*number, scale)?),
        (Type::Uuid | Type::Id(Id::Uuid | Id::Prefixed(_)), Value::Uuid(uuid)) => ValueRef::Blob(uuid.as_bytes()),
        (
            Type::String | Type::Email | Type::Url | Type::Password | Type::Id(Id::Text) | Type::Enum(_),
            Value::Text(text),
        ) => ValueRef::Text(text.as_bytes()),
        (Type::Enum(_), Value::Enum(name)) => ValueRef::Text(name.as_bytes()),
        (Type::Timestamp, Value::Timestamp(time)) => ValueRef::Integer(time.as_microsecond()),
        (Type::Duration, Value::Duration(micros)) => ValueRef::Integer(*micros),
        (Type::Bytes, Value::Bytes(bytes)) => ValueRef::Blob(bytes),
        (Type::Date, Value::Date(date)) => return Ok(ToSqlOutput::Owned(Owned::Text(date.to_string()))),
        (Type::Json, Value::Json(_))
        | (Type::List(_), Value::List(_))
        | (Type::Map(_), Value::Map(_))
        | (Type::Object(_), Value::Object(_)) => {
            return Ok(ToSqlOutput::Owned(Owned::Text(to_json(ty, value).to_string())));
        }
        // Without the value, which may be somebody's secret.
        (ty, _) => return Err(StoreError::Other(format!("a parameter isn't of its type {ty:?}"))),
    };
    Ok(ToSqlOutput::Borrowed(bound))
}

/// The values behind `rarray(?1)`.
fn table(ty: Type, values: &[Value]) -> Result<Rc<Vec<Owned>>, StoreError> {
    let owned = values.iter().map(|value| {
        Ok(match bind(ty, value)? {
            ToSqlOutput::Owned(owned) => owned,
            ToSqlOutput::Borrowed(borrowed) => {
                Owned::try_from(borrowed).map_err(|e| StoreError::Other(e.to_string()))?
            }
            _ => unreachable!("values are bound as plain values"),
        })
    });
    owned.collect::<Result<_, _>>().map(Rc::new)
}

fn scaled(number: Decimal, scale: u8) -> Result<i64, StoreError> {
    let mut exact = number;
    exact.rescale(u32::from(scale));
    if exact != number {
        return Err(StoreError::Other(format!("a decimal has more than {scale} places")));
    }
    i64::try_from(exact.mantissa()).map_err(|_| StoreError::Other("a decimal has more than 18 digits".to_owned()))
}

/// Reads a whole row.
pub(super) fn read_row(row: &Row<'_>, columns: &[Type]) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::with_capacity(columns.len());
    for (index, ty) in columns.iter().enumerate() {
        let stored = row.get_ref(index).map_err(error::translate)?;
        values.push(read(*ty, stored).map_err(|cause| StoreError::Other(format!("column {}: {cause}", index + 1)))?);
    }
    Ok(values)
}

fn read(ty: Type, stored: ValueRef<'_>) -> Result<Value, String> {
    match stored {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => read_integer(ty, number),
        ValueRef::Real(number) => match ty {
            Type::Float64 => Ok(Value::Float(number)),
            _ => Err(unfit(ty, "a REAL")),
        },
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => read_text(ty, text),
            Err(_) => Err("a TEXT isn't UTF-8".to_owned()),
        },
        ValueRef::Blob(bytes) => read_blob(ty, bytes),
    }
}

fn read_integer(ty: Type, number: i64) -> Result<Value, String> {
    Ok(match ty {
        Type::Bool => Value::Bool(number != 0),
        Type::Int32 | Type::Int64 | Type::Id(Id::Int64) => Value::Int(number),
        // A column of type NUMERIC, or an expression, stores whole floats as integers.
        Type::Float64 => Value::Float(number as f64),
        Type::Decimal { scale, .. } => Value::Decimal(Decimal::new(number, u32::from(scale))),
        Type::Timestamp => Value::Timestamp(
            jiff::Timestamp::from_microsecond(number).map_err(|_| "a timestamp is out of range".to_owned())?,
        ),
        Type::Duration => Value::Duration(number),
        ty => return Err(unfit(ty, "an INTEGER")),
    })
}

fn read_text(ty: Type, text: &str) -> Result<Value, String> {
    Ok(match ty {
        Type::String | Type::Email | Type::Url | Type::Password | Type::Id(Id::Text) => Value::Text(text.to_owned()),
        Type::Enum(names) => {
            enum_value(names, text).ok_or_else(|| format!("the stored value isn't one of {}", names.name))?
        }
        Type::Date => Value::Date(text.parse().map_err(|_| unfit(ty, "this TEXT"))?),
        Type::Json | Type::List(_) | Type::Map(_) | Type::Object(_) => {
            from_json(ty, serde_json::from_str(text).map_err(|error| error.to_string())?)?
        }
        ty => return Err(unfit(ty, "a TEXT")),
    })
}

fn read_blob(ty: Type, bytes: &[u8]) -> Result<Value, String> {
    match ty {
        Type::Uuid | Type::Id(Id::Uuid | Id::Prefixed(_)) => {
            uuid::Uuid::from_slice(bytes).map(Value::Uuid).map_err(|_| unfit(ty, "this BLOB"))
        }
        Type::Bytes => Ok(Value::Bytes(bytes.to_vec())),
        ty => Err(unfit(ty, "a BLOB")),
    }
}

fn unfit(ty: Type, found: &str) -> String {
    format!("{found} can't be read as {ty:?}")
}
