//! The routes: one product, a page of them, a new one, several new ones; a page of orders with their items.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Page, Refused, Store,
    order::Order,
    product::{NewProduct, Product, id_text, parse_id},
};

pub fn router(store: Store) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/v1/products", get(list).post(create))
        .route("/v1/products/batch", post(batch))
        .route("/v1/products/{id}", get(read))
        .route("/v1/orders", get(orders))
        .with_state(Arc::new(store))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    limit: Option<i64>,
    cursor: Option<String>,
    stock: Option<i32>,
    q: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    operations: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    create: NewProduct,
}

#[derive(Debug, Serialize)]
struct Results {
    results: Vec<Done>,
}

#[derive(Debug, Serialize)]
struct Done {
    index: usize,
    status: u16,
    resource: Product,
    etag: &'static str,
}

#[derive(Debug, Serialize)]
struct Listed {
    data: Vec<Product>,
    next_cursor: Option<String>,
    prev_cursor: Option<String>,
    has_more: bool,
}

async fn read(State(store): State<Arc<Store>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(key) = parse_id(&id) else { return not_found(&id) };
    match store.get(key).await {
        Ok(Some(product)) => {
            let etag = format!("\"v{}\"", product.version);
            let known = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag.as_bytes() == etag.as_bytes());
            let headers = [(header::ETAG, etag)];
            if known {
                (StatusCode::NOT_MODIFIED, headers).into_response()
            } else {
                (headers, Json(product)).into_response()
            }
        }
        Ok(None) => not_found(&id),
        Err(error) => internal(&error),
    }
}

async fn list(
    State(store): State<Arc<Store>>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else {
        return problem(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", "unknown parameter");
    };
    let after = match asked.cursor.as_deref().map(open) {
        None => Uuid::nil(),
        Some(Some(id)) => id,
        Some(None) => return problem(StatusCode::BAD_REQUEST, "INVALID_CURSOR", "isn't a cursor of this list"),
    };
    let limit = asked.limit.unwrap_or(50);
    if limit < 0 {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", "limit must not be negative");
    }
    let limit = limit.min(1000);
    let page = Page { after, stock: asked.stock, words: asked.q, limit: limit + 1 };
    let mut data = match store.list(page).await {
        Ok(data) => data,
        Err(error) => return internal(&error),
    };
    let has_more = data.len() as i64 > limit;
    data.truncate(limit as usize);
    let next_cursor = data.last().filter(|_| has_more).map(|last| URL_SAFE_NO_PAD.encode(last.id));
    let mut link = format!("</v1/products?limit={limit}>; rel=\"first\"");
    if let Some(cursor) = &next_cursor {
        link += &format!(", </v1/products?limit={limit}&cursor={cursor}>; rel=\"next\"");
    }
    ([(header::LINK, link)], Json(Listed { data, next_cursor, prev_cursor: asked.cursor, has_more })).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OrdersAsked {
    limit: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Orders {
    data: Vec<Order>,
    has_more: bool,
}

async fn orders(
    State(store): State<Arc<Store>>,
    asked: Result<Query<OrdersAsked>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(asked)) = asked else {
        return problem(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", "unknown parameter");
    };
    let limit = asked.limit.unwrap_or(20).clamp(0, 100);
    match store.orders(limit + 1).await {
        Ok(mut data) => {
            let has_more = data.len() as i64 > limit;
            data.truncate(limit as usize);
            Json(Orders { data, has_more }).into_response()
        }
        Err(error) => internal(&error),
    }
}

fn open(cursor: &str) -> Option<Uuid> {
    Uuid::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

async fn create(State(store): State<Arc<Store>>, headers: HeaderMap, body: Bytes) -> Response {
    if headers.get(header::CONTENT_TYPE).is_none_or(|media| !media.as_bytes().starts_with(b"application/json")) {
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "the body must be JSON");
    }
    let new: NewProduct = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return problem(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", &error.to_string()),
    };
    let product = match new.check() {
        Ok(product) => product,
        Err(violations) => {
            let detail = format!("{violations:?}");
            return problem(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", &detail);
        }
    };
    match store.create(vec![product]).await {
        Ok(mut products) => {
            let product = products.remove(0);
            let etag = format!("\"v{}\"", product.version);
            let location = format!("/v1/products/{}", id_text(product.id));
            (StatusCode::CREATED, [(header::ETAG, etag), (header::LOCATION, location)], Json(product)).into_response()
        }
        Err(refused) => refusal(&refused),
    }
}

async fn batch(State(store): State<Arc<Store>>, body: Bytes) -> Response {
    let batch: Batch = match serde_json::from_slice(&body) {
        Ok(batch) => batch,
        Err(error) => return problem(StatusCode::BAD_REQUEST, "MALFORMED_REQUEST", &error.to_string()),
    };
    let new = batch.operations.into_iter().map(|operation| operation.create.check());
    let products = match new.collect::<Result<Vec<_>, _>>() {
        Ok(products) if products.len() <= 100 => products,
        Ok(_) => return problem(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", "at most 100 operations"),
        Err(violations) => {
            return problem(StatusCode::UNPROCESSABLE_ENTITY, "VALIDATION_FAILED", &format!("{violations:?}"));
        }
    };
    match store.create(products).await {
        Ok(products) => {
            let done = |(index, resource)| Done { index, status: 201, resource, etag: "\"v1\"" };
            Json(Results { results: products.into_iter().enumerate().map(done).collect() }).into_response()
        }
        Err(refused) => refusal(&refused),
    }
}

fn refusal(refused: &Refused) -> Response {
    match refused {
        Refused::SkuTaken => problem(StatusCode::CONFLICT, "ALREADY_EXISTS", "sku is taken"),
        Refused::Failed(error) => internal(error),
    }
}

fn not_found(id: &str) -> Response {
    problem(StatusCode::NOT_FOUND, "NOT_FOUND", &format!("there is no product {id}"))
}

fn internal(error: &anyhow::Error) -> Response {
    eprintln!("{error:#}");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", "something went wrong")
}

fn problem(status: StatusCode, code: &str, detail: &str) -> Response {
    let body = json!({ "status": status.as_u16(), "code": code, "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
