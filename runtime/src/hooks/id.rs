//! The id of a row, whose resource its type knows.

use std::{
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use super::Row;
use crate::value::{Value, id_text, parse_id};

/// `Id<Order>`, whatever ids of orders look like. As text it is what clients see.
pub struct Id<R> {
    value: Value,
    of: PhantomData<fn() -> R>,
}

impl<R> Id<R> {
    pub(super) fn new(value: Value) -> Id<R> {
        Id { value, of: PhantomData }
    }

    /// As the store has it.
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl<R: Row> Id<R> {
    /// Reads what clients see. `None`: no row can have it.
    pub fn parse(text: &str) -> Option<Id<R>> {
        parse_id(R::RESOURCE.id(), text).map(Id::new)
    }
}

impl<R> Clone for Id<R> {
    fn clone(&self) -> Id<R> {
        Id::new(self.value.clone())
    }
}

impl<R> PartialEq for Id<R> {
    fn eq(&self, other: &Id<R>) -> bool {
        self.value == other.value
    }
}

impl<R> Eq for Id<R> {}

impl<R> Hash for Id<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.value {
            Value::Uuid(uuid) => uuid.hash(state),
            Value::Int(number) => number.hash(state),
            Value::Text(text) => text.hash(state),
            other => unreachable!("{other:?} isn't an id"),
        }
    }
}

impl<R: Row> fmt::Display for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&id_text(R::RESOURCE.id(), &self.value))
    }
}

impl<R: Row> fmt::Debug for Id<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<R: Row> From<Id<R>> for String {
    fn from(id: Id<R>) -> String {
        id.to_string()
    }
}
