//! Values in PostgreSQL's binary format, by the type of their field: UUID, NUMERIC, TIMESTAMPTZ, DATE and so on, durations
//! as BIGINT microseconds, enums as TEXT, everything composite as JSONB. A NULL has its field's type, too.

use std::{error, fmt};

use bytes::BufMut;
use jiff::{Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use tokio_postgres::{
    Row,
    types::{FromSql, IsNull, ToSql, Type as PgType, private::BytesMut, to_sql_checked},
};

use super::error::text;
use crate::{
    descriptor::{Id, Type},
    store::{
        Arg, StoreError,
        json::{enum_value, from_json, to_json},
    },
    value::Value,
};

/// 2000-01-01, from where PostgreSQL counts, in Unix microseconds.
const EPOCH: i64 = 946_684_800_000_000;
const FIRST_DAY: Date = Date::constant(2000, 1, 1);
/// Before the binary form of JSONB.
const JSONB_VERSION: u8 = 1;

/// A value that isn't of its type; says so without quoting it.
#[derive(Debug)]
pub(super) struct Unfit(String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for Unfit {}

/// The type that a parameter is sent as. Nothing is left to the server to infer: `unnest($1)` could be of any.
pub(super) fn parameter_type(arg: &Arg<'_>) -> PgType {
    match arg {
        Arg::One(ty, _) => column_type(*ty).0,
        Arg::Many(ty, _) => column_type(*ty).1,
    }
}

/// A type and the array of it.
fn column_type(ty: Type) -> (PgType, PgType) {
    match ty {
        Type::Bool => (PgType::BOOL, PgType::BOOL_ARRAY),
        // A bound may lie outside an INTEGER column; the server compares them all the same, with an index.
        Type::Int32 | Type::Int64 | Type::Duration | Type::Id(Id::Int64) => (PgType::INT8, PgType::INT8_ARRAY),
        Type::Float64 => (PgType::FLOAT8, PgType::FLOAT8_ARRAY),
        Type::Decimal { .. } => (PgType::NUMERIC, PgType::NUMERIC_ARRAY),
        Type::Uuid | Type::Id(Id::Uuid | Id::Prefixed(_)) => (PgType::UUID, PgType::UUID_ARRAY),
        Type::Timestamp => (PgType::TIMESTAMPTZ, PgType::TIMESTAMPTZ_ARRAY),
        Type::Date => (PgType::DATE, PgType::DATE_ARRAY),
        Type::Bytes => (PgType::BYTEA, PgType::BYTEA_ARRAY),
        Type::String | Type::Email | Type::Url | Type::Password | Type::Enum(_) | Type::Id(Id::Text) => {
            (PgType::TEXT, PgType::TEXT_ARRAY)
        }
        Type::Json | Type::Object(_) | Type::List(_) | Type::Map(_) => (PgType::JSONB, PgType::JSONB_ARRAY),
    }
}

/// An argument on its way. Its `Debug` is what the driver logs, so it shows no value.
pub(super) struct Parameter<'a>(pub(super) Arg<'a>);

impl fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", parameter_type(&self.0))
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &PgType, out: &mut BytesMut) -> Result<IsNull, Box<dyn error::Error + Sync + Send>> {
        match self.0 {
            Arg::One(_, Value::Null) => Ok(IsNull::Yes),
            Arg::One(one, value) => write(one, value, out).map(|()| IsNull::No).map_err(Into::into),
            Arg::Many(one, values) => {
                let elements: Vec<_> = values.iter().map(|value| Parameter(Arg::One(one, value))).collect();
                elements.as_slice().to_sql(ty, out)
            }
        }
    }

    /// [`parameter_type`] has seen to it.
    fn accepts(_: &PgType) -> bool {
        true
    }

    to_sql_checked!();
}

