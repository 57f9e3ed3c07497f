//! Which rows a caller may have to do with, as conditions that every statement carries.
//!
//! What depends on the caller alone is decided already; what is left is about rows. The service decides, `sql` writes it
//! down.

use crate::{descriptor::Relation, value::Value};

/// The rows that fulfil one alternative of each of these.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach(Vec<Rows>);

/// The rows that fulfil all conditions of one of these.
pub type Rows = Vec<Vec<Condition>>;

#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The relations, each by its name, lead from the row to the one with this id; without any, it is the row's own.
    LeadsTo(&'static [&'static str], Value),
    /// The field has one of these values, as the spec writes them.
    Has(&'static str, &'static [&'static str]),
    /// The row belongs to the tenant with this id.
    OfTenant(Value),
}

/// All rows.
pub static EVERYTHING: Reach = Reach(Vec::new());

impl Reach {
    pub fn of(rows: Rows) -> Reach {
        Reach(vec![rows])
    }

    pub fn is_everything(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of which narrows it.
    pub fn parts(&self) -> &[Rows] {
        &self.0
    }

    pub fn narrow(&mut self, rows: Rows) {
        if !self.0.contains(&rows) {
            self.0.push(rows);
        }
    }

    pub fn and(mut self, other: Reach) -> Reach {
        other.0.into_iter().for_each(|rows| self.narrow(rows));
        self
    }

    /// What of it is about whose a row is, not about what state it is in.
    pub fn whose(&self) -> Reach {
        let whose = |conditions: &Vec<Condition>| {
            conditions.iter().filter(|condition| !matches!(condition, Condition::Has(..))).cloned().collect()
        };
        Reach(self.0.iter().map(|rows| rows.iter().map(whose).collect()).collect())
    }

    /// Whether it changes whose a row is when the row comes to lead elsewhere along a relation.
    pub fn depends_on(&self, relation: &Relation) -> bool {
        self.conditions().any(|condition| {
            matches!(condition, Condition::LeadsTo(path, _) if path.first().is_some_and(|first| *first == relation.name))
        })
    }

    pub fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.0.iter().flatten().flatten()
    }
}
