//! Which rows a list has, and in which order.

use std::cmp::Ordering;

use serde_json::Value as Json;

use crate::{
    domain::Identity,
    value::Kind,
    world::{Handle, Row, World},
};

/// A list that is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    pub resource: usize,
    pub test: Option<Test>,
    /// Columns, each with whether it descends.
    pub order: Vec<(usize, bool)>,
    pub limit: u32,
}

#[derive(Debug, Clone)]
pub struct Test {
    pub column: usize,
    pub operator: &'static str,
    pub value: Json,
}

impl Test {
    /// Operators that a column of this kind allows.
    pub fn operators(kind: Kind) -> &'static [&'static str] {
        match kind {
            Kind::Number | Kind::Price | Kind::Date => &["eq", "ne", "lt", "lte", "gt", "gte", "is_null"],
            Kind::Text => &["eq", "ne", "lt", "lte", "gt", "gte", "is_null", "contains", "starts_with"],
            Kind::Flag | Kind::Colour => &["eq", "ne", "is_null"],
            Kind::Words => &[],
        }
    }

    fn admits(&self, kind: Kind, value: &Json) -> bool {
        if self.operator == "is_null" {
            return self.value == Json::Bool(value.is_null());
        }
        if value.is_null() {
            return false;
        }
        let (text, part) = (value.as_str().unwrap_or_default(), self.value.as_str().unwrap_or_default());
        let order = kind.compare(value, &self.value);
        match self.operator {
            "eq" => order == Ordering::Equal,
            "ne" => order != Ordering::Equal,
            "lt" => order == Ordering::Less,
            "lte" => order != Ordering::Greater,
            "gt" => order == Ordering::Greater,
            "gte" => order != Ordering::Less,
            "contains" => text.contains(part),
            "starts_with" => text.starts_with(part),
            other => unreachable!("{other} isn't asked"),
        }
    }
}

impl World {
    pub fn list(&self, query: &Query) -> Vec<Handle> {
        let shape = self.shape(query.resource);
        let wanted = |row: &Row| {
            let admitted = |test: &Test| test.admits(shape.columns[test.column].kind, &row.values[test.column]);
            row.resource == query.resource && row.hidden.is_none() && query.test.as_ref().is_none_or(admitted)
        };
        let mut rows: Vec<(Handle, &Row)> =
            self.rows.iter().filter(|(_, row)| wanted(row)).map(|(handle, row)| (*handle, row)).collect();
        rows.sort_by(|one, other| self.order(query, one, other));
        rows.into_iter().map(|(handle, _)| handle).collect()
    }

    fn order(&self, query: &Query, (one, a): &(Handle, &Row), (other, b): &(Handle, &Row)) -> Ordering {
        let shape = self.shape(query.resource);
        let keys = query.order.iter().map(|(column, descends)| {
            let (a, b) = (&a.values[*column], &b.values[*column]);
            // What is missing comes last, whatever the direction.
            match (a.is_null(), b.is_null()) {
                (false, false) => directed(shape.columns[*column].kind.compare(a, b), *descends),
                (a, b) => a.cmp(&b),
            }
        });
        let ids = if shape.id == Identity::Text { a.id.cmp(&b.id) } else { one.cmp(other) };
        let ids = directed(ids, query.order.last().is_some_and(|(_, descends)| *descends));
        keys.fold(Ordering::Equal, Ordering::then).then(ids)
    }
}

fn directed(order: Ordering, descends: bool) -> Ordering {
    if descends { order.reverse() } else { order }
}
