//! Rules over several fields of a row: what they ask of its values.

use std::cmp::Ordering;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    descriptor::{Check, Comparison, Operand, Presence, Resource},
    error::{self, Location, Segment, Violation},
    validate::parse_literal,
    value::Value,
};

/// Judges a whole row. What was refused for itself isn't refused again: its value may be missing.
pub fn judge<'v>(resource: &'static Resource, value: impl Fn(usize) -> &'v Value, violations: &mut Vec<Violation>) {
    let refused: Vec<usize> = violations.iter().filter_map(|violation| field_of(resource, violation)).collect();
    for check in resource.checks {
        let indexes = check.fields().map(|name| index(resource, name));
        if indexes.clone().any(|index| refused.contains(&index)) || fulfilled(resource, check, &value) {
            continue;
        }
        error::note(violations, || violation(resource, check));
    }
}

fn fulfilled<'v>(resource: &'static Resource, check: &Check, value: &impl Fn(usize) -> &'v Value) -> bool {
    let of = |name: &str| value(index(resource, name));
    match check {
        Check::Compare { left, comparison, right } => {
            let literal;
            let right = match right {
                Operand::Field(name) => of(name),
                Operand::Literal(text) => {
                    literal = parse_literal(&resource.fields[index(resource, left)].ty, text);
                    &literal
                }
            };
            compare(of(left), right).is_none_or(|order| comparison.admits(order))
        }
        Check::Count { presence, fields } => {
            let count = fields.iter().filter(|name| !of(name).is_null()).count();
            match presence {
                Presence::ExactlyOne => count == 1,
                Presence::AtLeastOne => count > 0,
            }
        }
    }
}

/// `None`: one of them is null, or they can't be compared (not a number).
fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Float(left), right) => left.partial_cmp(&float(right)?),
        (left, Value::Float(right)) => float(left)?.partial_cmp(right),
        (Value::Int(_) | Value::Decimal(_), _) => exact(left)?.partial_cmp(&exact(right)?),
        (Value::Text(left), Value::Text(right)) => left.partial_cmp(right),
        (Value::Enum(left), Value::Enum(right)) => left.partial_cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.partial_cmp(right),
        (Value::Uuid(left), Value::Uuid(right)) => left.partial_cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.partial_cmp(right),
        (Value::Date(left), Value::Date(right)) => left.partial_cmp(right),
        (Value::Duration(left), Value::Duration(right)) => left.partial_cmp(right),
        _ => None,
    }
}

fn exact(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(number) => Some(Decimal::from(*number)),
        Value::Decimal(number) => Some(*number),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        other => exact(other)?.to_f64(),
    }
}

impl Comparison {
    fn admits(self, order: Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Comparison::Less => "must be less than",
            Comparison::AtMost => "must be at most",
            Comparison::Greater => "must be more than",
            Comparison::AtLeast => "must be at least",
            Comparison::Equal => "must be equal to",
            Comparison::NotEqual => "must not be equal to",
        }
    }
}

impl Check {
    /// Its first field is the one that errors name.
    fn fields(&self) -> impl Iterator<Item = &'static str> + Clone {
        let (first, second, all): (_, _, &'static [&'static str]) = match self {
            Check::Compare { left, right: Operand::Field(right), .. } => (Some(*left), Some(*right), &[]),
            Check::Compare { left, right: Operand::Literal(_), .. } => (Some(*left), None, &[]),
            Check::Count { fields, .. } => (None, None, fields),
        };
        first.into_iter().chain(second).chain(all.iter().copied())
    }
}

fn violation(resource: &'static Resource, check: &Check) -> Violation {
    let (code, message) = match check {
        Check::Compare { comparison, right, .. } => {
            let (Operand::Field(right) | Operand::Literal(right)) = right;
            ("CHECK", format!("{} {right}", comparison.words()))
        }
        Check::Count { presence: Presence::ExactlyOne, fields } => {
            ("ONE_OF", format!("exactly one of {} must be set", fields.join(", ")))
        }
        Check::Count { presence: Presence::AtLeastOne, fields } => {
            ("ANY_OF", format!("at least one of {} must be set", fields.join(", ")))
        }
    };
    let first = check.fields().next().and_then(|name| resource.field(name));
    let path = first.map(|field| Segment::Field { name: field.name, camel: field.camel });
    Violation { location: Location::Body(path.into_iter().collect()), code, message }
}

fn index(resource: &Resource, name: &str) -> usize {
    resource.field_index(name).unwrap_or_else(|| unreachable!("{} has a field {name}", resource.name))
}

fn field_of(resource: &Resource, violation: &Violation) -> Option<usize> {
    match &violation.location {
        Location::Body(path) => match path.first()? {
            Segment::Field { name, .. } => resource.field_index(name),
            Segment::Key(_) | Segment::Index(_) => None,
        },
        Location::Parameter(_) | Location::Header(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Field, Type};

    static TRIP: Resource = Resource {
        name: "Trip",
        fields: &[
            Field::new("first", "first", Type::Int32).optional(),
            Field::new("last", "last", Type::Decimal { precision: 5, scale: 1 }).optional(),
            Field::new("by_train", "byTrain", Type::Bool).optional(),
        ],
        checks: &[
            Check::Compare { left: "first", comparison: Comparison::Less, right: Operand::Field("last") },
            Check::Compare { left: "first", comparison: Comparison::NotEqual, right: Operand::Literal("7") },
            Check::Count { presence: Presence::ExactlyOne, fields: &["last", "by_train"] },
        ],
        ..Resource::BLANK
    };

    fn judged(values: [Value; 3]) -> Vec<String> {
        let mut violations = Vec::new();
        judge(&TRIP, |index| &values[index], &mut violations);
        violations.iter().map(|each| format!("{} {} {}", each.code, each.location, each.message)).collect()
    }

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.parse().unwrap())
    }

    #[test]
    fn a_row_fulfils_its_checks() {
        assert_eq!(judged([Value::Int(2), decimal("2.5"), Value::Null]), Vec::<String>::new());
        // What is null fulfils every comparison.
        assert_eq!(judged([Value::Null, decimal("0.5"), Value::Null]), Vec::<String>::new());
    }

    #[test]
    fn what_a_row_breaks_is_told_by_its_first_field() {
        assert_eq!(judged([Value::Int(3), decimal("2.5"), Value::Null]), ["CHECK first must be less than last"]);
        assert_eq!(judged([Value::Int(7), decimal("9.0"), Value::Null]), ["CHECK first must not be equal to 7"]);
        let one = "ONE_OF last exactly one of last, by_train must be set";
        assert_eq!(judged([Value::Null, Value::Null, Value::Null]), [one]);
        assert_eq!(judged([Value::Null, decimal("1.0"), Value::Bool(true)]), [one]);
    }

    #[test]
    fn what_was_refused_for_itself_is_not_judged() {
        let path = vec![Segment::Field { name: "first", camel: "first" }];
        let mut violations =
            vec![Violation { location: Location::Body(path), code: "MINIMUM", message: String::new() }];
        let values = [Value::Int(3), decimal("2.5"), Value::Null];
        judge(&TRIP, |index| &values[index], &mut violations);
        assert_eq!(violations.len(), 1);
    }
}
