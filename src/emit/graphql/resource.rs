//! All types of one resource: the resource itself, its connection, its inputs and payloads.

use askama::Template;

use super::{
    actions, events,
    members::{self, Argument, Member, Members},
    text::Doc,
    types,
};
use crate::model::{Field, Id, Model, Relation, RelationKind, Resource, prose};

#[derive(Template)]
#[template(path = "graphql/resource.graphql", escape = "none")]
pub struct Types<'m> {
    doc: Doc,
    name: &'m str,
    camel: &'m str,
    noun: String,
    noun_with_article: String,
    nouns: String,
    node: bool,
    fields: Members,
    listed: bool,
    total: bool,
    filters: Members,
    sort_fields: Vec<SortField>,
    create: bool,
    create_input: Option<Members>,
    update: bool,
    update_input: Option<Members>,
    delete: bool,
    undelete: bool,
    /// `addProductTags`, `removeProductTags`: names of mutations and of their payloads.
    links: Vec<(String, String)>,
    nested: Vec<NestedInput>,
    batch: Option<Batch>,
    actions: Vec<actions::Types>,
    events: Option<events::Types>,
}

struct Batch {
    /// `Products`.
    many: String,
    max: u32,
}

struct NestedInput {
    name: String,
    noun: String,
    fields: Members,
}

struct SortField {
    doc: Doc,
    name: String,
}

impl<'m> Types<'m> {
    pub fn new(model: &'m Model, resource: &'m Resource, listed: bool) -> Types<'m> {
        let operations = resource.operations;
        Types {
            doc: Doc::outer(&resource.about(prose::Spelling::Graphql)),
            name: &resource.names.pascal,
            camel: &resource.names.camel,
            noun: resource.noun(),
            noun_with_article: prose::a(&resource.noun()),
            nouns: resource.nouns(),
            node: matches!(resource.id, Id::Prefixed(_)),
            fields: fields(model, resource),
            listed,
            total: resource.list.total,
            filters: filters(model, resource),
            sort_fields: sort_fields(resource),
            create: operations.create,
            create_input: create_input(model, resource),
            update: operations.update,
            update_input: update_input(model, resource),
            delete: operations.delete,
            undelete: resource.soft_delete,
            nested: nested_inputs(model, resource),
            batch: resource.batch.map(|max| Batch { many: resource.names.pascal_plural.clone(), max }),
            events: events::types(resource),
            actions: actions::types(model, resource),
            links: links(model, resource).flat_map(|relation| link_names(resource, relation)).collect(),
        }
    }
}

/// The relations whose rows can be linked.
pub fn links<'m>(model: &'m Model, resource: &'m Resource) -> impl Iterator<Item = &'m Relation> {
    resource.relations.iter().filter(|relation| model.linkable(resource, relation))
}

/// The two mutations of a relation, each with its payload.
pub fn link_names(owner: &Resource, relation: &Relation) -> [(String, String); 2] {
    ["add", "remove"].map(|verb| {
        let name = format!("{verb}{}{}", owner.names.pascal, prose::capitalised(&relation.camel));
        let payload = format!("{}Payload", prose::capitalised(&name));
        (name, payload)
    })
}

/// `None` where a create takes nothing.
pub fn create_input(model: &Model, resource: &Resource) -> Option<Members> {
    let fields = resource.fields.iter().filter(|field| resource.operations.create && field.creatable());
    let own = fields.map(|field| members::create_input(model, Some(resource), field));
    let members: Members = own.chain(resource.nested().map(|relation| nested(model, resource, relation))).collect();
    (!members.is_empty()).then_some(members)
}

/// Rows that are created along with another one.
fn nested(model: &Model, owner: &Resource, relation: &Relation) -> Member {
    let name = nested_name(owner, relation);
    let ty = if matches!(relation.kind, RelationKind::HasOne { .. }) { name } else { format!("[{name}!]") };
    let description = format!("{} Created along with it: all of it, or nothing.", relation.summary(model, owner));
    Member::new(&relation.camel, ty, &description).deprecated(relation.deprecated.as_ref())
}

/// `CreateOrderItemsInput`: one of the items of a new order.
fn nested_name(owner: &Resource, relation: &Relation) -> String {
    format!("Create{}{}Input", owner.names.pascal, prose::capitalised(&relation.camel))
}

