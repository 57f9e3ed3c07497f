//! `google.protobuf.Timestamp`, `Duration`, `Value` and `FieldMask`, read straight from the wire.

use serde_json::Value as Json;

use super::{
    input::too_deep,
    wire::{Malformed, Reader},
};
use crate::{
    codec::text::{Invalid, MAX_DURATION_MICROS},
    value::Value,
};

/// 0001-01-01T00:00:00Z, where `google.protobuf.Timestamp` begins.
const FIRST_SECOND: i64 = -62_135_596_800;

pub(super) fn timestamp(bytes: &[u8]) -> Result<Result<Value, Invalid>, Malformed> {
    let (seconds, nanos) = seconds_and_nanos(bytes)?;
    let fits = seconds >= FIRST_SECOND && (0..1_000_000_000).contains(&nanos);
    // What is finer than a microsecond is cut off.
    let read = fits.then(|| jiff::Timestamp::new(seconds, nanos / 1_000 * 1_000).ok()).flatten();
    Ok(read.map(Value::Timestamp).ok_or_else(|| Invalid {
        code: "INVALID_TIMESTAMP",
        message: format!(
            "must be from 0001-01-01T00:00:00Z to {}, with nanos from 0 to 999999999",
            jiff::Timestamp::MAX
        ),
    }))
}

pub(super) fn duration(bytes: &[u8]) -> Result<Result<Value, Invalid>, Malformed> {
    let (seconds, nanos) = seconds_and_nanos(bytes)?;
    let fits = nanos.abs() < 1_000_000_000 && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0));
    let whole = seconds.checked_mul(1_000_000).and_then(|micros| micros.checked_add(i64::from(nanos / 1_000)));
    let read = whole.filter(|micros| fits && (-MAX_DURATION_MICROS..=MAX_DURATION_MICROS).contains(micros));
    Ok(read.map(Value::Duration).ok_or_else(|| Invalid {
        code: "INVALID_DURATION",
        message: "must be a duration of at most 10000 years, with seconds and nanos of the same sign".to_owned(),
    }))
}

fn seconds_and_nanos(bytes: &[u8]) -> Result<(i64, i32), Malformed> {
    let (mut seconds, mut nanos) = (0, 0);
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        match number {
            1 => seconds = wire.varint()?.cast_signed(),
            2 => nanos = wire.varint()? as i32,
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

pub(super) fn finite(number: f64) -> Result<f64, Invalid> {
    if number.is_finite() {
        return Ok(number);
    }
    Err(Invalid { code: "INVALID_NUMBER", message: "must be a finite number, such as 12.5 or 1e-9".to_owned() })
}

/// A `google.protobuf.Value`; one that holds nothing is null.
pub(super) fn json(bytes: &[u8], depth: u32) -> Result<Result<Json, Invalid>, Malformed> {
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    let mut json = Ok(Json::Null);
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        json = match number {
            1 => Ok(Json::Null),
            2 => finite(wire.double()?).map(json_number),
            3 => Ok(Json::String(wire.text()?.to_owned())),
            4 => Ok(Json::Bool(wire.varint()? != 0)),
            5 => json_object(wire.bytes()?, depth)?,
            6 => json_array(wire.bytes()?, depth)?,
            _ => continue,
        };
    }
    Ok(json)
}

/// A `Value` knows doubles only, so whole numbers come back as what they most likely were.
fn json_number(number: f64) -> Json {
    const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;
    if number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER { (number as i64).into() } else { number.into() }
}

fn json_array(bytes: &[u8], depth: u32) -> Result<Result<Json, Invalid>, Malformed> {
    let mut items = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        if number != 1 {
            continue;
        }
        match json(wire.bytes()?, depth)? {
            Ok(item) => items.push(item),
            Err(invalid) => return Ok(Err(invalid)),
        }
    }
    Ok(Ok(Json::Array(items)))
}

fn json_object(bytes: &[u8], depth: u32) -> Result<Result<Json, Invalid>, Malformed> {
    let mut members = serde_json::Map::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        if number != 1 {
            continue;
        }
        let (key, value) = json_member(wire.bytes()?)?;
        match json(value, depth)? {
            Ok(member) => members.insert(key.to_owned(), member),
            Err(invalid) => return Ok(Err(invalid)),
        };
    }
    Ok(Ok(Json::Object(members)))
}

fn json_member(bytes: &[u8]) -> Result<(&str, &[u8]), Malformed> {
    let (mut key, mut value): (&str, &[u8]) = ("", &[]);
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        match number {
            1 => key = wire.text()?,
            2 => value = wire.bytes()?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// The paths of a `google.protobuf.FieldMask`.
pub(super) fn field_mask(bytes: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut paths = Vec::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, wire)) = reader.next()? {
        if number == 1 {
            paths.push(wire.text()?.to_owned());
        }
    }
    Ok(paths)
}
