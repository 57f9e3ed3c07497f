//! What queries read and what their data looks like.

use serde_json::json as j;

use super::fixture::{Shop, ask, json, order_id, user_id};
use crate::error::{ApiError, Code};

fn check(query: &str, expected: &str) {
    assert_eq!(ask(&mut Shop::new(2), query, j!({})), expected);
}

#[test]
fn a_level_takes_one_call_per_relation_and_arguments() {
    let mut shop = Shop::new(4);
    let query = "{
        users(first: 4) { totalCount nodes { name orders(first: 2) { nodes {
            customer { name }
            items(first: 3) { edges { node { quantity } } pageInfo { hasNextPage } }
        } } } }
    }";
    let body = json(&ask(&mut shop, query, j!({})));
    assert!(body.get("errors").is_none(), "{body}");
    assert_eq!(body["data"]["users"]["totalCount"], 4);
    assert_eq!(body["data"]["users"]["nodes"][3]["orders"]["nodes"][1]["items"]["edges"][1]["node"]["quantity"], 3);
    assert_eq!(body["data"]["users"]["nodes"][3]["orders"]["nodes"][1]["customer"]["name"], "user \"4\"");
    assert_eq!(shop.calls, ["list User total=true", "children orders of 4", "by_ids User 4", "children items of 8"]);
}

#[test]
fn aliases_share_what_has_equal_arguments() {
    let mut shop = Shop::new(2);
    let query = "{ user(id: \"ID\") {
        a: orders(first: 1) { nodes { total } }
        b: orders(first: 1) { pageInfo { hasNextPage } nodes { customer { name } } }
        c: orders(first: 2) { nodes { id } }
    } }";
    let body = json(&ask(&mut shop, &query.replace("ID", &user_id(1)), j!({})));
    assert_eq!(body["data"]["user"]["a"]["nodes"], j!([{ "total": "12.50" }]));
    assert_eq!(body["data"]["user"]["b"]["nodes"], j!([{ "customer": { "name": "user \"1\"" } }]));
    assert_eq!(body["data"]["user"]["c"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(shop.calls, ["by_ids User 1", "children orders of 1", "by_ids User 1", "children orders of 1"]);
}

#[test]
fn every_type_has_its_form() {
    check(
        "{ users(first: 1) { nodes { __typename visits role nickname address { lines street } labels { value key } createdAt etag } } }",
        concat!(
            r#"{"data":{"users":{"nodes":[{"__typename":"User","visits":"1152921504606846976","role":"STORE_KEEPER","#,
            r#""nickname":null,"address":{"lines":["1st"],"street":"Main"},"labels":[{"value":"yes","key":"vip"}],"#,
            r#""createdAt":"1970-01-01T00:00:00.000000Z","etag":"\"v3\""}]}}}"#,
        ),
    );
}

#[test]
fn fields_merge_in_the_order_of_the_document() {
    check(
        "query { users(first: 1) { nodes { ...A name ... on User { address { street } } ... on Node { z: id } } __typename } __typename }
         fragment A on User { role address { lines } ...B } fragment B on Node { ... on User { visits } }",
        concat!(
            r#"{"data":{"users":{"nodes":[{"role":"STORE_KEEPER","address":{"lines":["1st"],"street":"Main"},"#,
            r#""visits":"1152921504606846976","name":"user \"1\"","z":"usr_00000000000000000000000001"}],"__typename":"UserConnection"},"#,
            r#""__typename":"Query"}}"#,
        ),
    );
}

#[test]
fn skip_and_include_decide_before_anything_is_read() {
    let mut shop = Shop::new(1);
    let query = "query Q($yes: Boolean!, $no: Boolean = false) { users { nodes {
        a: name @include(if: $yes) b: name @include(if: $no) c: name @skip(if: $yes) d: name @skip(if: $no)
        orders @skip(if: $yes) { nodes { id } }
        ... @include(if: $no) { role }
    } } }";
    let body = json(&ask(&mut shop, query, j!({ "yes": true })));
    assert_eq!(body["data"]["users"]["nodes"][0], j!({ "a": "user \"1\"", "d": "user \"1\"" }));
    assert_eq!(shop.calls, ["list User total=false"]);
}

#[test]
fn cursors_are_those_of_the_edges() {
    check(
        "{ users(first: 2) { edges { cursor } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } }",
        &format!(
            r#"{{"data":{{"users":{{"edges":[{{"cursor":"{0}"}},{{"cursor":"{1}"}}],"pageInfo":{{"startCursor":"{0}","endCursor":"{1}","hasNextPage":false,"hasPreviousPage":false}}}}}}}}"#,
            user_id(1),
            user_id(2)
        ),
    );
    check(
        "{ users(first: 0) { edges { cursor } pageInfo { startCursor endCursor } } }",
        r#"{"data":{"users":{"edges":[],"pageInfo":{"startCursor":null,"endCursor":null}}}}"#,
    );
}

#[test]
fn a_missing_row_takes_along_whatever_mustnt_be_null() {
    let mut shop = Shop::new(1);
    shop.order(77, 9, crate::value::Value::Null);
    let orders = "{ orders { nodes { id customer { name } } } __typename }";
    let body = json(&ask(&mut shop, orders, j!({})));
    assert_eq!(body["data"], j!(null));
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1));
    assert_eq!(body["errors"][0]["path"], j!(["orders", "nodes", 2, "customer"]));
    assert_eq!(body["errors"][0]["extensions"]["code"], "DATA_LOSS");
    assert_eq!(body["errors"][0]["locations"], j!([{ "line": 1, "column": 23 }]));

    let order = format!(
        "{{ before: __typename order(id: \"{}\") {{ id customer {{ name }} }} after: __typename }}",
        order_id(77)
    );
    let body = json(&ask(&mut shop, &order, j!({})));
    assert_eq!(body["data"], j!({ "before": "Query", "order": null, "after": "Query" }));
    assert_eq!(body["errors"][0]["path"], j!(["order", "customer"]));
}

