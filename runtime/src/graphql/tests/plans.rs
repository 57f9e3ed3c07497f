//! Plans that are kept with their documents: whatever was asked before, a request is answered as if it were the first.

use std::sync::Arc;

use serde_json::{Value as Json, json as j};

use super::fixture::{API, Shop, ask_engine, engine, json, order_id, request, user_id};
use crate::graphql::{
    Options,
    document::{Document, Documents},
    engine::{Allowed, Engine, Request},
    plan::{Plan, Planner},
    schema::Schema,
};

/// One engine answers all requests, twice over, as fresh ones do. Returns the answers.
#[track_caller]
fn check(requests: &[Request]) -> Vec<Json> {
    let ask = |engine: &Engine, request| {
        let mut shop = Shop::new(3);
        let body = json(&ask_engine(engine, &mut shop, request));
        (body, shop.calls)
    };
    let kept = engine();
    let fresh: Vec<_> = requests.iter().map(|request| ask(&engine(), request)).collect();
    for _ in 0..2 {
        let again: Vec<_> = requests.iter().map(|request| ask(&kept, request)).collect();
        assert_eq!(again, fresh);
    }
    fresh.into_iter().map(|(body, _)| body).collect()
}

#[track_caller]
fn check_variables(query: &str, variables: &[Json]) -> Vec<Json> {
    let requests: Vec<_> = variables.iter().map(|variables| request(query, variables.clone())).collect();
    check(&requests)
}

#[test]
fn each_request_has_its_own_values() {
    let query = "query($id: ID!, $n: Int = 1, $by: [UserOrderBy!]) {
        user(id: $id) { id orders(first: $n) { nodes { total } } }
        users(first: $n, orderBy: $by) { totalCount nodes { id } }
    }";
    let answers = check_variables(
        query,
        &[
            j!({ "id": user_id(1) }),
            j!({ "id": user_id(2), "n": 2 }),
            j!({ "id": "nonsense", "n": 0 }),
            j!({ "id": user_id(1), "n": null, "by": [{ "field": "NAME" }] }),
            j!({ "id": user_id(1), "by": [{ "field": "NAME" }, { "field": "NAME" }] }),
            j!({ "n": 1 }),
        ],
    );
    assert_eq!(answers[0]["data"]["user"]["id"], user_id(1));
    assert_eq!(answers[1]["data"]["user"]["id"], user_id(2));
    assert_eq!(answers[1]["data"]["user"]["orders"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(answers[2]["errors"][0]["extensions"]["code"], "NOT_FOUND");
    assert_eq!(answers[4]["errors"][0]["extensions"]["code"], "INVALID_FILTER");
    assert!(answers[5].get("data").is_none(), "{}", answers[5]);
}

#[test]
fn switches_decide_about_fields_and_their_order() {
    let query = "query($a: Boolean!, $b: Boolean = true) { users(first: 1) { nodes {
        ...F @include(if: $a) name orders @skip(if: $b) { nodes { id } }
        ...F ... on Node @skip(if: $a) { role: id }
    } } } fragment F on User { visits name @include(if: $b) orders { totalCount: __typename } }";
    let answers = check_variables(
        query,
        &[
            j!({ "a": true }),
            j!({ "a": false }),
            j!({ "a": true, "b": false }),
            j!({ "a": false, "b": false }),
            j!({ "a": false, "b": null }),
        ],
    );
    assert_eq!(answers[2]["data"]["users"]["nodes"][0]["orders"]["nodes"][0]["id"], order_id(10));
    assert_eq!(answers[1]["data"]["users"]["nodes"][0]["role"], user_id(1));
}

#[test]
fn each_operation_of_a_document_has_its_plan() {
    let document = "query A($id: ID!) { user(id: $id) { name } } query B { users(first: 1) { nodes { ...N } } }
        query C($id: ID!) { node(id: $id) { ...N } } fragment N on Node { id }";
    let request =
        |name: &str| Request { operation_name: Some(name.to_owned()), ..request(document, j!({ "id": user_id(2) })) };
    let answers = check(&[request("A"), request("B"), request("C"), request("D"), request("")]);
    assert_eq!(answers[0]["data"], j!({ "user": { "name": "user \"2\"" } }));
    assert_eq!(answers[1]["data"], j!({ "users": { "nodes": [{ "id": user_id(1) }] } }));
    assert_eq!(answers[2]["data"], j!({ "node": { "id": user_id(2) } }));
    assert!(answers[3].get("data").is_none() && answers[4].get("data").is_none());
}

#[test]
fn what_a_node_is_depends_on_its_id() {
    let query = "query($id: ID! = \"x\", $ids: [ID!]!) {
        node(id: $id) { __typename id ... on User { name } ... on Order { customer { ... on Node { id } } } }
        nodes(ids: $ids) { ... on Order { total } ... on User { visits } }
    }";
    let (users, orders) = ([user_id(1), user_id(2)], [order_id(10), order_id(20)]);
    let answers = check_variables(
        query,
        &[
            j!({ "id": users[0], "ids": [orders[0], users[1]] }),
            j!({ "id": orders[1], "ids": [users[1], orders[0], users[0]] }),
            j!({ "id": user_id(99), "ids": [] }),
            j!({ "id": "usr_nonsense", "ids": ["x", orders[0]] }),
            j!({ "ids": users }),
            j!({ "id": 7, "ids": orders[0] }),
        ],
    );
    assert_eq!(answers[0]["data"]["node"]["name"], "user \"1\"");
    assert_eq!(answers[1]["data"]["node"]["customer"]["id"], user_id(2));
    assert_eq!(answers[3]["data"], j!({ "node": null, "nodes": [null, { "total": "12.50" }] }));
}

