//! Example values: the author's own, or made up so that they satisfy the field's rules.
//!
//! A pattern can't be satisfied by guessing, so there a value is never made up.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde_json::{Number, Value, json};

use crate::emit::literal;
use crate::model::{Field, Id, Model, Rules, Type, prose};

/// `None` where no honest example is at hand.
pub fn value(model: &Model, field: &Field) -> Option<Value> {
    match &field.example {
        Some(literal) => Some(literal::json(model, &field.ty, literal)),
        None if field.rules.pattern.is_some() => None,
        None => made_up(model, field),
    }
}

fn made_up(model: &Model, field: &Field) -> Option<Value> {
    let rules = &field.rules;
    match &field.ty {
        Type::String => sized(&prose::capitalised(&prose::words(&field.name)), rules).map(Value::String),
        Type::Password => sized("correct horse battery staple", rules).map(Value::String),
        Type::Email => fitting("ada@example.com", rules),
        Type::Url => fitting("https://example.com", rules),
        Type::Int32 | Type::Int64 => Some(Value::from(number(rules, Decimal::ONE, Decimal::ONE)?.to_i64()?)),
        Type::Float64 => {
            Number::from_f64(number(rules, Decimal::new(15, 1), Decimal::ONE)?.to_f64()?).map(Value::Number)
        }
        Type::Decimal { precision, scale } => price(rules, *precision, *scale),
        Type::List(_) | Type::Map(_) if rules.min_items.unwrap_or(0) > 1 || rules.max_items == Some(0) => None,
        Type::List(item) => Some(json!([plain(model, item)?])),
        Type::Map(value) => Some(json!({ "key": plain(model, value)? })),
        // Bounds of times and lengths of bytes aren't worth solving.
        ty if *rules == Rules::default() => plain(model, ty),
        _ => None,
    }
}

/// An example of a type without rules.
fn plain(model: &Model, ty: &Type) -> Option<Value> {
    Some(match ty {
        Type::String => json!("text"),
        Type::Bool => json!(true),
        Type::Int32 | Type::Int64 => json!(1),
        Type::Float64 => json!(1.5),
        Type::Decimal { precision, scale } => return price(&Rules::default(), *precision, *scale),
        Type::Uuid => json!("0193a4c5-7e1a-7c3b-9d2e-4f5a6b7c8d9e"),
        Type::Timestamp => json!("2026-01-31T12:30:00Z"),
        Type::Date => json!("2026-01-31"),
        Type::Duration => json!("PT1H30M"),
        Type::Email => json!("ada@example.com"),
        Type::Url => json!("https://example.com"),
        Type::Bytes => json!("aGVsbG8="),
        Type::Id(target) => return id(&model.resource(*target).id),
        Type::Enum(id) => json!(model.enumeration(*id).values.first()?.name),
        Type::Json | Type::Password | Type::Object(_) | Type::List(_) | Type::Map(_) => return None,
    })
}

/// An id that some row could have.
pub fn id(id: &Id) -> Option<Value> {
    match id {
        Id::Prefixed(prefix) => Some(json!(format!("{prefix}_01jekcbzgtfgxsvbjfmdnqrz4y"))),
        Id::Uuid => Some(json!("0193a4c5-7e1a-7c3b-9d2e-4f5a6b7c8d9e")),
        Id::Int64 => Some(json!(1)),
        Id::Text { pattern: Some(_) } => None,
        Id::Text { pattern: None } => Some(json!("text")),
    }
}

/// `text`, cut or repeated to an allowed length.
fn sized(text: &str, rules: &Rules) -> Option<String> {
    let wanted = text.chars().count().max(rules.min_length.unwrap_or(0) as usize);
    let length = rules.max_length.map_or(wanted, |max| wanted.min(max as usize));
    // Nobody wants to read a longer one.
    (length <= 100).then(|| text.chars().cycle().take(length).collect())
}

fn fitting(text: &str, rules: &Rules) -> Option<Value> {
    let length = text.len() as u32;
    (rules.min_length.unwrap_or(0) <= length && length <= rules.max_length.unwrap_or(u32::MAX)).then(|| json!(text))
}

fn price(rules: &Rules, precision: u8, scale: u8) -> Option<Value> {
    let wanted = match precision - scale {
        0 => Decimal::new(19, 2),
        1 => Decimal::new(199, 2),
        _ => Decimal::new(1990, 2),
    };
    let scale = u32::from(scale);
    let step = Decimal::new(1, scale);
    let mut amount = number(rules, wanted.trunc_with_scale(scale), step)?;
    amount.rescale(scale);
    Some(json!(amount.to_string()))
}

/// A number within the bounds: `wanted` if it is, otherwise the one nearest to a bound, in multiples of the rule's factor.
fn number(rules: &Rules, wanted: Decimal, step: Decimal) -> Option<Decimal> {
    let bound = |text: &Option<String>| text.as_deref().map(literal::decimal);
    let (low, above) = (bound(&rules.minimum), bound(&rules.exclusive_minimum));
    let (high, below) = (bound(&rules.maximum), bound(&rules.exclusive_maximum));
    let factor = bound(&rules.multiple_of);
    // A bound that no decimal can hold is beyond what an example needs.
    if [low, above, high, below, factor].contains(&Some(None)) {
        return None;
    }
    let (low, above, high, below, factor) =
        (low.flatten(), above.flatten(), high.flatten(), below.flatten(), factor.flatten());
    let fits = |number: &Decimal| {
        low.is_none_or(|low| *number >= low)
            && above.is_none_or(|above| *number > above)
            && high.is_none_or(|high| *number <= high)
            && below.is_none_or(|below| *number < below)
            && factor.is_none_or(|factor| !factor.is_zero() && (*number % factor).is_zero())
    };
    let above = above.and_then(|above| above.checked_add(factor.unwrap_or(step)));
    let below = below.and_then(|below| below.checked_sub(factor.unwrap_or(step)));
    let next = low.zip(factor).and_then(|(low, factor)| low.checked_div(factor)?.ceil().checked_mul(factor));
    [Some(wanted), factor, low, above, next, high, below].into_iter().flatten().find(fits)
}
