//! Rules over several fields of a row, and values that keep them.

use serde_json::Value;

use super::{sample, samples::Members};
use crate::model::{Check, Comparison, Field, Model, Operand, Origin, Presence, Resource, Rules, Type};

/// Changes the values of a create, or adds some, where that is needed. `Err`: they aren't sure to keep all rules.
pub fn keep<'m>(model: &Model, resource: &'m Resource, create: &mut Members<'m>) -> Result<(), String> {
    let mut moved = Vec::new();
    let kept = resource.checks.iter().all(|check| match check {
        Check::Compare { left, comparison, right } => {
            compare(resource, (*left, *comparison, right), create, &mut moved)
        }
        Check::Count { presence, fields } => count(model, resource, (*presence, fields), create),
    });
    // What was moved for one rule may be in the way of another.
    let twice = |field: &Field| resource.checks.iter().filter(|check| names(check, resource, field)).count() > 1;
    if kept && !moved.iter().any(|field| twice(&resource.fields[*field])) {
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

/// Times are moved apart. Nothing is compared with what isn't there.
fn compare(
    resource: &Resource,
    (left, comparison, right): (usize, Comparison, &Operand),
    create: &mut Members<'_>,
    moved: &mut Vec<usize>,
) -> bool {
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
        moved.push(index);
        true
    };
    shift(late, ["2999-12-31T12:30:00Z", "2999-12-31"]) || shift(early, ["1970-01-01T12:30:00Z", "1970-01-01"])
}

/// The first field that can be made up stands for all.
fn count<'m>(
    model: &Model,
    resource: &'m Resource,
    (presence, fields): (Presence, &[usize]),
    create: &mut Members<'m>,
) -> bool {
    let mut fields = fields.iter().map(|field| &resource.fields[*field]);
    match (presence, fields.clone().filter(|field| is_there(field)).count()) {
        (_, 0) => {
            let open = |field: &&Field| {
                field.creatable() && field.access.write.is_none() && !matches!(field.origin, Origin::Relation(_))
            };
            let made = fields.find_map(|field| Some(field).filter(open).zip(sample(model, field)));
            made.inspect(|made| create.push(made.clone())).is_some()
        }
        (Presence::ExactlyOne, count) => count == 1,
        (Presence::AtLeastOne, _) => true,
    }
}

/// Whether the server has a value of it even if none is sent, or one is sent.
fn is_there(field: &Field) -> bool {
    field.required || field.default.is_some()
}
