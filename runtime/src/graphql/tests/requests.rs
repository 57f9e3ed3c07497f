//! What is refused before anything is read, variables, and introspection.

use serde_json::{Value as Json, json as j};

use super::fixture::{API, Shop, api, ask, ask_engine, engine, json, request, user_id};
use crate::{
    graphql::{
        Options,
        engine::{Allowed, Engine, Rejection},
        plan::Filled,
    },
    service::Read,
};

/// The only error of a request that isn't executed.
fn refused(engine: &Engine, query: &str, variables: Json) -> (String, Json) {
    let body = json(&ask_engine(engine, &mut Shop::new(0), &request(query, variables)));
    assert!(body.get("data").is_none(), "{body}");
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body}");
    let code = body["errors"][0]["extensions"]["code"].as_str().expect("a code").to_owned();
    (code, body["errors"][0].clone())
}

#[test]
fn mistakes_have_a_code_and_a_place() {
    let engine = engine();
    let (code, error) = refused(&engine, "{ users {", j!({}));
    assert_eq!(code, "GRAPHQL_PARSE_FAILED");
    assert_eq!(error["locations"][0]["line"], 1);
    let (code, error) = refused(&engine, "{\n  users { nodes { size } }\n}", j!({}));
    assert_eq!(code, "GRAPHQL_VALIDATION_FAILED");
    assert_eq!(error["locations"], j!([{ "line": 2, "column": 19 }]));
    assert_eq!(
        error["extensions"],
        j!({
            "code": "GRAPHQL_VALIDATION_FAILED", "status": 400, "request_id": "req-1", "retryable": false
        })
    );
    assert_eq!(
        refused(&engine, "query($n: Int) { users(first: $n) { nodes { id } } }", j!({ "n": "x" })).0,
        "BAD_USER_INPUT"
    );
    assert_eq!(refused(&engine, "query($id: ID!) { user(id: $id) { id } }", j!({})).0, "BAD_USER_INPUT");
    assert_eq!(
        refused(&engine, "query A { __typename } query B { __typename }", j!({})).0,
        "OPERATION_RESOLUTION_FAILURE"
    );
    assert_eq!(refused(&engine, "subscription { users { id } }", j!({})).0, "GRAPHQL_VALIDATION_FAILED");
}

#[test]
fn limits_are_validation_errors() {
    let check = |options: Options, query: &str| {
        let engine = Engine::new(&API, options).expect("the schema fits");
        let (code, error) = refused(&engine, query, j!({}));
        assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{error}");
        error["message"].as_str().expect("a message").to_owned()
    };
    let small = Options { max_depth: 4, max_aliases: 1, max_tokens: 90, max_complexity: 30, ..Options::default() };
    let deep = "{ users(first: 1) { nodes { ...O } } } fragment O on User { orders(first: 1) { nodes { id } } }";
    assert_eq!(check(small.clone(), deep), "the operation is 5 fields deep, at most 4 are allowed");
    assert_eq!(
        check(small.clone(), "{ a: __typename b: __typename }"),
        "the document has 2 aliases, at most 1 are allowed"
    );
    let wide = "{ users(first: 31) { nodes { id } } }";
    assert!(check(small.clone(), wide).starts_with("the operation's complexity is more than 30"));
    let long = format!("{{ {} }}", "__typename ".repeat(50));
    assert!(check(small.clone(), &long).contains("token"));
    assert_eq!(check(Options { max_document_bytes: 30, ..small }, wide), "the document has more than 30 bytes");
}

#[test]
fn a_row_counts_once_whatever_is_asked_of_it() {
    let options = Options { max_complexity: 25, ..Options::default() };
    let engine = Engine::new(&API, options).expect("the schema fits");
    let plain = "{ users(first: 20) { edges { cursor node { id name role createdAt } } pageInfo { endCursor } } }";
    assert!(engine.prepare(&request(plain, j!({})), Allowed::Queries).is_ok());
    let plain = "{ users(first: 20) { nodes { id name role createdAt } pageInfo { endCursor } totalCount } }";
    assert!(engine.prepare(&request(plain, j!({})), Allowed::Queries).is_ok());
    let again = "{ users(first: 20) { nodes { id name again: name } } }";
    assert_eq!(refused(&engine, again, j!({})).0, "GRAPHQL_VALIDATION_FAILED");
}

#[test]
fn fragments_that_multiply_are_refused_quickly() {
    let mut query = "{ users { nodes { ...F0 } } }".to_owned();
    for level in 0..40 {
        let next = level + 1;
        query += &format!(
            "fragment F{level} on User {{ orders(first: 0) {{ a: nodes {{ customer {{ ...F{next} }} }} b: nodes {{ customer {{ ...F{next} }} }} }} }} "
        );
    }
    query += "fragment F40 on User { id }";
    let options = Options { max_depth: 1000, max_aliases: 1000, ..Options::default() };
    let engine = Engine::new(&API, options).expect("the schema fits");
    assert_eq!(refused(&engine, &query, j!({})).0, "GRAPHQL_VALIDATION_FAILED");
}

