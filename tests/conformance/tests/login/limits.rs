//! How often anybody may try to log in: as one account, and from one address, over all protocols together.

use std::time::Instant;

use apigen_conformance::{access::value::Dialect, corpus::Protocol, generated::DESK, server::Server};
use reqwest::Response;
use serde_json::{Value as Json, json};

use crate::desk::{Desk, PASSWORD};

/// So many attempts are let through before one isn't, though some come back to those who take their time.
async fn let_through(burst: u64, seconds_each: u64, mut attempt: impl AsyncFnMut(u64) -> bool) {
    let (start, mut through) = (Instant::now(), 0);
    while attempt(through).await {
        through += 1;
        assert!(through < 10 * burst, "nobody is stopped");
    }
    let most = burst + start.elapsed().as_secs() / seconds_each + 1;
    assert!((burst..=most).contains(&through), "{through} of {burst}");
}

#[tokio::test]
async fn an_account_has_ten_attempts_a_minute_whether_it_is_there_or_not() {
    let desk = Desk::open(Dialect::Sqlite).await;
    desk.hire("ann@desk.example", "guest").await;
    for (email, there) in [("ann@desk.example", true), ("nobody@desk.example", false)] {
        // One who succeeds has tried, too.
        let passwords = ["wrong", PASSWORD];
        let_through(10, 6, async |number| {
            let (protocol, password) = (Protocol::ALL[number as usize % 3], passwords[number as usize % 2]);
            match desk.try_login(protocol, email, password).await {
                Ok(_) => {
                    assert!(there && password == PASSWORD);
                    true
                }
                Err(failure) if failure.code == "RATE_LIMITED" => {
                    let told = "the limit login.account allows 10 requests a minute";
                    assert_eq!(failure.message.as_deref(), Some(told), "{email}");
                    false
                }
                Err(failure) => failure.code == "UNAUTHENTICATED",
            }
        })
        .await;
        for protocol in Protocol::ALL {
            assert_eq!(desk.try_login(protocol, email, PASSWORD).await.unwrap_err().code, "RATE_LIMITED", "{email}");
        }
    }
}

#[tokio::test]
async fn spelling_a_name_otherwise_gives_no_more_attempts() {
    let desk = Desk::open(Dialect::Sqlite).await;
    let spellings = ["ann@desk.example", "Ann@desk.example", "ANN@DESK.EXAMPLE"];
    let_through(10, 6, async |number| {
        let tried = desk.try_login(Protocol::Rest, spellings[number as usize % 3], "wrong").await;
        tried.unwrap_err().code == "UNAUTHENTICATED"
    })
    .await;
}

#[tokio::test]
async fn each_attempt_of_a_document_counts() {
    let desk = Desk::open(Dialect::Sqlite).await;
    desk.hire("ann@desk.example", "guest").await;
    let_through(5, 3, async |_| {
        let input = format!("{{ email: \"ann@desk.example\", password: \"{PASSWORD}\" }}");
        let login = |name: &str| format!("{name}: login(input: {input}) {{ token {{ tokenType }} }}");
        let query = format!("mutation {{ {} {} }}", login("a"), login("b"));
        let request = reqwest::Client::new().post(format!("{}/graphql", desk.server.base_url));
        let answer: Json = request.json(&json!({ "query": query })).send().await.unwrap().json().await.unwrap();
        answer["errors"][0]["extensions"]["code"] != "RATE_LIMITED"
    })
    .await;
}

/// An attempt over REST by way of a proxy.
async fn attempt(server: &Server, email: &str, from: &str) -> Response {
    let request = reqwest::Client::new().post(format!("{}/v1/auth/login", server.base_url));
    let body = json!({ "email": email, "password": "wrong" });
    request.header("x-forwarded-for", from).json(&body).send().await.unwrap()
}

/// What a refusal tells: how many seconds to wait, and why.
async fn refused(response: Response) -> (u64, Json) {
    assert_eq!(response.status(), 429);
    let wait = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    (wait, response.json::<Json>().await.unwrap()["detail"].take())
}

#[tokio::test]
async fn an_address_has_thirty_attempts_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = DESK.command();
    command.env("DATABASE_URL", format!("sqlite:{}", folder.path().join("data.db").display()));
    command.env("LISTEN_ADDR", "127.0.0.1:0").env("MODE", "development").env("TRUSTED_PROXIES", "1");
    let server = Server::run(&mut command);
    let_through(30, 2, async |number| {
        attempt(&server, &format!("{number}@desk.example"), "192.0.2.1").await.status() == 401
    })
    .await;
    let (wait, told) = refused(attempt(&server, "another@desk.example", "192.0.2.1").await).await;
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(told, "the limit login.address allows 30 requests a minute");
    assert_eq!(attempt(&server, "another@desk.example", "192.0.2.2").await.status(), 401, "another address");

    // An account's attempts count wherever they come from.
    let_through(10, 6, async |number| {
        attempt(&server, "ann@desk.example", &format!("192.0.2.{}", number + 100)).await.status() == 401
    })
    .await;
    let (wait, told) = refused(attempt(&server, "ann@desk.example", "192.0.2.200").await).await;
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!(told, "the limit login.account allows 10 requests a minute");
}
