//! The text form of every scalar: one spelling for JSON strings, query parameters, filters, protobuf strings, GraphQL
//! literals and a spec's defaults.
//!
//! What is read here has its type's form; whether a well-formed `email` or `url` is one at all is a rule of validation,
//! see [`check`]. Lists, maps and value types have no text form.

use std::{
    fmt::{self, Write},
    str::FromStr,
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jiff::{
    SignedDuration, SpanRelativeTo, Timestamp,
    civil::Date,
    fmt::temporal::{DateTimeParser, DateTimePrinter, SpanParser, SpanPrinter},
};
use rust_decimal::Decimal;

use crate::{
    descriptor::{Enum, Id, Type},
    value::{self, Secret, Value},
};

/// Why a text isn't a value of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// UPPER_SNAKE_CASE: `INVALID_DECIMAL`.
    pub code: &'static str,
    /// What the value must be, as a predicate: `must be true or false`.
    pub message: String,
}

impl Invalid {
    fn new(code: &'static str, message: impl Into<String>) -> Invalid {
        Invalid { code, message: message.into() }
    }
}

/// `google.protobuf.Duration` ends at ±10 000 years, so every protocol's does.
pub const MAX_DURATION_MICROS: i64 = 315_576_000_000 * 1_000_000;

static TIMESTAMP_PARSER: DateTimeParser = DateTimeParser::new();
static TIMESTAMP_PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));
static DATE_PRINTER: DateTimePrinter = DateTimePrinter::new();
static SPAN_PARSER: SpanParser = SpanParser::new();
static SPAN_PRINTER: SpanPrinter = SpanPrinter::new();

/// Reads a text as a value of type `ty`, which must be a scalar or an enum.
pub fn parse_text(ty: &Type, text: &str) -> Result<Value, Invalid> {
    match *ty {
        Type::Password => parse_string(text).map(|text| Value::Password(Secret(text))),
        Type::String | Type::Email | Type::Url => parse_string(text).map(Value::Text),
        Type::Bool => parse_bool(text),
        Type::Int32 => parse_number::<i32>(text, "a whole number from -2147483648 to 2147483647")
            .map(|number| Value::Int(number.into())),
        Type::Int64 => {
            parse_number(text, "a whole number from -9223372036854775808 to 9223372036854775807").map(Value::Int)
        }
        Type::Float64 => parse_float(text),
        Type::Decimal { precision, scale } => parse_decimal(text, precision, scale),
        Type::Uuid => value::parse_uuid(text).map(Value::Uuid).ok_or_else(|| {
            Invalid::new("INVALID_UUID", "must be a UUID, such as 0197f9a4-6f3b-7a51-8c2e-3b1f0c9d5e42")
        }),
        Type::Timestamp => parse_timestamp(text),
        Type::Date => parse_date(text),
        Type::Duration => parse_duration(text),
        Type::Bytes => BASE64
            .decode(text)
            .map(Value::Bytes)
            .map_err(|_| Invalid::new("INVALID_BASE64", "must be base64 with padding, such as aGVsbG8=")),
        Type::Json => serde_json::from_str(text)
            .map(|json| Value::Json(Box::new(json)))
            .map_err(|_| Invalid::new("INVALID_JSON", "must be JSON")),
        Type::Id(id) => parse_id(id, text),
        Type::Enum(of) => parse_enum(of, text),
        Type::Object(_) | Type::List(_) | Type::Map(_) => unreachable!("{ty:?} has no text form"),
    }
}

/// Appends the canonical text of a value: [`parse_text`] reads it back as the same value. Null has none.
pub fn write_text(ty: &Type, value: &Value, out: &mut String) {
    match (ty, value) {
        (Type::Id(id), value) => value::write_id(*id, value, out),
        (Type::Decimal { scale, .. }, Value::Decimal(decimal)) => append(out, format_args!("{}", at(*decimal, *scale))),
        (_, Value::Text(text)) => out.push_str(text),
        (_, Value::Enum(name)) => out.push_str(name),
        (_, Value::Bool(bool)) => append(out, format_args!("{bool}")),
        (_, Value::Int(number)) => append(out, format_args!("{number}")),
        // `Debug` takes the exponent for what would otherwise be a row of zeros.
        (_, Value::Float(number)) => append(out, format_args!("{number:?}")),
        (_, Value::Uuid(uuid)) => append(out, format_args!("{}", uuid.hyphenated())),
        (_, Value::Timestamp(timestamp)) => printed(TIMESTAMP_PRINTER.print_timestamp(timestamp, out)),
        (_, Value::Date(date)) => printed(DATE_PRINTER.print_date(date, out)),
        (_, Value::Duration(micros)) => {
            printed(SPAN_PRINTER.print_duration(&SignedDuration::from_micros(*micros), out));
        }
        (_, Value::Bytes(bytes)) => BASE64.encode_string(bytes, out),
        (_, Value::Json(json)) => append(out, format_args!("{json}")),
        (ty, value) => unreachable!("{value:?} of type {ty:?} has no text form"),
    }
}

