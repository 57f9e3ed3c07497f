//! GraphQL over HTTP: which status and media type an answer has.

use apigen_conformance::{
    server::Server,
    shop::{Rest, header, product},
};
use reqwest::{Method, Response};
use serde_json::{Value as Json, json};

const NEW: &str = "application/graphql-response+json";
const OLD: &str = "application/json";

/// Status, essence of the media type, answer.
async fn read(response: Response) -> (u16, String, Json) {
    let media = header(&response, "content-type").split(';').next().unwrap_or_default().to_owned();
    let status = response.status().as_u16();
    (status, media, response.json().await.unwrap())
}

#[tokio::test]
async fn the_status_depends_on_the_accepted_media_type() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let missing = "query($id: ID!) { product(id: $id) { name } }";
    for (request, rejected, code) in [
        (json!({ "query": "{ __typename }" }), false, ""),
        (json!({ "query": "{ products { nodes { id } } }", "variables": null, "operationName": null }), false, ""),
        (json!({ "query": "{ products {" }), true, "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "{ colour }" }), true, "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": missing }), true, "BAD_USER_INPUT"),
        (json!({ "query": missing, "variables": { "id": {} } }), true, "BAD_USER_INPUT"),
        (json!({ "query": "query A { __typename } query B { __typename }" }), true, "OPERATION_RESOLUTION_FAILURE"),
        (json!({ "query": "query A { __typename }", "operationName": "B" }), true, "OPERATION_RESOLUTION_FAILURE"),
        // The operation is sound, but a field of it fails.
        (json!({ "query": "{ products(first: -1) { nodes { id } } }" }), false, "VALIDATION_FAILED"),
    ] {
        for (accept, expected) in [(NEW, if rejected { 400 } else { 200 }), (OLD, 200)] {
            let response = rest.post("/graphql", &request).header("accept", accept).send().await.unwrap();
            let request_id = header(&response, "x-request-id");
            let (status, media, answer) = read(response).await;
            assert_eq!((status, media.as_str()), (expected, accept), "{request}");
            assert_eq!(answer.get("data").is_none(), rejected, "{request}: {answer}");
            match answer.get("errors") {
                None => assert_eq!(code, "", "{request}"),
                Some(errors) => {
                    assert_eq!(errors[0]["extensions"]["code"], code, "{request}: {answer}");
                    assert_eq!(errors[0]["extensions"]["request_id"], request_id.as_str());
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_request_is_a_bad_one_in_every_media_type() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"{ __typename }\"",
        "{}",
        r#"{"query": null}"#,
        r#"{"query": ""}"#,
        r#"{"query": 1}"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "variables": "{}"}"#,
        r#"{"query": "{ __typename }", "operationName": 1}"#,
        r#"{"query": "{ __typename }", "extensions": 1}"#,
        r#"[{"query": "{ __typename }"}]"#,
    ] {
        for accept in [NEW, OLD] {
            let request = rest.request(Method::POST, "/graphql").header("accept", accept);
            let response = request.header("content-type", OLD).body(body).send().await.unwrap();
            let (status, media, answer) = read(response).await;
            assert_eq!((status, media.as_str()), (400, accept), "{body}");
            assert_eq!(answer["errors"][0]["extensions"]["code"], "MALFORMED_REQUEST", "{body}: {answer}");
            assert!(answer.get("data").is_none(), "{body}: {answer}");
        }
    }
}

#[tokio::test]
async fn answers_come_in_the_media_type_that_is_liked_best() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for (accept, expected) in [
        ("*/*", OLD),
        ("application/*", OLD),
        ("application/graphql-response+json; charset=utf-8, application/json; q=0.9", NEW),
        ("application/graphql-response+json;q=0.1, application/json;q=0.9", OLD),
        ("text/html, */*;q=0.1", OLD),
    ] {
        let request = rest.post("/graphql", &json!({ "query": "{ __typename }" })).header("accept", accept);
        let (status, media, answer) = read(request.send().await.unwrap()).await;
        assert_eq!((status, media.as_str()), (200, expected), "{accept}");
        assert_eq!(answer, json!({ "data": { "__typename": "Query" } }), "{accept}");
    }
    for accept in ["text/html", "application/xml", "application/json;q=0"] {
        let request = rest.post("/graphql", &json!({ "query": "{ __typename }" })).header("accept", accept);
        let (status, _, answer) = read(request.send().await.unwrap()).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (406, &json!("NOT_ACCEPTABLE")), "{accept}");
    }
}

#[tokio::test]
async fn what_any_web_page_could_post_is_not_read() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let mutation = json!({
        "query": "mutation($input: CreateProductInput!) { createProduct(input: $input) { product { id } } }",
        "variables": { "input": product("Mug") },
    });
    for media in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
    ] {
        let request = rest.request(Method::POST, "/graphql").header("content-type", media).body(mutation.to_string());
        let (status, _, answer) = read(request.send().await.unwrap()).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (415, &json!("UNSUPPORTED_MEDIA_TYPE")),
            "{media}"
        );
    }
    let undeclared = rest.request(Method::POST, "/graphql").body(mutation.to_string()).send().await.unwrap();
    assert_eq!(undeclared.status(), 415);
    assert_eq!(super::data(&rest, "{ products { nodes { id } } }", json!({})).await["products"]["nodes"], json!([]));
}

fn query(text: &str, rest: &str) -> String {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/graphql?query={encoded}{rest}")
}

#[tokio::test]
async fn get_queries_and_never_writes() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let id = path.rsplit('/').next().unwrap();
    let asked = query(
        "query A { __typename } query B($id: ID!) { product(id: $id) { name } }",
        &format!("&operationName=B&variables=%7B%22id%22%3A%22{id}%22%7D"),
    );
    let (status, media, answer) = read(rest.get(&asked).header("accept", NEW).send().await.unwrap()).await;
    assert_eq!((status, media.as_str()), (200, NEW));
    assert_eq!(answer, json!({ "data": { "product": { "name": "Mug" } } }));

    let delete = format!("mutation {{ deleteProduct(id: \"{id}\") {{ deletedId }} }}");
    for accept in [NEW, OLD] {
        let response = rest.get(&query(&delete, "")).header("accept", accept).send().await.unwrap();
        assert_eq!(header(&response, "allow"), "POST");
        let (status, _, answer) = read(response).await;
        assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (405, &json!("METHOD_NOT_ALLOWED")));
    }
    assert_eq!(rest.get(&path).send().await.unwrap().status(), 200, "a GET has deleted");

    for broken in ["/graphql", "/graphql?variables=%7B%7D", &query("{ __typename }", "&variables=x")] {
        assert_eq!(rest.get(broken).header("accept", NEW).send().await.unwrap().status(), 400, "{broken}");
    }
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let response = rest.request(method.clone(), "/graphql").json(&json!({ "query": "{ __typename }" }));
        let response = response.send().await.unwrap();
        assert_eq!((response.status().as_u16(), header(&response, "allow").as_str()), (405, "GET, POST"), "{method}");
    }
}
