//! Scenarios over REST. The path of a resource is its plural in kebab-case, as the contract's `paths` say.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::BoxFuture;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value as Json, json};

use super::{
    driver::{Driver, Failure, Operation, Outcome, Reply, Violation, argument, message},
    grpc::aip160,
    scenario::{Act, Args, Batch, Link, Protocol},
    transcript::error_row,
};

pub struct Rest {
    pub client: Client,
    /// `http://127.0.0.1:8080/v1`
    pub base: String,
    /// Path segment by resource.
    pub paths: Arc<HashMap<String, String>>,
    /// `Bearer …`
    pub authorization: Option<String>,
}

impl Driver for Rest {
    fn protocol(&self) -> Protocol {
        Protocol::Rest
    }

    fn run<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match operation {
                Operation::Create(create) => {
                    let request = self.request(Method::POST, self.collection(&create.resource)).json(&create.input);
                    let response = send(request).await;
                    let location = header(&response, "location");
                    let reply = record(response, 201).await?;
                    let id = text(&reply.value["id"]);
                    assert_eq!(
                        location.as_deref(),
                        Some(&*self.path(&format!("{}/{id}", self.collection(&create.resource))))
                    );
                    Ok(reply)
                }
                Operation::Get(item) => {
                    let request = self.request(Method::GET, self.item(&item.resource, &item.id));
                    let expand = item.with.paths().filter(|paths| !paths.is_empty()).map(|paths| paths.join(","));
                    let fields = item.fields.iter().map(|fields| ("fields", fields));
                    let query = fields.chain(expand.iter().map(|paths| ("expand", paths)));
                    record(send(request.query(&query.collect::<Vec<_>>())).await, 200).await
                }
                Operation::Update(update) => {
                    let request = self.request(Method::PATCH, self.item(&update.resource, &update.id));
                    let request =
                        request.header("content-type", "application/merge-patch+json").body(update.input.to_string());
                    record(send(if_match(request, update.etag.as_deref())).await, 200).await
                }
                Operation::Delete(item) => {
                    let request = self.request(Method::DELETE, self.item(&item.resource, &item.id));
                    let response = send(if_match(request, item.etag.as_deref())).await;
                    if response.status() == 204 { Ok(Reply::of(Json::Null)) } else { Err(failure(response).await) }
                }
                Operation::Undelete(item) => {
                    let path = format!("{}/undelete", self.item(&item.resource, &item.id));
                    record(send(self.request(Method::POST, path)).await, 200).await
                }
                Operation::Act(act) => {
                    let owner = match &act.id {
                        Json::Null => self.collection(&act.resource),
                        id => self.item(&act.resource, id),
                    };
                    let path = format!("{owner}/{}", act.action.replace('_', "-"));
                    if act.safe {
                        return acted(send(self.request(Method::GET, path).query(&inputs(act))).await).await;
                    }
                    let request = if_match(self.request(Method::POST, path), act.etag.as_deref());
                    acted(send(act.input.iter().fold(request, RequestBuilder::json)).await).await
                }
                Operation::Link(link) => self.link(Method::PUT, link).await,
                Operation::Unlink(link) => self.link(Method::DELETE, link).await,
                Operation::Replace(update) => {
                    let request = self.request(Method::PUT, self.item(&update.resource, &update.id));
                    let response = send(if_match(request.json(&update.input), update.etag.as_deref())).await;
                    let status = if response.status() == 201 { 201 } else { 200 };
                    record(response, status).await
                }
                Operation::Patch(patch) => {
                    let request = self.request(Method::PATCH, self.item(&patch.resource, &patch.id));
                    let request = request
                        .header("content-type", "application/json-patch+json")
                        .body(patch.operations.to_string());
                    record(send(if_match(request, patch.etag.as_deref())).await, 200).await
                }
                Operation::Batch(batch) => self.batch(batch).await,
                Operation::Import(_) => panic!("REST has no streams of requests: `only: [grpc]`"),
                Operation::List(list) => self.list(self.collection(&list.resource), &list.args).await,
                Operation::Related(related) => {
                    let path =
                        format!("{}/{}", self.item(&related.of, &related.id), related.relation.replace('_', "-"));
                    self.list(path, &related.args).await
                }
            }
        })
    }
}

