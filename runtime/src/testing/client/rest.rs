//! REST, as a client speaks it.

use serde_json::Value as Json;
use ureq::http::Method;

use super::{Answer, Ask, Client, Failure, json};
use crate::descriptor::Resource;

const JSON: (&str, &str) = ("content-type", "application/json");
const MERGE_PATCH: (&str, &str) = ("content-type", "application/merge-patch+json");

pub(super) fn ask(client: &Client, resource: &'static Resource, ask: Ask<'_>) -> Answer {
    let all = path(client, resource);
    let one = |id: &str| format!("{all}/{id}");
    let answer = match ask {
        Ask::Create(input) => send(client, Method::POST, &all, &[JSON], Some(input)),
        Ask::Get(id) => send(client, Method::GET, &one(id), &[], None),
        Ask::List => send(client, Method::GET, &all, &[], None).map(|mut page| page["data"].take()),
        Ask::Update { id, etag, input } => {
            send(client, Method::PATCH, &one(id), &[MERGE_PATCH, ("if-match", etag)], Some(input))
        }
        Ask::Delete { id, etag } => send(client, Method::DELETE, &one(id), &[("if-match", etag)], None),
    };
    answer.map(without_links)
}

/// Where to go from a row is no field of it.
fn without_links(mut answer: Json) -> Json {
    let rows = match &mut answer {
        Json::Array(rows) => rows.iter_mut().collect(),
        row => vec![row],
    };
    for members in rows.into_iter().filter_map(Json::as_object_mut) {
        members.remove("_links");
    }
    answer
}

pub(super) fn etag(client: &Client, resource: &'static Resource, id: &str) -> String {
    let answer = client.send(Method::GET, &format!("{}/{id}", path(client, resource)), &[], None);
    answer.headers()["etag"].to_str().expect("an ETag is ASCII").to_owned()
}

fn path(client: &Client, resource: &Resource) -> String {
    format!("/{}/{}", client.api.version, resource.path)
}

fn send(client: &Client, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Json>) -> Answer {
    let answer = client.send(method, path, headers, body.map(|body| body.to_string().into_bytes()));
    let body = if answer.body().is_empty() { Json::Null } else { json(answer.body()) };
    if answer.status().is_success() { Ok(body) } else { Err(failure(&body)) }
}

fn failure(problem: &Json) -> Failure {
    let code = problem["code"].as_str().unwrap_or_else(|| panic!("a problem without a code: {problem}"));
    let pointers = problem["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str());
    let fields = pointers.map(|pointer| pointer.trim_start_matches(['#', '/']).to_owned()).collect();
    Failure { code: code.to_owned(), fields, told: problem.to_string() }
}
