//! ETags and the requests that depend on them (RFC 9110 §13).

use apigen_conformance::{
    generated::LIBRARY,
    server::Server,
    shop::{Rest, header, id, product},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

const ETAG: &str = "etag";

#[tokio::test]
async fn a_read_is_spared_by_the_tag_that_the_caller_has() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let created = rest.post("/v1/products", &product("Mug")).send().await.unwrap();
    assert_eq!((created.status(), header(&created, ETAG)), (StatusCode::CREATED, "\"v1\"".to_owned()));
    let location = header(&created, "location");
    let row: Json = created.json().await.unwrap();
    assert_eq!(location, format!("/v1/products/{}", row["id"].as_str().unwrap()));

    let read = rest.get(&location).send().await.unwrap();
    assert_eq!((read.status(), header(&read, ETAG)), (StatusCode::OK, "\"v1\"".to_owned()));
    assert_eq!(read.json::<Json>().await.unwrap(), row);

    for method in [Method::GET, Method::HEAD] {
        for (known, expected) in [
            ("\"v1\"", StatusCode::NOT_MODIFIED),
            ("W/\"v1\"", StatusCode::NOT_MODIFIED),
            ("\"v9\", W/\"v1\"", StatusCode::NOT_MODIFIED),
            ("*", StatusCode::NOT_MODIFIED),
            ("\"v2\"", StatusCode::OK),
            ("v1", StatusCode::OK),
            ("\"other\"", StatusCode::OK),
        ] {
            let request = rest.request(method.clone(), &location).header("if-none-match", known);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), expected, "{method} {known}");
            assert_eq!(header(&response, ETAG), "\"v1\"", "{method} {known}");
            let empty = expected == StatusCode::NOT_MODIFIED || method == Method::HEAD;
            assert_eq!(response.bytes().await.unwrap().is_empty(), empty, "{method} {known}");
        }
    }

    let changed = rest.patch(&location, &json!({ "stock": 1 })).send().await.unwrap();
    assert_eq!((changed.status(), header(&changed, ETAG)), (StatusCode::OK, "\"v2\"".to_owned()));
    let read = rest.get(&location).header("if-none-match", "\"v1\"").send().await.unwrap();
    assert_eq!((read.status(), header(&read, ETAG)), (StatusCode::OK, "\"v2\"".to_owned()));
    let missing = rest.get("/v1/products/prd_none").header("if-none-match", "*").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

/// The version of a row says nothing of what is found out from other rows, or computed.
#[tokio::test]
async fn what_isnt_stored_is_always_sent() {
    let server = LIBRARY.start(None);
    let rest = Rest::of(&server);
    let member = rest.create("/v1/members", &json!({ "name": "Ann" })).await;
    let visit = json!({ "starts_at": "2026-01-01T00:00:00Z", "member_id": member["id"] });
    let visit = rest.create_path("/v1/visits", &visit).await;
    let copy = rest.create("/v1/books", &json!({ "title": "A" })).await;
    let copy = rest.create("/v1/copies", &json!({ "number": 1, "book_id": id(&copy) })).await;
    let loans = json!({ "name": "Bob", "loans": [{ "days": 1, "copy_id": id(&copy) }] });
    let bob = format!("/v1/members/{}", rest.create("/v1/members", &loans).await["id"]);
    let again = async |path: &str| {
        let read = rest.get(path).header("if-none-match", "\"v1\"").send().await.unwrap();
        assert_eq!((read.status(), header(&read, ETAG)), (StatusCode::OK, "\"v1\"".to_owned()), "{path}");
        read.json::<Json>().await.unwrap()
    };
    assert_eq!((&again(&visit).await["visitor"], &again(&bob).await["loan_count"]), (&json!("Ann"), &json!(1)));
    let ann = format!("/v1/members/{}", member["id"]);
    rest.patch(&ann, &json!({ "name": "Anna" })).send().await.unwrap();
    let loan: Json = rest.get("/v1/loans").send().await.unwrap().json().await.unwrap();
    let path = format!("/v1/loans/{}", id(&loan["data"][0]));
    rest.request(Method::DELETE, &path).send().await.unwrap();
    assert_eq!((&again(&visit).await["visitor"], &again(&bob).await["loan_count"]), (&json!("Anna"), &json!(0)));
    // Unless it isn't shown.
    for (fields, status) in [("name,standing", 304), ("name,loan_count", 200)] {
        let read = rest.get(&format!("{bob}?fields={fields}")).header("if-none-match", "\"v1\"").send().await.unwrap();
        assert_eq!((read.status().as_u16(), header(&read, ETAG)), (status, "\"v1\"".to_owned()), "{fields}");
    }
}