/// Whether an `email` or `url` is one, and a `json` can be stored. Values of other types are fine as they are.
pub fn check(ty: &Type, value: &Value) -> Option<Invalid> {
    match (ty, value) {
        (Type::Email, Value::Text(text)) if !is_email(text) => {
            Some(Invalid::new("INVALID_EMAIL", "must be an email address, such as ada@example.com"))
        }
        (Type::Url, Value::Text(text)) if !is_url(text) => {
            Some(Invalid::new("INVALID_URL", "must be an absolute URL with a host, such as https://example.com/"))
        }
        (Type::Json, Value::Json(json)) if has_nul(json) => Some(no_nul()),
        _ => None,
    }
}

fn append(out: &mut String, text: fmt::Arguments<'_>) {
    printed(out.write_fmt(text));
}

fn printed<E: fmt::Display>(result: Result<(), E>) {
    if let Err(error) = result {
        unreachable!("writing to a String can't fail: {error}");
    }
}

/// PostgreSQL can't store NUL in text, so no string has it anywhere.
fn parse_string(text: &str) -> Result<String, Invalid> {
    if text.contains('\0') {
        return Err(no_nul());
    }
    Ok(text.to_owned())
}

fn no_nul() -> Invalid {
    Invalid::new("INVALID_STRING", "must not contain the character NUL")
}

fn has_nul(json: &serde_json::Value) -> bool {
    match json {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(has_nul),
        serde_json::Value::Object(members) => members.iter().any(|(key, json)| key.contains('\0') || has_nul(json)),
        _ => false,
    }
}

fn parse_bool(text: &str) -> Result<Value, Invalid> {
    match text {
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        _ => Err(Invalid::new("INVALID_BOOLEAN", "must be true or false")),
    }
}

fn parse_number<T: FromStr>(text: &str, what: &str) -> Result<T, Invalid> {
    text.parse().map_err(|_| Invalid::new("INVALID_NUMBER", format!("must be {what}")))
}

fn parse_float(text: &str) -> Result<Value, Invalid> {
    const WHAT: &str = "a finite number, such as 12.5 or 1e-9";
    let number: f64 = parse_number(text, WHAT)?;
    if !number.is_finite() {
        return Err(Invalid::new("INVALID_NUMBER", format!("must be {WHAT}")));
    }
    Ok(Value::Float(number))
}

fn parse_decimal(text: &str, precision: u8, scale: u8) -> Result<Value, Invalid> {
    let digits = precision.saturating_sub(scale);
    match plain_decimal(text, digits, scale) {
        Some(decimal) => Ok(Value::Decimal(at(decimal, scale))),
        None => Err(Invalid::new("INVALID_DECIMAL", decimal_form(digits, scale))),
    }
}

fn decimal_form(digits: u8, scale: u8) -> String {
    let example = if digits < 2 { Decimal::new(5, 1) } else { Decimal::new(125, 1) };
    let example = at(example, scale);
    match scale {
        0 => format!("must be a whole number of at most {digits} digits, such as {example}"),
        1 => format!("must be a decimal number with at most {digits} digits and 1 decimal place, such as {example}"),
        _ => format!(
            "must be a decimal number with at most {digits} digits and {scale} decimal places, such as {example}"
        ),
    }
}

/// Sign, digits, fraction; no exponent and no separators. Zeros beyond the scale change nothing and are let through.
fn plain_decimal(text: &str, digits: u8, scale: u8) -> Option<Decimal> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if all_digits(fraction) => (whole, fraction.trim_end_matches('0')),
        Some(_) => return None,
        None => (text, ""),
    };
    let unsigned = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    if !all_digits(unsigned) || fraction.len() > usize::from(scale) {
        return None;
    }
    let significant = unsigned.trim_start_matches('0');
    if significant.len() > usize::from(digits) {
        return None;
    }
    let mut decimal = Decimal::from_str_exact(&format!("0{significant}.{fraction}0")).ok()?;
    decimal.set_sign_negative(whole.starts_with('-') && !decimal.is_zero());
    Some(decimal)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn at(mut decimal: Decimal, scale: u8) -> Decimal {
    decimal.rescale(scale.into());
    decimal
}

