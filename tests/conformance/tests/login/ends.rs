//! The end of sessions: by a logout, by a token that is brought twice, by the end of the row or of their time.

use apigen_conformance::{
    access::{place::Database, seed, value::Dialect},
    corpus::{Operation, Protocol},
};
use reqwest::StatusCode;

use crate::desk::{Desk, PASSWORD, Tokens, create, desks, item, refused};

/// What a server answers to an access token.
async fn status(url: &str, tokens: &Tokens) -> StatusCode {
    let request = reqwest::Client::new().get(format!("{url}/v1/people")).header("authorization", &tokens.access);
    request.send().await.unwrap().status()
}

#[tokio::test]
async fn a_logout_ends_all_tokens_of_its_session_and_no_others() {
    for (desk, protocol) in desks().await {
        desk.hire("ann@desk.example", "guest").await;
        let first = desk.login(protocol, "ann@desk.example").await;
        let second = desk.refresh(protocol, &first).await.unwrap();
        let elsewhere = desk.login(protocol, "ann@desk.example").await;
        for tokens in [&first, &second, &elsewhere] {
            assert_eq!(desk.list(protocol, tokens, "Person").await.unwrap().len(), 1);
        }
        desk.logout(protocol, &second).await;
        for tokens in [&first, &second] {
            assert_eq!(desk.list(protocol, tokens, "Person").await, refused("UNAUTHENTICATED"));
            assert_eq!(desk.refresh(protocol, tokens).await.err().as_deref(), Some("UNAUTHENTICATED"));
        }
        assert_eq!(desk.list(protocol, &elsewhere, "Person").await.unwrap().len(), 1);
        desk.refresh(protocol, &elsewhere).await.unwrap();
    }
}

#[tokio::test]
async fn other_servers_know_of_a_logout() {
    for dialect in apigen_conformance::access::place::dialects() {
        let desk = Desk::open(dialect).await;
        desk.hire("ann@desk.example", "guest").await;
        let tokens = desk.login(Protocol::Rest, "ann@desk.example").await;
        let other = desk.another();
        desk.logout(Protocol::Rest, &tokens).await;
        assert_eq!(status(&other.base_url, &tokens).await, 401);
    }
}

#[tokio::test]
async fn a_token_that_is_brought_twice_ends_the_session() {
    for (desk, protocol) in desks().await {
        desk.hire("ann@desk.example", "guest").await;
        let first = desk.login(protocol, "ann@desk.example").await;
        let second = desk.refresh(protocol, &first).await.unwrap();
        assert_eq!(desk.list(protocol, &second, "Person").await.unwrap().len(), 1);
        assert_eq!(desk.refresh(protocol, &first).await.err().as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(desk.refresh(protocol, &second).await.err().as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(desk.list(protocol, &second, "Person").await, refused("UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn of_two_who_bring_a_token_at_once_none_goes_on_for_long() {
    for dialect in apigen_conformance::access::place::dialects() {
        let desk = Desk::open(dialect).await;
        desk.hire("ann@desk.example", "guest").await;
        let first = desk.login(Protocol::Rest, "ann@desk.example").await;
        let both = [Protocol::Rest, Protocol::Grpc].map(|protocol| desk.refresh(protocol, &first));
        let both = futures_util::future::join_all(both).await;
        let got: Vec<&Tokens> = both.iter().filter_map(|tokens| tokens.as_ref().ok()).collect();
        assert_eq!(got.len(), 1, "{both:?}");
        assert_eq!(desk.refresh(Protocol::Rest, got[0]).await.err().as_deref(), Some("UNAUTHENTICATED"));
    }
}

#[tokio::test]
async fn who_is_no_longer_there_neither_logs_in_nor_goes_on() {
    for (desk, protocol) in desks().await {
        let id = desk.hire("ann@desk.example", "guest").await;
        let tokens = desk.login(protocol, "ann@desk.example").await;
        desk.arrange(&Operation::Delete(item("Person", &id))).await;
        assert_eq!(desk.refresh(protocol, &tokens).await.err().as_deref(), Some("UNAUTHENTICATED"));
        let gone = desk.try_login(protocol, "ann@desk.example", PASSWORD).await.unwrap_err();
        assert_eq!(gone.code, "UNAUTHENTICATED");
        desk.arrange(&Operation::Undelete(item("Person", &id))).await;
        assert_eq!(desk.refresh(protocol, &tokens).await.err().as_deref(), Some("UNAUTHENTICATED"), "it has ended");
        desk.login(protocol, "ann@desk.example").await;
    }
}

#[tokio::test]
async fn who_has_no_password_cannot_log_in() {
    for (desk, protocol) in desks().await {
        let input = serde_json::json!({ "email": "robot@desk.example", "firm_id": desk.firm });
        desk.arrange(&create("Person", input)).await;
        for password in ["", PASSWORD] {
            let failure = desk.try_login(protocol, "robot@desk.example", password).await.unwrap_err();
            assert_eq!(failure.code, "UNAUTHENTICATED");
        }
    }
}

#[tokio::test]
async fn nobody_goes_on_beyond_the_time() {
    for (desk, protocol) in desks().await {
        desk.hire("ann@desk.example", "guest").await;
        let tokens = desk.login(protocol, "ann@desk.example").await;
        let (past, left) = match &desk.database {
            Database::Sqlite(_) => ("unixepoch() * 1000000", "(expires_at - unixepoch() * 1000000) / 1000000"),
            Database::Postgres(_) => ("now()", "CAST(extract(epoch FROM expires_at - now()) AS bigint)"),
        };
        let month = format!("apigen_sessions WHERE {left} BETWEEN 2591900 AND 2592000");
        assert_eq!(seed::count(&desk.database, &month).await, 1, "30 days");
        seed::execute(&desk.database, &format!("UPDATE apigen_sessions SET expires_at = {past}")).await;
        assert_eq!(desk.list(protocol, &tokens, "Person").await, refused("UNAUTHENTICATED"));
        assert_eq!(desk.refresh(protocol, &tokens).await.err().as_deref(), Some("UNAUTHENTICATED"));
        assert_eq!(seed::count(&desk.database, "apigen_sessions").await, 0);
    }
}

#[tokio::test]
async fn a_session_of_somebody_elses_making_is_none() {
    let desk = Desk::open(Dialect::Sqlite).await;
    for sid in ["", "1", "0188bac7-4afa-48aa-bc3b-bd1eef28d881"] {
        let claims = serde_json::json!({
            "sub": "per_01h455vb4pex5vsknk084sn02q", "exp": apigen_conformance::access::caller::now() + 600,
            "iss": apigen_conformance::access::caller::ISSUER, "aud": apigen_conformance::access::caller::AUDIENCE,
            "firm_id": desk.firm, "sid": sid,
        });
        let secret = apigen_conformance::access::caller::SECRET;
        let token = apigen_conformance::access::caller::signed(jsonwebtoken::Algorithm::HS256, secret, &claims);
        let tokens = Tokens { access: format!("Bearer {token}"), refresh: String::new() };
        let expected = if sid.is_empty() { 200 } else { 401 };
        assert_eq!(status(&desk.server.base_url, &tokens).await, expected, "{sid}");
    }
}
