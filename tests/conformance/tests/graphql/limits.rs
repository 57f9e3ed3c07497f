//! How much one request may ask for. Too much is refused before anything is read.

use apigen_conformance::{server::Server, shop::Rest};
use serde_json::{Value as Json, json};

use super::{data, refused};

async fn too_much(rest: &Rest, query: &str) -> Json {
    let error = refused(rest, query, json!({})).await;
    assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{error}");
    error
}

#[tokio::test]
async fn a_query_is_only_so_deep() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    // Each turn is four levels: orders, nodes, customer, and the next one's orders.
    let deep = |turns: usize| {
        format!("{{ {}__typename{} }}", "orders(first: 1) { nodes { customer { ".repeat(turns), " } } }".repeat(turns))
    };
    data(&rest, &deep(3), json!({})).await;
    let error = too_much(&rest, &deep(5)).await;
    assert!(error["message"].as_str().unwrap().contains("deep"), "{error}");
    let hidden = format!(
        "{{ ...F }} fragment F on Query {{ {}__typename{} }}",
        "orders(first: 1) { nodes { customer { ".repeat(5),
        " } } }".repeat(5)
    );
    too_much(&rest, &hidden).await;
}

#[tokio::test]
async fn a_query_has_only_so_many_aliases() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let aliases = |count: usize| {
        let fields: String = (0..count).map(|index| format!("a{index}: __typename ")).collect();
        format!("{{ {fields} }}")
    };
    data(&rest, &aliases(100), json!({})).await;
    let error = too_much(&rest, &aliases(101)).await;
    assert!(error["message"].as_str().unwrap().contains("aliases"), "{error}");
}

#[tokio::test]
async fn a_query_is_only_so_complex() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    data(&rest, "{ users { nodes { name orders { nodes { status items { nodes { quantity } } } } } } }", json!({}))
        .await;
    let error = too_much(&rest, "{ users(first: 100) { nodes { orders(first: 100) { nodes { id } } } } }").await;
    assert!(error["message"].as_str().unwrap().contains("complexity"), "{error}");
    let by_variable = "query($n: Int) { users(first: $n) { nodes { orders(first: $n) { nodes { id } } } } }";
    data(&rest, by_variable, json!({ "n": 10 })).await;
    let error = refused(&rest, by_variable, json!({ "n": 100 })).await;
    assert!(error["message"].as_str().unwrap().contains("complexity"), "{error}");
}

#[tokio::test]
async fn a_document_is_only_so_long() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let words = format!("{{ {} }}", "__typename ".repeat(4_000));
    data(&rest, &words, json!({})).await;
    too_much(&rest, &format!("{{ {} }}", "id ".repeat(12_000))).await;
    too_much(&rest, &format!("{{ __typename }} #{}", "x".repeat(70_000))).await;
    // Nesting that no parser should follow with its stack.
    let nested = format!("{}{}", "{ a ".repeat(4_000), "} ".repeat(4_000));
    not_followed(&rest, &nested).await;
    let nested = format!("{{ products(first: {}1{}) {{ nodes {{ id }} }} }}", "[".repeat(4_000), "]".repeat(4_000));
    not_followed(&rest, &nested).await;
    data(&rest, "{ __typename }", json!({})).await;
}

async fn not_followed(rest: &Rest, query: &str) {
    let (status, answer) = super::post(rest, &json!({ "query": query })).await;
    assert_eq!((status, answer.get("data")), (400, None));
}

#[tokio::test]
async fn fragments_that_go_in_circles_are_refused() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let query = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }";
    let (status, answer) = super::post(&rest, &json!({ "query": query })).await;
    assert_eq!((status, answer.get("data")), (400, None));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
    // Twice as much with every fragment: 2^40 fields if they were written out.
    let doubling: String = (0..40).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1)).collect();
    let query = format!("{{ ...F0 }} {doubling} fragment F40 on Query {{ __typename }}");
    let (status, answer) = super::post(&rest, &json!({ "query": query })).await;
    assert!(status == 400 || answer["data"] == json!({ "__typename": "Query" }), "{answer}");
}
