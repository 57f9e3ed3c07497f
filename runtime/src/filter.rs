//! The one filter: what REST parameters, AIP-160 strings and GraphQL `where` inputs all become.

use crate::value::Value;

/// A condition on the rows of one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of them; empty is always true.
    And(Vec<Filter>),
    /// Any of them; empty is never true.
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Compare(Compare),
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
