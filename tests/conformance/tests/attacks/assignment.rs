//! Fields that aren't the caller's to set: sent all the same, with creates and updates.

use apigen_conformance::{
    access::{place::dialects, seed, world::Wish},
    corpus::{Create, Get, Operation, Protocol, Update, With},
};
use serde_json::{Value as Json, json};

use crate::scene::{CHAT, SOCIAL, Scene};

fn get(resource: &str, id: &Json) -> Operation {
    Operation::Get(Get { resource: resource.to_owned(), id: id.clone(), fields: None, with: With::default() })
}

fn update(resource: &str, id: &Json, input: Json) -> Operation {
    Operation::Update(Update { resource: resource.to_owned(), id: id.clone(), input, etag: None })
}

/// Refused, or ignored: what GraphQL has no input for it refuses, and what no message has can't be sent over gRPC.
fn is_refusal(code: &str) -> bool {
    ["VALIDATION_FAILED", "BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&code)
}

#[tokio::test]
async fn what_the_server_sets_nobody_sends() {
    for dialect in dialects() {
        let mut scene = Scene::open("specs/social.yaml", &SOCIAL, dialect).await;
        let (ann, eve) = (scene.caller(None, &[]), scene.caller(None, &[]));
        let wish = Wish { lead: Some((vec!["author".to_owned()], eve.subject.clone().unwrap())), ..Wish::default() };
        let posts: Vec<Json> = Protocol::ALL.iter().map(|_| scene.make("Post", &wish)).collect();
        scene.seed().await;
        let stolen = [
            ("author_id", ann.subject.clone().unwrap()),
            ("state", json!("hidden")),
            ("id", json!("pst_01h455vb4pex5vsknk084sn02q")),
            ("like_count", json!(1000)),
            ("created_at", json!("2000-01-01T00:00:00Z")),
        ];
        for (protocol, post) in Protocol::ALL.into_iter().zip(&posts) {
            for (field, value) in stolen.clone() {
                let input = json!({ "text": "mine", field: value, "pictures": [], "tags": [] });
                let create = Operation::Create(Create { resource: "Post".to_owned(), input: input.clone() });
                let mut answers = Vec::new();
                for operation in [create, update("Post", post, json!({ "text": "mine", field: value }))] {
                    match scene.ask(protocol, &eve, &operation).await {
                        Ok(reply) => answers.push(reply.value),
                        Err(code) => assert!(is_refusal(&code), "{protocol:?} {field}: {code}"),
                    }
                }
                answers.push(scene.ask(protocol, &eve, &get("Post", post)).await.unwrap().value);
                for row in answers {
                    assert_ne!(row[field], value, "{protocol:?}");
                    assert_eq!(row["author_id"], eve.subject.clone().unwrap(), "{protocol:?} {field}");
                }
            }
        }
        let taken = seed::count(&scene.database, "\"posts\" WHERE \"state\" = 'hidden'").await;
        assert_eq!(taken, 0);
    }
}

#[tokio::test]
async fn columns_that_no_contract_has_cant_be_written() {
    let mut scene = Scene::open("specs/chat.yaml", &CHAT, dialects()[0]).await;
    let here = scene.make("Workspace", &Wish::default());
    let there = scene.make("Workspace", &Wish::default());
    let eve = scene.caller(Some(&here), &["admin"]);
    scene.seed().await;
    let own = eve.subject.clone().unwrap();
    for field in ["tenant_id", "tenantId", "version", "deleted_at", "__proto__", "role\" = 'x', \"name"] {
        // gRPC's messages have no place for it.
        for protocol in [Protocol::Rest, Protocol::Graphql] {
            let input = json!({ field: there });
            let code = scene.ask(protocol, &eve, &update("User", &own, input)).await.unwrap_err();
            assert!(is_refusal(&code), "{protocol:?} {field}: {code}");
            let input = json!({ "email": "x@example.com", "name": "X", "workspace_id": here, field: there });
            let create = Operation::Create(Create { resource: "User".to_owned(), input });
            let code = scene.ask(protocol, &eve, &create).await.unwrap_err();
            assert!(is_refusal(&code), "{protocol:?} {field}: {code}");
        }
    }
    // It is there to be chosen once, and moves no row afterwards.
    for protocol in Protocol::ALL {
        let moved = scene.ask(protocol, &eve, &update("User", &own, json!({ "workspace_id": there }))).await;
        assert!(is_refusal(&moved.unwrap_err()), "{protocol:?}");
    }
    assert_eq!(seed::count(&scene.database, "\"users\" WHERE \"version\" <> 1").await, 0);
}
