//! Writes: their order, what becomes of what isn't sent, and what is wrong with them.

use apigen_conformance::shop::{id, product, unique};
use serde_json::{Value as Json, json};

use super::{data, post, shop};

const UPDATE: &str = "mutation($id: ID!, $input: UpdateProductInput!, $ifMatch: String) {
    updateProduct(id: $id, input: $input, ifMatch: $ifMatch) {
        product { name description stock tags etag } userErrors { code message field } } }";

#[tokio::test]
async fn two_of_the_same_mutation_run_once_each_and_in_order() {
    let shop = shop().await;
    let query = "mutation($id: ID!, $a: CreateProductInput!, $b: CreateProductInput!) {
        a: createProduct(input: $a) { product { id sku } }
        one: updateProduct(id: $id, input: { stock: 1 }) { product { stock etag } }
        two: updateProduct(id: $id, input: { stock: 2 }) { product { stock etag } }
        b: createProduct(input: $b) { product { id sku } }
        three: updateProduct(id: $id, input: { stock: 3 }) { product { stock etag } }
    }";
    let (a, b) = (product("A"), product("B"));
    let answer = data(&shop.rest, query, json!({ "id": id(&shop.products[0]), "a": a, "b": b })).await;
    for (name, stock) in [("one", 1), ("two", 2), ("three", 3)] {
        // The order of the mug was its first change.
        let etag = format!("\"v{}\"", stock + 2);
        assert_eq!(answer[name]["product"], json!({ "stock": stock, "etag": etag }));
    }
    assert_eq!((&answer["a"]["product"]["sku"], &answer["b"]["product"]["sku"]), (&a["sku"], &b["sku"]));
    let (first, second) = (id(&answer["a"]["product"]), id(&answer["b"]["product"]));
    assert!(first < second, "ids grow with time: {first} {second}");
    let names: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 5);
    let rows = data(&shop.rest, "{ products { nodes { id } } }", json!({})).await;
    assert_eq!(rows["products"]["nodes"].as_array().unwrap().len(), 4, "two were there, two were made");
}

#[tokio::test]
async fn absent_is_kept_and_null_is_removed() {
    let shop = shop().await;
    let path = format!("/v1/products/{}", id(&shop.products[0]));
    shop.rest.patch(&path, &json!({ "description": "For tea", "tags": ["a"] })).send().await.unwrap();
    let update = async |input: Json| {
        let payload = data(&shop.rest, UPDATE, json!({ "id": id(&shop.products[0]), "input": input })).await;
        payload["updateProduct"].clone()
    };
    let kept = update(json!({ "stock": 7 })).await;
    let expected = json!({ "name": "Mug", "description": "For tea", "stock": 7, "tags": ["a"], "etag": "\"v4\"" });
    assert_eq!(kept, json!({ "product": expected, "userErrors": [] }));
    let removed = update(json!({ "description": null })).await;
    assert_eq!(removed["product"]["description"], json!(null));
    let refused = update(json!({ "name": null })).await;
    assert_eq!(refused["product"], json!(null));
    assert_eq!(refused["userErrors"][0]["code"], "VALIDATION_FAILED");
    assert_eq!(refused["userErrors"][0]["field"], json!(["name"]));

    // A variable that isn't given leaves its member out, one that is null is null (GraphQL §3.10).
    let query = "mutation($id: ID!, $text: String) { updateProduct(id: $id, input: { description: $text }) {
        product { description } } }";
    let described = "mutation($id: ID!) { updateProduct(id: $id, input: { description: \"x\" }) { product { id } } }";
    data(&shop.rest, described, json!({ "id": id(&shop.products[0]) })).await;
    let absent = data(&shop.rest, query, json!({ "id": id(&shop.products[0]) })).await;
    assert_eq!(absent["updateProduct"]["product"]["description"], "x");
    let null = data(&shop.rest, query, json!({ "id": id(&shop.products[0]), "text": null })).await;
    assert_eq!(null["updateProduct"]["product"]["description"], json!(null));
}

