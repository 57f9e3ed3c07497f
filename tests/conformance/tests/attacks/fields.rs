//! Fields that not everybody may read, asked for in every roundabout way.

use apigen_conformance::{
    access::{caller::Caller, place::dialects, world::Wish},
    corpus::{Args, List, Operation, Protocol},
    generated::GUARDED,
};
use serde_json::{Value as Json, json};

use crate::scene::Scene;

/// What REST and GraphQL tell a caller, all of it.
async fn told(scene: &Scene, caller: &Caller, user: &Json, post: &Json) -> Vec<String> {
    let authorization = caller.authorization(&scene.spec);
    let (user, post) = (user.as_str().unwrap(), post.as_str().unwrap());
    let mut told = Vec::new();
    for path in [
        format!("users/{user}"),
        format!("users/{user}?fields=email"),
        "users?fields=id,email,password".to_owned(),
        format!("posts/{post}?expand=author"),
        format!("posts/{post}?expand=editor"),
        "posts?expand=author,editor&fields=editor_id,author.email".to_owned(),
        format!("users/{user}/posts?expand=author"),
        "users?sort=email".to_owned(),
        "users?sort=-email&limit=1".to_owned(),
    ] {
        let request = reqwest::Client::new().get(format!("{}/v1/{path}", scene.server.base_url));
        let request = authorization.iter().fold(request, |request, value| request.header("authorization", value));
        told.push(request.send().await.unwrap().text().await.unwrap());
    }
    for query in [
        format!("{{ user(id: \"{user}\") {{ email posts {{ nodes {{ author {{ email }} }} }} }} }}"),
        format!("{{ node(id: \"{user}\") {{ ... on User {{ email }} }} }}"),
        format!("{{ nodes(ids: [\"{user}\"]) {{ ... on User {{ renamed: email }} }} }}"),
        "{ users { nodes { email } edges { node { email } } } }".to_owned(),
        "{ posts { nodes { author { email } } } }".to_owned(),
        "{ posts { nodes { editor { email name } } } }".to_owned(),
        format!("{{ post(id: \"{post}\") {{ author {{ ...all }} }} }} fragment all on User {{ email }}"),
    ] {
        told.push(scene.clients.query(&query, authorization.as_deref()).await.to_string());
    }
    told
}

#[tokio::test]
async fn they_are_shown_along_no_way() {
    for dialect in dialects() {
        let mut scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, dialect).await;
        let (ann, eve, admin) = (scene.caller(None, &[]), scene.caller(None, &[]), scene.caller(None, &["admin"]));
        let user = ann.subject.clone().unwrap();
        let led = ["author_id", "editor_id"].map(|column| (column.to_owned(), user.clone()));
        let post = scene.make("Post", &Wish { values: led.to_vec(), ..Wish::default() });
        scene.seed().await;
        let row = scene.world.row("User", &user).unwrap();
        let email = row.values["email"].as_str().unwrap().to_owned();
        for caller in [&Caller::anonymous(), &eve] {
            for answer in told(&scene, caller, &user, &post).await {
                assert!(!answer.contains(&email), "{answer}");
            }
        }
        let seen = told(&scene, &admin, &user, &post).await;
        assert!(seen.iter().filter(|answer| answer.contains(&email)).count() > 5, "who may is shown it: {seen:?}");
        for answer in seen {
            assert!(!answer.contains("\"password\":"), "nobody is shown a password: {answer}");
        }
        guessing(&scene, &eve, &email).await;
    }
}

/// Letter by letter, by asking which rows there are.
async fn guessing(scene: &Scene, eve: &Caller, email: &str) {
    for protocol in Protocol::ALL {
        for conditions in [
            json!({ "email": { "starts_with": &email[..5] } }),
            json!({ "email": { "ne": "nobody@example.com" } }),
            json!({ "not": { "email": { "eq": "nobody@example.com" } } }),
            json!({ "or": [{ "email": { "gt": "a" } }, { "id": { "eq": eve.subject } }] }),
        ] {
            let args = Args { conditions: Some(conditions.clone()), ..Args::default() };
            let list = Operation::List(List { resource: "User".to_owned(), args });
            match scene.ask(protocol, eve, &list).await {
                Ok(page) => {
                    let rows = page.value["data"].as_array().unwrap().clone();
                    let others = rows.iter().filter(|row| Some(&row["id"]) != eve.subject.as_ref());
                    assert_eq!(others.count(), 0, "{protocol:?} {conditions}");
                }
                // Not every operator is one of emails.
                Err(code) => assert!(
                    ["INVALID_FILTER", "BAD_USER_INPUT", "UNKNOWN_PARAMETER", "GRAPHQL_VALIDATION_FAILED"]
                        .contains(&&*code),
                    "{code}"
                ),
            }
        }
    }
}
