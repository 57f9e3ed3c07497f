//! Asks over the protocols, and tells from the answer what it says of the caller's rights.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use apigen_conformance::{
    access::spec::{Kind, Spec},
    corpus::{Clients, Driver, LOGINS, Operation, Protocol, Reply},
};
use reqwest::Method;
use serde_json::Value as Json;

use crate::cells::{Ask, Cell, Outcome};

pub async fn ask(spec: &Spec, clients: &Clients, cell: &Cell) -> Outcome {
    let authorization = cell.caller.authorization(spec);
    let driver = clients.driver(cell.protocol, authorization.as_deref());
    match &cell.ask {
        Ask::All(operation) => all(spec, &*driver, operation.clone()).await,
        Ask::One(operation) => match driver.run(operation).await {
            Ok(reply) => told(spec, cell, operation, &reply),
            Err(failure) => Outcome::Code(failure.code),
        },
        Ask::Start { resource, action, id, input } => {
            let path = format!("{}/{}/{action}", path(spec, resource), id.as_str().expect("a text"));
            let input_of = |(name, value): (&String, &Json)| format!("{}: {value}", lower_camel(name));
            let given = input.iter().map(input_of).collect::<Vec<_>>().join(", ");
            let field = format!("{}{resource}", lower_camel(action));
            let query = format!("mutation {{ {field}(id: {id}, input: {{ {given} }}) {{ __typename }} }}");
            let procedure = format!("{resource}Service/{}{resource}", upper_camel(action));
            let request = (Method::POST, path, Json::Object(input.clone()));
            raw(clients, cell.protocol, authorization, request, &query, &procedure).await
        }
        Ask::Watch(name) => {
            let query = format!("subscription {{ {}Events {{ __typename }} }}", lower_camel(name));
            let procedure = format!("{name}Service/Watch{}", spec.resource(name).plural);
            let request = (Method::GET, format!("{}/events", path(spec, name)), Json::Null);
            raw(clients, cell.protocol, authorization, request, &query, &procedure).await
        }
    }
}

fn path(spec: &Spec, resource: &str) -> String {
    format!("/{}/{}", spec.version, spec.resource(resource).path)
}

fn lower_camel(name: &str) -> String {
    heck::ToLowerCamelCase::to_lower_camel_case(name)
}

fn upper_camel(name: &str) -> String {
    heck::ToUpperCamelCase::to_upper_camel_case(name)
}

fn told(spec: &Spec, cell: &Cell, operation: &Operation, reply: &Reply) -> Outcome {
    let resource = match operation {
        Operation::Get(get) => return Outcome::Row(shown(spec, &get.resource, &reply.value)),
        Operation::Create(create) => &create.resource,
        Operation::Update(update) => &update.resource,
        Operation::Undelete(item) => &item.resource,
        Operation::Act(act) if act.resource == LOGINS.0 => return Outcome::Done,
        Operation::Act(act) => &act.resource,
        Operation::Import(_) if reply.value["created"] != 1 => {
            return Outcome::code(reply.value["failures"][0]["error"]["code"].as_str().expect("why it failed"));
        }
        _ => return Outcome::Done,
    };
    let shown = shown(spec, resource, &reply.value);
    if shown.is_subset(&cell.visible) { Outcome::Done } else { Outcome::Told(shown) }
}

async fn all(spec: &Spec, driver: &dyn Driver, mut operation: Operation) -> Outcome {
    let mut rows = BTreeMap::new();
    loop {
        let page = match driver.run(&operation).await {
            Ok(reply) => reply.value,
            Err(failure) => return Outcome::Code(failure.code),
        };
        let (resource, args) = match &mut operation {
            Operation::List(list) => (&list.resource, &mut list.args),
            Operation::Related(related) => (&related.resource, &mut related.args),
            _ => unreachable!("only lists have pages"),
        };
        for row in page["data"].as_array().expect("rows") {
            let before = rows.insert(row["id"].to_string(), shown(spec, resource, row));
            assert!(before.is_none(), "a row comes twice: {row}");
        }
        match page["next"].as_str() {
            Some(next) => args.cursor = Some(next.to_owned()),
            None => return Outcome::Rows(rows),
        }
    }
}

/// The guarded fields that an answer shows; all rows have values in all of them.
fn shown(spec: &Spec, resource: &str, row: &Json) -> BTreeSet<String> {
    let resource = spec.resource(resource);
    let fields = resource.fields.iter().filter(|field| field.read.is_some()).map(|field| field.name.clone());
    let relations = resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo);
    let columns = relations.filter(|relation| relation.read.is_some()).map(|relation| relation.column());
    fields.chain(columns).filter(|name| row.get(name).is_some_and(|value| !value.is_null())).collect()
}

/// A request that clients can't make yet, since nothing answers it.
async fn raw(
    clients: &Clients,
    protocol: Protocol,
    authorization: Option<String>,
    (method, path, body): (Method, String, Json),
    query: &str,
    procedure: &str,
) -> Outcome {
    let answer = async {
        match protocol {
            Protocol::Rest => clients.rest(method, &path, &body, authorization.as_deref()).await,
            Protocol::Graphql => clients.graphql(query, authorization.as_deref()).await,
            Protocol::Grpc => clients.grpc(procedure, authorization.as_deref()).await,
        }
    };
    // Who is let in to a stream hears nothing for a while.
    match tokio::time::timeout(Duration::from_secs(5), answer).await {
        Ok(Some(code)) => Outcome::Code(code),
        Ok(None) | Err(_) => Outcome::Done,
    }
}