fn write(ty: Type, value: &Value, out: &mut BytesMut) -> Result<(), Unfit> {
    match (ty, value) {
        (Type::Bool, Value::Bool(bool)) => out.put_u8(u8::from(*bool)),
        (Type::Int32 | Type::Int64 | Type::Id(Id::Int64), Value::Int(number))
        | (Type::Duration, Value::Duration(number)) => out.put_i64(*number),
        // SQLite keeps no -0.0.
        (Type::Float64, Value::Float(number)) => out.put_f64(*number + 0.0),
        (Type::Decimal { precision, scale }, Value::Decimal(number)) => write_decimal(*number, precision, scale, out)?,
        (Type::Uuid | Type::Id(Id::Uuid | Id::Prefixed(_)), Value::Uuid(uuid)) => out.put_slice(uuid.as_bytes()),
        (
            Type::String | Type::Email | Type::Url | Type::Password | Type::Id(Id::Text) | Type::Enum(_),
            Value::Text(text),
        ) => out.put_slice(text.as_bytes()),
        (Type::Enum(_), Value::Enum(name)) => out.put_slice(name.as_bytes()),
        // No instant of jiff's is so early that this overflows.
        (Type::Timestamp, Value::Timestamp(time)) => out.put_i64(time.as_microsecond() - EPOCH),
        (Type::Date, Value::Date(date)) => out.put_i32(days(*date)),
        (Type::Bytes, Value::Bytes(bytes)) => out.put_slice(bytes),
        (Type::Json, Value::Json(_))
        | (Type::List(_), Value::List(_))
        | (Type::Map(_), Value::Map(_))
        | (Type::Object(_), Value::Object(_)) => {
            out.put_u8(JSONB_VERSION);
            out.put_slice(to_json(ty, value).to_string().as_bytes());
        }
        (ty, _) => return Err(Unfit(format!("a parameter isn't of its type {ty:?}"))),
    }
    Ok(())
}

fn days(date: Date) -> i32 {
    let days = date.duration_since(FIRST_DAY).as_hours() / 24;
    i32::try_from(days).unwrap_or_else(|_| unreachable!("20,000 years have fewer days"))
}

fn write_decimal(number: Decimal, precision: u8, scale: u8, out: &mut BytesMut) -> Result<(), Unfit> {
    let mut exact = number;
    exact.rescale(u32::from(scale));
    if exact != number {
        return Err(Unfit(format!("a decimal has more than {scale} places")));
    }
    if exact.mantissa().unsigned_abs() >= 10_u128.pow(u32::from(precision)) {
        return Err(Unfit(format!("a decimal has more than {precision} digits")));
    }
    exact.to_sql(&PgType::NUMERIC, out).map(drop).map_err(|error| Unfit(error.to_string()))
}

/// Reads a whole row.
pub(super) fn read_row(row: &Row, columns: &[Type]) -> Result<Vec<Value>, StoreError> {
    if row.len() != columns.len() {
        return Err(StoreError::Other(format!("a row has {} columns, not {}", row.len(), columns.len())));
    }
    let mut values = Vec::with_capacity(columns.len());
    for (index, ty) in columns.iter().enumerate() {
        let stored: Option<Stored<'_>> = row.try_get(index).map_err(|error| StoreError::Other(text(&error)))?;
        let value = match stored {
            None => Ok(Value::Null),
            Some(Stored(bytes)) => read(*ty, row.columns()[index].type_(), bytes),
        };
        values.push(value.map_err(|cause| StoreError::Other(format!("column {}: {cause}", index + 1)))?);
    }
    Ok(values)
}

/// A column's bytes as they come.
struct Stored<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Stored<'a> {
    fn from_sql(_: &PgType, bytes: &'a [u8]) -> Result<Stored<'a>, Box<dyn error::Error + Sync + Send>> {
        Ok(Stored(bytes))
    }

    fn accepts(_: &PgType) -> bool {
        true
    }
}

