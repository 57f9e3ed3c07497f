//! Methods, media types, and the size of bodies.

use std::io::Write;

use apigen_conformance::{
    server::Server,
    shop::{Rest, header, product, user},
    staff, wire,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};

async fn rows(rest: &Rest) -> usize {
    let list: Json = rest.get("/v1/products").send().await.unwrap().json().await.unwrap();
    list["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let customer = rest.create_path("/v1/users", &user("Ada Lovelace")).await;
    let nested = format!("{customer}/orders");
    for path in [&*path, "/v1/products?limit=1", &nested, "/livez", "/readyz", "/openapi.yaml", "/v1/products/none"] {
        let get = rest.get(path).send().await.unwrap();
        let head = rest.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        for name in ["content-type", "etag", "link", "content-length"] {
            assert_eq!(header(&head, name), header(&get, name), "{path} {name}");
        }
        assert_ne!(header(&head, "content-length"), "0", "{path}");
        assert!(head.bytes().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_method_that_is_not_offered_names_those_that_are() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let product = rest.create_path("/v1/products", &product("Mug")).await;
    let orders = format!("{}/orders", rest.create_path("/v1/users", &user("Ada Lovelace")).await);
    for (path, allow, methods) in [
        ("/v1/products", "GET, HEAD, POST", &["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"][..]),
        (&product, "GET, HEAD, PUT, PATCH, DELETE", &["POST"]),
        (&orders, "GET, HEAD", &["POST", "DELETE"]),
        ("/livez", "GET, HEAD", &["POST", "DELETE"]),
        ("/readyz", "GET, HEAD", &["POST"]),
        ("/openapi.yaml", "GET, HEAD", &["PUT"]),
        ("/openapi.json", "GET, HEAD", &["PUT"]),
    ] {
        for method in methods {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let response = rest.request(method.clone(), path).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            let mut allowed: Vec<_> =
                header(&response, "allow").split(',').map(|name| name.trim().to_owned()).collect();
            let mut expected: Vec<_> = allow.split(", ").collect();
            allowed.sort();
            expected.sort_unstable();
            assert_eq!(allowed, expected, "{method} {path}");
            assert_eq!(header(&response, "content-type"), "application/problem+json", "{method} {path}");
            assert_eq!(response.json::<Json>().await.unwrap()["code"], "METHOD_NOT_ALLOWED");
        }
    }
}

#[tokio::test]
async fn a_caller_who_takes_no_json_gets_none() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    for accept in ["text/html", "application/xml, text/*", "application/json;q=0", "application/jsonx"] {
        for request in [rest.get(&path), rest.get("/v1/products"), rest.post("/v1/products", &product("Cup"))] {
            let response = request.header("accept", accept).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE, "{accept}");
            assert_eq!(header(&response, "content-type"), "application/problem+json", "{accept}");
            assert_eq!(response.json::<Json>().await.unwrap()["code"], "NOT_ACCEPTABLE");
        }
    }
    assert_eq!(rows(&rest).await, 1, "a refused create has written");
    for accept in ["*/*", "application/*", "text/html, application/json;q=0.1", "Application/JSON; charset=utf-8"] {
        let response = rest.get(&path).header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{accept}");
        assert_eq!(header(&response, "content-type"), "application/json", "{accept}");
    }
}

#[tokio::test]
async fn a_body_of_another_media_type_is_told_which_are_read() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let input = json!({ "stock": 1 }).to_string();
    let others =
        ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json", "application/jsonx", ""];
    for media in others {
        let request = rest.request(Method::PATCH, &path).header("content-type", media).body(input.clone());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
        assert_eq!(header(&response, "accept-patch"), "application/merge-patch+json, application/json");
        let request = rest.request(Method::POST, "/v1/products").header("content-type", media);
        let response = request.body(product("Cup").to_string()).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{media}");
        assert_eq!(header(&response, "accept-post"), "application/json");
        assert_eq!(response.json::<Json>().await.unwrap()["code"], "UNSUPPORTED_MEDIA_TYPE");
    }
    let undeclared = rest.request(Method::POST, "/v1/products").body(product("Cup").to_string()).send().await.unwrap();
    assert_eq!(undeclared.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(rows(&rest).await, 1, "a refused create has written");
    for media in ["application/merge-patch+json", "application/json", "Application/JSON ; charset=utf-8"] {
        let request = rest.request(Method::PATCH, &path).header("content-type", media).body(input.clone());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK, "{media}");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_by_its_declared_length() {
    let server = Server::start(&[("BODY_LIMIT", "300")]);
    let rest = Rest::of(&server);
    let mut input = product("Mug");
    let padding = 300 - input.to_string().len() - ",\"description\":\"\"".len();
    input["description"] = "x".repeat(padding).into();
    assert_eq!(input.to_string().len(), 300);
    assert_eq!(rest.post("/v1/products", &input).send().await.unwrap().status(), StatusCode::CREATED);

    let head = "POST /v1/products HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n";
    // Not one byte of the body is sent, so the answer can't have waited for it.
    let answer =
        wire::exchange(server.address(), format!("{head}content-length: 301\r\nconnection: close\r\n\r\n").as_bytes());
    assert_eq!(wire::status(&answer), 413, "{answer}");
    assert!(answer.contains("content-type: application/problem+json"), "{answer}");
    assert!(answer.contains("\"code\":\"PAYLOAD_TOO_LARGE\""), "{answer}");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_while_it_is_read() {
    let server = Server::start(&[("BODY_LIMIT", "300")]);
    for (path, content_type) in [("/v1/products", "application/json"), ("/graphql", "application/json")] {
        let mut stream = wire::connect(server.address());
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: shop\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\
             connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        // 400 bytes, and no end of the body.
        for _ in 0..4 {
            stream.write_all(format!("64\r\n{}\r\n", " ".repeat(100)).as_bytes()).unwrap();
        }
        let answer = wire::read_all(&mut stream);
        assert_eq!(wire::status(&answer), 413, "{path}: {answer}");
        assert!(answer.contains("\"code\":\"PAYLOAD_TOO_LARGE\""), "{path}: {answer}");
    }
    assert_eq!(rows(&Rest::of(&server)).await, 0);
}

#[tokio::test]
async fn a_body_in_chunks_is_a_body() {
    let server = Server::start(&[]);
    let input = product("Mug").to_string();
    let (start, end) = input.split_at(20);
    let request = format!(
        "POST /v1/products HTTP/1.1\r\nhost: shop\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n{:x}\r\n{start}\r\n{:x}\r\n{end}\r\n0\r\n\r\n",
        staff::authorization(),
        start.len(),
        end.len()
    );
    assert_eq!(wire::status(&wire::exchange(server.address(), request.as_bytes())), 201);
    assert_eq!(rows(&Rest::of(&server)).await, 1);
}
