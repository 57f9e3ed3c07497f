//! Which indexes a table needs: one for what can be filtered or sorted by, for every foreign key, and for the list's own
//! order. None where a unique constraint serves.

use super::{
    names::Names,
    schema::{ID, Index},
};
use crate::model::{Field, Origin, Resource, Sort};

pub(super) fn of(resource: &Resource, names: &mut Names) -> Vec<Index> {
    let stored = resource.fields.iter().filter(|field| field.origin != Origin::Id);
    let alone = stored.filter(|field| wants_index(field) && !field.unique);
    let alone = alone.map(|field| vec![(field, Direction::Ascending)]);
    alone.chain(list_order(resource)).map(|key| index(resource, &key, names)).collect()
}

type Key<'a> = Vec<(&'a Field, Direction)>;

/// The keys of the list's own order, where no other index has it.
fn list_order(resource: &Resource) -> Option<Key<'_>> {
    let mut order: Key = resource.list.sort.iter().map(|key| (&resource.fields[key.field], key.into())).collect();
    // Behind `id` nothing is left to order.
    if let Some(id) = order.iter().position(|(field, _)| field.origin == Origin::Id) {
        order.truncate(id + 1);
    }
    match order.as_slice() {
        [] => None,
        [(first, _), ..] if first.unique || first.origin == Origin::Id => None,
        // An index of one column is read in either direction.
        [(only, _)] => (!wants_index(only)).then_some(order),
        _ => Some(order),
    }
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Ascending,
    Descending,
}

impl From<&Sort> for Direction {
    fn from(sort: &Sort) -> Direction {
        if sort.descending { Direction::Descending } else { Direction::Ascending }
    }
}

impl Direction {
    fn of(self, column: &str) -> String {
        match self {
            Direction::Ascending => column.to_owned(),
            Direction::Descending => format!("-{column}"),
        }
    }
}

fn index(resource: &Resource, key: &[(&Field, Direction)], names: &mut Names) -> Index {
    let fields: Vec<&str> = key.iter().map(|(field, _)| field.name.as_str()).collect();
    let name = names.choose(&resource.names.snake_plural, &fields, "idx");
    let mut columns: Vec<String> = key.iter().map(|(field, direction)| direction.of(&field.name)).collect();
    if let Some((_, direction)) = key.last().filter(|(field, _)| field.origin != Origin::Id) {
        columns.push(direction.of(ID));
    }
    Index { name, columns }
}

fn wants_index(field: &Field) -> bool {
    let by_origin = matches!(field.origin, Origin::Relation(_) | Origin::Timestamp);
    by_origin || field.filter || field.sort || field.index
}