impl Rest {
    fn collection(&self, resource: &str) -> String {
        let path = self.paths.get(resource).unwrap_or_else(|| panic!("no path of {resource}"));
        format!("/{path}")
    }

    fn item(&self, resource: &str, id: &Json) -> String {
        format!("{}/{}", self.collection(resource), utf8_percent_encode(&text(id), NON_ALPHANUMERIC))
    }

    /// Without scheme and host.
    fn path(&self, path: &str) -> String {
        let version = self.base.rsplit('/').next().expect("the base ends with the version");
        format!("/{version}{path}")
    }

    fn request(&self, method: Method, path: String) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        self.authorization.iter().fold(request, |request, value| request.header("authorization", value))
    }

    /// One row at a time.
    async fn link(&self, method: Method, link: &Link) -> Outcome {
        let path = format!("{}/{}", self.item(&link.resource, &link.id), link.relation.replace('_', "-"));
        for id in &link.ids {
            let path = format!("{path}/{}", utf8_percent_encode(&text(id), NON_ALPHANUMERIC));
            let response = send(self.request(method.clone(), path)).await;
            if response.status() != 204 {
                return Err(failure(response).await);
            }
        }
        Ok(Reply::of(Json::Null))
    }

    async fn batch(&self, batch: &Batch) -> Outcome {
        let mut body = json!({ "operations": batch.operations });
        if let Some(atomic) = batch.atomic {
            body["atomic"] = json!(atomic);
        }
        let path = format!("{}/batch", self.collection(&batch.resource));
        let response = send(self.request(Method::POST, path).json(&body)).await;
        if response.status() != 200 {
            return Err(failure(response).await);
        }
        let answer: Json = response.json().await.expect("JSON");
        let results = answer["results"].as_array().expect("a list of results");
        let result = |(index, (result, operation)): (usize, (&Json, &Json))| {
            assert_eq!(result["index"], json!(index));
            match result["status"].as_u64().expect("a status") {
                204 => json!({ "deleted": operation["delete"]["id"] }),
                status @ (200 | 201) => {
                    assert_eq!(status == 201, operation.get("create").is_some(), "{result}");
                    json!({ "row": result["resource"], "etag": result["etag"] })
                }
                status => {
                    json!({ "error": problem(u16::try_from(status).expect("a status"), &result["error"], str::to_owned).of_one() })
                }
            }
        };
        Ok(Reply::of(
            json!({ "results": results.iter().zip(&batch.operations).enumerate().map(result).collect::<Vec<_>>() }),
        ))
    }

    async fn list(&self, path: String, args: &Args) -> Outcome {
        let response = send(self.request(Method::GET, path).query(&query(args))).await;
        if response.status() != 200 {
            return Err(failure(response).await);
        }
        let mut page: Json = response.json().await.expect("JSON");
        let (next, prev) = (page["next_cursor"].take(), page["prev_cursor"].take());
        let mut value =
            json!({ "data": page["data"].take(), "has_more": page["has_more"], "next": next, "prev": prev });
        if let Some(total) = page.get("total") {
            value["total"] = total.clone();
        }
        Ok(Reply::of(value))
    }
}

/// A list is several parameters of one name.
fn inputs(act: &Act) -> Vec<(String, String)> {
    let members = act.input.iter().filter_map(Json::as_object).flatten();
    let texts = members.map(|(name, value)| match value {
        Json::Array(items) => items.iter().map(|item| (name.clone(), text(item))).collect(),
        value => vec![(name.clone(), text(value))],
    });
    texts.flatten().collect()
}

/// A row, or several, or something else, or nothing.
async fn acted(response: Response) -> Outcome {
    let etag = header(&response, "etag");
    match response.status().as_u16() {
        204 => Ok(Reply::of(Json::Null)),
        200 => {
            let mut value: Json = response.json().await.expect("JSON");
            let result =
                value.as_object().filter(|members| members.len() == 1).and_then(|members| members.get("result"));
            if let Some(result) = result.cloned() {
                value = result;
            }
            Ok(Reply { value, etag })
        }
        _ => Err(failure_at(response, str::to_owned).await),
    }
}

