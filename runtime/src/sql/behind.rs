//! The rows that come behind a position in the direction of reading: one condition, of a form for which databases enter an
//! index at the position, or at least read it in order. What is absent comes last in both directions of every order.

use super::{Selection, Statement, reading};
use crate::{
    descriptor::{Direction, Resource},
    order::Key,
    store::Dialect,
    value::Value,
};

pub fn write(statement: &mut Statement, selection: &Selection<'_>, values: &[Value]) {
    let (order, resource) = (selection.order, selection.resource);
    let ((first, direction), rest) = (order[0], &order[1..]);
    if !rest.iter().all(|(key, other)| key.required(resource) && *other == direction) {
        beginning(statement, selection, &values[0]);
        return written_out(statement, selection, values);
    }
    if first.required(resource) {
        return beyond(statement, selection, values, 0);
    }
    match (values[0].is_null(), selection.backward) {
        // Nulls are greater than nothing, nor less.
        (false, true) => beyond(statement, selection, values, 0),
        (true, false) => {
            statement.column(first.column(resource)).push(" IS NULL AND ");
            beyond(statement, selection, values, 1);
        }
        (null, _) => {
            alternative(statement.push("("), first.column(resource));
            statement.push(if null { " IS NOT NULL OR " } else { " IS NULL OR " });
            beyond(statement, selection, values, usize::from(null));
            statement.push(")");
        }
    }
}

/// A column that no index is entered by. By alternatives SQLite would enter one for each, and sort all that it finds.
fn alternative(statement: &mut Statement, column: &str) {
    if statement.dialect == Dialect::Sqlite {
        statement.push("+");
    }
    statement.column(column);
}

/// One comparison of row values, of the keys from this one on, which all run in one direction.
fn beyond(statement: &mut Statement, selection: &Selection<'_>, values: &[Value], from: usize) {
    let (order, resource) = (&selection.order[from..], selection.resource);
    statement.push("(");
    for (number, (key, _)) in order.iter().enumerate() {
        statement.push(if number == 0 { "" } else { ", " }).column(key.column(resource));
    }
    statement.push(match reading(order[0].1, selection.backward) {
        Direction::Ascending => ") > (",
        Direction::Descending => ") < (",
    });
    for (number, ((key, _), value)) in order.iter().zip(&values[from..]).enumerate() {
        statement.push(if number == 0 { "" } else { ", " }).value(key.ty(resource), value.clone());
    }
    statement.push(")");
}

/// Where all of these rows begin by the first key alone, if there is one such place.
fn beginning(statement: &mut Statement, selection: &Selection<'_>, value: &Value) {
    let ((key, direction), resource) = (selection.order[0], selection.resource);
    match (value.is_null(), selection.backward) {
        (true, false) => drop(statement.column(key.column(resource)).push(" IS NULL AND ")),
        // Nulls are behind the others, and so in another place.
        (true, true) => {}
        (false, false) if !key.required(resource) => {}
        (false, backward) => {
            statement.column(key.column(resource)).push(match reading(direction, backward) {
                Direction::Ascending => " >= ",
                Direction::Descending => " <= ",
            });
            statement.value(key.ty(resource), value.clone()).push(" AND ");
        }
    }
}

/// What the comparison of row values means, where directions mix or a later key may be null.
fn written_out(statement: &mut Statement, selection: &Selection<'_>, values: &[Value]) {
    let (order, resource) = (selection.order, selection.resource);
    statement.push("(");
    for last in 0..order.len() {
        statement.push(if last == 0 { "(" } else { " OR (" });
        for (number, ((key, direction), value)) in order.iter().zip(values).enumerate().take(last + 1) {
            statement.push(if number == 0 { "" } else { " AND " });
            let step =
                Step { key: *key, direction: reading(*direction, selection.backward), backward: selection.backward };
            if number == last {
                step.beyond(statement, resource, value)
            } else {
                step.equal(statement, resource, value)
            }
        }
        statement.push(")");
    }
    statement.push(")");
}

/// One key of an order, as it is read.
struct Step {
    key: Key,
    direction: Direction,
    backward: bool,
}

impl Step {
    fn equal(&self, statement: &mut Statement, resource: &'static Resource, value: &Value) {
        statement.column(self.key.column(resource));
        if value.is_null() {
            statement.push(" IS NULL");
        } else {
            statement.push(" = ").value(self.key.ty(resource), value.clone());
        }
    }

    fn beyond(&self, statement: &mut Statement, resource: &'static Resource, value: &Value) {
        let (name, ty) = (self.key.column(resource), self.key.ty(resource));
        let sign = if self.direction == Direction::Ascending { " > " } else { " < " };
        match (value.is_null(), self.backward) {
            // Nothing comes behind the nulls; read backward, everything else does.
            (true, false) => drop(statement.push("1 = 0")),
            (true, true) => drop(statement.column(name).push(" IS NOT NULL")),
            (false, false) if !self.key.required(resource) => {
                statement.push("(").column(name).push(sign).value(ty, value.clone());
                statement.push(" OR ").column(name).push(" IS NULL)");
            }
            (false, _) => drop(statement.column(name).push(sign).value(ty, value.clone())),
        }
    }
}
