//! GraphQL, as a client speaks it: documents are built from the descriptors.

use serde_json::{Value as Json, json};
use ureq::http::Method;

use super::{Answer, Ask, Client, Failure};
use crate::{
    codec::json::{JsonForm, from_json, scalar_to_json},
    descriptor::{Field, Resource, Type},
};

const ERRORS: &str = "userErrors { code field message }";

pub(super) fn ask(client: &Client, resource: &'static Resource, ask: Ask<'_>) -> Answer {
    let Resource { name, camel, camel_plural, fields, .. } = *resource;
    let row = selection(fields);
    let shown = format!("{{ {camel} {row} {ERRORS} }}");
    match ask {
        Ask::Get(id) => {
            let query = format!("query($id: ID!) {{ {camel}(id: $id) {row} }}");
            send(client, &query, json!({ "id": id })).map(|mut data| data[camel].take())
        }
        Ask::List => {
            let query = format!("{{ {camel_plural} {{ nodes {row} }} }}");
            send(client, &query, json!({})).map(|mut data| data[camel_plural]["nodes"].take())
        }
        Ask::Create(input) => {
            let query = format!("mutation($input: Create{name}Input!) {{ done: create{name}(input: $input) {shown} }}");
            write(client, resource, &query, json!({ "input": spelled(fields, input) }))
        }
        Ask::Update { id, etag, input } => {
            let query = format!(
                "mutation($id: ID!, $etag: String!, $input: Update{name}Input!) \
                 {{ done: update{name}(id: $id, ifMatch: $etag, input: $input) {shown} }}"
            );
            write(client, resource, &query, json!({ "id": id, "etag": etag, "input": spelled(fields, input) }))
        }
        Ask::Delete { id, etag } => {
            let query = format!(
                "mutation($id: ID!, $etag: String!) {{ done: delete{name}(id: $id, ifMatch: $etag) {{ {ERRORS} }} }}"
            );
            write(client, resource, &query, json!({ "id": id, "etag": etag }))
        }
    }
}

/// Members of a row or an input, from REST's spelling.
pub(super) fn spelled(fields: &'static [Field], row: &Json) -> Json {
    let member = |(name, json): (&String, &Json)| {
        let field =
            fields.iter().find(|field| field.name == name).unwrap_or_else(|| panic!("there is no field {name}"));
        let value = from_json(&field.ty, json).unwrap_or_else(|| panic!("{name} can't be {json}"));
        // A password has no spelling but its own.
        let spelled = match field.ty {
            Type::Password => json.clone(),
            _ => scalar_to_json(&field.ty, &value, JsonForm::Graphql),
        };
        (field.camel.to_owned(), spelled)
    };
    row.as_object().into_iter().flatten().map(member).collect::<serde_json::Map<_, _>>().into()
}

/// `{ id email address { street } }`
fn selection(fields: &[Field]) -> String {
    let fields = fields.iter().filter(|field| field.readable());
    let fields: Vec<_> = fields.map(|field| format!("{}{}", field.camel, inner(&field.ty))).collect();
    format!("{{ {} }}", fields.join(" "))
}

fn inner(ty: &Type) -> String {
    match ty {
        Type::Object(object) => format!(" {}", selection(object.fields)),
        Type::List(item) => inner(item),
        Type::Map(item) => format!(" {{ key value{} }}", inner(item)),
        _ => String::new(),
    }
}

fn write(client: &Client, resource: &Resource, query: &str, variables: Json) -> Answer {
    let mut done = send(client, query, variables).map_err(|failure| named(resource, failure))?["done"].take();
    match done["userErrors"].as_array().map_or(&[][..], Vec::as_slice) {
        [] => Ok(done[resource.camel].take()),
        errors => {
            let fields = errors.iter().filter_map(|error| error["field"][0].as_str().map(str::to_owned)).collect();
            let failure = Failure { code: code(&errors[0]["code"]), fields, told: done["userErrors"].to_string() };
            Err(named(resource, failure))
        }
    }
}

/// With the names that fields have in REST.
fn named(resource: &Resource, mut failure: Failure) -> Failure {
    for name in &mut failure.fields {
        if let Some(field) = resource.fields.iter().find(|field| field.camel == name) {
            *name = field.name.to_owned();
        }
    }
    failure
}

fn send(client: &Client, query: &str, variables: Json) -> Answer {
    let body = json!({ "query": query, "variables": variables }).to_string().into_bytes();
    let answer = client.send(Method::POST, "/graphql", &[("content-type", "application/json")], Some(body));
    let mut answer = super::json(answer.body());
    match answer["errors"].get(0) {
        None => Ok(answer["data"].take()),
        Some(error) => Err(failure(error)),
    }
}

/// An input that isn't of its type doesn't reach the server's own validation (GraphQL §6.1.2); the message names the field.
fn failure(error: &Json) -> Failure {
    let code = code(&error["extensions"]["code"]);
    let told = error["message"].as_str().unwrap_or_default().to_owned();
    match told.rsplit_once("Input.") {
        Some((_, field)) if code == "BAD_USER_INPUT" => {
            Failure { code: "VALIDATION_FAILED".to_owned(), fields: vec![field.to_owned()], told }
        }
        _ => Failure { code, fields: Vec::new(), told },
    }
}

fn code(code: &Json) -> String {
    code.as_str().expect("an error has a code").to_owned()
}
