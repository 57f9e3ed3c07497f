//! Health, the contract, and the pages on which people try the service out.

use std::{collections::BTreeSet, fs, path::Path};

use apigen_conformance::{
    server::Server,
    shop::{Rest, header},
};
use regex::Regex;
use reqwest::StatusCode;
use serde_json::Value as Json;

const PRODUCTION: &[(&str, &str)] = &[("MODE", "production"), ("CURSOR_KEY", "a secret for the tests")];

#[tokio::test]
async fn a_server_that_runs_is_alive_and_ready() {
    let server = Server::start(PRODUCTION);
    let rest = Rest::of(&server);
    for path in ["/livez", "/readyz"] {
        let response = rest.get(path).send().await.unwrap();
        assert_eq!((response.status(), response.text().await.unwrap().as_str()), (StatusCode::OK, "ok"), "{path}");
    }
}

#[tokio::test]
async fn the_contract_is_served_in_both_forms() {
    let server = Server::start(PRODUCTION);
    let rest = Rest::of(&server);
    let yaml = rest.get("/openapi.yaml").send().await.unwrap();
    assert_eq!((yaml.status(), header(&yaml, "content-type")), (StatusCode::OK, "application/yaml".to_owned()));
    let yaml = yaml.text().await.unwrap();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../generated-example/contracts/openapi.yaml");
    assert_eq!(yaml, fs::read_to_string(written).unwrap());
    let json = rest.get("/openapi.json").send().await.unwrap();
    assert_eq!((json.status(), header(&json, "content-type")), (StatusCode::OK, "application/json".to_owned()));
    let json: Json = json.json().await.unwrap();
    assert_eq!(json, serde_saphyr::from_str::<Json>(&yaml).unwrap());
    assert!(json["paths"]["/v1/orders"]["get"].is_object() || json["paths"]["/orders"]["get"].is_object());
}

#[tokio::test]
async fn pages_for_people_load_nothing_from_elsewhere() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let references = Regex::new(r#"(?:src|href)="([^"]+)""#).unwrap();
    let mut assets = BTreeSet::new();
    for path in ["/docs", "/graphql"] {
        let page = rest.get(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK, "{path}");
        assert!(header(&page, "content-type").starts_with("text/html"), "{path}");
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{path}: {policy}");
        let page = page.text().await.unwrap();
        assert!(!page.contains("://") && !page.contains("src=\"//"), "{path} refers to another server");
        assets.extend(references.captures_iter(&page).map(|found| found[1].to_owned()));
    }
    assets.retain(|asset| !asset.starts_with("data:"));
    assert!(assets.iter().any(|asset| asset.ends_with(".js")) && assets.iter().any(|asset| asset.ends_with(".css")));
    for asset in &assets {
        let path = format!("/{}", asset.trim_start_matches("./").trim_start_matches('/'));
        let response = rest.get(&path).header("accept-encoding", "gzip").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let etag = header(&response, "etag");
        let again = rest.get(&path).header("if-none-match", &etag).send().await.unwrap();
        // The contract isn't one of the page's own files.
        assert_eq!(again.status() == StatusCode::NOT_MODIFIED, !etag.is_empty(), "{path}");
        let compressed = header(&response, "content-encoding") == "gzip";
        let bytes = response.bytes().await.unwrap();
        assert_eq!(bytes.starts_with(&[0x1f, 0x8b]), compressed, "{path}");
        assert!(!bytes.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn pages_for_people_are_for_development() {
    let server = Server::start(PRODUCTION);
    let rest = Rest::of(&server);
    for path in ["/docs", "/assets/graphiql.js", "/assets/page.css", "/assets/swagger-ui.js"] {
        let response = rest.get(path).header("accept", "text/html").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
    }
    let graphql = rest.get("/graphql").header("accept", "text/html").send().await.unwrap();
    assert_eq!(graphql.status(), StatusCode::NOT_ACCEPTABLE);
    assert!(!header(&graphql, "content-type").contains("html"));
}

#[tokio::test]
async fn a_file_that_is_not_there_is_a_problem() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    for path in ["/assets/nothing.js", "/assets/docs.html", "/assets/..%2f..%2fCargo.toml"] {
        let response = rest.get(path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
    }
}