/// RFC 3339 with any offset. What is finer than a microsecond is cut off.
fn parse_timestamp(text: &str) -> Result<Value, Invalid> {
    rfc3339(text).map(Value::Timestamp).ok_or_else(|| {
        Invalid::new(
            "INVALID_TIMESTAMP",
            "must be a date and time with an offset from UTC, such as 2026-01-31T12:00:00Z or \
             2026-01-31T14:00:00.5+02:00",
        )
    })
}

fn rfc3339(text: &str) -> Option<Timestamp> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("0", rest),
    };
    let has_form = shaped(seconds, "0000-00-00T00:00:00")
        && !fraction.is_empty()
        && (matches!(offset, "Z" | "z") || shaped(offset, "±00:00"));
    if !has_form {
        return None;
    }
    let micros = &fraction[..fraction.len().min(6)];
    let timestamp = TIMESTAMP_PARSER.parse_timestamp(format!("{seconds}.{micros}{offset}")).ok()?;
    (timestamp >= first_timestamp()).then_some(timestamp)
}

/// 0001-01-01T00:00:00Z, where `google.protobuf.Timestamp` begins. Its end, 9999-12-31, is cut by a few hours: jiff's
/// range leaves room for every offset.
fn first_timestamp() -> Timestamp {
    Timestamp::constant(-62_135_596_800, 0)
}

fn parse_date(text: &str) -> Result<Value, Invalid> {
    let date = shaped(text, "0000-00-00").then(|| text.parse::<Date>().ok()).flatten();
    date.filter(|date| date.year() >= 1)
        .map(Value::Date)
        .ok_or_else(|| Invalid::new("INVALID_DATE", "must be a date, such as 2026-01-31"))
}

/// Whether a text has the form of a pattern in which `0` stands for a digit, `±` for a sign and `T` for a separator of
/// date and time. jiff reads more than RFC 3339 allows, so the form is checked first.
fn shaped(text: &str, pattern: &str) -> bool {
    let mut bytes = text.bytes();
    let fits = pattern.chars().all(|wanted| {
        bytes.next().is_some_and(|byte| match wanted {
            '0' => byte.is_ascii_digit(),
            '±' => matches!(byte, b'+' | b'-'),
            'T' => matches!(byte, b'T' | b't' | b' '),
            other => char::from(byte) == other,
        })
    });
    fits && bytes.next().is_none()
}

/// ISO 8601 in weeks, days of 24 hours, hours, minutes and seconds. What is finer than a microsecond is cut off.
fn parse_duration(text: &str) -> Result<Value, Invalid> {
    iso8601_duration(text).map(Value::Duration).ok_or_else(|| {
        Invalid::new(
            "INVALID_DURATION",
            "must be an ISO 8601 duration of at most 10000 years, without years and months, such as PT1H30M or P2D",
        )
    })
}

fn iso8601_duration(text: &str) -> Option<i64> {
    let span = SPAN_PARSER.parse_span(text).ok()?;
    if span.get_years() != 0 || span.get_months() != 0 {
        return None;
    }
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let micros = i64::try_from(duration.as_micros()).ok()?;
    (micros.abs() <= MAX_DURATION_MICROS).then_some(micros)
}

fn parse_id(id: Id, text: &str) -> Result<Value, Invalid> {
    value::parse_id(id, text).ok_or_else(|| {
        let message = match id {
            Id::Prefixed(prefix) => format!("must be an id that starts with {prefix}_"),
            Id::Uuid => "must be an id in the form of a UUID".to_owned(),
            Id::Int64 => "must be an id in the form of a whole number".to_owned(),
            Id::Text => "must be an id, so not empty and without the character NUL".to_owned(),
        };
        Invalid::new("INVALID_ID", message)
    })
}

fn parse_enum(of: &Enum, text: &str) -> Result<Value, Invalid> {
    of.values
        .iter()
        .find(|value| **value == text)
        .map(|value| Value::Enum(value))
        .ok_or_else(|| Invalid::new("INVALID_ENUM_VALUE", format!("must be one of {}", of.values.join(", "))))
}

fn is_email(text: &str) -> bool {
    let options = email_address::Options::default().without_display_text().without_domain_literal();
    email_address::EmailAddress::parse_with_options(text, options).is_ok()
}

