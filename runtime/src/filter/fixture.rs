//! A resource with a field of every kind, random values and filters on it, for the tests of this module.

use super::{Compare, Filter, Operator, Test, operators};
use crate::{
    codec::text::write_text,
    descriptor::{Enum, Field, Id, List, Operations, Resource, Type},
    error::ApiError,
    value::Value,
};

const STATE: Enum = Enum { name: "State", values: &["open", "in_progress", "done"] };

pub static TASK: Resource = Resource {
    name: "Task",
    plural: "Tasks",
    snake: "task",
    snake_plural: "tasks",
    camel: "task",
    camel_plural: "tasks",
    path: "tasks",
    table: "tasks",
    fields: &[
        Field::new("id", "id", Type::Id(Id::Int64)).read_only().filter().sort(),
        Field::new("title", "title", Type::String).filter().sort(),
        Field::new("note", "note", Type::String).optional().filter().sort(),
        Field::new("state", "state", Type::Enum(&STATE)).optional().filter(),
        Field::new("count", "count", Type::Int64).optional().filter().sort(),
        Field::new("weight", "weight", Type::Float64).optional().filter(),
        Field::new("urgent", "urgent", Type::Bool).optional().filter(),
        Field::new("price", "price", Type::Decimal { precision: 18, scale: 2 }).optional().filter().sort(),
        Field::new("due", "due", Type::Date).optional().filter().sort(),
        Field::new("due_at", "dueAt", Type::Timestamp).optional().filter(),
        Field::new("effort", "effort", Type::Duration).optional().filter(),
        Field::new("key", "key", Type::Uuid).optional().filter(),
        Field::new("owner_id", "ownerId", Type::Id(Id::Prefixed("usr"))).optional().filter(),
        Field::new("plain", "plain", Type::String).optional(),
        Field::new("secret", "secret", Type::String).optional().internal().filter().sort(),
    ],
    relations: &[],
    operations: Operations::DEFAULT,
    list: List { sort: &[], page_size: 50, total: true, max_page_size: 1000, ..List::DEFAULT },
    ..Resource::BLANK
};

/// xorshift64*: the same sequence in every run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// Few values per type, so that rows and filters meet.
pub fn random_value(random: &mut Random, ty: &Type) -> Value {
    let texts = ["", "a", "ab", "aB", "abc", "bc", "c%", "_", "\u{10FFFF}", "a\u{10FFFF}b", "é", "\u{D7FF}x"];
    let small = random.below(4) as i64 - 1;
    match ty {
        Type::String => Value::Text((*random.pick(&texts)).to_owned()),
        Type::Enum(of) => Value::Enum(of.values[random.below(3)]),
        Type::Id(Id::Int64) | Type::Int64 => Value::Int(small),
        Type::Float64 => Value::Float(small as f64 / 2.0),
        Type::Bool => Value::Bool(small > 0),
        Type::Decimal { .. } => Value::Decimal(rust_decimal::Decimal::new(small * 50, 2)),
        Type::Date => Value::Date(jiff::civil::date(2026, 1, 1 + random.below(3) as i8)),
        Type::Timestamp => Value::Timestamp(jiff::Timestamp::constant(small, 0)),
        Type::Duration => Value::Duration(small),
        Type::Uuid | Type::Id(_) => Value::Uuid(uuid::Uuid::from_u128(random.below(3) as u128)),
        other => unreachable!("no field of the fixture has type {other:?}"),
    }
}

pub fn random_filter(random: &mut Random, depth: usize) -> Filter {
    let parts = |random: &mut Random| (0..random.below(4)).map(|_| random_filter(random, depth - 1)).collect();
    match random.below(if depth == 0 { 1 } else { 5 }) {
        1 => Filter::And(parts(random)),
        2 => Filter::Or(parts(random)),
        3 => Filter::Not(Box::new(random_filter(random, depth - 1))),
        _ => Filter::Compare(random_compare(random)),
    }
}

fn random_compare(random: &mut Random) -> Compare {
    let field = random.below(13);
    let ty = &TASK.fields[field].ty;
    let test = match *random.pick(operators(ty)) {
        Operator::IsNull => Operator::IsNull.test(Value::Bool(random.below(2) == 0)),
        Operator::In => Test::In((0..random.below(3)).map(|_| random_value(random, ty)).collect()),
        operator => operator.test(random_value(random, ty)),
    };
    Compare { field, test }
}

/// A filter in short: `(state in [open, done] & !count lt 3)`.
pub fn shown(filter: &Filter) -> String {
    let joined = |parts: &[Filter], with: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(with));
    match filter {
        Filter::And(parts) => joined(parts, " & "),
        Filter::Or(parts) => joined(parts, " | "),
        Filter::Not(inner) => format!("!{}", shown(inner)),
        Filter::Compare(Compare { field, test }) => {
            let field = &TASK.fields[*field];
            format!("{} {}", field.name, shown_test(&field.ty, test))
        }
        Filter::Linked(join, id) => format!("{} has {id:?}", join.table),
    }
}

fn shown_test(ty: &Type, test: &Test) -> String {
    let text = |value: &Value| {
        let mut out = String::new();
        write_text(ty, value, &mut out);
        out
    };
    match test {
        Test::Eq(value) => format!("eq {}", text(value)),
        Test::Ne(value) => format!("ne {}", text(value)),
        Test::Lt(value) => format!("lt {}", text(value)),
        Test::Lte(value) => format!("lte {}", text(value)),
        Test::Gt(value) => format!("gt {}", text(value)),
        Test::Gte(value) => format!("gte {}", text(value)),
        Test::In(values) => format!("in [{}]", values.iter().map(text).collect::<Vec<_>>().join(", ")),
        Test::Contains(part) => format!("contains {part}"),
        Test::StartsWith(part) => format!("starts_with {part}"),
        Test::EndsWith(part) => format!("ends_with {part}"),
        Test::IsNull(wanted) => format!("is_null {wanted}"),
    }
}

/// The outcome of a parser in short: the filter, or the violation's code and the whole message.
pub fn outcome(result: Result<Filter, ApiError>) -> String {
    match result {
        Ok(filter) => shown(&filter),
        Err(error) => format!("{} {error}", error.violations[0].code),
    }
}
