//! The schema is shown in development, and nowhere else.

use std::{fs, path::Path};

use apigen_conformance::{server::Server, shop::Rest};
use serde_json::json;

use super::{data, refused};

#[tokio::test]
async fn development_shows_the_schema_of_the_contract() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let query =
        "{ __schema { queryType { name } mutationType { name } subscriptionType { name } types { name kind } } }";
    let schema = data(&rest, query, json!({})).await["__schema"].take();
    assert_eq!(schema["queryType"]["name"], "Query");
    assert_eq!(schema["mutationType"]["name"], "Mutation");
    assert_eq!(schema["subscriptionType"]["name"], "Subscription");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated-example/contracts/schema.graphql");
    let contract = fs::read_to_string(path).unwrap();
    let words = [
        ("type ", "OBJECT"),
        ("input ", "INPUT_OBJECT"),
        ("enum ", "ENUM"),
        ("interface ", "INTERFACE"),
        ("scalar ", "SCALAR"),
    ];
    let mut expected: Vec<_> = contract
        .lines()
        .filter_map(|line| {
            let (_, kind) = words.iter().find(|(word, _)| line.starts_with(word))?;
            Some((line.split([' ', '{']).nth(1)?.to_owned(), *kind))
        })
        .collect();
    assert!(expected.len() > 40, "{expected:?}");
    expected.sort_unstable();
    let builtin = ["Boolean", "Float", "ID", "Int", "String"];
    let types = schema["types"].as_array().unwrap().iter();
    let mut shown: Vec<_> = types
        .map(|shown| (shown["name"].as_str().unwrap().to_owned(), shown["kind"].as_str().unwrap()))
        .filter(|(name, _)| !name.starts_with("__") && !builtin.contains(&name.as_str()))
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, expected);

    let query = "{ __type(name: \"Product\") { fields { name type { kind ofType { name } } } interfaces { name } } }";
    let product = data(&rest, query, json!({})).await["__type"].take();
    let fields = product["fields"].as_array().unwrap();
    let sku = json!({ "name": "sku", "type": { "kind": "NON_NULL", "ofType": { "name": "String" } } });
    assert!(fields.contains(&sku), "{product}");
    assert!(fields.iter().all(|field| field["name"] != "cost"), "an internal field is shown");
    assert_eq!(product["interfaces"], json!([{ "name": "Node" }]));
}

#[tokio::test]
async fn production_shows_none() {
    let server = Server::start(&[("MODE", "production"), ("CURSOR_KEY", "a secret for the tests")]);
    let rest = Rest::of(&server);
    for query in [
        "{ __schema { types { name } } }",
        "{ __type(name: \"Product\") { name } }",
        "{ products { nodes { id } } hidden: __schema { types { name } } }",
        "{ ...F } fragment F on Query { ... on Query { __type(name: \"Product\") { name } } }",
    ] {
        let error = refused(&rest, query, json!({})).await;
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}");
    }
    // The name of a type that one asks for oneself isn't a secret.
    assert_eq!(data(&rest, "{ __typename }", json!({})).await, json!({ "__typename": "Query" }));
    let hint = refused(&rest, "{ prodcuts { nodes { id } } }", json!({})).await;
    let message = hint["message"].as_str().unwrap();
    assert!(!message.contains("products"), "a mistake is answered by a name of the schema: {message}");
}
