//! Who may not do a thing isn't told what is wrong with it.

use apigen_conformance::{
    access::{caller::Caller, value::Dialect},
    corpus::{Create, Operation, Protocol, Update},
};
use serde_json::{Value as Json, json};

use crate::scene::{CHAT, Scene};

#[tokio::test]
async fn permission_comes_before_validation() {
    let mut scene = Scene::open("specs/chat.yaml", &CHAT, Dialect::Sqlite).await;
    let here = scene.make("Workspace", &apigen_conformance::access::world::Wish::default());
    let eve = scene.caller(Some(&here), &[]);
    scene.seed().await;
    let other = json!("usr_01h455vb4pex5vsknk084sn02q");
    let create = |input: Json| Operation::Create(Create { resource: "User".to_owned(), input });
    let update = |id: &Json| {
        let (resource, input) = ("Channel".to_owned(), json!({ "name": "NOT A NAME" }));
        Operation::Update(Update { resource, id: id.clone(), input, etag: None })
    };
    let wrong = json!({ "email": "no email", "name": "", "workspace_id": "nonsense" });
    for (caller, code) in [(&Caller::anonymous(), "UNAUTHENTICATED"), (&eve, "PERMISSION_DENIED")] {
        for protocol in Protocol::ALL {
            for operation in [create(wrong.clone()), update(&other), update(&json!("nonsense"))] {
                let answer = scene.ask(protocol, caller, &operation).await;
                assert_eq!(answer.unwrap_err(), code, "{protocol:?} {operation:?}");
            }
        }
        // Without what GraphQL's own types demand it isn't asked at all.
        for protocol in [Protocol::Rest, Protocol::Grpc] {
            assert_eq!(scene.ask(protocol, caller, &create(json!({}))).await.unwrap_err(), code, "{protocol:?}");
        }
        let authorization = caller.authorization(&scene.spec);
        let method = reqwest::Method::POST;
        let body = json!({ "email": { "unlike": ["an", "email"] }, "and": 1 });
        let answer = scene.clients.rest(method, "/v1/users", &body, authorization.as_deref()).await;
        assert_eq!(answer.as_deref(), Some(code));
    }
}
