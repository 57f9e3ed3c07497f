//! All five methods through the router, the middleware and the service, on a database in memory.

use std::time::Duration;

use axum::{Router, body::Body, extract::Request};
use http_body_util::BodyExt;
use serde_json::{Value as Json, json};
use tower::ServiceExt;

use super::{
    Health, Options, Reflection,
    fixture::{API, json as shown, message, service},
    router,
};
use crate::edge::{self, Limits};

/// A client that sends and receives JSON forms.
struct Client(Router);

async fn client() -> Client {
    let health = Health::serving(*API).await;
    let options = Options { max_message_size: 1 << 20, health, reflection: Reflection::Off };
    let routes = router(service().await, options).expect("the fixture agrees with itself");
    let limits = Limits {
        body: 1 << 20,
        concurrency: 10,
        request: Duration::from_secs(10),
        streams: Vec::new(),
        domain: API.package,
    };
    Client(edge::stack(routes, limits, edge::Callers::default()))
}

fn request(method: &str, body: Vec<u8>) -> Request {
    Request::post(format!("/lab.v1.SampleService/{method}"))
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .body(Body::from(body))
        .expect("a request")
}

impl Client {
    /// `Err`: the code's name and the message.
    async fn call(&self, method: &str, input: Json) -> Result<Json, (tonic::Code, String)> {
        let input = message(&format!("{method}Request"), input);
        let mut frame = vec![0];
        frame.extend(u32::try_from(input.len()).expect("a short message").to_be_bytes());
        frame.extend(input);
        let response = self.0.clone().oneshot(request(method, frame)).await.expect("no error is possible");
        assert_eq!(response.status(), 200);
        if let Some(status) = tonic::Status::from_header_map(response.headers()) {
            return Err((status.code(), status.message().to_owned()));
        }
        let collected = response.into_body().collect().await.expect("a body");
        assert_eq!(collected.trailers().expect("trailers")["grpc-status"], "0");
        let bytes = collected.to_bytes();
        Ok(shown(&format!("{method}Response"), &bytes[5..]))
    }

    async fn ok(&self, method: &str, input: Json) -> Json {
        self.call(method, input).await.unwrap_or_else(|error| panic!("{method}: {error:?}"))
    }

    async fn code(&self, method: &str, input: Json) -> tonic::Code {
        self.call(method, input).await.map_or_else(|(code, _)| code, |reply| panic!("{method}: {reply}"))
    }

    async fn create(&self, name: &str) -> Json {
        let sample = json!({ "name": name, "flag": false, "ownerId": "1" });
        self.ok("CreateSample", json!({ "sample": sample })).await["sample"].take()
    }
}

#[tokio::test]
async fn a_life_of_a_resource() {
    let client = client().await;
    let part = json!({ "label": "a", "weight": "1.5", "parts": [{ "label": "inner", "color": "COLOR_RED" }] });
    let sample = json!({
        "name": "one", "flag": true, "ownerId": "7", "price": "10.5", "part": part, "tags": ["x"],
        "limits": { "a": "1" }, "extra": { "k": [null] }, "secret": "a long password",
    });
    let created = client.ok("CreateSample", json!({ "sample": sample })).await["sample"].take();
    assert_eq!(created["small"], 7, "its default");
    assert_eq!(created["price"], "10.50");
    assert_eq!(created["etag"], "\"v1\"");
    assert_eq!(created.get("secret"), None);

    let id = created["id"].as_str().expect("an id");
    let read = client.ok("GetSample", json!({ "id": id })).await;
    assert_eq!(read["sample"], created);

    let change = json!({ "id": id, "name": "two", "part": { "weight": "2" }, "flag": false });
    let update = json!({ "sample": change, "updateMask": "name,part.weight,price,tags", "etag": "\"v1\"" });
    let updated = client.ok("UpdateSample", update.clone()).await["sample"].take();
    let mut expected = created.clone();
    expected["name"] = "two".into();
    expected["part"]["weight"] = "2.00".into();
    expected["etag"] = "\"v2\"".into();
    expected.as_object_mut().expect("an object").retain(|name, _| name != "price" && name != "tags");
    assert_eq!(updated, expected);
    assert_eq!(client.code("UpdateSample", update).await, tonic::Code::Aborted, "the etag is old");

    let replacement = json!({ "id": id, "name": "three", "flag": true });
    let replaced = client.ok("UpdateSample", json!({ "sample": replacement, "updateMask": "*" })).await;
    let expected = json!({
        "id": id, "name": "three", "flag": true, "small": 7, "ownerId": "7",
        "createdAt": created["createdAt"], "etag": "\"v3\"",
    });
    assert_eq!(replaced["sample"], expected);

    assert_eq!(client.code("DeleteSample", json!({ "id": id, "etag": "\"v2\"" })).await, tonic::Code::Aborted);
    assert_eq!(client.ok("DeleteSample", json!({ "id": id, "etag": "\"v3\"" })).await, json!({}));
    assert_eq!(client.code("GetSample", json!({ "id": id })).await, tonic::Code::NotFound);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let client = client().await;
    let (code, message) = client.call("CreateSample", json!({})).await.unwrap_err();
    assert_eq!((code, message.as_str()), (tonic::Code::InvalidArgument, "3 values aren't allowed"));
    let sample = json!({ "name": "x", "flag": true, "ownerId": "1", "day": "today" });
    let (_, message) = client.call("CreateSample", json!({ "sample": sample })).await.unwrap_err();
    assert_eq!(message, "day must be a date, such as 2026-01-31");

    let id = client.create("x").await["id"].take();
    let update = |sample: Json, mask| client.call("UpdateSample", json!({ "sample": sample, "updateMask": mask }));
    let (_, message) = update(json!({ "id": id, "ownerId": "2" }), "").await.unwrap_err();
    assert_eq!(message, "owner_id can be set on create only");
    let (_, message) = update(json!({ "id": id }), "name").await.unwrap_err();
    assert_eq!(message, "name must not be null");
    let (_, message) = update(json!({ "id": id }), "nope").await.unwrap_err();
    assert_eq!(message, "update_mask `nope` isn't a field of the resource");
    let reply = update(json!({ "id": id }), "part.label").await.expect("there is nothing to clear");
    assert_eq!(reply["sample"].get("part"), None);
}