fn nested_inputs(model: &Model, owner: &Resource) -> Vec<NestedInput> {
    let inputs = owner.nested().map(|relation| {
        let target = model.resource(relation.target);
        let fields = model.nested_fields(relation).map(|field| members::create_input(model, Some(target), field));
        NestedInput { name: nested_name(owner, relation), noun: target.noun(), fields: fields.collect() }
    });
    inputs.collect()
}

/// `None` where an update takes nothing.
pub fn update_input(model: &Model, resource: &Resource) -> Option<Members> {
    let fields = resource.fields.iter().filter(|field| resource.operations.update && field.updatable());
    let members: Members = fields.map(|field| members::update_input(model, resource, field)).collect();
    (!members.is_empty()).then_some(members)
}

fn fields(model: &Model, resource: &Resource) -> Members {
    let own = resource.fields.iter().filter(|field| field.readable());
    let etag = Member::new("etag", "String!", "The version of the row, for `ifMatch`. Changes with every update.");
    own.map(|field| members::output(model, Some(resource), field))
        .chain([etag])
        .chain(resource.relations.iter().map(|each| relation(model, resource, each)))
        .collect()
}

fn relation(model: &Model, owner: &Resource, relation: &Relation) -> Member {
    let target = model.resource(relation.target);
    let name = &target.names.pascal;
    let description = relation.summary(model, owner);
    let member = match relation.kind {
        RelationKind::BelongsTo { field, .. }
            if owner.fields[field].always_shown() && owner.policy.shows_along(&target.policy) =>
        {
            Member::new(&relation.camel, format!("{name}!"), &description)
        }
        RelationKind::BelongsTo { .. } | RelationKind::HasOne { .. } => {
            Member::new(&relation.camel, name, &description)
        }
        RelationKind::HasMany { .. } | RelationKind::ManyToMany { .. } => {
            connection(&relation.camel, target, &description)
        }
    };
    member.deprecated(relation.deprecated.as_ref())
}

/// A field that lists `target`, a page at a time.
pub fn connection(name: &str, target: &Resource, description: &str) -> Member {
    let pascal = &target.names.pascal;
    let nouns = target.nouns();
    let list = &target.list;
    let skip = list.offset.then(|| Argument::new("skip", "Int", "How many to pass over first."));
    let member = Member::new(name, format!("{pascal}Connection!"), description).with([
        Argument::new(
            "first",
            "Int",
            &format!(
                "How many {nouns} to take from the front: {} by default, at most {}.",
                list.page_size, list.max_page_size
            ),
        ),
        Argument::new("after", "String", "Only what comes behind this cursor."),
        Argument::new("last", "Int", "How many to take from the end, in the same order. Not together with `first`."),
        Argument::new("before", "String", "Only what comes before this cursor."),
        Argument::new("where", format!("{pascal}Where"), "Only what matches."),
        Argument::new("orderBy", format!("[{pascal}OrderBy!]"), &usual_order(target)),
    ]);
    let search = (!target.search.is_empty()).then(|| Argument::new("q", "String", &target.question("orderBy")));
    member.with(search).with(skip)
}

fn usual_order(resource: &Resource) -> String {
    let order = default_order(resource);
    match resource.search.is_empty() {
        true => format!("By default: {order}."),
        false => format!("By default: how well they match `q`, then {order}."),
    }
}

fn default_order(resource: &Resource) -> String {
    let keys = resource.list.sort.iter().map(|sort| {
        let name = resource.fields[sort.field].name.to_uppercase();
        format!("`{name}` {}", if sort.descending { "descending" } else { "ascending" })
    });
    let keys: Vec<String> = keys.collect();
    if keys.is_empty() { "`ID` ascending".to_owned() } else { keys.join(", then ") }
}

fn filters(model: &Model, resource: &Resource) -> Members {
    let filterable = resource.fields.iter().filter(|field| field.filterable());
    filterable.map(|field| filter(model, resource, field)).collect()
}

fn filter(model: &Model, resource: &Resource, field: &Field) -> Member {
    let ty = format!("{}Filter", types::single(model, &field.ty, ""));
    Member::new(&field.camel, ty, &field.summary(Some(resource))).deprecated(field.deprecated.as_ref())
}

fn sort_fields(resource: &Resource) -> Vec<SortField> {
    let sortable = resource.fields.iter().filter(|field| field.sortable());
    sortable
        .map(|field| SortField { doc: Doc::member(&field.summary(Some(resource))), name: field.name.to_uppercase() })
        .collect()
}
