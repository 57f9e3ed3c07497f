//! What REST makes of a page, and of what nothing serves yet.

use axum::{Extension, body::Body, http::Request};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use crate::domain::{BOOK, Library, call};

#[tokio::test]
async fn has_more_promises_a_cursor() {
    let library = Library::open().await;
    for title in ["dune", "emma"] {
        library.create(&BOOK, json!({ "title": title })).await.unwrap();
    }
    let router = apigen_runtime::rest::router(library.service.clone()).layer(Extension(call()));
    for (limit, more) in [(0, false), (1, true), (2, false)] {
        let request = Request::get(format!("/v1/books?limit={limit}")).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let page: Json = serde_json::from_slice(&body).unwrap();
        assert_eq!((&page["has_more"], page["next_cursor"].is_string()), (&json!(more), more), "{page}");
    }
}

#[tokio::test]
async fn what_isnt_served_yet_says_so() {
    let router = apigen_runtime::rest::router(Library::open().await.service).layer(Extension(call()));
    for (method, path, status) in [
        ("POST", "/v1/books/1/lend", 501),
        ("PUT", "/v1/books/1", 501),
        ("GET", "/v1/books/events", 501),
        ("HEAD", "/v1/books/events", 501),
        ("GET", "/v1/books/1/lend", 405),
        ("POST", "/v1/books/1", 405),
    ] {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{method} {path}");
    }
}
