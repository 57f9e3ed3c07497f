//! The GraphQL schema: `templates/graphql/` filled with what is used of the model, and nothing that isn't.
//!
//! Descriptions carry every constraint, since the language has no other place for them. Knows nothing about execution.

mod actions;
mod events;
mod login;
mod long_running;
mod members;
mod reach;
mod resource;
mod shared;
mod text;
mod types;

use askama::Template;

use self::{
    members::{Argument, Member, Members},
    reach::Reach,
    shared::{Block, Enumeration, Scalar, Union},
};
use crate::model::{Id, Model, Relation, Resource, domain_error, prose};

/// The text of `schema.graphql`.
pub fn emit(model: &Model) -> String {
    let reach = Reach::of(model);
    let has_node = has_node(model);
    Schema {
        model,
        listed: &reach.listed,
        header: super::header(model),
        about: about(model),
        node: has_node,
        query: query(model, has_node),
        mutation: all_mutations(model),
        subscription: events::subscriptions(model),
        values: values(model, &reach),
        responses: long_running::responses(model),
        enums: reach.model.enums(model).map(Enumeration::new).collect(),
        domain_errors: !model.errors.is_empty(),
        lists: reach.listed.contains(&true),
        filters: shared::filters(&reach),
        entries: shared::entries(model, &reach),
        scalars: shared::scalars(&reach),
    }
    .render()
    .unwrap_or_else(|error| unreachable!("writing to a string failed: {error}"))
}

#[derive(Template)]
#[template(path = "graphql/schema.graphql", escape = "none")]
struct Schema<'m> {
    model: &'m Model,
    /// By position of the resource.
    listed: &'m [bool],
    header: String,
    about: Vec<&'m str>,
    node: bool,
    query: Members,
    mutation: Members,
    subscription: Members,
    values: Vec<Block>,
    /// Of operations.
    responses: Option<Union>,
    enums: Vec<Enumeration<'m>>,
    domain_errors: bool,
    lists: bool,
    filters: Vec<Block>,
    entries: Vec<Block>,
    scalars: Vec<Scalar>,
}

impl<'m> Schema<'m> {
    /// One after the other: all at once, those of a thousand resources take more memory than the text.
    fn resources(&self) -> impl Iterator<Item = resource::Types<'m>> {
        let resources = self.model.resources.iter().zip(self.listed);
        resources.map(|(resource, listed)| resource::Types::new(self.model, resource, *listed))
    }
}

/// Value types, and what doesn't belong to one resource.
fn values(model: &Model, reach: &Reach) -> Vec<Block> {
    let shared = shared::value_types(model, reach).into_iter();
    shared.chain(login::types(model)).chain(long_running::types(model)).collect()
}

/// Title and description of the api, by lines as GraphQL counts them (§2.1.2): a lone carriage return ends one, too.
fn about(model: &Model) -> Vec<&str> {
    let description = model.api.description.iter().flat_map(|text| text.trim().lines());
    model.api.title.lines().chain(description).flat_map(|line| line.split('\r')).map(str::trim_end).collect()
}

/// Ids with a prefix tell which type they are of. A schema needs at least one query (GraphQL §3.3.1), so `node` is there
/// also where nothing else can be read.
fn has_node(model: &Model) -> bool {
    let prefixed = |resource: &Resource| matches!(resource.id, Id::Prefixed(_));
    let readable = |resource: &Resource| resource.operations.get || resource.operations.list;
    model.resources.iter().any(prefixed) || !model.resources.iter().any(readable)
}

fn query(model: &Model, has_node: bool) -> Members {
    let node = has_node.then(node_queries).into_iter().flatten();
    let own = model.resources.iter().flat_map(|each| queries(model, each));
    node.chain(own).chain(long_running::query(model)).collect()
}

fn node_queries() -> [Member; 2] {
    [
        Member::new("node", "Node", "Any object by its id; null if there is none.").with([Argument::new(
            "id",
            "ID!",
            "The id of the object.",
        )]),
        Member::new("nodes", "[Node]!", "Objects by their ids, in the same order; null where there is none.")
            .with([Argument::new("ids", "[ID!]!", "The ids of the objects.")]),
    ]
}

fn queries(model: &Model, resource: &Resource) -> Vec<Member> {
    let names = &resource.names;
    let admitted = |description: String, word: &str| said(model, resource, &description, word);
    let mut queries = Vec::new();
    if resource.operations.get {
        let description = format!("{} by its id.", prose::capitalised(&prose::a(&resource.noun())));
        let get = Member::new(&names.camel, &names.pascal, &admitted(description, "get")).with([id(resource)]);
        queries.push(get.deprecated(resource.deprecation_of("get")));
    }
    if resource.operations.list {
        let description = format!("{}, one page at a time.", prose::capitalised(&resource.nouns()));
        let list = resource::connection(&names.camel_plural, resource, &admitted(description, "list"));
        queries.push(list.deprecated(resource.deprecation_of("list")));
    }
    queries.extend(actions::queries(model, resource));
    queries
}

