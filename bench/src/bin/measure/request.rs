//! The requests of each case, and how an answer shows that it is the right one.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::ensure;
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{
    case::{Case, Operation, Way},
    wire::Message,
};

const GET: &str = "query Get($id: ID!) { product(id: $id) { id sku name description price currency stock tags createdAt \
                   updatedAt etag } }";
const LIST: &str = "query List($first: Int!) { products(first: $first) { nodes { id sku name description price currency \
                    stock tags createdAt updatedAt etag } pageInfo { hasNextPage endCursor } } }";
const CREATE: &str = "mutation Create($input: CreateProductInput!) { createProduct(input: $input) { product { id sku name \
                      description price currency stock tags createdAt updatedAt etag } userErrors { code message } } }";
const PAGE: usize = 20;

static CREATED: AtomicUsize = AtomicUsize::new(0);

/// The next request of a case. `ids` are of rows that are there.
pub fn next(case: Case, ids: &[String]) -> Request<Full<Bytes>> {
    let id = || ids[fastrand::usize(..ids.len())].as_str();
    match (case.way, case.operation) {
        (Way::ByHand | Way::Rest, Operation::Get) => get(&format!("/v1/products/{}", id())),
        (Way::ByHand | Way::Rest, Operation::List) => get(&format!("/v1/products?limit={PAGE}")),
        (Way::ByHand | Way::Rest, Operation::Create) => create(),
        (Way::Graphql, Operation::Get) => graphql(GET, &json!({ "id": id() })),
        (Way::Graphql, Operation::List) => graphql(LIST, &json!({ "first": PAGE })),
        (Way::Graphql, Operation::Create) => graphql(CREATE, &json!({ "input": product() })),
        (Way::Grpc, Operation::Get) => grpc("GetProduct", Message::default().text(1, id())),
        (Way::Grpc, Operation::List) => grpc("ListProducts", Message::default().number(1, PAGE)),
        (Way::Grpc, Operation::Create) => grpc("CreateProduct", Message::default().message(1, &product_message())),
    }
}

/// A new product by REST.
pub fn create() -> Request<Full<Bytes>> {
    post("/v1/products", "application/json", product().to_string())
}

fn product() -> Value {
    let [sku, name, description] = texts();
    json!({ "sku": sku, "name": name, "description": description, "price": "12.50", "stock": 40, "tags": ["mug", "blue"] })
}

fn product_message() -> Message {
    let [sku, name, description] = texts();
    let message = Message::default().text(2, &sku).text(3, &name).text(4, &description);
    message.text(5, "12.50").number(7, 40).text(8, "mug").text(8, "blue")
}

fn texts() -> [String; 3] {
    let number = CREATED.fetch_add(1, Ordering::Relaxed);
    let mut sku = String::new();
    let _ = write!(sku, "MUG-{number:08}");
    [sku, format!("Blue mug {number}"), "Holds a quarter of a litre, and survives the dishwasher.".to_owned()]
}

fn get(path: &str) -> Request<Full<Bytes>> {
    build(Request::get(path).header("host", "bench"), Vec::new())
}

fn post(path: &str, media: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    build(Request::post(path).header("host", "bench").header(CONTENT_TYPE, media), body)
}

fn graphql(query: &str, variables: &Value) -> Request<Full<Bytes>> {
    post("/graphql", "application/json", json!({ "query": query, "variables": variables }).to_string())
}

fn grpc(method: &str, message: Message) -> Request<Full<Bytes>> {
    let request = Request::post(format!("http://bench/shop.v1.ProductService/{method}"));
    build(request.header(CONTENT_TYPE, "application/grpc").header("te", "trailers"), message.framed())
}

fn build(request: http::request::Builder, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    request.body(Full::new(body.into())).unwrap_or_else(|error| unreachable!("the parts are well-formed: {error}"))
}

/// Fails unless this answers what the case asks for.
pub fn check(case: Case, status: StatusCode, body: &Bytes, end: Option<&HeaderMap>) -> anyhow::Result<()> {
    let text = || String::from_utf8_lossy(body);
    let good = match case.way {
        Way::ByHand | Way::Rest => true,
        Way::Graphql => body.starts_with(b"{\"data\":{"),
        Way::Grpc => end.and_then(|trailers| trailers.get("grpc-status")).is_some_and(|status| status == "0"),
    };
    let long = match case.operation {
        Operation::List => PAGE * 150,
        Operation::Get | Operation::Create => 150,
    };
    ensure!(good && status.is_success() && body.len() > long, "{case} was answered {status}: {}", text());
    Ok(())
}