#[tokio::test]
async fn a_mask_says_what_is_shown() {
    let client = client().await;
    let part = json!({ "label": "a", "weight": "1.5", "parts": [{ "label": "inner" }] });
    let sample = json!({ "name": "one", "flag": true, "ownerId": "7", "part": part, "secret": "a long password" });
    let id = client.ok("CreateSample", json!({ "sample": sample })).await["sample"]["id"].take();
    let get = |mask: &str| client.call("GetSample", json!({ "id": id, "readMask": mask }));
    let own = |more: Json| {
        let mut sample = json!({ "id": id, "etag": "\"v1\"" });
        sample.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Ok(json!({ "sample": sample }))
    };
    assert_eq!(get("*").await, get("").await);
    assert_eq!(get("etag").await, own(json!({})));
    assert_eq!(get("name,part.weight").await, own(json!({ "name": "one", "part": { "weight": "1.50" } })));
    assert_eq!(get("part.parts,tags").await, own(json!({ "part": { "parts": [{ "label": "inner" }] } })));
    for path in ["nope", "secret", "part.nope", "part.parts.label", "name,*"] {
        let (code, message) = get(path).await.unwrap_err();
        assert_eq!(code, tonic::Code::InvalidArgument, "{path}");
        assert!(message.starts_with("read_mask: "), "{message}");
    }
    let page = client.ok("ListSamples", json!({ "readMask": "flag" })).await;
    assert_eq!(page["samples"], json!([{ "id": id, "flag": true, "etag": "\"v1\"" }]));
}

#[tokio::test]
async fn lists_are_read_in_pages() {
    let client = client().await;
    for name in ["c", "a", "d", "b"] {
        client.create(name).await;
    }
    let names = |page: &Json| -> String {
        let samples = page["samples"].as_array().into_iter().flatten();
        samples.map(|sample| sample["name"].as_str().unwrap_or("?")).collect()
    };
    let list = |arguments: Json| client.ok("ListSamples", arguments);
    let first = list(json!({ "pageSize": 3, "includeTotal": true })).await;
    assert_eq!((names(&first).as_str(), &first["totalSize"]), ("abc", &json!("4")));
    assert_eq!(first.get("previousPageToken"), None);
    let second = list(json!({ "pageSize": 3, "pageToken": first["nextPageToken"] })).await;
    assert_eq!(names(&second), "d");
    assert_eq!(second.get("nextPageToken"), None);
    assert_eq!(second.get("totalSize"), None);
    let back = list(json!({ "pageSize": 2, "pageToken": second["previousPageToken"] })).await;
    assert_eq!(names(&back), "bc");
    assert_eq!(names(&list(json!({ "orderBy": "name desc", "pageSize": 2 })).await), "dc");
    assert_eq!(names(&list(json!({})).await), "abcd");

    for wrong in [json!({ "pageSize": -1 }), json!({ "pageToken": "x" }), json!({ "filter": "nope = 1" })] {
        assert_eq!(client.code("ListSamples", wrong.clone()).await, tonic::Code::InvalidArgument, "{wrong}");
    }
    let other_order = json!({ "pageToken": first["nextPageToken"], "orderBy": "name desc" });
    assert_eq!(client.code("ListSamples", other_order).await, tonic::Code::InvalidArgument);
}

#[tokio::test]
async fn the_edge_answers_in_the_callers_protocol() {
    let Client(app) = client().await;
    for (content_type, path) in
        [("application/grpc", "/lab.v1.SampleService/Burn"), ("application/grpc-web+proto", "/lab.v1.OtherService/Get")]
    {
        let request =
            Request::post(path).version(http::Version::HTTP_2).header("content-type", content_type).body(Body::empty());
        let response = app.clone().oneshot(request.expect("a request")).await.expect("no error is possible");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], content_type);
        assert_eq!(response.headers()["grpc-status"], "12");
        assert!(response.headers().contains_key("grpc-status-details-bin"));
    }
    let plain = Request::post("/lab.v1.SampleService/GetSample").header("content-type", "application/json");
    let response = app.oneshot(plain.body(Body::from("{}")).expect("a request")).await.expect("no error is possible");
    assert_eq!(response.status(), 415);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
}
