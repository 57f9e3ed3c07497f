//! Numbers as the author wrote them, read exactly.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::model::Type;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Exact(Decimal),
    Float(f64),
}

/// Reads a number of a numeric type, or says what such numbers look like.
pub fn parse(ty: &Type, text: &str) -> Result<Number, String> {
    match ty {
        Type::Int32 => integer::<i32>(text).ok_or_else(|| format!("a whole number from {} to {}", i32::MIN, i32::MAX)),
        Type::Int64 => integer::<i64>(text).ok_or_else(|| format!("a whole number from {} to {}", i64::MIN, i64::MAX)),
        Type::Decimal { precision, scale } => decimal(text, *precision, *scale)
            .ok_or_else(|| format!("a number with at most {scale} of {precision} digits after the point")),
        _ => float(text).ok_or_else(|| "a finite number".to_owned()),
    }
}

pub fn is_numeric(ty: &Type) -> bool {
    matches!(ty, Type::Int32 | Type::Int64 | Type::Float64 | Type::Decimal { .. })
}

/// Only the one way in which the number itself would be written: no `+5`, no `007`.
fn integer<T: std::str::FromStr + std::fmt::Display + Into<i64>>(text: &str) -> Option<Number> {
    let number: T = text.parse().ok()?;
    (number.to_string() == text).then(|| Number::Exact(Decimal::from(number.into())))
}

fn decimal(text: &str, precision: u8, scale: u8) -> Option<Number> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let whole_digits = if whole == "0" { 0 } else { whole.len() };
    let fraction_digits = if digits.contains('.') { fraction.len() } else { 0 };
    let fits = whole_digits + usize::from(scale) <= usize::from(precision) && fraction_digits <= usize::from(scale);
    if !plain(whole) || !plain(fraction) || leading_zero || !fits {
        return None;
    }
    text.parse().ok().map(Number::Exact)
}

/// As JSON spells numbers.
fn float(text: &str) -> Option<Number> {
    if text.trim() != text {
        return None;
    }
    let number: serde_json::Number = serde_json::from_str(text).ok()?;
    number.as_f64().filter(|number| number.is_finite()).map(Number::Float)
}

impl Number {
    pub fn compare(self, other: Number) -> Ordering {
        match (self, other) {
            (Number::Exact(left), Number::Exact(right)) => left.cmp(&right),
            (left, right) => left.to_f64().total_cmp(&right.to_f64()),
        }
    }

    pub fn is_positive(self) -> bool {
        match self {
            Number::Exact(number) => number > Decimal::ZERO,
            Number::Float(number) => number > 0.0,
        }
    }

    pub fn is_multiple_of(self, step: Number) -> bool {
        match (self, step) {
            (Number::Exact(number), Number::Exact(step)) => number.checked_rem(step).is_some_and(|rest| rest.is_zero()),
            (number, step) => (number.to_f64() / step.to_f64()).fract() == 0.0,
        }
    }

    fn to_f64(self) -> f64 {
        match self {
            // Sixteen digits and more lose some; only floats are compared this way, and those came in as floats.
            Number::Exact(number) => number.to_string().parse().unwrap_or(f64::NAN),
            Number::Float(number) => number,
        }
    }
}