#[test]
fn the_number_of_rows_is_bounded() {
    let check = |max_rows: usize| {
        let engine = Engine::new(&API, Options { max_rows, ..Options::default() }).expect("the schema fits");
        let query = "{ users { nodes { orders { nodes { items { nodes { id } } } } } } }";
        json(&ask_engine(&engine, &mut Shop::new(2), &request(query, j!({}))))
    };
    assert!(check(14).get("errors").is_none());
    let body = check(13);
    assert_eq!((&body["data"], &body["errors"][0]["extensions"]["code"]), (&j!(null), &j!("PAYLOAD_TOO_LARGE")));
}

#[test]
fn introspection_is_for_development() {
    let query = "{ __schema { queryType { name } } __type(name: \"Role\") { enumValues { name } } mine: __typename }";
    let body = json(&ask(&mut Shop::new(0), query, j!({})));
    assert_eq!(
        body,
        j!({ "data": {
        "__schema": { "queryType": { "name": "Query" } },
        "__type": { "enumValues": [{ "name": "ADMIN" }, { "name": "STORE_KEEPER" }] },
        "mine": "Query",
    } })
    );
    let production = Engine::new(&API, Options::default()).expect("the schema fits");
    assert_eq!(refused(&production, query, j!({})).0, "GRAPHQL_VALIDATION_FAILED");
    let body = json(&ask_engine(&production, &mut Shop::new(0), &request("{ __typename }", j!({}))));
    assert_eq!(body, j!({ "data": { "__typename": "Query" } }));
}

#[test]
fn graphiql_gets_its_schema() {
    let body = json(&ask(&mut Shop::new(0), include_str!("introspection.graphql"), j!({})));
    assert!(body.get("errors").is_none(), "{body}");
    let types = body["data"]["__schema"]["types"].as_array().expect("types");
    assert!(types.iter().any(|ty| ty["name"] == "OrderItemConnection"));
}

/// The members of `input` in a mutation.
fn input(query: &str, variables: Json) -> Json {
    let prepared = engine().prepare(&request(query, variables), Allowed::All);
    let Ok(Filled::Mutation(writes)) = prepared.map(|prepared| prepared.filled) else { panic!("{query} is fine") };
    let arguments = writes[0].arguments.as_ref().expect("arguments are fine");
    arguments.get("input").expect("there is an input").clone()
}

