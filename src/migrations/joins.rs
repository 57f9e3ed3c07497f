//! The tables that many_to_many relations make: a pair of ids per row, which goes when either side goes.

use super::{
    names::Names,
    schema::{Action, Column, Index, Reference, Table, column_type},
};
use crate::model::{Join, Model, RelationKind, Resource};

pub(super) fn of(model: &Model, names: &mut Names) -> Vec<Table> {
    let relations = model.resources.iter().flat_map(|owner| owner.relations.iter().map(move |each| (owner, each)));
    let made = relations.filter_map(|(owner, relation)| match &relation.kind {
        RelationKind::ManyToMany { join, .. } if join.first && join.through.is_none() => {
            Some((owner, model.resource(relation.target), join))
        }
        _ => None,
    });
    made.map(|(owner, target, join)| table(model, owner, target, join, names)).collect()
}

fn table(model: &Model, owner: &Resource, target: &Resource, join: &Join, names: &mut Names) -> Table {
    let Join { table, near, far, .. } = join;
    let mut column = |name: &str, resource: &Resource| Column {
        references: Some(Reference {
            name: names.choose(table, &[name], "fkey"),
            table: resource.names.snake_plural.clone(),
            on_delete: Action::Cascade,
        }),
        ..Column::plain(name, column_type(model, &resource.fields[0].ty))
    };
    let columns = vec![column(near, owner), column(far, target)];
    let back = vec![far.clone(), near.clone()];
    let index = names.choose(table, &[far], "idx");
    Table {
        name: table.clone(),
        columns,
        indexes: vec![Index::plain(index, back)],
        search: Vec::new(),
        primary_key: vec![near.clone(), far.clone()],
    }
}
