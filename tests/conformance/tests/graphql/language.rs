//! What the language offers a query: aliases, fragments, directives, variables, nesting, null.

use apigen_conformance::shop::id;
use serde_json::json;

use super::{data, post, refused, shop};

#[tokio::test]
async fn three_levels_down_each_row_has_its_own() {
    let shop = shop().await;
    let query = "query($id: ID!) { user(id: $id) { name orders { totalCount nodes { id status customer { id }
        items(orderBy: { field: CREATED_AT }) { edges { cursor node { quantity unitPrice product { name } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } } }";
    let mut user = data(&shop.rest, query, json!({ "id": id(&shop.user) })).await["user"].take();
    let items = &mut user["orders"]["nodes"][0]["items"];
    let edges = items["edges"].take();
    let cursors: Vec<_> = edges.as_array().unwrap().iter().map(|edge| edge["cursor"].clone()).collect();
    let page = json!({
        "hasNextPage": false, "hasPreviousPage": false, "startCursor": cursors[0], "endCursor": cursors[1],
    });
    assert_eq!(items["pageInfo"], page);
    let nodes: Vec<_> = edges.as_array().unwrap().iter().map(|edge| edge["node"].clone()).collect();
    assert_eq!(nodes[0], json!({ "quantity": 1, "unitPrice": "12.50", "product": { "name": "Mug" } }));
    assert_eq!(nodes[1], json!({ "quantity": 2, "unitPrice": "12.50", "product": { "name": "Cup" } }));
    *items = json!("checked");
    let order = json!({
        "id": id(&shop.order), "status": "PENDING", "customer": { "id": id(&shop.user) }, "items": "checked",
    });
    assert_eq!(user, json!({ "name": "Ada Lovelace", "orders": { "totalCount": 1, "nodes": [order] } }));
}

#[tokio::test]
async fn fields_come_under_the_names_and_in_the_order_that_were_asked_for() {
    let shop = shop().await;
    let query = "query($a: ID!, $b: ID!) {
        second: product(id: $b) { ...Names } first: product(id: $a) { ...Names again: name }
        none: node(id: \"prd_none\") { id } __typename
    } fragment Names on Product { __typename title: name name }";
    let variables = json!({ "a": id(&shop.products[0]), "b": id(&shop.products[1]) });
    let request = shop.rest.post("/graphql", &json!({ "query": query, "variables": variables }));
    let text = request.send().await.unwrap().text().await.unwrap();
    let cup = r#"{"__typename":"Product","title":"Cup","name":"Cup"}"#;
    let mug = r#"{"__typename":"Product","title":"Mug","name":"Mug","again":"Mug"}"#;
    assert_eq!(text, format!(r#"{{"data":{{"second":{cup},"first":{mug},"none":null,"__typename":"Query"}}}}"#));
}

#[tokio::test]
async fn nodes_are_found_by_id_whatever_they_are() {
    let shop = shop().await;
    let query = "query($ids: [ID!]!, $one: ID!) {
        nodes(ids: $ids) { __typename id ... on User { email name } ... on Product { name sku } }
        node(id: $one) { ... on Order { status } ... on Product { sku } }
    }";
    let ids = json!([id(&shop.products[1]), "usr_none", id(&shop.user), "x", id(&shop.products[1])]);
    let found = data(&shop.rest, query, json!({ "ids": ids, "one": id(&shop.order) })).await;
    let cup = json!({
        "__typename": "Product", "id": id(&shop.products[1]), "name": "Cup", "sku": shop.products[1]["sku"],
    });
    let ada =
        json!({ "__typename": "User", "id": id(&shop.user), "email": shop.user["email"], "name": "Ada Lovelace" });
    assert_eq!(found["nodes"], json!([cup, null, ada, null, cup]));
    assert_eq!(found["node"], json!({ "status": "PENDING" }));
}

#[tokio::test]
async fn directives_leave_fields_out() {
    let shop = shop().await;
    let query = "query($id: ID!, $yes: Boolean!, $no: Boolean = false) { product(id: $id) {
        a: name @include(if: $yes) b: name @include(if: $no) c: name @skip(if: $yes) d: name @skip(if: $no)
        ... @include(if: $no) { e: name } ...F @skip(if: $no) g: name @include(if: $yes) @skip(if: $yes)
    } } fragment F on Product { f: name }";
    let variables = json!({ "id": id(&shop.products[0]), "yes": true });
    let found = data(&shop.rest, query, variables).await;
    assert_eq!(found["product"], json!({ "a": "Mug", "d": "Mug", "f": "Mug" }));
}

