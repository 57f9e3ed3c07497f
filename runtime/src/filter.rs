//! The one filter: what REST parameters, AIP-160 strings and GraphQL `where` inputs all become.
//!
//! Each syntax has its parser; what a field allows, how much a filter may ask for and what it means is decided here, once.
//! A comparison with a missing value is false, `!=` too (AIP-160 on unset fields), and `NOT` turns that into true.

use crate::{
    codec::text::{Invalid, parse_text},
    descriptor::{Field, Join, Resource, Type},
    value::Value,
};

pub mod aip160;
mod canonical;
mod evaluate;
pub mod graphql;
pub mod order;
pub mod rest;
pub mod sql;

/// A condition on the rows of one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; empty is always true.
    And(Vec<Filter>),
    /// Any of them; empty is never true.
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare(Compare),
    /// The row is put together with the one that has this id.
    Linked(Join, Value),
}

/// `field operator value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// Index into the resource's fields.
    pub field: usize,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    Eq(Value),
    Ne(Value),
    In(Vec<Value>),
    Lt(Value),
    Lte(Value),
    Gt(Value),
    Gte(Value),
    /// Case-sensitive.
    Contains(String),
    /// Case-sensitive.
    StartsWith(String),
    EndsWith(String),
    IsNull(bool),
}

/// What a comparison can ask of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    Eq,
    Ne,
    In,
    Lt,
    Lte,
    Gt,
    Gte,
    Contains,
    StartsWith,
    EndsWith,
    IsNull,
}

/// The operators that fields of a type allow, the same in every protocol and in the contracts.
pub const fn operators(ty: &Type) -> &'static [Operator] {
    use Operator::{Contains, EndsWith, Eq, Gt, Gte, In, IsNull, Lt, Lte, Ne, StartsWith};
    match ty {
        Type::String | Type::Email | Type::Url => {
            &[Eq, Ne, In, Lt, Lte, Gt, Gte, Contains, StartsWith, EndsWith, IsNull]
        }
        Type::Int32
        | Type::Int64
        | Type::Float64
        | Type::Decimal { .. }
        | Type::Timestamp
        | Type::Date
        | Type::Duration => &[Eq, Ne, In, Lt, Lte, Gt, Gte, IsNull],
        Type::Enum(_) | Type::Uuid | Type::Id(_) => &[Eq, Ne, In, IsNull],
        Type::Bool => &[Eq, Ne, IsNull],
        Type::Bytes | Type::Json | Type::Password | Type::Object(_) | Type::List(_) | Type::Map(_) => &[IsNull],
    }
}

impl Operator {
    /// snake_case, as in `total[gte]=10`.
    pub const fn name(self) -> &'static str {
        match self {
            Operator::Eq => "eq",
            Operator::Ne => "ne",
            Operator::In => "in",
            Operator::Lt => "lt",
            Operator::Lte => "lte",
            Operator::Gt => "gt",
            Operator::Gte => "gte",
            Operator::Contains => "contains",
            Operator::StartsWith => "starts_with",
            Operator::EndsWith => "ends_with",
            Operator::IsNull => "is_null",
        }
    }

    /// lowerCamelCase, as in `where: { name: { startsWith: "A" } }`.
    pub const fn camel(self) -> &'static str {
        match self {
            Operator::StartsWith => "startsWith",
            Operator::EndsWith => "endsWith",
            Operator::IsNull => "isNull",
            other => other.name(),
        }
    }

    /// The test of one value, which must be of the field's type (true or false for `IsNull`).
    fn test(self, value: Value) -> Test {
        match (self, value) {
            (Operator::Eq, value) => Test::Eq(value),
            (Operator::Ne, value) => Test::Ne(value),
            (Operator::In, value) => Test::In(vec![value]),
            (Operator::Lt, value) => Test::Lt(value),
            (Operator::Lte, value) => Test::Lte(value),
            (Operator::Gt, value) => Test::Gt(value),
            (Operator::Gte, value) => Test::Gte(value),
            (Operator::Contains, Value::Text(text)) => Test::Contains(text),
            (Operator::StartsWith, Value::Text(text)) => Test::StartsWith(text),
            (Operator::EndsWith, Value::Text(text)) => Test::EndsWith(text),
            (Operator::IsNull, Value::Bool(yes)) => Test::IsNull(yes),
            (operator, value) => unreachable!("no field has {operator:?} together with {value:?}"),
        }
    }
}

impl Filter {
    /// No condition: every row.
    pub const ALL: Filter = Filter::And(Vec::new());

    /// All of `parts`; a single one stands for itself.
    pub fn and(mut parts: Vec<Filter>) -> Filter {
        if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) }
    }

    /// Whether any condition is about the field at this position.
    pub fn asks(&self, index: usize) -> bool {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().any(|part| part.asks(index)),
            Filter::Not(part) => part.asks(index),
            Filter::Compare(compare) => compare.field == index,
            Filter::Linked(..) => false,
        }
    }

    /// Any of `parts`; a single one stands for itself.
    pub fn or(mut parts: Vec<Filter>) -> Filter {
        if parts.len() == 1 { parts.remove(0) } else { Filter::Or(parts) }
    }
}

/// A field that callers may filter by.
#[derive(Debug, Clone, Copy)]
struct Target {
    index: usize,
    field: &'static Field,
}

impl Target {
    fn find(resource: &'static Resource, is_it: impl Fn(&Field) -> bool) -> Option<Target> {
        let index = resource.fields.iter().position(is_it)?;
        let field = &resource.fields[index];
        (field.filter && field.readable()).then_some(Target { index, field })
    }

    fn allows(self, operator: Operator) -> bool {
        operators(&self.field.ty).contains(&operator)
    }

    /// Reads the text that an operator compares with.
    fn value(self, operator: Operator, text: &str) -> Result<Value, Invalid> {
        match operator {
            Operator::IsNull => parse_text(&Type::Bool, text),
            _ => parse_text(&self.field.ty, text),
        }
    }

    fn compare(self, test: Test) -> Filter {
        Filter::Compare(Compare { field: self.index, test })
    }
}

/// How much one filter may ask for. Counts while a filter is read, whatever its syntax.
#[derive(Debug, Default)]
struct Budget {
    terms: usize,
    depth: usize,
}

impl Budget {
    /// Comparisons, each value of an `in` counted.
    const MAX_TERMS: usize = 100;
    const MAX_DEPTH: usize = 32;

    fn take(&mut self, terms: usize) -> Result<(), Invalid> {
        self.terms = self.terms.saturating_add(terms);
        if self.terms > Self::MAX_TERMS {
            return Err(invalid("TOO_MANY_TERMS", format!("has more than {} terms", Self::MAX_TERMS)));
        }
        Ok(())
    }

    fn enter(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > Self::MAX_DEPTH {
            return Err(invalid("TOO_DEEP", format!("is nested more than {} levels deep", Self::MAX_DEPTH)));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

fn invalid(code: &'static str, message: impl Into<String>) -> Invalid {
    Invalid { code, message: message.into() }
}

#[cfg(all(test, feature = "sqlite"))]
mod agreement;
#[cfg(test)]
mod fixture;
