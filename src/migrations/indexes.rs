//! Which indexes a table needs: one for what can be filtered or sorted by, for every foreign key, and for the list's own
//! order, and those that the spec declares. None where a unique constraint serves.
//!
//! What rows are looked up by is followed by the list's own order, so that the first page of a customer's orders is read
//! without the others.

use super::{
    names::Names,
    schema::{ID, Index, TENANT},
};
use crate::model::{Field, Model, Origin, Resource, Sort};

pub(super) fn of(model: &Model, resource: &Resource, names: &mut Names) -> Vec<Index> {
    let mut keys: Vec<Key<'_>> = Vec::new();
    let stored = resource.fields.iter().filter(|field| field.origin != Origin::Id && wants_index(resource, field));
    for key in stored.map(|field| alone(resource, field)).chain(list_order(resource)).chain(declared(resource)) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let of_tenant = resource.policy.in_tenant().then(|| of_tenant(resource, names));
    let plain = keys.iter().map(|key| index(resource, key, names)).collect::<Vec<_>>();
    let back = resource.fields.iter().filter(|field| sortable(field) && !field.required);
    let back = back.map(|field| backward(resource, field, names)).collect::<Vec<_>>();
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
    of_tenant.into_iter().chain(plain).chain(back).chain(unique).collect()
}

/// Whether what is unique is so among some of the rows only, which a constraint of the table can't say.
pub(super) fn narrows_uniqueness(resource: &Resource) -> bool {
    resource.soft_delete || resource.policy.in_tenant()
}

/// A tenant's rows in the order of their ids.
fn of_tenant(resource: &Resource, names: &mut Names) -> Index {
    let name = names.choose(&resource.names.snake_plural, &[TENANT], "idx");
    Index { live: resource.soft_delete, ..Index::plain(name, vec![TENANT.to_owned(), ID.to_owned()]) }
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
    Index { unique: true, ..Index::plain(name, columns) }
}

type Key<'a> = Vec<(&'a Field, Direction)>;

/// What rows are in order by is in order by that and their ids only; what they are looked up by, in the list's own order
/// behind it.
fn alone<'a>(resource: &'a Resource, field: &'a Field) -> Key<'a> {
    let mut key = vec![(field, Direction::Ascending)];
    if !sortable(field) {
        let order = order(resource).into_iter().filter(|(other, _)| other.name != field.name);
        // Behind one value, ids are read in either direction.
        key.extend(order.take_while(|(other, _)| other.origin != Origin::Id));
    }
    key
}

/// The keys of the list's own order, as far as they order anything.
fn order(resource: &Resource) -> Key<'_> {
    let mut order: Key = resource.list.sort.iter().map(|key| (&resource.fields[key.field], key.into())).collect();
    // Behind `id` nothing is left to order.
    if let Some(id) = order.iter().position(|(field, _)| field.origin == Origin::Id) {
        order.truncate(id + 1);
    }
    order
}

/// The same, where no other index has it.
fn list_order(resource: &Resource) -> Option<Key<'_>> {
    let order = order(resource);
    match order.as_slice() {
        [] => None,
        [(first, _), ..] if first.unique || first.origin == Origin::Id => None,
        // An index of one column is read in either direction.
        [(only, _)] if sortable(only) => None,
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

    /// What is absent comes last in both directions.
    fn of_field(self, field: &Field) -> String {
        let absent = if self == Direction::Descending && !field.required { "?" } else { "" };
        self.of(&field.name) + absent
    }
}

fn index(resource: &Resource, key: &[(&Field, Direction)], names: &mut Names) -> Index {
    let fields: Vec<&str> = key.iter().map(|(field, _)| field.name.as_str()).collect();
    let name = names.choose(&resource.names.snake_plural, &fields, "idx");
    let mut columns: Vec<_> = key.iter().map(|(field, direction)| direction.of_field(field)).collect();
    // By a reference the database looks rows up itself, whatever their tenant, and deleted ones, too.
    let refers = key.first().is_some_and(|(field, _)| matches!(field.origin, Origin::Relation(_)));
    columns.splice(usize::from(refers)..usize::from(refers), front(resource));
    if let Some((_, direction)) = key.last().filter(|(field, _)| field.origin != Origin::Id) {
        columns.push(direction.of(ID));
    }
    // Beside the unique indexes, which leave deleted rows out, SQLite would take one with them for the dearer.
    Index { live: resource.soft_delete && !refers, ..Index::plain(name, columns) }
}

/// For the descending order of what may be absent, which comes last in it as in the ascending one: PostgreSQL reads no
/// index for both.
fn backward(resource: &Resource, field: &Field, names: &mut Names) -> Index {
    let name = names.choose(&resource.names.snake_plural, &[&field.name], "desc_idx");
    let mut columns = front(resource);
    columns.extend([Direction::Descending.of_field(field), Direction::Descending.of(ID)]);
    Index { live: resource.soft_delete, postgres_only: true, ..Index::plain(name, columns) }
}

fn sortable(field: &Field) -> bool {
    field.sort || field.origin == Origin::Timestamp
}

fn wants_index(resource: &Resource, field: &Field) -> bool {
    let refers = matches!(field.origin, Origin::Relation(_));
    // By a reference the database looks up rows of other tenants and deleted ones, too.
    let served = field.unique && !(refers && narrows_uniqueness(resource));
    !served && (refers || sortable(field) || field.filter || field.index)
}