#[test]
fn whether_a_request_is_too_complex_depends_on_its_variables() {
    let options = Options { max_complexity: 30, ..Options::default() };
    let engine = Engine::new(&API, options).expect("the schema fits");
    let query = "query($n: Int) { users(first: $n) { nodes { orders(first: 2) { nodes { id } } } } }";
    let fits = |n: Json| engine.prepare(&request(query, j!({ "n": n })), Allowed::Queries).is_ok();
    // A user counts for one, and each of two orders.
    for (n, expected) in [(9, true), (10, false), (9, true), (100, false)] {
        assert_eq!(fits(n.into()), expected, "{n}");
    }
    assert!(fits(Json::Null), "a page of unknown size counts as 5");
}

#[test]
fn many_forms_of_a_document_are_forgotten_again() {
    let switches = (0..8).map(|n| format!("$v{n}: Boolean!")).collect::<Vec<_>>().join(", ");
    let fields: String = (0..8).map(|n| format!("f{n}: __typename @include(if: $v{n}) ")).collect();
    let query = format!("query({switches}) {{ {fields} }}");
    let engine = engine();
    for form in (0..256_u32).chain(0..256) {
        let variables: serde_json::Map<_, _> =
            (0..8).map(|n| (format!("v{n}"), Json::from(form & (1 << n) != 0))).collect();
        let body = json(&ask_engine(&engine, &mut Shop::new(0), &request(&query, variables.into())));
        let expected = (0..8).filter(|n| form & (1 << n) != 0).map(|n| (format!("f{n}"), Json::from("Query")));
        assert_eq!(body["data"], Json::Object(expected.collect()));
    }
}

/// The documents of late. A form of a plan is a number: its bits are the variables `$v0` to `$v7`.
struct Cache {
    schema: Schema,
    documents: Documents,
}

impl Cache {
    fn new() -> Cache {
        Cache { schema: Schema::new(&API).expect("the schema fits"), documents: Documents::default() }
    }

    fn get(&self, text: &str) -> Arc<Document> {
        self.documents.get(&self.schema, &Options::default(), text).expect("a valid document")
    }

    fn plan(&self, document: &Document, form: u32) -> Arc<Plan> {
        let values = (0..8).map(|n| (format!("v{n}"), Json::from(form & (1 << n) != 0))).collect();
        let planner = Planner::new(&self.schema, &document.executable, self.schema.variables(&values), 10_000);
        let operation = document.executable.operations.get(None).expect("one operation");
        Arc::new(planner.plan(operation).expect("a simple plan"))
    }

    /// Keeps the plans of so many forms. Returns whether the last is there then.
    fn keep(&self, document: &Document, forms: u32) -> bool {
        for form in 0..forms {
            self.documents.keep_plan(document, &self.plan(document, form));
        }
        let last = self.plan(document, forms - 1);
        document.plan(|plan| plan.equals(&last)).is_some()
    }

    fn has(&self, document: &Arc<Document>, text: &str) -> bool {
        Arc::ptr_eq(document, &self.get(text))
    }
}

/// A literal of 16 KiB, in a fragment, at so many places; in as many forms as eight variables have.
fn large(name: &str, places: usize) -> String {
    let switches = (0..8).map(|n| format!("$v{n}: Boolean!")).collect::<Vec<_>>().join(", ");
    let fields: String = (0..8).map(|n| format!("f{n}: __typename @include(if: $v{n}) ")).collect();
    let places: String = (0..places).map(|n| format!("u{n}: users(first: 1) {{ nodes {{ ...F }} }} ")).collect();
    let literal = "x".repeat(16 << 10);
    format!(
        "query {name}({switches}) {{ {fields} {places} }}
        fragment F on User {{ orders(after: \"{literal}\") {{ pageInfo {{ endCursor }} }} }}"
    )
}

#[test]
fn plans_are_kept_by_what_they_take() {
    let cache = Cache::new();
    assert!(cache.keep(&cache.get(&large("Large", 30)), 1));
    assert!(!cache.keep(&cache.get(&large("TooLarge", 70)), 1));

    let text = "{ users { totalCount } }";
    let small = cache.get(text);
    for n in 0..20 {
        cache.keep(&cache.get(&large(&format!("Large{n}"), 30)), 1);
    }
    assert!(cache.has(&small, text), "10 MiB are kept");
    for n in 20..40 {
        cache.keep(&cache.get(&large(&format!("Large{n}"), 30)), 1);
    }
    assert!(!cache.has(&small, text), "20 MiB aren't");
}

#[test]
fn plans_that_are_gone_take_nothing() {
    let cache = Cache::new();
    let forgotten = cache.get(&large("Forgotten", 20));
    for n in 0..17 {
        cache.get(&format!("{{ __typename }} #{n}{}", " ".repeat(63 << 10)));
    }
    assert!(!cache.keep(&forgotten, 1), "its document isn't kept");

    let text = "{ users { totalCount } }";
    let small = cache.get(text);
    cache.keep(&forgotten, 64);
    let large = cache.get(&large("Large", 20));
    assert!(cache.keep(&large, 64), "32 plans of a third of a MiB are forgotten for the next 32");
    assert!(cache.has(&small, text));

    cache.documents.keep_plan(&large, &cache.plan(&large, 63));
    let another = cache.plan(&large, 32);
    assert!(large.plan(|plan| plan.equals(&another)).is_some(), "the same plan twice takes no room");
}