#[tokio::test]
async fn what_the_caller_got_wrong_is_part_of_the_payload() {
    let shop = shop().await;
    let query = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
        product { id } userErrors { code message field } } }";
    let mut wrong = product("Mug");
    wrong["stock"] = json!(-1);
    wrong["currency"] = json!("euro");
    let payload = data(&shop.rest, query, json!({ "input": wrong })).await["createProduct"].take();
    assert_eq!(payload["product"], json!(null));
    let mut fields: Vec<_> = payload["userErrors"].as_array().unwrap().iter().map(|error| &error["field"][0]).collect();
    fields.sort_by_key(|field| field.to_string());
    assert_eq!(fields, [&json!("currency"), &json!("stock")]);

    let mut taken = product("Mug");
    taken["sku"] = shop.products[0]["sku"].clone();
    let payload = data(&shop.rest, query, json!({ "input": taken })).await["createProduct"].take();
    assert_eq!(payload["userErrors"][0]["code"], "ALREADY_EXISTS");
    assert_eq!(payload["userErrors"][0]["field"], json!(["sku"]));

    let in_use = "mutation($id: ID!) { deleteUser(id: $id) { deletedId userErrors { code field } } }";
    let payload = data(&shop.rest, in_use, json!({ "id": id(&shop.user) })).await["deleteUser"].take();
    let error = json!({ "code": "FAILED_PRECONDITION", "field": null });
    assert_eq!(payload, json!({ "deletedId": null, "userErrors": [error] }));
}

#[tokio::test]
async fn a_mutation_that_fails_stops_those_behind_it() {
    let shop = shop().await;
    let query = "mutation($id: ID!, $a: CreateProductInput!, $b: CreateProductInput!) {
        a: createProduct(input: $a) { product { id } }
        stale: updateProduct(id: $id, input: { stock: 1 }, ifMatch: \"\\\"v9\\\"\") { product { id } }
        b: createProduct(input: $b) { product { id } }
    }";
    let (a, b) = (product("A"), product("B"));
    let variables = json!({ "id": id(&shop.products[0]), "a": a, "b": b });
    let (status, answer) = post(&shop.rest, &json!({ "query": query, "variables": variables })).await;
    assert_eq!((status, &answer["data"]), (200, &json!(null)), "{answer}");
    assert_eq!(answer["errors"][0]["path"], json!(["stale"]));
    assert_eq!(answer["errors"][0]["extensions"]["code"], "ETAG_MISMATCH");
    assert_eq!(answer["errors"][0]["extensions"]["status"], 412);
    let where_sku = "query($sku: String!) { products(where: { sku: { eq: $sku } }) { nodes { stock } } }";
    for (input, rows) in [(a, 1), (b, 0)] {
        let found = data(&shop.rest, where_sku, json!({ "sku": input["sku"] })).await;
        assert_eq!(found["products"]["nodes"].as_array().unwrap().len(), rows);
    }
    let gone = "mutation { deleteProduct(id: \"prd_none\") { deletedId } }";
    let (status, answer) = post(&shop.rest, &json!({ "query": gone })).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (200, &json!("NOT_FOUND")));
}

#[tokio::test]
async fn a_mutation_that_is_skipped_does_nothing() {
    let shop = shop().await;
    let query = "mutation($input: CreateProductInput!, $no: Boolean!) {
        createProduct(input: $input) @include(if: $no) { product { id } } __typename }";
    let answer = data(&shop.rest, query, json!({ "input": product("Mug"), "no": false })).await;
    assert_eq!(answer, json!({ "__typename": "Mutation" }));
    let rows = data(&shop.rest, "{ products { nodes { id } } }", json!({})).await;
    assert_eq!(rows["products"]["nodes"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_input_of_the_wrong_shape_is_refused_before_anything_is_written() {
    let shop = shop().await;
    let good = format!(
        "good: createProduct(input: {{ sku: \"G-{}\", name: \"G\", price: 1, stock: 1 }}) {{ product {{ id }} }}",
        unique()
    );
    for bad in [
        "createProduct(input: { name: \"x\" }) { product { id } }",
        "createProduct(input: { sku: \"x\", name: \"x\", price: 1, stock: 1, colour: 1 }) { product { id } }",
        "createProduct(input: { sku: \"x\", name: \"x\", price: 1, stock: \"1\" }) { product { id } }",
        "createProduct { product { id } }",
        "updateOrder(id: \"x\", input: { status: SHIPPED }) { order { id } }",
    ] {
        let (status, answer) = post(&shop.rest, &json!({ "query": format!("mutation {{ {good} {bad} }}") })).await;
        assert_eq!((status, answer.get("data")), (400, None), "{bad}: {answer}");
        let codes = answer["errors"].as_array().unwrap().iter().map(|error| &error["extensions"]["code"]);
        assert!(codes.clone().all(|code| code == "GRAPHQL_VALIDATION_FAILED") && codes.count() > 0, "{bad}: {answer}");
    }
    let rows = data(&shop.rest, "{ products { nodes { id } } }", json!({})).await;
    assert_eq!(rows["products"]["nodes"].as_array().unwrap().len(), 2);
}
