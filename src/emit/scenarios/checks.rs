//! Rules over several fields of a row, and values that keep them.

use std::cmp::Ordering;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{sample, samples::Members};
use crate::{
    emit::literal,
    model::{Check, Comparison, Default, Field, Literal, Model, Operand, Origin, Presence, Resource, Rules, Type},
};

/// Changes the values of a create, or adds some, where that is needed. `Err`: they aren't sure to keep all rules.
pub fn keep<'m>(model: &Model, resource: &'m Resource, create: &mut Members<'m>) -> Result<(), String> {
    let mut changed = Vec::new();
    let kept = resource.checks.iter().all(|check| match check {
        Check::Compare { left, comparison, right } => {
            compare(resource, (*left, *comparison, right), create, &mut changed)
        }
        Check::Count { presence, fields } => count(model, resource, (*presence, fields), create, &mut changed),
    });
    // What was changed for one rule may be in the way of another.
    let twice = |field: &Field| resource.checks.iter().filter(|check| names(check, resource, field)).count() > 1;
    if kept && !changed.iter().any(|field| twice(&resource.fields[*field])) {
        Ok(())
    } else {
        Err("made-up values aren't sure to pass its checks".to_owned())
    }
}

/// Whether the check is about the field.
pub fn names(check: &Check, resource: &Resource, field: &Field) -> bool {
    let same = |index: &usize| resource.fields[*index].name == field.name;
    match check {
        Check::Compare { left, right, .. } => same(left) || matches!(right, Operand::Field(index) if same(index)),
        Check::Count { fields, .. } => fields.iter().any(same),
    }
}

/// Times are moved apart, and numbers are as they are. Nothing is compared with what isn't there.
fn compare(
    resource: &Resource,
    (left, comparison, right): (usize, Comparison, &Operand),
    create: &mut Members<'_>,
    changed: &mut Vec<usize>,
) -> bool {
    let numbers = (number(resource, left, create), operand(resource, right, create));
    if let (Some(left), Some(right)) = numbers {
        return holds(left.cmp(&right), comparison);
    }
    let right = match right {
        Operand::Field(field) => Some(*field),
        Operand::Literal(_) => None,
    };
    if ![Some(left), right].into_iter().flatten().all(|field| is_there(&resource.fields[field])) {
        return true;
    }
    let (early, late) = match comparison {
        Comparison::Less | Comparison::AtMost => (Some(left), right),
        Comparison::Greater | Comparison::AtLeast => (right, Some(left)),
        Comparison::Equal | Comparison::NotEqual => return false,
    };
    let mut shift = |field: Option<usize>, [timestamp, date]: [&str; 2]| {
        let Some(index) = field else { return false };
        let field = &resource.fields[index];
        let Some((_, value)) = create.iter_mut().find(|(each, _)| each.name == field.name) else { return false };
        *value = match &field.ty {
            _ if field.rules != Rules::default() => return false,
            Type::Timestamp => Value::from(timestamp),
            Type::Date => Value::from(date),
            _ => return false,
        };
        changed.push(index);
        true
    };
    shift(late, ["2999-12-31T12:30:00Z", "2999-12-31"]) || shift(early, ["1970-01-01T12:30:00Z", "1970-01-01"])
}

fn operand(resource: &Resource, operand: &Operand, create: &Members<'_>) -> Option<Decimal> {
    match operand {
        Operand::Field(field) => number(resource, *field, create),
        Operand::Literal(Literal::Scalar(text)) => literal::decimal(text),
        Operand::Literal(_) => None,
    }
}

/// What a numeric field is sent as, or is by itself.
fn number(resource: &Resource, field: usize, create: &Members<'_>) -> Option<Decimal> {
    let field = &resource.fields[field];
    if !matches!(field.ty, Type::Int32 | Type::Int64 | Type::Float64 | Type::Decimal { .. }) {
        return None;
    }
    match (create.iter().find(|(sent, _)| sent.name == field.name), &field.default) {
        (Some((_, Value::String(text))), _) => literal::decimal(text),
        (Some((_, value)), _) => literal::decimal(&value.to_string()),
        (None, Some(Default::Literal(Literal::Scalar(text)))) => literal::decimal(text),
        (None, _) => None,
    }
}

fn holds(order: Ordering, comparison: Comparison) -> bool {
    match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
    }
}

/// The first field that can be made up stands for all.
fn count<'m>(
    model: &Model,
    resource: &'m Resource,
    (presence, fields): (Presence, &[usize]),
    create: &mut Members<'m>,
    changed: &mut Vec<usize>,
) -> bool {
    match (presence, fields.iter().filter(|field| is_there(&resource.fields[**field])).count()) {
        (_, 0) => fields.iter().any(|index| {
            let field = &resource.fields[*index];
            let open =
                field.creatable() && field.access.write.is_none() && !matches!(field.origin, Origin::Relation(_));
            let Some(value) = sample(model, field).filter(|_| open) else { return false };
            create.push((field, value));
            changed.push(*index);
            true
        }),
        (Presence::ExactlyOne, count) => count == 1,
        (Presence::AtLeastOne, _) => true,
    }
}

/// Whether the server has a value of it even if none is sent, or one is sent.
fn is_there(field: &Field) -> bool {
    field.required || field.default.is_some()
}
