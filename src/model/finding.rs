//! How the rows of a resource can be found: which fields filter and sort, and by which operators.
//!
//! Every contract names the same operators, each in its own spelling. Knows nothing about how a filter is evaluated.

use super::{Field, Model, Origin, RelationKind, Resource, Type};

/// One test of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

use Operator::*;

const SAME: &[Operator] = &[Eq, Ne, In];
const ORDERED: &[Operator] = &[Eq, Ne, In, Lt, Lte, Gt, Gte];
const TEXT: &[Operator] = &[Eq, Ne, In, Lt, Lte, Gt, Gte, Contains, StartsWith, EndsWith];

impl Operator {
    /// As in a query parameter: `total[starts_with]`.
    pub fn snake(self) -> &'static str {
        match self {
            Eq => "eq",
            Ne => "ne",
            In => "in",
            Lt => "lt",
            Lte => "lte",
            Gt => "gt",
            Gte => "gte",
            Contains => "contains",
            StartsWith => "starts_with",
            EndsWith => "ends_with",
            IsNull => "is_null",
        }
    }

    /// As in a GraphQL input: `startsWith`.
    pub fn camel(self) -> &'static str {
        match self {
            StartsWith => "startsWith",
            EndsWith => "endsWith",
            IsNull => "isNull",
            other => other.snake(),
        }
    }

    /// What it asks of a value, to follow its name.
    pub fn meaning(self) -> &'static str {
        match self {
            Eq => "equals this",
            Ne => "differs from this",
            In => "is one of these",
            Lt => "is less than this",
            Lte => "is this or less",
            Gt => "is greater than this",
            Gte => "is this or greater",
            Contains => "contains this, case-sensitive",
            StartsWith => "starts with this, case-sensitive",
            EndsWith => "ends with this, case-sensitive",
            IsNull => "is absent (true) or present (false)",
        }
    }
}

impl Type {
    /// What a value of this type can be tested for, besides being null. Empty for types that can't be filtered by.
    pub fn operators(&self) -> &'static [Operator] {
        match self {
            Type::String | Type::Email | Type::Url => TEXT,
            Type::Int32
            | Type::Int64
            | Type::Float64
            | Type::Decimal { .. }
            | Type::Timestamp
            | Type::Date
            | Type::Duration => ORDERED,
            Type::Uuid | Type::Id(_) | Type::Enum(_) | Type::Bytes => SAME,
            Type::Bool => &[Eq, Ne],
            Type::Json | Type::Password | Type::Object(_) | Type::List(_) | Type::Map(_) => &[],
        }
    }
}

impl Field {
    /// Whether lists can be narrowed by it: marked so, or an id or a timestamp.
    pub fn filterable(&self) -> bool {
        self.readable() && (self.filter || self.origin != Origin::Declared) && !self.ty.operators().is_empty()
    }

    /// Whether lists can be ordered by it: marked so, or the id or a timestamp.
    pub fn sortable(&self) -> bool {
        self.readable() && (self.sort || matches!(self.origin, Origin::Id | Origin::Timestamp))
    }
}

impl Model {
    /// For each resource, whether any contract lists it: by its own operation or as another's has_many.
    pub fn listed(&self) -> Vec<bool> {
        let mut listed: Vec<bool> = self.resources.iter().map(|resource| resource.operations.list).collect();
        for relation in self.resources.iter().flat_map(|resource: &Resource| &resource.relations) {
            if matches!(relation.kind, RelationKind::HasMany { .. } | RelationKind::ManyToMany { .. }) {
                listed[relation.target.0] = true;
            }
        }
        listed
    }
}
