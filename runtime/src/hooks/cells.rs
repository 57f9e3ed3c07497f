//! Values by the names of their fields, on the way from a row to a struct and back.

use super::Native;
use crate::{
    descriptor::{Field, Object},
    value::Value,
};

/// A value per field: of a row, or of a value type.
#[derive(Debug)]
pub struct Cells {
    fields: &'static [Field],
    values: Vec<Value>,
}

impl Cells {
    pub fn new(fields: &'static [Field], values: Vec<Value>) -> Cells {
        Cells { fields, values }
    }

    /// Of nothing but nulls.
    pub fn empty(fields: &'static [Field]) -> Cells {
        Cells::new(fields, vec![Value::Null; fields.len()])
    }

    /// The members of a value type.
    pub fn of_object(object: &'static Object, value: Value) -> Cells {
        match value {
            Value::Object(values) => Cells::new(object.fields, values),
            other => unreachable!("{other:?} stands where the descriptor has a {}", object.name),
        }
    }

    pub fn take<T: Native>(&mut self, name: &str) -> T {
        T::of(std::mem::replace(&mut self.values[position(self.fields, name)], Value::Null))
    }

    pub fn set(&mut self, name: &str, value: impl Native) {
        self.values[position(self.fields, name)] = value.value();
    }

    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    pub fn into_object(self) -> Value {
        Value::Object(self.values)
    }
}

/// What an update sets, by field.
#[derive(Debug)]
pub struct Changes {
    fields: &'static [Field],
    values: Vec<Option<Value>>,
}

impl Changes {
    pub fn new(fields: &'static [Field], values: Vec<Option<Value>>) -> Changes {
        Changes { fields, values }
    }

    /// Of nothing.
    pub fn empty(fields: &'static [Field]) -> Changes {
        Changes::new(fields, vec![None; fields.len()])
    }

    pub fn take<T: Native>(&mut self, name: &str) -> Option<T> {
        self.values[position(self.fields, name)].take().map(T::of)
    }

    pub fn set<T: Native>(&mut self, name: &str, value: Option<T>) {
        self.values[position(self.fields, name)] = value.map(T::value);
    }

    pub fn into_values(self) -> Vec<Option<Value>> {
        self.values
    }
}

fn position(fields: &[Field], name: &str) -> usize {
    let found = fields.iter().position(|field| field.name == name);
    found.unwrap_or_else(|| unreachable!("the descriptor has a field {name}"))
}
