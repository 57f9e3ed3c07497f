//! The servers of the domains that `specs/` shows: each is built, starts on both databases, serves its contracts, and
//! lets nobody in who isn't meant to.

use std::path::Path;

use apigen_conformance::{generated::Generated, postgres};
use serde_json::{Value as Json, json};

static CHAT: Generated = Generated::domain("chat");
static LIBRARY: Generated = Generated::domain("library");
static PAYMENTS: Generated = Generated::domain("payments");
static SOCIAL: Generated = Generated::domain("social");

/// The shop is served by the rest of the tests.
static DOMAINS: [&Generated; 4] = [&CHAT, &LIBRARY, &PAYMENTS, &SOCIAL];

#[test]
fn every_spec_is_among_them() {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs");
    let files = std::fs::read_dir(specs).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = files.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
    names.sort_unstable();
    let mut served: Vec<_> = DOMAINS.iter().map(|domain| domain.name).chain(["shop"]).collect();
    served.sort_unstable();
    assert_eq!(names, served);
}

#[tokio::test]
async fn each_starts_and_keeps_its_doors_shut() {
    for domain in DOMAINS {
        for database in [None, postgres::url().map(|_| postgres::database())] {
            let server = domain.start(database.as_deref());
            let url = |path: &str| format!("http://{}{path}", server.address());
            assert_eq!(reqwest::get(url("/readyz")).await.unwrap().status(), 200, "{}", domain.name);

            let document: Json = reqwest::get(url("/openapi.json")).await.unwrap().json().await.unwrap();
            let (mut shut, mut open) = (0, 0);
            let client = reqwest::Client::new();
            let paths = document["paths"].as_object().unwrap().iter().filter(|(path, _)| !path.contains('{'));
            for (path, method) in paths.flat_map(|(path, _)| [(path, "get"), (path, "post")]) {
                let operation = &document["paths"][path][method];
                if operation.is_null() {
                    continue;
                }
                let asked =
                    if method == "get" { client.get(url(path)) } else { client.post(url(path)).json(&json!({})) };
                let status = asked.send().await.unwrap().status().as_u16();
                // Nothing is needed, or nothing is among what will do.
                let security = operation["security"].as_array();
                let public = security.is_some_and(|any| any.is_empty() || any.contains(&json!({})));
                let served = if public { &[200, 422, 501][..] } else { &[401, 501] };
                assert!(served.contains(&status), "{} {method} {path}: {status}", domain.name);
                if public { open += 1 } else { shut += 1 }
            }
            assert!(shut > 0, "{}: nothing is guarded", domain.name);
            assert!(open + shut > 3, "{}: hardly anything can be read", domain.name);

            let query = json!({ "query": "{ __schema { queryType { name } } }" });
            let answer: Json = client.post(url("/graphql")).json(&query).send().await.unwrap().json().await.unwrap();
            assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query", "{}", domain.name);
        }
    }
}
