//! What a generated server says of its spec, made in memory: the service layer of any spec, without a compiler. That it is
//! the same as what the emitted code says is checked by `tests/live.rs`.
//!
//! It is leaked, as the runtime wants it to live forever. Rows of resources refer to each other in circles, which can't be
//! made of values; so a relation leads to a copy of its target, whose relations lead to others, [`DEPTH`] deep.

mod access;
mod actions;
mod fields;

use apigen::{
    Input,
    emit::literal,
    migrations::{Migrations, initial},
    model::{self, Model, RelationKind as Kind, Resource},
};
use apigen_runtime::descriptor as live;

/// How many steps of relations, and of deletes that take others along, anything here follows.
const DEPTH: usize = 16;

/// What a spec means.
///
/// # Panics
///
/// With its mistakes, if it has any.
pub fn model(spec: &str) -> Model {
    let read = apigen::read(Input { name: "spec.yaml", bytes: spec.as_bytes() }, None);
    read.unwrap_or_else(|mistakes| panic!("{mistakes}\n{spec}")).model
}

/// Without contracts, so for the service layer and REST alone.
pub fn api(model: &Model) -> &'static live::Api {
    let fields =
        |resource: &Resource| all(resource.fields.iter().map(|field| fields::of_resource(model, resource, field)));
    let fields: Vec<_> = model.stored_resources().iter().map(|resource| (resource, fields(resource))).collect();
    let mut resources: Vec<&'static live::Resource> = Vec::new();
    for depth in 0..DEPTH {
        let beneath = (depth > 0).then_some(resources.as_slice());
        resources = fields.iter().map(|each| &*Box::leak(Box::new(resource(model, *each, beneath)))).collect();
    }
    let auth = model.auth.as_ref().map(|auth| &*Box::leak(Box::new(access::auth(auth, &resources))));
    Box::leak(Box::new(live::Api {
        name: text(&model.api.name),
        version: text(&model.api.version),
        title: text(&model.api.title),
        package: text(&model.api.package),
        protocols: protocols(model.protocols),
        auth,
        migrations: all([migration(&initial(model))]),
        resources: all(resources),
        ..live::Api::BLANK
    }))
}

fn protocols(protocols: model::Protocols) -> live::Protocols {
    let model::Protocols { links, json_patch, max_depth, max_complexity, http_draft, reflection } = protocols;
    live::Protocols { links, json_patch, max_depth, max_complexity, http_draft, reflection }
}

fn migration(migrations: &Migrations) -> live::Migration {
    let folder = migrations.folder();
    let script = |dialect: &str| {
        let found = folder.iter().find(|(path, _)| path.starts_with(dialect) && path.ends_with(".sql"));
        text(&found.expect("a script for each database").1)
    };
    live::Migration { name: "0001_initial", sqlite: script("sqlite"), postgres: script("postgres") }
}

