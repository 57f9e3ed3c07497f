//! What payloads look like.

use futures_util::FutureExt;
use serde_json::{Value as Json, json as j};

use super::fixture::{Shop, engine, id, json, request};
use crate::{
    descriptor::{DomainError, Type},
    error::{ApiError, Code, Location, Segment, Violation},
    graphql::{
        complete::Completer,
        engine::Allowed,
        mutate::{Outcome, payload},
        plan::{Filled, Kind, What},
    },
    service::{
        Rows,
        level::{Reader, Source},
    },
    value::Value,
};

/// The payload of a mutation's only field.
fn check(query: &str, outcome: impl FnOnce(&Rows) -> Outcome, expected: Json) {
    let Ok(prepared) = engine().prepare(&request(query, j!({})), Allowed::All) else { panic!("{query} is fine") };
    let (Kind::Mutation(selection), Filled::Mutation(writes)) = (&prepared.plan.kind, &prepared.filled) else {
        panic!("{query} is a mutation")
    };
    let What::Field(field) = &selection.fields[0].what else { panic!("{query} has a field") };
    let mut completer = Completer::default();
    payload(&mut completer, &field.payload, &outcome(&writes[0].rows)).expect("the payload is complete");
    assert_eq!(json(&String::from_utf8_lossy(&completer.out)), expected);
}

#[test]
fn a_written_row_is_read_with_what_is_below_it() {
    let mut shop = Shop::new(1);
    check(
        "mutation { createUser(input: { name: \"a\" }) { userErrors { code } user { name orders(first: 1) { nodes { total } } } } }",
        |rows| {
            let written = shop.by_ids(&super::fixture::USER, &[id(1)], rows).now_or_never().expect("it is there");
            let record = written.expect("it works").remove(0);
            let level = Reader::new(&mut shop, 100).below(rows, vec![record]).now_or_never().expect("rows are there");
            Outcome::Rows(level.expect("it works"))
        },
        j!({ "userErrors": [], "user": { "name": "user \"1\"", "orders": { "nodes": [{ "total": "12.50" }] } } }),
    );
    assert_eq!(shop.calls, ["by_ids User 1", "children orders of 1"]);
}

#[test]
fn a_row_that_is_there_twice_has_the_same_page_below_it() {
    let mut shop = Shop::new(2);
    check(
        "mutation { createUser(input: { name: \"a\" }) { user { orders(first: 1) { nodes { total } } } } }",
        |rows| {
            let ids = [id(1), id(2)];
            let written = shop.by_ids(&super::fixture::USER, &ids, rows).now_or_never().expect("they are there");
            let users = written.expect("it works");
            let records = vec![users[0].clone(), users[1].clone(), users[0].clone()];
            let level = Reader::new(&mut shop, 100).below(rows, records).now_or_never().expect("rows are there");
            let level = level.expect("it works");
            let fetched = level.fetched[0].as_ref().expect("it works");
            let pages = [0, 1, 2].map(|parent| fetched.page(parent).expect("a page").rows.clone());
            assert_eq!(pages, [0..1, 1..2, 0..1]);
            Outcome::Rows(level)
        },
        j!({ "user": { "orders": { "nodes": [{ "total": "12.50" }] } } }),
    );
    assert_eq!(shop.calls, ["by_ids User 2", "children orders of 2"]);
}

#[test]
fn a_deleted_row_leaves_its_id() {
    let query = "mutation { deleteUser(id: \"x\") { deletedId userErrors { code } __typename } }";
    let expected = j!({ "deletedId": "usr_1", "userErrors": [], "__typename": "DeleteUserPayload" });
    check(query, |_| Outcome::Deleted("usr_1".to_owned()), expected);
}

#[test]
fn refused_input_is_told_in_the_payload() {
    let query = "mutation { createUser(input: { name: \"a\" }) { user { id } userErrors { code message field } } }";
    let path = vec![
        Segment::Field { name: "line_items", camel: "lineItems" },
        Segment::Index(0),
        Segment::Key("a-b".to_owned()),
    ];
    let violation = |location| Violation { location, code: "REQUIRED", message: "is required".to_owned() };
    let violations = vec![violation(Location::Body(path)), violation(Location::Parameter("id".to_owned()))];
    check(
        query,
        |_| Outcome::Refused(ApiError::validation(violations)),
        j!({ "user": null, "userErrors": [
        { "code": "VALIDATION_FAILED", "message": "is required", "field": ["lineItems", "0", "a-b"] },
        { "code": "VALIDATION_FAILED", "message": "is required", "field": null },
    ] }),
    );
    static SOLD_OUT: DomainError = DomainError {
        name: "SOLD_OUT",
        code: Code::NotFound,
        message: "only {left} left",
        params: &[("left", Type::Int32)],
    };
    check(
        "mutation { createUser(input: { name: \"a\" }) { userErrors { code message details { name value } } } }",
        |_| Outcome::Refused(ApiError::domain(&SOLD_OUT, vec![Value::Int(3)])),
        j!({ "userErrors": [
        { "code": "SOLD_OUT", "message": "only 3 left", "details": [{ "name": "left", "value": "3" }] },
    ] }),
    );
    let taken = ApiError::new(Code::AlreadyExists, "name is taken");
    check(
        query,
        |_| Outcome::Refused(taken),
        j!({ "user": null, "userErrors": [
        { "code": "ALREADY_EXISTS", "message": "name is taken", "field": null },
    ] }),
    );
}
