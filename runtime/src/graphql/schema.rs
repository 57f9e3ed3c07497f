//! The served schema and what its names mean in terms of descriptors.
//!
//! Built once at start, from the text of the contract. A type or field that the descriptors don't explain stops the
//! start, so contract and server can't differ.

mod check;

use std::collections::HashMap;

use anyhow::Context;
use apollo_compiler::{Name, Schema as Sdl, collections, schema::Implementers, validation::Valid};
use heck::ToUpperCamelCase;
use serde_json::{Map, Value as Json};

use super::arguments::Variables;
use crate::{
    descriptor::{Action, Api, Field, Id, Relation, Resource, Returns, Type},
    service::{Exchange, Linking},
};

pub(crate) struct Schema {
    pub(crate) sdl: Valid<Sdl>,
    pub(crate) implementers: collections::HashMap<Name, Implementers>,
    queries: HashMap<String, Query>,
    mutations: HashMap<String, Mutation>,
    rows: HashMap<&'static str, HashMap<&'static str, Member>>,
    prefixes: HashMap<&'static str, &'static Resource>,
    /// Operations that aren't served yet, by type and field.
    unserved: HashMap<(&'static str, &'static str), &'static str>,
}

/// A field of `Query`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Query {
    Node,
    Nodes,
    Get(&'static Resource),
    List(&'static Resource),
    Act(&'static Resource, &'static Action),
}

/// A field of `Mutation`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mutation {
    pub(crate) kind: MutationKind,
    pub(crate) resource: &'static Resource,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum MutationKind {
    Create,
    Update,
    Delete,
    Undelete,
    Batch,
    Link(&'static Relation, Linking),
    Act(&'static Action),
    Exchange(Exchange),
}

impl Mutation {
    /// What its payload shows, unless that tells what is gone.
    pub(crate) fn returns(self) -> Returns {
        match self.kind {
            MutationKind::Act(action) => action.returns,
            MutationKind::Exchange(exchange) => Returns::Value { result: exchange.result() },
            _ => Returns::Row(self.resource),
        }
    }
}

/// A field of a resource's type.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Member {
    /// Position in the resource's fields.
    Column(usize),
    Etag,
    Relation(&'static Relation),
}

impl Schema {
    pub(crate) fn new(api: &'static Api) -> anyhow::Result<Schema> {
        let sdl = Sdl::parse_and_validate(api.graphql, "schema.graphql")
            .map_err(|errors| anyhow::anyhow!("the GraphQL schema of {} isn't valid: {}", api.name, errors.errors))?;
        let schema = Schema {
            implementers: sdl.implementers_map(),
            queries: queries(api),
            mutations: mutations(api),
            rows: api.resources.iter().map(|resource| (resource.name, members(resource))).collect(),
            prefixes: prefixes(api),
            unserved: unserved(api)?,
            sdl,
        };
        check::check(&schema, api.resources)?;
        Ok(schema)
    }

    pub(crate) fn variables<'r>(&'r self, values: &'r Map<String, Json>) -> Variables<'r> {
        Variables { schema: &self.sdl, values }
    }

    pub(crate) fn query(&self, field: &str) -> Option<Query> {
        self.queries.get(field).copied()
    }

    pub(crate) fn mutation(&self, field: &str) -> Option<Mutation> {
        self.mutations.get(field).copied()
    }

    pub(crate) fn member(&self, resource: &Resource, field: &str) -> Option<Member> {
        self.rows.get(resource.name)?.get(field).copied()
    }

    /// The operation behind a field that isn't served yet.
    pub(crate) fn unserved(&self, type_name: &str, field: &str) -> Option<&'static str> {
        self.unserved.get(&(type_name, field)).copied()
    }

    /// The resource that an id of `node` belongs to, by its prefix.
    pub(crate) fn resource_of(&self, id: &str) -> Option<&'static Resource> {
        let (prefix, _) = id.rsplit_once('_')?;
        self.prefixes.get(prefix).copied()
    }

    /// Whether a selection with this type condition is about objects of type `object`.
    pub(crate) fn applies(&self, condition: &str, object: &str) -> bool {
        condition == object
            || self.sdl.get_object(object).is_some_and(|object| object.implements_interfaces.contains(condition))
    }
}

/// The member of a value type by its GraphQL name.
pub(crate) fn member_of(fields: &'static [Field], camel: &str) -> Option<(usize, &'static Field)> {
    fields.iter().enumerate().find(|(_, field)| field.camel == camel && field.readable())
}

