//! Which indexes a table needs: one for what can be filtered or sorted by, for every foreign key, and for the list's own
//! order, and those that the spec declares. None where a unique constraint serves.

use super::{
    names::Names,
    schema::{ID, Index},
};
use crate::model::{Field, Origin, Resource, Sort};

pub(super) fn of(resource: &Resource, names: &mut Names) -> Vec<Index> {
    let stored = resource.fields.iter().filter(|field| field.origin != Origin::Id);
    let alone = stored.filter(|field| wants_index(field) && !field.unique);
    let alone = alone.map(|field| vec![(field, Direction::Ascending)]);
    let mut keys: Vec<Key<'_>> = alone.chain(list_order(resource)).collect();
    for declared in declared(resource) {
        if !keys.contains(&declared) {
            keys.push(declared);
        }
    }
    let plain = keys.iter().map(|key| index(resource, key, names)).collect::<Vec<_>>();
    // A constraint can't leave out the rows that are deleted and stay.
    let alone = resource.fields.iter().enumerate().filter(|(_, field)| resource.soft_delete && field.unique);
    let alone = alone.map(|(field, _)| vec![field]);
    let together = alone.chain(resource.unique.iter().cloned());
    plain.into_iter().chain(together.map(|fields| unique(resource, &fields, names))).collect()
}

fn declared(resource: &Resource) -> impl Iterator<Item = Key<'_>> {
    resource.indexes.iter().map(|keys| keys.iter().map(|key| (&resource.fields[key.field], key.into())).collect())
}

/// An index rather than a constraint of the table, which SQLite couldn't add to one that is there.
fn unique(resource: &Resource, fields: &[usize], names: &mut Names) -> Index {
    let columns: Vec<&str> = fields.iter().map(|field| resource.fields[*field].name.as_str()).collect();
    let name = names.choose(&resource.names.snake_plural, &columns, "key");
    Index { name, unique: true, columns: columns.into_iter().map(str::to_owned).collect() }
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

#[derive(Debug, Clone, Copy, PartialEq)]
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
    Index { name, unique: false, columns }
}

fn wants_index(field: &Field) -> bool {
    let by_origin = matches!(field.origin, Origin::Relation(_) | Origin::Timestamp);
    by_origin || field.filter || field.sort || field.index
}
