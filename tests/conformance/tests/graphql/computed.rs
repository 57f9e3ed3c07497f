//! Fields that hooks compute: asked for where a query selects them, once per place of it.

use apigen_conformance::{
    generated::LIBRARY,
    server::Server,
    shop::{Rest, id},
};
use serde_json::{Value as Json, json};

use super::{data, post};

/// A library with two members and a visit of each, the latter for this reason.
async fn visits(reason: &str) -> (Server, Rest) {
    let server = LIBRARY.start(None);
    let rest = Rest::of(&server);
    for (name, reason) in [("Ann", None), ("Bob", Some(reason))] {
        let member = data(
            &rest,
            &format!("mutation {{ createMember(input: {{ name: \"{name}\" }}) {{ member {{ id }} }} }}"),
            json!({}),
        )
        .await;
        let member = id(&member["createMember"]["member"]).to_owned();
        let input = json!({ "startsAt": "2026-01-01T00:00:00Z", "memberId": member, "reason": reason });
        let query = "mutation($input: CreateVisitInput!) { createVisit(input: $input) { visit { reason } } }";
        // What isn't selected isn't computed, so it can't fail either.
        let created = data(&rest, query, json!({ "input": input })).await;
        assert_eq!(created["createVisit"]["visit"]["reason"], json!(reason));
    }
    (server, rest)
}

#[tokio::test]
async fn what_isnt_selected_isnt_asked_for() {
    let (_server, rest) = visits("unspeakable").await;
    let shown = data(&rest, "{ visits { nodes { visitor beside } } }", json!({})).await;
    assert_eq!(shown["visits"]["nodes"], json!([{ "visitor": "Ann", "beside": 2 }, { "visitor": "Bob", "beside": 2 }]));
    let skipped = data(
        &rest,
        "query($no: Boolean!) { visits { nodes { mood @include(if: $no) guests } } }",
        json!({ "no": false }),
    );
    assert_eq!(skipped.await["visits"]["nodes"], json!([{ "guests": 1 }, { "guests": 1 }]));
}

#[tokio::test]
async fn all_rows_at_one_place_are_asked_for_together() {
    let (_server, rest) = visits("of state").await;
    let query = "{
        members { nodes { name visits { nodes { ...Told member { visits { nodes { beside } } } } } } }
        one: visits(first: 1) { nodes { ...Told } edges { node { count: beside } } }
        again: visits(first: 1) { nodes { beside } }
    } fragment Told on Visit { beside visitor stamps }";
    let shown = data(&rest, query, json!({})).await;
    let told = |visitor: &str, beside: i32| json!({ "beside": beside, "visitor": visitor, "stamps": ["2026-01-01T00:00:00.000000Z"] });
    for (member, name) in shown["members"]["nodes"].as_array().unwrap().iter().zip(["Ann", "Bob"]) {
        let mut visit = told(name, 2);
        visit["member"] = json!({ "visits": { "nodes": [{ "beside": 2 }] } });
        assert_eq!(member["visits"]["nodes"], json!([visit]), "of all members in one call");
    }
    assert_eq!(shown["one"], json!({ "nodes": [told("Ann", 1)], "edges": [{ "node": { "count": 1 } }] }));
    assert_eq!(shown["again"]["nodes"], json!([{ "beside": 1 }]));
}

#[tokio::test]
async fn an_action_that_reads_shows_it_too() {
    let (_server, rest) = visits("of state").await;
    let shown = data(&rest, "{ latestVisits { beside visitor } visits { totalCount: __typename } }", json!({})).await;
    assert_eq!(shown["latestVisits"][0]["beside"], 2);
}

#[tokio::test]
async fn a_failure_stays_with_the_field() {
    let (_server, rest) = visits("secret").await;
    let query = json!({ "query": "{ visits { nodes { visitor } } told: visits { edges { node { mood } } } }" });
    let (status, answer) = post(&rest, &query).await;
    assert_eq!(status, 200);
    assert_eq!(answer["data"], Json::Null, "nothing on the way up may be null");
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert_eq!(answer["errors"][0]["path"], json!(["told", "edges", 0, "node", "mood"]));

    let update = "mutation { updateMember(id: 2, input: { name: \"Rob\" }) {
        member { name visits { nodes { visitor mood } } } } }";
    let (_, answer) = post(&rest, &json!({ "query": update })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    let shown = data(&rest, "{ member(id: 2) { name visits { nodes { visitor } } } }", json!({})).await;
    let expected = json!({ "name": "Rob", "visits": { "nodes": [{ "visitor": "Rob" }] } });
    assert_eq!(shown["member"], expected, "which is done all the same");
}
