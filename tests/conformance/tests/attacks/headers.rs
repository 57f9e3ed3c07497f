//! Headers within values, and requests whose end two readers would see at different places.

use apigen_conformance::{
    access::value::Dialect,
    generated::GUARDED,
    wire::{exchange, status},
};

use crate::scene::Scene;

fn request_id(answer: &str) -> &str {
    let head = answer.split("\r\n\r\n").next().unwrap();
    let mut ids = head.lines().filter_map(|line| line.strip_prefix("x-request-id: "));
    let id = ids.next().unwrap_or_else(|| panic!("no request id: {head}"));
    assert_eq!(ids.next(), None, "one request, one id");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn request_ids_are_taken_only_if_they_are_harmless() {
    let scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, Dialect::Sqlite).await;
    let get = |id: &str| {
        let head = format!("GET /v1/users HTTP/1.1\r\nhost: x\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n");
        exchange(scene.server.address(), head.as_bytes())
    };
    assert_eq!(request_id(&get("Good_one.1-a")), "Good_one.1-a");
    let long = "a".repeat(129);
    for id in
        ["a b", "a%0d%0aset-cookie:x", "\"a\"", "<script>", "a,b", "{\"level\":\"error\"}", "\u{e4}", "a\tb", &long]
    {
        let answer = get(id);
        assert_ne!(request_id(&answer), id);
        assert!(!answer.to_lowercase().contains("set-cookie"), "{answer}");
    }
    // Two of them: neither is believed more than the other.
    let two = get("first\r\nx-request-id: second");
    assert_ne!(request_id(&two), "second");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_callers_choose_ends_no_header() {
    let scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, Dialect::Sqlite).await;
    let client = reqwest::Client::new();
    for id in ["a\r\nx-evil: 1", "a\nx-evil: 1", "a\u{0}b", "a b", "\u{e4}\u{2028}", "../../admin", "%0d%0ax-evil:1"] {
        let url = format!("{}/v1/tags", scene.server.base_url);
        let answer = client.post(url).json(&serde_json::json!({ "id": id, "label": id })).send().await.unwrap();
        assert!(answer.headers().get("x-evil").is_none(), "{id:?}");
        assert!([201, 422].contains(&answer.status().as_u16()), "{id:?}: {}", answer.status());
        if let Some(location) = answer.headers().get("location") {
            let location = location.to_str().unwrap();
            let chosen = location.strip_prefix("/v1/tags/").unwrap();
            assert!(chosen.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/'), "{location}");
        }
    }
    for path in ["/v1/users/x%0d%0ax-evil:%201", "/v1/users?cursor=x%0d%0ax-evil:%201", "/v1/users?%0d%0ax-evil:=1"] {
        let answer = client.get(format!("{}{path}", scene.server.base_url)).send().await.unwrap();
        assert!(answer.headers().get("x-evil").is_none() && answer.status().is_client_error(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_hides_within_another() {
    let scene = Scene::open("tests/specs/guarded.yaml", &GUARDED, Dialect::Sqlite).await;
    let hidden = "GET /v1/users HTTP/1.1\r\nhost: x\r\n\r\n";
    let framings = [
        "content-length: 4\r\ncontent-length: 44\r\n",
        "content-length: +4\r\n",
        "content-length: 4, 44\r\n",
        "transfer-encoding: chunked, identity\r\n",
        "transfer-encoding: xchunked\r\n",
        "transfer-encoding : chunked\r\n",
        "content-length: 4\r\n transfer-encoding: chunked\r\n",
    ];
    for framing in framings {
        let head = "POST /v1/tags HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
        let answer = exchange(scene.server.address(), format!("{head}{framing}\r\n0\r\n\r\n{hidden}").as_bytes());
        assert_eq!(status(&answer), 400, "{framing}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{framing}: {answer}");
    }
}