fn all_mutations(model: &Model) -> Members {
    let own = model.resources.iter().flat_map(|each| mutations(model, each));
    own.chain(login::mutations(model)).chain(long_running::mutation(model)).collect()
}

fn mutations(model: &Model, resource: &Resource) -> Vec<Member> {
    let operations = resource.operations;
    let failures = domain_error::sentences(&model.write_errors(resource));
    let one = prose::a(&resource.noun());
    let mutation = |verb: &str, description: &str| {
        mutation(resource, verb, &said(model, resource, &prose::join(description, &failures), verb))
    };
    let input = |verb: &str| Argument::new("input", format!("{verb}{}Input!", resource.names.pascal), "Its fields.");
    let mut mutations = Vec::new();
    if operations.create {
        let takes_input = resource::create_input(model, resource).is_some();
        let arguments = takes_input.then(|| input("Create"));
        mutations.push(mutation("create", &format!("Creates {one}.")).with(arguments));
    }
    if operations.update {
        let takes_input = resource::update_input(model, resource).is_some();
        let arguments =
            [id(resource)].into_iter().chain(takes_input.then(|| input("Update"))).chain([if_match(resource)]);
        mutations.push(mutation("update", &format!("Changes some fields of {one}.")).with(arguments));
    }
    if operations.delete {
        mutations.push(mutation("delete", &format!("Deletes {one}.")).with([id(resource), if_match(resource)]));
    }
    if resource.batch.is_some() {
        let many = &resource.names.pascal_plural;
        let input = Argument::new("input", format!("Batch{many}Input!"), "What to do.");
        let description = format!("Changes several {} at once.", resource.nouns());
        let description = said(model, resource, &description, "batch");
        mutations.push(Member::new(format!("batch{many}"), format!("Batch{many}Payload!"), &description).with([input]));
    }
    if resource.soft_delete {
        let description = format!("Brings back {}.", prose::a(&format!("deleted {}", resource.noun())));
        mutations.push(mutation("undelete", &description).with([id(resource)]));
    }
    mutations.extend(actions::mutations(model, resource));
    mutations.extend(resource::links(model, resource).flat_map(|relation| links(model, resource, relation)));
    mutations
}

/// `addProductTags` and `removeProductTags`.
fn links(model: &Model, owner: &Resource, relation: &Relation) -> Vec<Member> {
    let target = model.resource(relation.target);
    let many = format!("the {} of {}", prose::words(&relation.name), prose::a(&owner.noun()));
    let descriptions = [
        format!("Adds {} to {many}; those that are there already stay.", target.nouns()),
        format!("Removes {} from {many}; those that aren't there don't mind.", target.nouns()),
    ];
    let names = resource::link_names(owner, relation).into_iter().zip(descriptions);
    names
        .map(|((name, payload), description)| {
            let ids = Argument::new(
                format!("{}Ids", target.names.camel),
                "[ID!]!",
                &format!("The ids of the {}.", target.nouns()),
            );
            Member::new(name, format!("{payload}!"), &linked(model, owner, relation, &description))
                .with([id(owner), ids])
                .deprecated(relation.deprecated.as_ref())
        })
        .collect()
}

fn mutation(resource: &Resource, verb: &str, description: &str) -> Member {
    let name = format!("{verb}{}", resource.names.pascal);
    let payload = format!("{}Payload!", prose::capitalised(&name));
    Member::new(name, payload, description).deprecated(resource.deprecation_of(verb))
}

fn id(resource: &Resource) -> Argument {
    Argument::new("id", "ID!", &format!("The id of the {}.", resource.noun()))
}

fn if_match(resource: &Resource) -> Argument {
    let ty = if resource.require.if_match { "String!" } else { "String" };
    Argument::new("ifMatch", ty, "An `etag`: nothing happens if the row is in another version.")
}

fn linked(model: &Model, owner: &Resource, relation: &Relation, description: &str) -> String {
    let said = said(model, owner, description, "update");
    prose::join(&said, &Vec::from_iter(relation.writers(model, owner)))
}

/// A description, and who may.
fn said(model: &Model, resource: &Resource, description: &str, word: &str) -> String {
    prose::join(description, &Vec::from_iter(model.admitted(resource, word)))
}
