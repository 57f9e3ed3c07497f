//! The requests of each case, and how an answer shows that it is the right one.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use anyhow::ensure;
use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::{
    case::{Case, Operation, Way},
    server::Known,
    wire::Message,
};

const GET: &str = "query Get($id: ID!) { product(id: $id) { id sku name description price currency stock tags createdAt \
                   updatedAt etag } }";
const LIST: &str = "query List($first: Int!, $where: ProductWhere, $q: String) { products(first: $first, where: $where, \
                    q: $q) { nodes { id sku name description price currency stock tags createdAt updatedAt etag } \
                    pageInfo { hasNextPage endCursor } } }";
const NESTED: &str = "query Nested($first: Int!) { orders(first: $first) { nodes { id status placedAt items(first: 5) { \
                      nodes { id quantity unitPrice product { sku name } } } } pageInfo { hasNextPage endCursor } } }";
const CREATE: &str = "mutation Create($input: CreateProductInput!) { createProduct(input: $input) { product { id sku name \
                      description price currency stock tags createdAt updatedAt etag } userErrors { code message } } }";
const BATCH: &str = "mutation Batch($input: BatchProductsInput!) { batchProducts(input: $input) { results { index product \
                     { id sku name description price currency stock tags createdAt updatedAt etag } userErrors { code \
                     message } } userErrors { code message } } }";
/// Rows on a page, and in a batch.
const ROWS: usize = 20;
/// Of every product.
const STOCK: usize = 40;

static CREATED: AtomicUsize = AtomicUsize::new(0);

/// The next request of a case, about rows that are there.
pub fn next(case: Case, known: &Known) -> Request<Full<Bytes>> {
    let request = match case.way {
        Way::ByHand | Way::Rest => rest(case.operation, known),
        Way::Graphql => graphql(case.operation, known),
        Way::Grpc => grpc(case.operation, known),
    };
    match case.operation {
        Operation::Get | Operation::List | Operation::Filter | Operation::Search => request,
        Operation::GetAs | Operation::Nested | Operation::Create | Operation::Batch => signed(request, &known.token),
    }
}

fn rest(operation: Operation, known: &Known) -> Request<Full<Bytes>> {
    match operation {
        Operation::Get | Operation::GetAs => get(&format!("/v1/products/{}", known.any_id())),
        Operation::List => get(&format!("/v1/products?limit={ROWS}")),
        Operation::Filter => get(&format!("/v1/products?limit={ROWS}&stock={STOCK}")),
        Operation::Search => get(&format!("/v1/products?limit={ROWS}&q={}", known.any_number())),
        Operation::Nested => get(&format!("/v1/orders?limit={ROWS}")),
        Operation::Create => create(),
        Operation::Batch => {
            let operations: Vec<_> = (0..ROWS).map(|_| json!({ "create": product() })).collect();
            post("/v1/products/batch", "application/json", json!({ "operations": operations }).to_string())
        }
    }
}

fn graphql(operation: Operation, known: &Known) -> Request<Full<Bytes>> {
    let (query, variables) = match operation {
        Operation::Get | Operation::GetAs => (GET, json!({ "id": known.any_id() })),
        Operation::List => (LIST, json!({ "first": ROWS })),
        Operation::Filter => (LIST, json!({ "first": ROWS, "where": { "stock": { "eq": STOCK } } })),
        Operation::Search => (LIST, json!({ "first": ROWS, "q": known.any_number() })),
        Operation::Nested => (NESTED, json!({ "first": ROWS })),
        Operation::Create => (CREATE, json!({ "input": product() })),
        Operation::Batch => {
            let operations: Vec<_> = (0..ROWS).map(|_| json!({ "create": product() })).collect();
            (BATCH, json!({ "input": { "operations": operations } }))
        }
    };
    post("/graphql", "application/json", json!({ "query": query, "variables": variables }).to_string())
}

fn grpc(operation: Operation, known: &Known) -> Request<Full<Bytes>> {
    let page = || Message::default().number(1, ROWS);
    let (method, message) = match operation {
        Operation::Get | Operation::GetAs => ("GetProduct", Message::default().text(1, known.any_id())),
        Operation::List => ("ListProducts", page()),
        Operation::Filter => ("ListProducts", page().text(3, &format!("stock = {STOCK}"))),
        Operation::Search => ("ListProducts", page().text(6, known.any_number())),
        Operation::Nested => unreachable!("gRPC has no rows within rows"),
        Operation::Create => ("CreateProduct", creation()),
        Operation::Batch => {
            let operation = || Message::default().message(1, &creation());
            let operations = |batch: Message, _| batch.message(1, &operation());
            ("BatchWriteProducts", (0..ROWS).fold(Message::default(), operations))
        }
    };
    let request = Request::post(format!("http://bench/shop.v1.ProductService/{method}"));
    build(request.header(CONTENT_TYPE, "application/grpc").header("te", "trailers"), message.framed())
}

/// A new product by REST.
pub fn create() -> Request<Full<Bytes>> {
    post("/v1/products", "application/json", product().to_string())
}

/// With credentials.
pub fn signed(mut request: Request<Full<Bytes>>, token: &HeaderValue) -> Request<Full<Bytes>> {
    request.headers_mut().insert(AUTHORIZATION, token.clone());
    request
}

fn product() -> Value {
    let [sku, name, description] = texts();
    json!({
        "sku": sku, "name": name, "description": description, "price": "12.50", "stock": STOCK, "tags": ["mug", "blue"],
    })
}

/// What `CreateProduct` takes.
fn creation() -> Message {
    let [sku, name, description] = texts();
    let product = Message::default().text(2, &sku).text(3, &name).text(4, &description);
    let product = product.text(5, "12.50").number(7, STOCK).text(8, "mug").text(8, "blue");
    Message::default().message(1, &product)
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
    let rows = match case.operation {
        Operation::List | Operation::Filter | Operation::Nested | Operation::Batch => ROWS,
        Operation::Get | Operation::GetAs | Operation::Search | Operation::Create => 1,
    };
    ensure!(good && status.is_success() && body.len() > rows * 150, "{case} was answered {status}: {}", text());
    Ok(())
}