#[tokio::test]
async fn a_read_may_say_what_it_expects() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    for (tags, status) in [("\"v1\"", 200), ("*", 200), ("\"v2\"", 412), ("W/\"v1\"", 412)] {
        assert_eq!(rest.get(&path).header("if-match", tags).send().await.unwrap().status(), status, "{tags}");
    }
    let both = rest.get(&path).header("if-match", "\"v1\"").header("if-none-match", "\"v1\"").send().await.unwrap();
    assert_eq!(both.status(), StatusCode::NOT_MODIFIED);
    let missing = rest.get("/v1/products/prd_none").header("if-match", "*").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_write_may_say_what_the_row_must_not_be() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let write = |tags: &'static str| rest.patch(&path, &json!({ "stock": 1 })).header("if-none-match", tags).send();
    for tags in ["*", "\"v1\"", "W/\"v1\"", "\"v9\", \"v1\""] {
        let response = write(tags).await.unwrap();
        assert_eq!(response.status(), StatusCode::PRECONDITION_FAILED, "{tags}");
        assert_eq!(response.json::<Json>().await.unwrap()["code"], "ETAG_MISMATCH", "{tags}");
    }
    assert_eq!(write("\"v9\"").await.unwrap().status(), StatusCode::OK);
    let both = rest.patch(&path, &json!({ "stock": 2 })).header("if-match", "\"v1\", \"v2\"");
    assert_eq!(both.header("if-none-match", "\"v2\"").send().await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    let delete = |tags| rest.request(Method::DELETE, &path).header("if-none-match", tags).send();
    assert_eq!(delete("*").await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(delete("\"v1\"").await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(delete("*").await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_write_happens_only_in_the_version_that_it_names() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let write = |tags: &[&str]| {
        let request = rest.patch(&path, &json!({ "description": tags.join(" and ") }));
        tags.iter().fold(request, |request, tag| request.header("if-match", *tag)).send()
    };
    let mut version = 1;
    let accepted: [&[&str]; 4] = [&["\"v1\""], &["*"], &["\"x\", \"v3\""], &["\"v9\"", "\"v4\""]];
    for tags in accepted {
        let response = write(tags).await.unwrap();
        version += 1;
        assert_eq!(
            (response.status(), header(&response, ETAG)),
            (StatusCode::OK, format!("\"v{version}\"")),
            "{tags:?}"
        );
    }
    let refused: [&[&str]; 6] = [&["W/\"v5\""], &["\"v4\""], &["\"v6\""], &["v5"], &["\"V5\""], &["\"v05\""]];
    for tags in refused {
        let response = write(tags).await.unwrap();
        assert_eq!(response.status(), StatusCode::PRECONDITION_FAILED, "{tags:?}");
        let problem: Json = response.json().await.unwrap();
        assert_eq!((&problem["code"], &problem["retryable"]), (&json!("ETAG_MISMATCH"), &json!(false)), "{tags:?}");
    }
    let delete = |tag: &'static str| rest.request(Method::DELETE, &path).header("if-match", tag).send();
    assert_eq!(delete("\"v1\"").await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    let read = rest.get(&path).send().await.unwrap();
    assert_eq!(header(&read, ETAG), "\"v5\"");
    assert_eq!(read.json::<Json>().await.unwrap()["description"], "\"v9\" and \"v4\"");

    let deleted = delete("\"v5\"").await.unwrap();
    assert_eq!((deleted.status(), deleted.bytes().await.unwrap().len()), (StatusCode::NO_CONTENT, 0));
    for tag in ["\"v5\"", "*"] {
        assert_eq!(delete(tag).await.unwrap().status(), StatusCode::NOT_FOUND, "{tag}");
        assert_eq!(write(&[tag]).await.unwrap().status(), StatusCode::NOT_FOUND, "{tag}");
    }
}
