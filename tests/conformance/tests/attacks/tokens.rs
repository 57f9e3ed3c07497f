//! Tokens that nobody signed who may: none is taken, over no protocol, and none is told more than that.

use apigen_conformance::{
    access::{
        caller::{AUDIENCE, Flaw, ISSUER, SECRET, now, unsigned},
        value::Dialect,
    },
    corpus::Clients,
    generated::GUARDED,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value as Json, json};

use crate::scene::Scene;

/// Signed with the right secret, under a header of the attacker's.
fn under(header: &Json, claims: &Json, secret: &str) -> String {
    let message = unsigned(header, claims);
    let key = EncodingKey::from_secret(secret.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// What comes of it over each protocol.
pub async fn codes(clients: &Clients, authorization: &str) -> [Option<String>; 3] {
    let authorization = Some(authorization);
    [
        clients.rest(reqwest::Method::GET, "/v1/tags", &Json::Null, authorization).await,
        clients.graphql("{ tags { nodes { id } } }", authorization).await,
        clients.grpc("TagService/ListTags", authorization).await,
    ]
}

#[tokio::test]
async fn forged_tokens_are_refused_over_all_protocols() {
    let mut scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, Dialect::Sqlite).await;
    let ann = scene.caller(None, &["admin"]);
    let claims = json!({
        "sub": ann.subject, "exp": now() + 600, "iat": now(), "iss": ISSUER, "aud": AUDIENCE, "roles": ["admin"],
    });
    let hs = |more: Json| {
        let mut header = json!({ "alg": "HS256", "typ": "JWT" });
        header.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        header
    };
    assert_eq!(codes(&scene.clients, &ann.authorization(&scene.spec).unwrap()).await, [None, None, None]);

    let mut forged: Vec<String> = Flaw::ALL
        .map(|flaw| {
            let caller = apigen_conformance::access::caller::Caller { flaw: Some(flaw), ..ann.clone() };
            caller.authorization(&scene.spec).unwrap()[7..].to_owned()
        })
        .to_vec();
    for none in ["none", "None", "NONE", "nOnE", ""] {
        forged.push(format!("{}.", unsigned(&json!({ "alg": none }), &claims)));
        forged.push(under(&json!({ "alg": none }), &claims, SECRET));
    }
    // Public keys are no secrets: an HMAC made with one is nobody's signature, nor is one under another name.
    for algorithm in ["RS256", "ES256", "PS256", "EdDSA", "HS384", "HS512"] {
        forged.push(under(&json!({ "alg": algorithm }), &claims, SECRET));
    }
    // Keys that the token itself names or brings along.
    let own_key = URL_SAFE_NO_PAD.encode("a key of the attacker's");
    for header in [
        hs(json!({ "jwk": { "kty": "oct", "k": own_key } })),
        hs(json!({ "jku": "http://127.0.0.1:1/keys" })),
        hs(json!({ "x5u": "http://127.0.0.1:1/certificate" })),
        hs(json!({ "kid": "../../../../dev/null" })),
        hs(json!({ "kid": "x' UNION SELECT 'a key of the attacker''s' --" })),
    ] {
        forged.push(under(&header, &claims, "a key of the attacker's"));
        forged.push(under(&header, &claims, ""));
    }
    // What isn't understood, but must be.
    forged.push(under(&hs(json!({ "crit": ["exp"] })), &claims, "a key of the attacker's"));
    let unauthenticated = Some("UNAUTHENTICATED".to_owned());
    for token in forged {
        let codes = codes(&scene.clients, &format!("Bearer {token}")).await;
        assert_eq!(codes, [(); 3].map(|()| unauthenticated.clone()), "{token}");
    }
}

#[tokio::test]
async fn giant_tokens_are_not_looked_at() {
    let scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, Dialect::Sqlite).await;
    for length in [8 * 1024, 14 * 1024] {
        let codes = codes(&scene.clients, &format!("Bearer {}", "a".repeat(length))).await;
        assert_eq!(codes, [(); 3].map(|()| Some("MALFORMED_REQUEST".to_owned())), "{length}");
    }
}