#[test]
fn an_optional_relation_without_a_row_is_null() {
    let body = json(&ask(&mut Shop::new(1), "{ orders { nodes { giftTo { name } } } }", j!({})));
    assert_eq!(
        body,
        j!({ "data": { "orders": { "nodes": [{ "giftTo": null }, { "giftTo": { "name": "user \"1\"" } }] } } })
    );
}

#[test]
fn get_tells_that_there_is_nothing_and_node_does_not() {
    for id in [user_id(99), order_id(10), "nonsense".to_owned()] {
        let body = json(&ask(&mut Shop::new(1), &format!("{{ user(id: \"{id}\") {{ id }} }}"), j!({})));
        assert_eq!(body["data"], j!({ "user": null }));
        assert_eq!(body["errors"][0]["path"], j!(["user"]));
        let extensions = j!({ "code": "NOT_FOUND", "status": 404, "request_id": "req-1", "retryable": false });
        assert_eq!(body["errors"][0]["extensions"], extensions);
    }
    for id in [user_id(99), "nonsense".to_owned(), "usr_nonsense".to_owned()] {
        let body = json(&ask(&mut Shop::new(1), &format!("{{ node(id: \"{id}\") {{ id }} }}"), j!({})));
        assert_eq!(body, j!({ "data": { "node": null } }));
    }
}

#[test]
fn nodes_come_in_the_order_asked_for() {
    let mut shop = Shop::new(2);
    let query =
        "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on User { name } ... on Order { total } } }";
    let ids = [order_id(11), user_id(2), "x".to_owned(), user_id(2), user_id(99), user_id(1)];
    let body = json(&ask(&mut shop, query, j!({ "ids": ids })));
    let user = |number| j!({ "__typename": "User", "id": user_id(number), "name": format!("user \"{number}\"") });
    let order = j!({ "__typename": "Order", "id": order_id(11), "total": "12.50" });
    assert_eq!(body, j!({ "data": { "nodes": [order, user(2), null, user(2), null, user(1)] } }));
    assert_eq!(shop.calls, ["by_ids Order 1", "by_ids User 3"]);
}

#[test]
fn one_of_the_nodes_may_fail_alone() {
    let mut shop = Shop::new(1);
    shop.order(77, 9, crate::value::Value::Null);
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id customer { id } } } }";
    let body = json(&ask(&mut shop, query, j!({ "ids": [order_id(77), order_id(10)] })));
    assert_eq!(body["data"]["nodes"], j!([null, { "id": order_id(10), "customer": { "id": user_id(1) } }]));
    assert_eq!(body["errors"][0]["path"], j!(["nodes", 0, "customer"]));
}

#[test]
fn a_refused_argument_leaves_the_rest_alone() {
    let query = format!(
        "{{ user(id: \"{}\") {{ orders(after: \"bad\") {{ nodes {{ id }} }} }} users(first: 1) {{ nodes {{ id }} }} }}",
        user_id(1)
    );
    let body = json(&ask(&mut Shop::new(1), &query, j!({})));
    assert_eq!(body["data"], j!({ "user": null, "users": { "nodes": [{ "id": user_id(1) }] } }));
    assert_eq!(body["errors"][0]["path"], j!(["user", "orders"]));
    assert_eq!(body["errors"][0]["extensions"]["code"], "INVALID_PAGE_TOKEN");
    assert_eq!(body["errors"][0]["extensions"]["errors"][0]["parameter"], "after");
}

#[test]
fn pages_go_one_way() {
    for (arguments, blamed) in [
        ("first: 1, last: 1", "first"),
        ("first: 1, before: \"x\"", "before"),
        ("last: 1, after: \"x\"", "after"),
        ("after: \"x\", before: \"x\"", "after"),
    ] {
        let query = format!("{{ user(id: \"{}\") {{ orders({arguments}) {{ nodes {{ id }} }} }} }}", user_id(1));
        let body = json(&ask(&mut Shop::new(1), &query, j!({})));
        assert_eq!(body["errors"][0]["extensions"]["code"], "VALIDATION_FAILED", "{arguments}");
        assert_eq!(body["errors"][0]["extensions"]["errors"][0]["parameter"], blamed, "{arguments}");
    }
}

#[test]
fn a_lost_snapshot_is_told_by_every_field() {
    let mut shop = Shop::new(1);
    shop.broken = Some(ApiError::new(Code::Unavailable, "gone").retry_after(std::time::Duration::from_secs(2)));
    let query = format!("{{ a: user(id: \"{0}\") {{ id }} b: user(id: \"{0}\") {{ name }} }}", user_id(1));
    let body = json(&ask(&mut shop, &query, j!({})));
    assert_eq!(body["data"], j!({ "a": null, "b": null }));
    assert_eq!(body["errors"][1]["path"], j!(["b"]));
    assert_eq!(body["errors"][1]["extensions"]["retryable"], true);
    assert_eq!(body["errors"][1]["extensions"]["retry_after"], 2);
    assert_eq!(shop.calls, ["by_ids User 1"], "nothing more is tried");
}