fn read(ty: Type, stored: &PgType, bytes: &[u8]) -> Result<Value, String> {
    let value = match *stored {
        PgType::BOOL => {
            read_fixed(bytes).and_then(|[byte]: [u8; 1]| (ty_is_bool(ty)).then_some(Value::Bool(byte != 0)))
        }
        PgType::INT2 => read_fixed(bytes).and_then(|bytes| integer(ty, i16::from_be_bytes(bytes).into())),
        PgType::INT4 => read_fixed(bytes).and_then(|bytes| integer(ty, i32::from_be_bytes(bytes).into())),
        PgType::INT8 => read_fixed(bytes).and_then(|bytes| integer(ty, i64::from_be_bytes(bytes))),
        PgType::FLOAT4 => read_fixed(bytes).and_then(|bytes| float(ty, f32::from_be_bytes(bytes).into())),
        PgType::FLOAT8 => read_fixed(bytes).and_then(|bytes| float(ty, f64::from_be_bytes(bytes))),
        PgType::NUMERIC => decimal(ty, bytes),
        PgType::UUID => read_fixed(bytes).and_then(|bytes| uuid_value(ty, uuid::Uuid::from_bytes(bytes))),
        PgType::TIMESTAMPTZ => read_fixed(bytes).and_then(|bytes| timestamp(ty, i64::from_be_bytes(bytes))),
        PgType::DATE => read_fixed(bytes).and_then(|bytes| date(ty, i32::from_be_bytes(bytes))),
        PgType::BYTEA => matches!(ty, Type::Bytes).then(|| Value::Bytes(bytes.to_vec())),
        PgType::TEXT | PgType::VARCHAR | PgType::BPCHAR | PgType::NAME | PgType::UNKNOWN => {
            return read_text(ty, bytes);
        }
        PgType::JSON => return read_json(ty, bytes),
        PgType::JSONB => return read_json(ty, bytes.get(1..).unwrap_or_default()),
        _ => None,
    };
    value.ok_or_else(|| format!("this {stored} can't be read as {ty:?}"))
}

fn read_fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

fn ty_is_bool(ty: Type) -> bool {
    matches!(ty, Type::Bool)
}

fn integer(ty: Type, number: i64) -> Option<Value> {
    match ty {
        Type::Int32 | Type::Int64 | Type::Id(Id::Int64) => Some(Value::Int(number)),
        Type::Duration => Some(Value::Duration(number)),
        _ => None,
    }
}

fn float(ty: Type, number: f64) -> Option<Value> {
    matches!(ty, Type::Float64).then_some(Value::Float(number))
}

fn decimal(ty: Type, bytes: &[u8]) -> Option<Value> {
    let Type::Decimal { scale, .. } = ty else { return None };
    let mut number = Decimal::from_sql(&PgType::NUMERIC, bytes).ok()?;
    number.rescale(u32::from(scale));
    Some(Value::Decimal(number))
}

fn uuid_value(ty: Type, uuid: uuid::Uuid) -> Option<Value> {
    matches!(ty, Type::Uuid | Type::Id(Id::Uuid | Id::Prefixed(_))).then_some(Value::Uuid(uuid))
}

fn timestamp(ty: Type, micros: i64) -> Option<Value> {
    let time = Timestamp::from_microsecond(micros.checked_add(EPOCH)?).ok()?;
    matches!(ty, Type::Timestamp).then_some(Value::Timestamp(time))
}

fn date(ty: Type, days: i32) -> Option<Value> {
    let date = FIRST_DAY.checked_add(days.days()).ok()?;
    matches!(ty, Type::Date).then_some(Value::Date(date))
}

fn read_text(ty: Type, bytes: &[u8]) -> Result<Value, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "a text isn't UTF-8".to_owned())?;
    match ty {
        Type::String | Type::Email | Type::Url | Type::Password | Type::Id(Id::Text) => {
            Ok(Value::Text(text.to_owned()))
        }
        Type::Enum(names) => {
            enum_value(names, text).ok_or_else(|| format!("the stored value isn't one of {}", names.name))
        }
        ty => Err(format!("a text can't be read as {ty:?}")),
    }
}

fn read_json(ty: Type, bytes: &[u8]) -> Result<Value, String> {
    match ty {
        Type::Json | Type::List(_) | Type::Map(_) | Type::Object(_) => {
            from_json(ty, serde_json::from_slice(bytes).map_err(|error| error.to_string())?)
        }
        ty => Err(format!("a JSONB can't be read as {ty:?}")),
    }
}
