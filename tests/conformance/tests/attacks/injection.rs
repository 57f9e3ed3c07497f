//! Texts that mean something to SQL, to full-text search or to filters, wherever a text can be sent: they are texts.

use apigen_conformance::{
    access::{caller::Caller, place::dialects, seed, world::Wish},
    corpus::{Args, Create, Get, List, Operation, Protocol, With},
};
use serde_json::{Value as Json, json};

use crate::scene::{SOCIAL, Scene};

const TEXTS: [&str; 16] = [
    "' OR '1'='1",
    "'; DROP TABLE \"people\"; --",
    "\" OR 1=1 --",
    "x') OR 1=1 --",
    "\\' OR 1=1 --",
    "%' OR ''='",
    "%",
    "_",
    "*",
    "$1",
    "?1",
    "name:* OR NOT x",
    "\"unbalanced AND (NEAR(a b, 3) -x ^y {col}: z",
    "a & ! | <-> :*",
    "/* */ UNION SELECT password FROM people",
    "${jndi:ldap://x}{{7*7}}",
];

struct Stage {
    scene: Scene,
    eve: Caller,
}

impl Stage {
    async fn ids(&self, protocol: Protocol, args: Args) -> Result<Vec<Json>, String> {
        let list = Operation::List(List { resource: "Person".to_owned(), args });
        let reply = self.scene.ask(protocol, &self.eve, &list).await?;
        Ok(reply.value["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect())
    }

    async fn people(&self) -> i64 {
        seed::count(&self.scene.database, "\"people\" WHERE \"version\" = 1").await
    }
}

/// What a text is refused as that isn't of the form that is wanted.
fn is_refusal(code: &str) -> bool {
    let codes = ["VALIDATION_FAILED", "BAD_USER_INPUT", "INVALID_FILTER", "UNKNOWN_PARAMETER", "MALFORMED_REQUEST"];
    codes.contains(&code) || code.starts_with("GRAPHQL_")
}

#[tokio::test]
async fn texts_are_texts() {
    for dialect in dialects() {
        let mut scene = Scene::open("specs/social.yaml", &SOCIAL, dialect).await;
        let eve = scene.caller(None, &[]);
        (0..3).for_each(|_| drop(scene.make("Person", &Wish::default())));
        scene.seed().await;
        let stage = Stage { scene, eve };
        let people = stage.people().await;
        for protocol in Protocol::ALL {
            for text in TEXTS {
                stage.as_a_value(protocol, text).await;
                stage.as_an_id(protocol, text).await;
                stage.as_words(protocol, text).await;
                stage.as_a_name(protocol, text).await;
            }
        }
        assert_eq!(stage.people().await, people, "nothing is gone, nothing has changed");
    }
}

impl Stage {
    /// It finds what is equal to it, which is nothing; and comes back as it was sent.
    async fn as_a_value(&self, protocol: Protocol, text: &str) {
        let args = Args { conditions: Some(json!({ "handle": { "eq": text } })), ..Args::default() };
        // An asterisk in gRPC's filters stands for anything, as AIP-160 has it.
        if !(protocol == Protocol::Grpc && text.contains('*')) {
            assert_eq!(self.ids(protocol, args).await, Ok(Vec::new()), "{protocol:?} {text}");
        }
        let input = json!({ "text": text, "pictures": [], "tags": [text] });
        let create = Operation::Create(Create { resource: "Post".to_owned(), input });
        let post = self.scene.ask(protocol, &self.eve, &create).await.unwrap().value;
        assert_eq!((&post["text"], &post["tags"][0]), (&json!(text), &json!(text)), "{protocol:?}");
    }

    async fn as_an_id(&self, protocol: Protocol, text: &str) {
        let get =
            Operation::Get(Get { resource: "Person".to_owned(), id: json!(text), fields: None, with: With::default() });
        assert_eq!(self.scene.ask(protocol, &self.eve, &get).await.unwrap_err(), "NOT_FOUND", "{protocol:?} {text}");
        let follow = Create { resource: "Follow".to_owned(), input: json!({ "followed_id": text }) };
        let code = self.scene.ask(protocol, &self.eve, &Operation::Create(follow)).await.unwrap_err();
        assert_eq!(code, "VALIDATION_FAILED", "{protocol:?} {text}");
    }

    /// Its words are looked for, as words; signs alone are no words.
    async fn as_words(&self, protocol: Protocol, text: &str) {
        let found = self.ids(protocol, Args { q: Some(text.to_owned()), ..Args::default() }).await;
        match found {
            Ok(found) => assert!(found.is_empty() || !text.contains(char::is_alphanumeric), "{protocol:?} {text}"),
            Err(code) => assert!(is_refusal(&code), "{protocol:?} {text}: {code}"),
        }
    }

    /// Of a field to sort or to filter by.
    async fn as_a_name(&self, protocol: Protocol, text: &str) {
        let sorted = self.ids(protocol, Args { sort: Some(text.to_owned()), ..Args::default() }).await;
        assert!(sorted.as_ref().is_err_and(|code| is_refusal(code)), "{protocol:?} {text}: {sorted:?}");
        if protocol != Protocol::Graphql {
            let filtered = self.ids(protocol, Args { filter: Some(format!("{text} = 1")), ..Args::default() }).await;
            assert!(filtered.as_ref().is_err_and(|code| is_refusal(code)), "{protocol:?} {text}: {filtered:?}");
        }
        if protocol == Protocol::Rest {
            let name = percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
            let path = format!("/v1/people?fields={name}");
            let authorization = self.eve.authorization(&self.scene.spec);
            let code =
                self.scene.clients.rest(reqwest::Method::GET, &path, &Json::Null, authorization.as_deref()).await;
            assert!(code.as_ref().is_some_and(|code| is_refusal(code)), "{text}: {code:?}");
        }
    }
}
