//! What a list is in order of, as its statements, cursors and fingerprints see it. How callers spell it is `filter::order`.

use crate::{
    descriptor::{Direction, Resource, Type},
    search,
    value::{Record, Value},
};

/// The keys of a list, each with its direction. The last is the id, so that no two rows are equal.
pub type Order = Vec<(Key, Direction)>;

/// What rows are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// The field at this position.
    Field(usize),
    /// How well a row matches the words that are searched for: the more, the better.
    Score,
}

impl Key {
    /// The column that has it; no field is called like that of the score.
    pub fn column(self, resource: &Resource) -> &'static str {
        match self {
            Key::Field(index) => resource.fields[index].name,
            Key::Score => search::SCORE,
        }
    }

    pub fn ty(self, resource: &Resource) -> Type {
        match self {
            Key::Field(index) => resource.fields[index].ty,
            Key::Score => Type::Int64,
        }
    }

    /// Whether every row has a value.
    pub fn required(self, resource: &Resource) -> bool {
        match self {
            Key::Field(index) => resource.fields[index].required,
            Key::Score => true,
        }
    }

    pub fn value(self, record: &Record) -> &Value {
        match self {
            Key::Field(index) => &record.values[index],
            Key::Score => &record.score,
        }
    }
}
