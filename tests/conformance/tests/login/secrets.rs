//! What nobody is told: whether there is an account, and, in logs and caches, any password or token.

use apigen_conformance::{
    access::{place::dialects, value::Dialect},
    command::run_to_end,
    corpus::Protocol,
    generated::DESK,
    server::Server,
};
use reqwest::header::HeaderMap;
use serde_json::{Value as Json, json};

use crate::desk::{Desk, PASSWORD, desks};

async fn post(server: &Server, path: &str, body: &Json) -> (HeaderMap, Json) {
    let answer = reqwest::Client::new().post(format!("{}{path}", server.base_url)).json(body).send().await.unwrap();
    let headers = answer.headers().clone();
    (headers, answer.json().await.unwrap_or_default())
}

/// An answer without what differs between any two.
fn comparable((mut headers, mut body): (HeaderMap, Json)) -> (Vec<(String, String)>, Json) {
    for name in ["date", "x-request-id", "ratelimit"] {
        headers.remove(name);
    }
    body["request_id"] = Json::Null;
    let shown = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (shown.collect(), body)
}

#[tokio::test]
async fn an_unknown_account_is_answered_like_a_wrong_password() {
    for dialect in dialects() {
        let desk = Desk::open(dialect).await;
        desk.hire("ann@desk.example", "guest").await;
        let attempt = async |email: &str| {
            let body = json!({ "email": email, "password": "wrong" });
            comparable(post(&desk.server, "/v1/auth/login", &body).await)
        };
        let (headers, body) = attempt("ann@desk.example").await;
        assert_eq!((headers.clone(), body.clone()), attempt("ann.smith@desk.example").await);
        assert_eq!(
            (&body["code"], &body["detail"]),
            (&json!("UNAUTHENTICATED"), &json!("no account has these credentials"))
        );
        assert!(headers.contains(&("www-authenticate".to_owned(), "Bearer realm=\"api\"".to_owned())), "{headers:?}");
    }
    for (desk, protocol) in desks().await {
        desk.hire("ann@desk.example", "guest").await;
        let wrong = desk.try_login(protocol, "ann@desk.example", "wrong").await.unwrap_err();
        assert_eq!(wrong, desk.try_login(protocol, "ann.smith@desk.example", "wrong").await.unwrap_err());
    }
}

#[tokio::test]
async fn answers_are_kept_by_no_cache() {
    let desk = Desk::open(Dialect::Sqlite).await;
    desk.hire("ann@desk.example", "guest").await;
    let credentials = json!({ "email": "ann@desk.example", "password": PASSWORD });
    let (headers, tokens) = post(&desk.server, "/v1/auth/login", &credentials).await;
    assert_eq!(headers["cache-control"], "no-store");
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    for path in ["/v1/auth/refresh", "/v1/auth/refresh", "/v1/auth/logout"] {
        assert_eq!(post(&desk.server, path, &refresh).await.0["cache-control"], "no-store", "{path}");
    }
    let query = "mutation($input: LoginInput!) { login(input: $input) { token { accessToken } } }";
    let asked = json!({ "query": query, "variables": { "input": credentials } });
    let (headers, answer) = post(&desk.server, "/graphql", &asked).await;
    assert!(answer["data"]["login"]["token"]["accessToken"].is_string(), "{answer}");
    assert_eq!(headers["cache-control"], "no-store");
}

#[tokio::test]
async fn logs_have_neither_passwords_nor_tokens() {
    for dialect in dialects() {
        let desk = Desk::open(dialect).await;
        desk.hire("ann@desk.example", "guest").await;
        let mut secrets = vec![PASSWORD.to_owned(), "a wrong password".to_owned()];
        for protocol in Protocol::ALL {
            desk.try_login(protocol, "ann@desk.example", "a wrong password").await.unwrap_err();
            let first = desk.login(protocol, "ann@desk.example").await;
            let second = desk.refresh(protocol, &first).await.unwrap();
            desk.list(protocol, &second, "Person").await.unwrap();
            desk.logout(protocol, &second).await;
            desk.refresh(protocol, &first).await.unwrap_err();
            for tokens in [first, second] {
                secrets.extend([tokens.access["Bearer ".len()..].to_owned(), tokens.refresh]);
            }
        }
        // Lines gather for a moment.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let log = desk.server.log();
        assert!(log.contains("/v1/auth/logout"), "{log}");
        for secret in secrets {
            assert!(!log.contains(&secret), "{secret} in {log}");
        }
    }
}

#[tokio::test]
async fn without_a_secret_there_is_nothing_to_sign_by() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    std::fs::write(&keys, r#"{ "keys": [] }"#).unwrap();
    let mut command = DESK.command();
    command.env("DATABASE_URL", format!("sqlite:{}", folder.path().join("data.db").display()));
    command.env("LISTEN_ADDR", "127.0.0.1:0").env("CURSOR_KEY", "a secret for cursors").env("JWT_JWKS", &keys);
    let ended = run_to_end(&mut command);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("the spec has `auth.login`: JWT_SECRET is missing"), "{}", ended.stderr);
}