/// `beneath`: what its relations lead to, in the order of the model; nothing, if they are followed no further.
fn resource(
    model: &Model,
    (resource, fields): (&Resource, &'static [live::Field]),
    beneath: Option<&[&'static live::Resource]>,
) -> live::Resource {
    let names = &resource.names;
    let name = |field: &usize| text(&resource.fields[*field].name);
    live::Resource {
        name: text(&names.pascal),
        plural: text(&names.pascal_plural),
        snake: text(&names.snake),
        snake_plural: text(&names.snake_plural),
        camel: text(&names.camel),
        camel_plural: text(&names.camel_plural),
        path: text(&names.path),
        table: text(&names.snake_plural),
        fields,
        relations: all(beneath.into_iter().flat_map(|beneath| relations(model, resource, beneath))),
        operations: operations(resource.operations),
        require_if_match: resource.require.if_match,
        require_idempotency_key: resource.require.idempotency_key,
        access: access::rules(model, resource),
        tenant: access::tenant(model, resource),
        list: list(resource),
        checks: all(resource.checks.iter().map(|check| fields::check(model, resource, check))),
        search: all(resource.search.iter().map(name)),
        nested: all(beneath.into_iter().flat_map(|_| resource.nested()).map(|relation| text(&relation.name))),
        soft_delete: resource.soft_delete,
        batch: resource.batch.map(|max| max as usize),
        actions: all(beneath.into_iter().flat_map(|beneath| actions::of(model, resource, beneath))),
        dependents: all(beneath.into_iter().flat_map(|beneath| dependents(model, resource, beneath))),
        ..live::Resource::BLANK
    }
}

fn operations(operations: model::Operations) -> live::Operations {
    let model::Operations { list, get, create, update, replace, delete } = operations;
    live::Operations { list, get, create, update, replace, delete }
}

fn list(resource: &Resource) -> live::List {
    let sort = |sort: &model::Sort| live::Sort {
        field: text(&resource.fields[sort.field].name),
        direction: if sort.descending { live::Direction::Descending } else { live::Direction::Ascending },
    };
    let model::List { page_size, max_page_size, total, offset, .. } = resource.list;
    live::List { sort: all(resource.list.sort.iter().map(sort)), page_size, max_page_size, total, offset }
}

fn relations(model: &Model, resource: &Resource, beneath: &[&'static live::Resource]) -> Vec<live::Relation> {
    let relation = |relation: &model::Relation| live::Relation {
        name: text(&relation.name),
        camel: text(&relation.camel),
        target: beneath[relation.target.0],
        kind: kind(model, resource, relation),
        readers: access::optional(model, resource, relation.access.read.as_ref()),
        writers: access::optional(model, resource, relation.access.write.as_ref()),
    };
    resource.relations.iter().map(relation).collect()
}

fn kind(model: &Model, resource: &Resource, relation: &model::Relation) -> live::RelationKind {
    let child = || text(&model.inverse_field(relation).expect("a relation with an inverse").name);
    match &relation.kind {
        Kind::BelongsTo { field, .. } => live::RelationKind::BelongsTo { column: text(&resource.fields[*field].name) },
        Kind::HasMany { .. } => live::RelationKind::HasMany { column: child() },
        Kind::HasOne { .. } => live::RelationKind::HasOne { column: child() },
        Kind::ManyToMany { join, .. } => live::RelationKind::ManyToMany(live::Join {
            table: text(&join.table),
            near: text(&join.near),
            near_id: fields::id(&resource.id),
            far: text(&join.far),
            linkable: model.linkable(resource, relation),
            soft_delete: join.through.is_some_and(|through| model.resource(through).soft_delete),
        }),
    }
}

/// What refers to a row, where foreign keys don't do all that is to be done.
fn dependents(model: &Model, resource: &Resource, beneath: &[&'static live::Resource]) -> Vec<live::Dependent> {
    let mut dependents = Vec::new();
    for (child, live) in model.resources.iter().zip(beneath) {
        for relation in &child.relations {
            let Kind::BelongsTo { field, on_delete } = relation.kind else { continue };
            let target = model.resource(relation.target);
            let by_database = on_delete == model::OnDelete::Restrict && !resource.soft_delete && !child.soft_delete;
            if target.names == resource.names && !by_database {
                let on_delete = match on_delete {
                    model::OnDelete::Restrict => live::OnDelete::Restrict,
                    model::OnDelete::Cascade => live::OnDelete::Cascade,
                    model::OnDelete::SetNull => live::OnDelete::SetNull,
                };
                let column = text(&child.fields[field].name);
                dependents.push(live::Dependent { resource: live, column, on_delete });
            }
        }
    }
    dependents
}

fn literal(model: &Model, field: &model::Field, literal: &model::Literal) -> &'static str {
    text(&literal::text(model, &field.ty, literal))
}

fn text(text: &str) -> &'static str {
    text.to_owned().leak()
}

fn all<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    items.into_iter().collect::<Vec<_>>().leak()
}
