//! The form of a batch and of its answer.

use apigen_conformance::{
    server::Server,
    shop::{Rest, header, id, product},
};
use reqwest::StatusCode;
use serde_json::{Value as Json, json};

const PATH: &str = "/v1/products/batch";

#[tokio::test]
async fn each_result_is_as_it_would_have_been_alone() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let mug = rest.create("/v1/products", &product("Mug")).await;
    let body = json!({ "atomic": false, "operations": [
        { "create": product("Cup") },
        { "update": { "id": id(&mug), "etag": "\"v1\"", "stock": 4 } },
        { "update": { "id": id(&mug), "etag": "\"v1\"", "stock": 5 } },
        { "create": { "price": "-1" } },
        { "delete": { "id": id(&mug) } },
    ] });
    let response = rest.post(PATH, &body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let request_id = header(&response, "x-request-id");
    let answer: Json = response.json().await.unwrap();
    let results = answer["results"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 200, 412, 422, 204]);
    assert_eq!((&results[0]["resource"]["name"], &results[1]["resource"]["stock"]), (&json!("Cup"), &json!(4)));
    assert_eq!((&results[0]["etag"], &results[1]["etag"]), (&json!("\"v1\""), &json!("\"v2\"")));
    let problem = &results[3]["error"];
    assert_eq!((&problem["request_id"], &problem["instance"]), (&json!(request_id), &json!(PATH)));
    let mut pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    pointers.sort_by_key(|pointer| pointer.to_string());
    let at = |field: &str| json!(format!("#/operations/3/create/{field}"));
    assert_eq!(pointers, [&at("name"), &at("price"), &at("sku"), &at("stock")]);
    assert_eq!(results[4], json!({ "index": 4, "status": 204 }));
}

#[tokio::test]
async fn what_is_no_batch_is_refused_by_its_place() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let cases = [
        (json!([]), "#", "INVALID_TYPE"),
        (json!({}), "#/operations", "REQUIRED"),
        (json!({ "operations": {} }), "#/operations", "INVALID_TYPE"),
        (json!({ "operations": [], "dry": true }), "#/dry", "UNKNOWN_FIELD"),
        (json!({ "operations": [], "atomic": 1 }), "#/atomic", "INVALID_TYPE"),
        (json!({ "operations": [1] }), "#/operations/0", "INVALID_TYPE"),
        (json!({ "operations": [{ "upsert": {} }] }), "#/operations/0/upsert", "UNKNOWN_FIELD"),
        (json!({ "operations": [{ "delete": 1 }] }), "#/operations/0/delete", "INVALID_TYPE"),
        (json!({ "operations": [{ "delete": { "id": 1 } }] }), "#/operations/0/delete/id", "INVALID_TYPE"),
        (
            json!({ "operations": [{ "delete": { "id": "x", "stock": 1 } }] }),
            "#/operations/0/delete/stock",
            "UNKNOWN_FIELD",
        ),
        (
            json!({ "operations": [{ "update": { "id": "x", "etag": 1 } }] }),
            "#/operations/0/update/etag",
            "INVALID_TYPE",
        ),
        (json!({ "operations": [{ "create": [] }] }), "#/operations/0/create", "INVALID_TYPE"),
    ];
    for (body, pointer, code) in cases {
        let response = rest.post(PATH, &body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem: Json = response.json().await.unwrap();
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body} {problem}");
    }
    let response = rest.get(PATH).send().await.unwrap();
    assert_eq!((response.status(), header(&response, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "POST".to_owned()));
}
