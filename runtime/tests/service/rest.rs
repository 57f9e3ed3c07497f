//! What REST makes of a page.

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
