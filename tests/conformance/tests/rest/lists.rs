//! Query strings of lists, and the walk along their `Link` headers (RFC 8288).

use std::collections::HashMap;

use apigen_conformance::{
    server::Server,
    shop::{Rest, header, id, order, product, user},
};
use reqwest::StatusCode;
use serde_json::{Value as Json, json};

struct Page {
    names: Vec<String>,
    links: HashMap<String, String>,
}

async fn page(rest: &Rest, path: &str) -> Page {
    let response = rest.get(path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    let links = links(&header(&response, "link"));
    let body: Json = response.json().await.unwrap();
    for (rel, member) in [("next", "next_cursor"), ("prev", "prev_cursor")] {
        match body[member].as_str() {
            Some(cursor) => assert!(links[rel].contains(&format!("cursor={cursor}")), "{rel}: {links:?}"),
            None => assert!(body[member].is_null() && !links.contains_key(rel), "{rel}: {links:?}"),
        }
    }
    assert_eq!(body["has_more"], links.contains_key("next"));
    let names = body["data"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned());
    Page { names: names.collect(), links }
}

/// Targets by relation.
fn links(header: &str) -> HashMap<String, String> {
    let links = header.split(", ").map(|link| {
        let (target, rel) = link.split_once(">; rel=\"").unwrap_or_else(|| panic!("not a link: {link}"));
        (rel.trim_end_matches('"').to_owned(), target.trim_start_matches('<').to_owned())
    });
    links.collect()
}

#[tokio::test]
async fn links_lead_to_the_last_page_and_back() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for name in ["a", "b", "c", "d", "e", "f", "g"] {
        rest.create("/v1/products", &product(name)).await;
    }
    rest.create("/v1/products", &json!({ "sku": "OFF", "name": "z", "price": "1", "stock": 0 })).await;

    let start = "/v1/products?limit=3&sort=-name&stock[gte]=1";
    let mut current = page(&rest, start).await;
    assert!(!current.links.contains_key("prev"));
    let mut pages = vec![current.names];
    while let Some(next) = current.links.get("next") {
        current = page(&rest, next).await;
        pages.push(current.names.clone());
    }
    assert_eq!(pages, [vec!["g", "f", "e"], vec!["d", "c", "b"], vec!["a"]]);

    let first = current.links["first"].clone();
    let mut back = vec![pages.pop().unwrap()];
    while let Some(previous) = current.links.get("prev") {
        current = page(&rest, previous).await;
        back.push(current.names.clone());
    }
    assert_eq!(back, [vec!["a"], vec!["d", "c", "b"], vec!["g", "f", "e"]]);
    assert_eq!(page(&rest, &first).await.names, ["g", "f", "e"]);
}

#[tokio::test]
async fn a_nested_list_links_to_itself() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let customer = rest.create("/v1/users", &user("Ada Lovelace")).await;
    for _ in 0..3 {
        rest.create("/v1/orders", &order(id(&customer))).await;
    }
    let path = format!("/v1/users/{}/orders", id(&customer));
    let first = rest.get(&format!("{path}?limit=2&total=true")).send().await.unwrap();
    let next = links(&header(&first, "link")).remove("next").expect("a next page");
    assert!(next.starts_with(&format!("{path}?limit=2&total=true&cursor=")), "{next}");
    let body: Json = first.json().await.unwrap();
    assert_eq!((&body["total"], body["data"].as_array().unwrap().len()), (&json!(3), 2));
    let rest_of_it: Json = rest.get(&next).send().await.unwrap().json().await.unwrap();
    assert_eq!((&rest_of_it["total"], rest_of_it["data"].as_array().unwrap().len()), (&json!(3), 1));
    let elsewhere = next.replacen(&path, "/v1/orders", 1);
    let refused = rest.get(&elsewhere).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(refused.json::<Json>().await.unwrap()["code"], "INVALID_PAGE_TOKEN");
}

#[tokio::test]
async fn parameters_that_cannot_be_meant_are_refused_by_name() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for (query, code, parameter) in [
        ("colour=red", "UNKNOWN_PARAMETER", "colour"),
        ("cost=1", "UNKNOWN_PARAMETER", "cost"),
        ("total=true", "UNKNOWN_PARAMETER", "total"),
        ("Limit=1", "UNKNOWN_PARAMETER", "Limit"),
        ("=1", "UNKNOWN_PARAMETER", ""),
        ("limit=1&limit=2", "MALFORMED_REQUEST", "limit"),
        ("sort=name&sort=id", "MALFORMED_REQUEST", "sort"),
        ("filter=stock%3D1&filter=stock%3D2", "MALFORMED_REQUEST", "filter"),
        ("stock=1&stock=2", "INVALID_FILTER", "stock"),
        ("stock=1&stock[eq]=2", "INVALID_FILTER", "stock[eq]"),
        ("stock=many", "INVALID_FILTER", "stock"),
        ("stock[contains]=1", "INVALID_FILTER", "stock[contains]"),
        ("filter=stock", "INVALID_FILTER", "filter"),
        ("sort=stock,colour", "INVALID_FILTER", "sort"),
        ("limit=many", "MALFORMED_REQUEST", "limit"),
        ("limit=", "MALFORMED_REQUEST", "limit"),
        ("limit=99999999999999999999", "MALFORMED_REQUEST", "limit"),
        ("cursor=nonsense", "INVALID_PAGE_TOKEN", "cursor"),
        ("cursor=%00%ff", "INVALID_PAGE_TOKEN", "cursor"),
    ] {
        let response = rest.get(&format!("/v1/products?{query}")).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{query}");
        let problem: Json = response.json().await.unwrap();
        assert_eq!(problem["code"], code, "{query}: {problem}");
        assert_eq!(problem["errors"][0]["parameter"], parameter, "{query}: {problem}");
    }
}

#[tokio::test]
async fn where_there_are_no_parameters_none_is_known() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = rest.create_path("/v1/products", &product("Mug")).await;
    let requests = [
        rest.get(&format!("{path}?verbose=true")),
        rest.post("/v1/products?dry_run=true", &product("Cup")),
        rest.patch(&format!("{path}?force=1"), &json!({ "stock": 0 })),
        rest.request(reqwest::Method::DELETE, &format!("{path}?force=1")),
    ];
    for request in requests {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.json::<Json>().await.unwrap()["code"], "UNKNOWN_PARAMETER");
    }
    let list: Json = rest.get("/v1/products").send().await.unwrap().json().await.unwrap();
    let rows: Vec<_> = list["data"].as_array().unwrap().iter().map(|row| (&row["name"], &row["stock"])).collect();
    assert_eq!(rows, [(&json!("Mug"), &json!(40))]);
}

#[tokio::test]
async fn a_limit_is_held_to_what_is_allowed() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let customer = rest.create("/v1/users", &user("Ada Lovelace")).await;
    for _ in 0..21 {
        rest.create("/v1/orders", &order(id(&customer))).await;
    }
    for (query, rows) in [("", 20), ("?limit=0", 0), ("?limit=5", 5), ("?limit=1000000", 21)] {
        let list: Json = rest.get(&format!("/v1/orders{query}")).send().await.unwrap().json().await.unwrap();
        assert_eq!(list["data"].as_array().unwrap().len(), rows, "{query}");
    }
    let negative = rest.get("/v1/orders?limit=-1").send().await.unwrap();
    assert_eq!(negative.status(), StatusCode::UNPROCESSABLE_ENTITY);
}