#[tokio::test]
async fn variables_have_defaults_and_types() {
    let shop = shop().await;
    let query = "query($where: ProductWhere = { stock: { eq: 7 } }, $first: Int = 1) {
        products(where: $where, first: $first, orderBy: [{ field: NAME, direction: DESC }]) { nodes { name } } }";
    let names = |variables| data(&shop.rest, query, variables);
    assert_eq!(names(json!({})).await["products"]["nodes"], json!([{ "name": "Cup" }]));
    assert_eq!(names(json!({ "where": null })).await["products"]["nodes"], json!([{ "name": "Mug" }]));
    let both = names(json!({ "where": null, "first": null })).await;
    assert_eq!(both["products"]["nodes"], json!([{ "name": "Mug" }, { "name": "Cup" }]));
    for variables in [
        json!({ "first": "1" }),
        json!({ "first": 1.5 }),
        json!({ "first": 3_000_000_000_u64 }),
        json!({ "where": { "colour": 1 } }),
    ] {
        let error = refused(&shop.rest, query, variables.clone()).await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{variables}");
    }
}

#[tokio::test]
async fn a_field_that_fails_takes_the_nearest_nullable_place_along() {
    let shop = shop().await;
    let query = "query($id: ID!) { bad: user(id: $id) { name orders(first: -1) { nodes { id } } } good: user(id: $id) { name } }";
    let request = json!({ "query": query, "variables": { "id": id(&shop.user) } });
    let (status, answer) = post(&shop.rest, &request).await;
    assert_eq!(status, 200);
    assert_eq!(answer["data"], json!({ "bad": null, "good": { "name": "Ada Lovelace" } }));
    let errors = answer["errors"].as_array().unwrap();
    assert_eq!((errors.len(), &errors[0]["path"]), (1, &json!(["bad", "orders"])));
    assert_eq!(errors[0]["locations"], json!([{ "line": 1, "column": 45 }]));
    assert_eq!(errors[0]["extensions"]["code"], "VALIDATION_FAILED");

    let top = json!({ "query": "{ products(first: 1, last: 1) { nodes { id } } __typename }" });
    let (status, answer) = post(&shop.rest, &top).await;
    assert_eq!((status, &answer["data"], &answer["errors"][0]["path"]), (200, &json!(null), &json!(["products"])));
}

#[tokio::test]
async fn pages_are_walked_by_cursor_in_both_directions() {
    let shop = shop().await;
    let query = "query($first: Int, $after: String, $last: Int, $before: String) {
        products(first: $first, after: $after, last: $last, before: $before, orderBy: { field: NAME }) {
        nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let page = async |variables| data(&shop.rest, query, variables).await["products"].take();
    let first = page(json!({ "first": 1 })).await;
    assert_eq!(first["nodes"], json!([{ "name": "Cup" }]));
    assert_eq!(
        (&first["pageInfo"]["hasNextPage"], &first["pageInfo"]["hasPreviousPage"]),
        (&json!(true), &json!(false))
    );
    let second = page(json!({ "first": 1, "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(second["nodes"], json!([{ "name": "Mug" }]));
    assert_eq!(
        (&second["pageInfo"]["hasNextPage"], &second["pageInfo"]["hasPreviousPage"]),
        (&json!(false), &json!(true))
    );
    let back = page(json!({ "last": 1, "before": second["pageInfo"]["startCursor"] })).await;
    assert_eq!(back["nodes"], json!([{ "name": "Cup" }]));
    let last = page(json!({ "last": 2 })).await;
    assert_eq!(last["nodes"], json!([{ "name": "Cup" }, { "name": "Mug" }]), "the order is never reversed");
    let none = page(json!({ "first": 0 })).await;
    assert_eq!((&none["nodes"], &none["pageInfo"]["startCursor"]), (&json!([]), &json!(null)));
}