fn query(args: &Args) -> Vec<(String, String)> {
    let mut query: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: Option<String>| query.extend(value.map(|value| (name.to_owned(), value)));
    add("limit", args.limit.map(|limit| limit.to_string()));
    add("cursor", args.cursor.clone());
    add("page", args.page.map(|page| page.to_string()));
    add("sort", args.sort.clone());
    add("fields", args.fields.clone());
    add("q", args.q.clone());
    add("filter", args.filter.clone());
    add("total", args.total.then(|| "true".to_owned()));
    if let Some(conditions) = args.conditions.as_ref().filter(|conditions| is_logical(conditions)) {
        add("filter", Some(aip160(conditions)));
        return query;
    }
    for (field, tests) in args.conditions.iter().filter_map(Json::as_object).flatten() {
        for (operator, value) in tests.as_object().expect("an operator and its value") {
            let value = match value {
                Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
                value => text(value),
            };
            add(&if operator == "eq" { field.clone() } else { format!("{field}[{operator}]") }, Some(value));
        }
    }
    query
}

/// Whether query parameters, which must all hold, can't say it.
fn is_logical(conditions: &Json) -> bool {
    ["and", "or", "not"].iter().any(|word| conditions.get(word).is_some())
}

pub fn text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn if_match(request: RequestBuilder, etag: Option<&str>) -> RequestBuilder {
    match etag {
        Some(etag) => request.header("if-match", etag),
        None => request,
    }
}

async fn send(request: RequestBuilder) -> Response {
    request.send().await.expect("the server answers")
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).map(|value| value.to_str().expect("text").to_owned())
}

async fn record(response: Response, status: u16) -> Outcome {
    if response.status() != status {
        return Err(failure(response).await);
    }
    let etag = header(&response, "etag");
    assert!(etag.is_some(), "a record has an ETag");
    Ok(Reply { value: response.json().await.expect("JSON"), etag })
}

/// A parameter that isn't one of a list's own is a filter.
async fn failure(response: Response) -> Failure {
    let own = ["limit", "cursor", "page", "sort", "fields", "q", "total"];
    failure_at(response, move |name| argument(if own.contains(&name) { name } else { "filter" })).await
}

/// `parameter`: what scenarios call a parameter.
async fn failure_at(response: Response, parameter: impl Fn(&str) -> String) -> Failure {
    let status = response.status().as_u16();
    assert_eq!(header(&response, "content-type").as_deref(), Some("application/problem+json"));
    let body: Json = response.json().await.expect("a problem is JSON");
    problem(status, &body, parameter)
}

fn problem(status: u16, problem: &Json, parameter: impl Fn(&str) -> String) -> Failure {
    let code = problem["code"].as_str().expect("a code").to_owned();
    let row = error_row(&code);
    assert_eq!((status, &problem["status"]), (row.http, &json!(row.http)), "{problem}");
    assert_eq!(problem["retryable"], json!(row.retryable), "{problem}");
    let violation = |item: &Json| Violation {
        at: match (&item["pointer"], &item["parameter"]) {
            (Json::String(pointer), _) => dotted(pointer),
            (_, Json::String(name)) => parameter(name),
            other => panic!("a violation without a place: {other:?}"),
        },
        code: Some(item["code"].as_str().expect("a code").to_owned()),
        message: item["detail"].as_str().expect("a detail").to_owned(),
    };
    Failure {
        code,
        message: Some(message(problem["detail"].as_str().expect("a detail"))),
        violations: problem["errors"].as_array().into_iter().flatten().map(violation).collect(),
    }
}

/// `#/items/0/price` → `items[0].price`
fn dotted(pointer: &str) -> String {
    let mut dotted = String::new();
    for segment in pointer.trim_start_matches('#').split('/').skip(1) {
        match segment.parse::<usize>() {
            Ok(index) => dotted += &format!("[{index}]"),
            Err(_) if dotted.is_empty() => dotted += segment,
            Err(_) => dotted += &format!(".{segment}"),
        }
    }
    dotted
}