/// The parser of browsers drops tabs and line breaks and mends much; what it would have to mend isn't accepted.
fn is_url(text: &str) -> bool {
    let clean = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    clean && url::Url::parse(text).is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONEY: Type = Type::Decimal { precision: 5, scale: 2 };
    const STATUS: Type = Type::Enum(&Enum { name: "Status", values: &["open", "closed"] });

    fn written(ty: &Type, value: &Value) -> String {
        let mut out = String::new();
        write_text(ty, value, &mut out);
        out
    }

    /// Reads each text and writes it again; `None` where it must be refused.
    fn check_all(ty: &Type, cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            let parsed = parse_text(ty, text);
            let canonical = parsed.as_ref().ok().map(|value| written(ty, value));
            assert_eq!(canonical.as_deref(), *expected, "{ty:?} {text:?}");
            if let (Some(canonical), Ok(value)) = (canonical, parsed) {
                assert_eq!(parse_text(ty, &canonical), Ok(value), "{text:?} doesn't come back");
            }
        }
    }

    #[test]
    fn decimals_are_plain_and_at_their_scale() {
        check_all(
            &MONEY,
            &[
                ("12.5", Some("12.50")),
                ("-0", Some("0.00")),
                ("-0.01", Some("-0.01")),
                ("+7", Some("7.00")),
                ("000123.4500000000000000000000000000000000000000", Some("123.45")),
                ("999.99", Some("999.99")),
                ("-999.99", Some("-999.99")),
                ("1000", None),
                ("1.001", None),
                ("1e2", None),
                ("1_0", None),
                (".5", None),
                ("5.", None),
                ("", None),
                ("-", None),
                (" 1", None),
                ("1.2.3", None),
                ("+-1", None),
                ("٣", None),
            ],
        );
        check_all(
            &Type::Decimal { precision: 18, scale: 18 },
            &[("0.123456789012345678", Some("0.123456789012345678"))],
        );
        check_all(&Type::Decimal { precision: 18, scale: 0 }, &[("999999999999999999", Some("999999999999999999"))]);
        let invalid = parse_text(&MONEY, "x").unwrap_err();
        assert_eq!(invalid.code, "INVALID_DECIMAL");
        assert_eq!(
            invalid.message,
            "must be a decimal number with at most 3 digits and 2 decimal places, such as 12.50"
        );
    }

    #[test]
    fn timestamps_are_utc_with_microseconds() {
        check_all(
            &Type::Timestamp,
            &[
                ("2026-01-31T12:00:00Z", Some("2026-01-31T12:00:00.000000Z")),
                ("2026-01-31t12:00:00z", Some("2026-01-31T12:00:00.000000Z")),
                ("2026-01-31 12:00:00-05:30", Some("2026-01-31T17:30:00.000000Z")),
                ("2026-01-31T12:00:00-00:00", Some("2026-01-31T12:00:00.000000Z")),
                ("1969-12-31T23:59:59.1234569999999999Z", Some("1969-12-31T23:59:59.123456Z")),
                ("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59.000000Z")),
                ("0001-01-01T00:00:00Z", Some("0001-01-01T00:00:00.000000Z")),
                ("0001-01-01T00:00:00+01:00", None),
                ("0000-12-31T00:00:00Z", None),
                ("2026-01-31T12:00:00", None),
                ("2026-01-31T12:00Z", None),
                ("2026-02-30T12:00:00Z", None),
                ("2026-01-31T24:00:00Z", None),
                ("2026-01-31T12:00:00.Z", None),
                ("2026-01-31T12:00:00 02:00", None),
                ("2026-01-31T12:00:00Z[UTC]", None),
                ("2026-01-31T12:00:00+02", None),
                ("2026-01-31", None),
                ("", None),
                ("2026-01-31T12:00:0é", None),
                ("2026-01-31T12:00:00.1é", None),
            ],
        );
        let end = Value::Timestamp(Timestamp::constant(253_402_207_200, 999_999_000));
        assert_eq!(parse_text(&Type::Timestamp, &written(&Type::Timestamp, &end)), Ok(end));
    }

    #[test]
    fn dates_are_calendar_days() {
        check_all(
            &Type::Date,
            &[
                ("2024-02-29", Some("2024-02-29")),
                ("0001-01-01", Some("0001-01-01")),
                ("9999-12-31", Some("9999-12-31")),
                ("0000-01-01", None),
                ("2023-02-29", None),
                ("20240229", None),
                ("2024-02-29T00:00:00Z", None),
                ("-024-02-29", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        check_all(
            &Type::Duration,
            &[
                ("PT90M", Some("PT1H30M")),
                ("PT1H30M", Some("PT1H30M")),
                ("P2W1DT1H", Some("PT361H")),
                ("PT0S", Some("PT0S")),
                ("-PT0S", Some("PT0S")),
                ("PT0.5S", Some("PT0.5S")),
                ("-PT0.000001S", Some("-PT0.000001S")),
                ("PT0.0000019S", Some("PT0.000001S")),
                ("PT87660000H", Some("PT87660000H")),
                ("PT87660000H1S", None),
                ("P1Y", None),
                ("P1M", None),
                ("1h 30m", None),
                ("20s", None),
                ("P", None),
                ("", None),
                ("PT99999999999999999999H", None),
            ],
        );
        for micros in [i64::MIN, i64::MAX] {
            written(&Type::Duration, &Value::Duration(micros));
        }
    }

    #[test]
    fn other_scalars_have_one_form() {
        check_all(&Type::Bool, &[("true", Some("true")), ("false", Some("false")), ("1", None), ("True", None)]);
        check_all(
            &Type::Int32,
            &[("-2147483648", Some("-2147483648")), ("2147483648", None), ("1.0", None), ("", None)],
        );
        check_all(&Type::Int64, &[("9223372036854775807", Some("9223372036854775807")), ("9223372036854775808", None)]);
        check_all(
            &Type::Float64,
            &[
                ("1", Some("1.0")),
                ("1e300", Some("1e300")),
                ("0.1", Some("0.1")),
                ("1e400", None),
                ("NaN", None),
                ("inf", None),
            ],
        );
        check_all(
            &Type::Uuid,
            &[
                ("0188BAC7-4AFA-78AA-BC3B-BD1EEF28D881", Some("0188bac7-4afa-78aa-bc3b-bd1eef28d881")),
                ("0188bac74afa78aabc3bbd1eef28d881", None),
                ("{0188bac7-4afa-78aa-bc3b-bd1eef28d881}", None),
            ],
        );
        check_all(
            &Type::Bytes,
            &[("aGVsbG8=", Some("aGVsbG8=")), ("", Some("")), ("aGVsbG8", None), ("_-8=", None), ("aGVsbG9=", None)],
        );
        check_all(&Type::Json, &[("{\"a\": [1]}", Some("{\"a\":[1]}")), ("{", None)]);
        check_all(&Type::String, &[("", Some("")), ("né", Some("né")), ("a\0b", None)]);
        check_all(&STATUS, &[("open", Some("open")), ("OPEN", None)]);
        assert_eq!(parse_text(&STATUS, "x").unwrap_err().message, "must be one of open, closed");
        check_all(&Type::Id(Id::Int64), &[("42", Some("42")), ("usr_1", None)]);
    }

    #[test]
    fn random_values_come_back() {
        for seed in 0..2_000_i64 {
            let random = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let values = [
                (Type::Int64, Value::Int(random)),
                (Type::Duration, Value::Duration(random % MAX_DURATION_MICROS)),
                (MONEY, Value::Decimal(Decimal::new(random % 100_000, 2))),
                (Type::Uuid, Value::Uuid(uuid::Uuid::from_u64_pair(random as u64, random as u64))),
                (Type::Bytes, Value::Bytes(random.to_le_bytes()[..(seed % 9) as usize].to_vec())),
                (
                    Type::Timestamp,
                    Value::Timestamp(Timestamp::from_microsecond(random % 62_135_596_800_000_000).unwrap()),
                ),
            ];
            for (ty, value) in values {
                assert_eq!(parse_text(&ty, &written(&ty, &value)), Ok(value));
            }
        }
    }

    #[test]
    fn validity_of_email_and_url_is_a_rule() {
        let wrong = |ty, text: &str| check(&ty, &parse_text(&ty, text).unwrap()).map(|invalid| invalid.code);
        assert_eq!(wrong(Type::Email, "ada@example.com"), None);
        for text in ["", "ada", "Ada <ada@example.com>", "ada@[127.0.0.1]", "ada@exa mple.com", "a@b@c"] {
            assert_eq!(wrong(Type::Email, text), Some("INVALID_EMAIL"), "{text}");
        }
        assert_eq!(wrong(Type::Url, "https://example.com/a?b#c"), None);
        for text in ["", "example.com", "/a", "mailto:a@b.c", "https://", "https://exa\tmple.com", " https://a.b"] {
            assert_eq!(wrong(Type::Url, text), Some("INVALID_URL"), "{text}");
        }
        assert_eq!(check(&Type::String, &Value::Text("x".into())), None);
        for json in [r#""\u0000""#, r#"[{"\u0000": 1}]"#, r#"{"a": ["b\u0000"]}"#] {
            assert_eq!(wrong(Type::Json, json), Some("INVALID_STRING"), "{json}");
        }
        assert_eq!(wrong(Type::Json, r#"{"a": ["\\u0000", null]}"#), None);
    }
}