#[test]
fn absent_and_null_differ() {
    let query = "mutation($n: String, $i: UpdateUserInput = { nickname: null }) {
        updateUser(id: \"usr_1\", input: INPUT) { user { id } } }";
    let literal = query
        .replace("INPUT", "{ name: \"a\", nickname: $n }")
        .replace(", $i: UpdateUserInput = { nickname: null }", "");
    assert_eq!(input(&literal, j!({})), j!({ "name": "a" }));
    assert_eq!(input(&literal, j!({ "n": null })), j!({ "name": "a", "nickname": null }));
    assert_eq!(input(&literal, j!({ "n": "b" })), j!({ "name": "a", "nickname": "b" }));
    let variable = "mutation($i: UpdateUserInput!) { updateUser(id: \"usr_1\", input: $i) { user { id } } }";
    assert_eq!(input(variable, j!({ "i": {} })), j!({}));
    assert_eq!(input(variable, j!({ "i": { "nickname": null } })), j!({ "nickname": null }));
}

#[test]
fn defaults_and_single_values_are_coerced() {
    let create = "mutation($i: CreateUserInput!) { createUser(input: $i) { user { id } } }";
    assert_eq!(input(create, j!({ "i": { "name": "a" } })), j!({ "name": "a", "role": "ADMIN" }));
    let literal = "mutation { createUser(input: { name: \"a\", address: { street: \"s\", lines: \"l\" }, labels: { key: \"k\", value: \"v\" } }) { user { id } } }";
    assert_eq!(
        input(literal, j!({})),
        j!({
            "name": "a", "role": "ADMIN",
            "address": { "street": "s", "lines": ["l"] },
            "labels": [{ "key": "k", "value": "v" }],
        })
    );
    let default = "mutation($l: [StringEntryInput!] = { key: \"k\", value: \"v\" }) { createUser(input: { name: \"a\", labels: $l }) { user { id } } }";
    assert_eq!(input(default, j!({}))["labels"], j!([{ "key": "k", "value": "v" }]));
}

#[test]
fn null_for_an_argument_that_mustnt_be_null_fails_its_field_alone() {
    let query = "query($id: ID = \"x\") { user(id: $id) { id } users { totalCount } }";
    let body = json(&ask(&mut Shop::new(0), query, j!({ "id": null })));
    assert_eq!(body["data"], j!({ "user": null, "users": { "totalCount": 0 } }));
    assert_eq!(body["errors"][0]["extensions"]["code"], "VALIDATION_FAILED");
    assert_eq!(body["errors"][0]["extensions"]["errors"][0]["parameter"], "id");
}

#[test]
fn ids_may_come_as_numbers() {
    for (query, variables) in [
        ("{ nodes(ids: [7]) { id } }", j!({})),
        ("query($i: ID!) { nodes(ids: [$i]) { id } }", j!({ "i": 7 })),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", j!({ "i": 7 })),
        ("query($i: [ID!]! = 7) { nodes(ids: $i) { id } }", j!({})),
    ] {
        assert_eq!(ask(&mut Shop::new(0), query, variables), r#"{"data":{"nodes":[null]}}"#, "{query}");
    }
    let query = "mutation($i: UpdateUserInput!) { updateUser(id: \"usr_1\", input: $i) { user { id } } }";
    assert_eq!(input(query, j!({ "i": { "friendId": 7 } })), j!({ "friendId": "7" }));
}

#[test]
fn orders_and_pages_reach_the_service() {
    let query =
        "query($by: [UserOrderBy!], $n: Int = 3) { users(last: $n, before: \"c\", orderBy: $by) { totalCount } }";
    let variables = j!({ "by": [{ "field": "CREATED_AT", "direction": "DESC" }, { "field": "NAME" }] });
    let Ok(prepared) = engine().prepare(&request(query, variables), Allowed::Queries) else { panic!("it is fine") };
    let Filled::Query(rows) = prepared.filled else { panic!("it is a query") };
    let Read::List(Ok(args)) = &rows.fetches[0].read else { panic!("it is a list") };
    assert_eq!((args.page_size, args.cursor.as_deref(), args.backward, args.total), (Some(3), Some("c"), true, true));
    let sort: Vec<_> = args.sort.iter().flatten().map(|key| format!("{} {:?}", key.field, key.direction)).collect();
    assert_eq!(sort, ["created_at Descending", "name Ascending"]);
}

#[test]
fn orders_name_each_field_once() {
    let query = "query($by: [UserOrderBy!]) { users(orderBy: $by) { totalCount } }";
    let body = json(&ask(&mut Shop::new(0), query, j!({ "by": [{ "field": "NAME" }, { "field": "NAME" }] })));
    let error = &body["errors"][0]["extensions"];
    assert_eq!((&error["code"], &error["errors"][0]["code"]), (&j!("INVALID_FILTER"), &j!("DUPLICATE")), "{body}");
}

#[test]
fn a_get_request_may_not_write() {
    let query = format!("mutation {{ deleteUser(id: \"{}\") {{ deletedId }} }}", user_id(1));
    assert!(matches!(engine().prepare(&request(&query, j!({})), Allowed::Queries), Err(Rejection::Mutation)));
}

#[test]
fn a_repeated_document_is_not_parsed_again() {
    let engine = engine();
    let document = || match engine.prepare(&request("{ __typename }", j!({})), Allowed::Queries) {
        Ok(prepared) => prepared.document,
        Err(rejection) => panic!("{rejection:?}"),
    };
    assert!(std::sync::Arc::ptr_eq(&document(), &document()));
}

#[test]
fn a_schema_that_the_descriptors_dont_explain_stops_the_start() {
    let check = |old: &str, new: &str, expected: &str| {
        let text = API.graphql.replacen(old, new, 1);
        let api = Box::leak(Box::new(api(Box::leak(text.into_boxed_str()))));
        let error = Engine::new(api, Options::default()).err().expect("it doesn't start");
        assert!(error.to_string().contains(expected), "{error}");
    };
    check("name: String!", "name: String! size: Int", "no descriptor explains User.size");
    check("visits: Int64!", "visits: Int!", "User.visits is of GraphQL type Int!");
    check("customer: User!", "customer: Order!", "Order.customer of the GraphQL schema is of type Order!");
    check("type PageInfo {", "type Extra { a: Int } type PageInfo {", "no descriptor explains the GraphQL type Extra");
    check("STORE_KEEPER", "STORE_KEEPER GUEST", "the value GUEST of the GraphQL enum Role");
    check("user(id: ID!): User\n", "user(id: ID!): User people: [User]\n", "no descriptor explains Query.people");
    check("type User implements", "type User implement", "isn't valid");
}
