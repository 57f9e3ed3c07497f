//! Which indexes a table needs: one for what can be filtered or sorted by, for every foreign key, and for the list's own
//! order, and those that the spec declares. None where a unique constraint serves.

use super::{
    names::Names,
    schema::{ID, Index, TENANT},
};
use crate::model::{Field, Model, Origin, Resource, Sort};

pub(super) fn of(model: &Model, resource: &Resource, names: &mut Names) -> Vec<Index> {
    let stored = resource.fields.iter().filter(|field| field.origin != Origin::Id);
    let alone = stored.filter(|field| wants_index(field) && !field.unique);
    let alone = alone.map(|field| vec![(field, Direction::Ascending)]);
    let mut keys: Vec<Key<'_>> = alone.chain(list_order(resource)).collect();
    for declared in declared(resource) {
        if !keys.contains(&declared) {
            keys.push(declared);
        }
    }
    let of_tenant = resource.policy.in_tenant().then(|| of_tenant(resource, names));
    let plain = keys.iter().map(|key| index(resource, key, names)).collect::<Vec<_>>();
    let alone = resource.fields.iter().enumerate();
    let alone = alone.filter(|(_, field)| field.unique && narrows_uniqueness(resource)).map(|(field, _)| vec![field]);
    let together = alone.chain(resource.unique.iter().cloned());
    let identifier = model.login().filter(|login| model.resource(login.resource).names == resource.names);
    let identifier = identifier.map(|login| vec![login.identifier]);
    let unique = together.map(|fields| {
        // Who logs in hasn't said of which tenant they are, so this is unique among all of them.
        let front = if identifier.as_ref() == Some(&fields) { Vec::new() } else { front(resource) };
        unique(resource, front, &fields, names)
    });
    of_tenant.into_iter().chain(plain).chain(unique).collect()
}

/// Whether what is unique is so among some of the rows only, which a constraint of the table can't say.
pub(super) fn narrows_uniqueness(resource: &Resource) -> bool {
    resource.soft_delete || resource.policy.in_tenant()
}

/// A tenant's rows in the order of their ids.
fn of_tenant(resource: &Resource, names: &mut Names) -> Index {
    let name = names.choose(&resource.names.snake_plural, &[TENANT], "idx");
    Index { name, unique: false, columns: vec![TENANT.to_owned(), ID.to_owned()] }
}

/// What stands in front of an index's columns.
fn front(resource: &Resource) -> Vec<String> {
    if resource.policy.in_tenant() { vec![TENANT.to_owned()] } else { Vec::new() }
}

fn declared(resource: &Resource) -> impl Iterator<Item = Key<'_>> {
    resource.indexes.iter().map(|keys| keys.iter().map(|key| (&resource.fields[key.field], key.into())).collect())
}

/// An index rather than a constraint of the table, which SQLite couldn't add to one that is there.
fn unique(resource: &Resource, front: Vec<String>, fields: &[usize], names: &mut Names) -> Index {
    let columns: Vec<&str> = fields.iter().map(|field| resource.fields[*field].name.as_str()).collect();
    let name = names.choose(&resource.names.snake_plural, &columns, "key");
    let columns = front.into_iter().chain(columns.into_iter().map(str::to_owned)).collect();
    Index { name, unique: true, columns }
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
    // By a reference the database looks rows up itself, and what it refers to is a tenant's already.
    let refers = key.first().is_some_and(|(field, _)| matches!(field.origin, Origin::Relation(_)));
    let mut columns = if refers { Vec::new() } else { front(resource) };
    columns.extend(key.iter().map(|(field, direction)| direction.of(&field.name)));
    if let Some((_, direction)) = key.last().filter(|(field, _)| field.origin != Origin::Id) {
        columns.push(direction.of(ID));
    }
    Index { name, unique: false, columns }
}

fn wants_index(field: &Field) -> bool {
    let by_origin = matches!(field.origin, Origin::Relation(_) | Origin::Timestamp);
    by_origin || field.filter || field.sort || field.index
}
