//! Problems (RFC 9457), request ids, and requests that make no sense.

use apigen_conformance::{
    server::Server,
    shop::{Rest, header, id, product},
    wire,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value as Json, json};

/// Checks what all problems have in common, and returns it.
async fn problem(response: Response) -> Json {
    let (status, request_id) = (response.status().as_u16(), header(&response, "x-request-id"));
    let path = response.url().path().to_owned();
    assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
    assert_eq!(header(&response, "cache-control"), "no-store", "{path}");
    let problem: Json = response.json().await.unwrap();
    assert_eq!(problem["type"], "about:blank");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["instance"], path);
    assert_eq!(problem["request_id"], request_id);
    problem
}

#[tokio::test]
async fn a_problem_has_its_members_in_the_order_of_the_standard() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let response = rest.post("/v1/products", &json!({ "stock": -1, "a/b~c d": 1 })).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = response.text().await.unwrap();
    let members = ["type", "title", "status", "detail", "instance", "code", "request_id", "retryable", "errors"];
    let places: Vec<_> = members.iter().map(|member| text.find(&format!("\"{member}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} {text}");
    let problem: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(problem.as_object().unwrap().len(), members.len(), "{problem}");
    assert_eq!((&problem["code"], &problem["retryable"]), (&json!("VALIDATION_FAILED"), &json!(false)));
    let mut errors: Vec<_> = problem["errors"].as_array().unwrap().iter().map(violation).collect();
    errors.sort_unstable();
    assert_eq!(
        errors,
        [
            ("#/a~1b~0c%20d", "UNKNOWN_FIELD"),
            ("#/name", "REQUIRED"),
            ("#/price", "REQUIRED"),
            ("#/sku", "REQUIRED"),
            ("#/stock", "MINIMUM")
        ]
    );
}

fn violation(error: &Json) -> (&str, &str) {
    assert!(error["detail"].is_string() && error.as_object().unwrap().len() == 3, "{error}");
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

#[tokio::test]
async fn no_more_than_twenty_mistakes_are_listed() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let mut input = product("Mug");
    for index in 0..30 {
        input[format!("x{index}")] = json!(1);
    }
    let problem = problem(rest.post("/v1/products", &input).send().await.unwrap()).await;
    assert_eq!((problem["errors"].as_array().unwrap().len(), &problem["truncated"]), (20, &json!(true)));
}

#[tokio::test]
async fn paths_that_lead_nowhere_are_problems() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let deeper = format!("{path}/more");
    let slash = format!("{path}/");
    let paths = ["/", "/v1", "/v1/", "/v2/products", "/v1/Products", "/v1/products/", "/v1//products", &deeper, &slash];
    for path in paths {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let response = rest.request(method.clone(), path).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{method} {path}");
            assert_eq!(problem(response).await["code"], "NOT_FOUND", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn odd_ids_name_nothing() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let row = rest.create("/v1/products", &product("Mug")).await;
    let id = id(&row);
    let other_prefix = id.replacen("prd", "usr", 1);
    let shorter = &id[..id.len() - 1];
    let upper = id.to_uppercase();
    let long = "x".repeat(8_000);
    let ids = [
        "prd_",
        "_",
        "null",
        "0",
        "-1",
        "%00",
        "%20",
        "..%2F..",
        "a%2Fb",
        "%25",
        "%F0%9F%8D%BA",
        "'%20OR%201=1--",
        ";",
        "*",
    ];
    for odd in ids.into_iter().chain([&*other_prefix, shorter, &upper, &long, &format!("{id}%00"), &format!("%20{id}")])
    {
        for request in [
            rest.get(&format!("/v1/products/{odd}")),
            rest.patch(&format!("/v1/products/{odd}"), &json!({ "stock": 1 })),
            rest.request(Method::DELETE, &format!("/v1/products/{odd}")),
            rest.get(&format!("/v1/users/{odd}/orders")),
        ] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{odd}");
            assert_eq!(problem(response).await["code"], "NOT_FOUND", "{odd}");
        }
    }
    // Not text at all.
    for broken in ["%ff", "%c3%28", "prd_%80"] {
        let response = rest.get(&format!("/v1/products/{broken}")).send().await.unwrap();
        assert!(response.status().is_client_error(), "{broken}: {}", response.status());
        problem(response).await;
    }
    let escaped: String = id.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let read = rest.get(&format!("/v1/products/{escaped}")).send().await.unwrap();
    assert_eq!(read.json::<Json>().await.unwrap(), row);
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"{} {}",
        b"{\"name\": }",
        b"{'name': 1}",
        b"{\"name\": \"\xff\"}",
        b"{\"name\": NaN}",
        b"\xef\xbb\xbf",
        b"nothing",
        deep.as_bytes(),
    ];
    for body in bodies {
        for (method, path) in [(Method::POST, "/v1/products"), (Method::PATCH, "/v1/products/prd_none")] {
            let request = rest.request(method, path).header("content-type", "application/json").body(body.to_vec());
            let response = request.send().await.unwrap();
            let shown = String::from_utf8_lossy(&body[..body.len().min(30)]).into_owned();
            assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{shown}");
            assert_eq!(problem(response).await["code"], "MALFORMED_REQUEST", "{shown}");
        }
    }
    // JSON, but no object.
    for body in ["[]", "null", "\"text\"", "1", "true"] {
        let request = rest.request(Method::POST, "/v1/products").header("content-type", "application/json").body(body);
        let response = request.send().await.unwrap();
        assert!(matches!(response.status().as_u16(), 400 | 422), "{body}: {}", response.status());
        problem(response).await;
    }
}

#[tokio::test]
async fn a_request_keeps_the_id_that_it_came_with() {
    let mut server = Server::start(&[]);
    let rest = Rest::of(&server);
    let longest = "a".repeat(128);
    for given in ["a", "Trace-1.2_3", &longest] {
        for path in ["/v1/products", "/v1/products/none", "/livez", "/nothing"] {
            let response = rest.get(path).header("x-request-id", given).send().await.unwrap();
            assert_eq!(header(&response, "x-request-id"), given, "{path}");
        }
        let missing = rest.get("/v1/products/none").header("x-request-id", given).send().await.unwrap();
        assert_eq!(problem(missing).await["request_id"], given);
    }
    server.signal("TERM");
    assert!(server.wait().success());
    let log = server.log();
    assert!(log.contains("Trace-1.2_3"), "{log}");
}

#[tokio::test]
async fn a_request_id_that_could_do_harm_is_replaced() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let too_long = "a".repeat(129);
    let mut seen = Vec::new();
    for given in ["", "a b", "a;b", "<script>", "a\tb", "é", &too_long] {
        let response = rest.get("/v1/products/none").header("x-request-id", given).send().await.unwrap();
        let made = problem(response).await["request_id"].as_str().unwrap().to_owned();
        assert!(made != given && !made.is_empty(), "{given:?}: {made:?}");
        assert!(made.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte)), "{made}");
        assert!(!seen.contains(&made), "{made} again");
        seen.push(made);
    }
}

#[test]
fn bytes_that_are_no_http_end_the_connection_only() {
    let server = Server::start(&[]);
    for bytes in [&b"\0\0\0\0\r\n\r\n"[..], b"GET / HTTP/9.9\r\n\r\n", b"GET /livez HTTP/1.1\r\nhost shop\r\n\r\n"] {
        let answer = wire::exchange(server.address(), bytes);
        assert!(answer.is_empty() || wire::status(&answer) == 400, "{answer}");
    }
    let request = b"GET /livez HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n";
    assert_eq!(wire::status(&wire::exchange(server.address(), request)), 200);
}
