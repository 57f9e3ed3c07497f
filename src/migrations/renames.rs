//! Renames: the tables of the history under the names that the spec has now, and the changes that make them so.
//!
//! Old names are known by position: the schema of the model before its renames differs from that of the model in nothing
//! else. A rename that was made already changes nothing, since the history no longer has the old name.

use super::{
    change::Change,
    schema::{Column, Schema, Table, Type},
};

/// `before` under new names, and how databases get there. `was` and `after` differ in names alone.
pub(super) fn follow<'a>(before: &Schema, was: &Schema, after: &'a Schema) -> (Schema, Vec<Change<'a>>) {
    let mut schema = before.clone();
    let mut changes = Vec::new();
    for (old, new) in was.types.iter().zip(&after.types) {
        if old.name != new.name && !before.types.iter().any(|each| each.name == new.name) {
            rename_type(&mut schema, &old.name, &new.name);
        }
    }
    for (old, new) in was.tables.iter().zip(&after.tables) {
        if old.name != new.name && before.table(&old.name).is_some() && before.table(&new.name).is_none() {
            changes.extend(forget_search(&mut schema, &old.name));
            rename_table(&mut schema, &old.name, &new.name);
            changes.push(Change::RenameTable { from: old.name.clone(), table: new });
        }
    }
    for (old, new) in was.tables.iter().zip(&after.tables) {
        if let Some(table) = schema.tables.iter_mut().find(|table| table.name == new.name) {
            columns(table, old, new, &mut changes);
            indexes(table, old, new, &mut changes);
        }
    }
    (schema, changes)
}

/// What finds rows by their words is named after the table, and made anew.
fn forget_search<'a>(schema: &mut Schema, table: &str) -> Option<Change<'a>> {
    let found = schema.tables.iter_mut().find(|each| each.name == table)?;
    let searched = !std::mem::take(&mut found.search).is_empty();
    searched.then(|| Change::DropSearch(table.to_owned()))
}

fn rename_table(schema: &mut Schema, old: &str, new: &str) {
    for table in &mut schema.tables {
        if table.name == old {
            table.name = new.to_owned();
        }
        for reference in table.columns.iter_mut().filter_map(|column| column.references.as_mut()) {
            if reference.table == old {
                reference.table = new.to_owned();
            }
        }
    }
}

fn rename_type(schema: &mut Schema, old: &str, new: &str) {
    let columns = schema.tables.iter_mut().flat_map(|table| &mut table.columns).map(|column| &mut column.ty);
    let members = schema.types.iter_mut().flat_map(|ty| &mut ty.members).map(|member| &mut member.ty);
    columns.chain(members).for_each(|ty| rename_object(ty, old, new));
    schema.types.iter_mut().filter(|ty| ty.name == old).for_each(|ty| ty.name = new.to_owned());
}

fn rename_object(ty: &mut Type, old: &str, new: &str) {
    match ty {
        Type::Object(name) if name == old => *name = new.to_owned(),
        Type::List(item) | Type::Map(item) => rename_object(item, old, new),
        _ => {}
    }
}

fn columns<'a>(table: &mut Table, old: &Table, new: &'a Table, changes: &mut Vec<Change<'a>>) {
    for (was, now) in old.columns.iter().zip(&new.columns) {
        let free = was.name == now.name || table.column(&now.name).is_none();
        let Some(column) = table.columns.iter_mut().find(|column| column.name == was.name && free) else { continue };
        if was.name != now.name {
            column.name.clone_from(&now.name);
            changes.push(Change::RenameColumn { from: was.name.clone(), table: new, column: now });
        }
        for (from, to) in constraints(column, now) {
            changes.push(Change::RenameConstraint { from, to, table: new });
        }
        take_names(column, now);
        let values = renamed_values(&was.ty, &now.ty, &column.ty);
        if let (Type::Enum(there), false) = (&mut column.ty, values.is_empty()) {
            for (from, to) in &values {
                there.iter_mut().filter(|value| *value == from).for_each(|value| value.clone_from(to));
            }
            changes.push(Change::RenameValues { table: new, column: now, values });
        }
    }
}

/// Constraints of a column that are called otherwise from now on.
fn constraints(column: &Column, now: &Column) -> Vec<(String, String)> {
    let reference = |column: &Column| column.references.as_ref().map(|reference| reference.name.clone());
    let pairs = [
        (column.unique.clone(), now.unique.clone()),
        (column.check.clone(), now.check.clone()),
        (reference(column), reference(now)),
    ];
    let both = pairs.into_iter().filter_map(|(from, to)| Some((from?, to?)));
    both.filter(|(from, to)| from != to).collect()
}

fn take_names(column: &mut Column, now: &Column) {
    let take = |name: &mut Option<String>, now: &Option<String>| {
        if let (Some(name), Some(now)) = (name, now) {
            name.clone_from(now);
        }
    };
    take(&mut column.unique, &now.unique);
    take(&mut column.check, &now.check);
    if let (Some(reference), Some(now)) = (&mut column.references, &now.references) {
        reference.name.clone_from(&now.name);
    }
}

/// Values of `there` that have another name now. Those inside lists and maps are left: no migration rewrites JSON.
fn renamed_values(was: &Type, now: &Type, there: &Type) -> Vec<(String, String)> {
    let (Type::Enum(was), Type::Enum(now), Type::Enum(there)) = (was, now, there) else { return Vec::new() };
    let pairs = was.iter().zip(now).filter(|(was, now)| was != now && there.contains(was) && !there.contains(now));
    pairs.map(|(was, now)| (was.clone(), now.clone())).collect()
}

fn indexes<'a>(table: &mut Table, old: &Table, new: &'a Table, changes: &mut Vec<Change<'a>>) {
    for (was, now) in old.indexes.iter().zip(&new.indexes) {
        if was == now {
            continue;
        }
        if let Some(index) = table.indexes.iter_mut().find(|index| *index == was) {
            index.clone_from(now);
            if was.name != now.name {
                changes.push(Change::RenameIndex { from: was.name.clone(), table: new, index: now });
            }
        }
    }
}