/// The GraphQL type of a scalar; `None` for what isn't one, or is in no output.
pub(crate) fn scalar_name(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::String | Type::Email | Type::Url => "String",
        Type::Bool => "Boolean",
        Type::Int32 => "Int",
        Type::Int64 => "Int64",
        Type::Float64 => "Float",
        Type::Decimal { .. } => "Decimal",
        Type::Uuid => "UUID",
        Type::Timestamp => "DateTime",
        Type::Date => "Date",
        Type::Duration => "Duration",
        Type::Bytes => "Bytes",
        Type::Json => "JSON",
        Type::Id(_) => "ID",
        Type::Enum(kind) => kind.name,
        Type::Password | Type::Object(_) | Type::List(_) | Type::Map(_) => return None,
    })
}

fn queries(api: &Api) -> HashMap<String, Query> {
    let mut queries = HashMap::from([("node".to_owned(), Query::Node), ("nodes".to_owned(), Query::Nodes)]);
    for &resource in api.resources {
        if resource.operations.get {
            queries.insert(resource.camel.to_owned(), Query::Get(resource));
        }
        if resource.operations.list {
            queries.insert(resource.camel_plural.to_owned(), Query::List(resource));
        }
        for action in resource.actions.iter().filter(|action| action.safe) {
            queries.insert(action.camel.to_owned(), Query::Act(resource, action));
        }
    }
    queries
}

fn mutations(api: &Api) -> HashMap<String, Mutation> {
    let mut mutations = HashMap::new();
    for (login, exchange) in api.login().into_iter().flat_map(|login| Exchange::ALL.map(|each| (login, each))) {
        let kind = MutationKind::Exchange(exchange);
        mutations.insert(exchange.name().to_owned(), Mutation { kind, resource: login.resource });
    }
    for &resource in api.resources {
        let operations = resource.operations;
        for (kind, verb, exists) in [
            (MutationKind::Create, "create", operations.create),
            (MutationKind::Update, "update", operations.update),
            (MutationKind::Delete, "delete", operations.delete),
            (MutationKind::Undelete, "undelete", resource.soft_delete),
        ] {
            if exists {
                mutations.insert(format!("{verb}{}", resource.name), Mutation { kind, resource });
            }
        }
        if resource.batch.is_some() {
            let kind = MutationKind::Batch;
            mutations.insert(format!("batch{}", resource.plural), Mutation { kind, resource });
        }
        for action in resource.actions.iter().filter(|action| !action.safe) {
            mutations.insert(action.camel.to_owned(), Mutation { kind: MutationKind::Act(action), resource });
        }
        for (verb, linking) in [("add", Linking::Add), ("remove", Linking::Remove)] {
            for relation in resource.relations.iter().filter(|relation| relation.linkable()) {
                let name = format!("{verb}{}{}", resource.name, relation.camel.to_upper_camel_case());
                mutations.insert(name, Mutation { kind: MutationKind::Link(relation, linking), resource });
            }
        }
    }
    mutations
}

fn unserved(api: &'static Api) -> anyhow::Result<HashMap<(&'static str, &'static str), &'static str>> {
    let fields = api.unserved.iter().filter_map(|operation| Some((operation.graphql?, operation.name)));
    let split = |(coordinate, name): (&'static str, &'static str)| {
        let place = coordinate.split_once('.');
        Ok((place.with_context(|| format!("`{coordinate}` isn't a field of a GraphQL type"))?, name))
    };
    fields.map(split).collect()
}

fn members(resource: &'static Resource) -> HashMap<&'static str, Member> {
    let columns = resource.fields.iter().enumerate().filter(|(_, field)| field.readable());
    let columns = columns.map(|(index, field)| (field.camel, Member::Column(index)));
    let relations = resource.relations.iter().map(|relation| (relation.camel, Member::Relation(relation)));
    columns.chain(relations).chain([("etag", Member::Etag)]).collect()
}

/// What `node` can read.
fn prefixes(api: &Api) -> HashMap<&'static str, &'static Resource> {
    let readable = api.resources.iter().filter(|resource| resource.operations.get);
    let prefixed = readable.filter_map(|&resource| match resource.id() {
        Id::Prefixed(prefix) => Some((prefix, resource)),
        _ => None,
    });
    prefixed.collect()
}
