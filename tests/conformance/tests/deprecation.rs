//! What is deprecated says so with every answer, and what is over is gone: alike over REST, GraphQL and gRPC.

use apigen_conformance::{generated::FAREWELL, server::Server};
use prost::Message;
use reqwest::header::HeaderMap;
use serde_json::{Value as Json, json};
use tonic::{
    codegen::http::uri::PathAndQuery,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

/// What an answer tells, whatever the protocol.
#[derive(Debug, PartialEq)]
struct Told {
    code: Option<String>,
    deprecation: Option<String>,
    sunset: Option<String>,
    links: Vec<String>,
}

impl Told {
    fn of(headers: &HeaderMap, code: Option<String>) -> Told {
        let texts = |name: &str| headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned());
        let links = texts("link").filter(|link| !link.contains("rel=\"first\"")).collect();
        Told { code, deprecation: texts("deprecation").next(), sunset: texts("sunset").next(), links }
    }

    fn nothing() -> Told {
        Told { code: None, deprecation: None, sunset: None, links: Vec::new() }
    }

    /// With a link for each date, to where the spec says that more can be read.
    fn dates(deprecation: Option<&str>, sunset: Option<&str>) -> Told {
        let link = |rel: &str| format!("<https://docs.example/farewell>; rel=\"{rel}\"; type=\"text/html\"");
        let links = [deprecation.map(|_| link("deprecation")), sunset.map(|_| link("sunset"))];
        Told {
            code: None,
            deprecation: deprecation.map(str::to_owned),
            sunset: sunset.map(str::to_owned),
            links: links.into_iter().flatten().collect(),
        }
    }

    fn gone(deprecation: Option<&str>) -> Told {
        Told { code: Some("EXPIRED".to_owned()), ..Told::dates(deprecation, Some(OVER)) }
    }
}

/// The first second of 2020, and the last.
const SINCE: &str = "@1577836800";
const OVER: &str = "Thu, 31 Dec 2020 23:59:59 GMT";

async fn rest(server: &Server, method: &str, path: &str, body: Option<Json>) -> (Told, Json) {
    let request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", server.base_url));
    let request = if let Some(body) = body { request.json(&body) } else { request };
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body: Json = answer.json().await.unwrap_or_default();
    let code = body["code"].as_str().map(str::to_owned);
    assert_eq!(status == 410, code.as_deref() == Some("EXPIRED"), "{body}");
    (Told::of(&headers, code), body)
}

async fn graphql(server: &Server, query: &str) -> Told {
    let request = reqwest::Client::new().post(format!("{}/graphql", server.base_url));
    let answer = request.json(&json!({ "query": query })).send().await.unwrap();
    let headers = answer.headers().clone();
    let body: Json = answer.json().await.unwrap();
    Told::of(&headers, body["errors"][0]["extensions"]["code"].as_str().map(str::to_owned))
}

async fn grpc(server: &Server, method: &'static str, id: &str) -> Told {
    let channel: Channel = Endpoint::from_shared(server.base_url.clone()).unwrap().connect().await.unwrap();
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let request = tonic::Request::new(ById { id: id.to_owned() });
    match client.unary(request, PathAndQuery::from_static(method), ProstCodec::<ById, ()>::default()).await {
        Ok(answer) => Told::of(answer.metadata().as_ref(), None),
        Err(status) => {
            assert_eq!(status.code(), tonic::Code::Unimplemented, "{status}");
            Told::of(status.metadata().as_ref(), Some("EXPIRED".to_owned()))
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct ById {
    #[prost(string, tag = "1")]
    id: String,
}

async fn letter(server: &Server) -> String {
    let (told, letter) = rest(server, "POST", "/v1/letters", Some(json!({ "text": "Dear all" }))).await;
    assert_eq!(told, Told::nothing());
    letter["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_deprecated_says_so_and_works() {
    let server = FAREWELL.start(None);
    let id = letter(&server).await;
    let listed = Told::dates(Some("@1767225600"), Some("Thu, 31 Dec 9998 23:59:59 GMT"));
    assert_eq!(rest(&server, "GET", "/v1/letters", None).await.0, listed);
    assert_eq!(graphql(&server, "{ letters { nodes { id } } }").await, listed);
    assert_eq!(grpc(&server, "/farewell.v1.LetterService/ListLetters", "").await, listed);
    // Errors tell it, too.
    let (wrong, _) = rest(&server, "GET", "/v1/letters?sort=text", None).await;
    assert_eq!(wrong, Told { code: Some("INVALID_FILTER".to_owned()), ..listed });

    let burnt = Told::dates(Some("@1780272000"), None);
    assert_eq!(rest(&server, "POST", &format!("/v1/letters/{id}/burn"), None).await.0, burnt);
    let [second, third] = [letter(&server).await, letter(&server).await];
    let burn = format!("mutation {{ burnLetter(id: \"{second}\") {{ letter {{ state }} userErrors {{ code }} }} }}");
    assert_eq!(graphql(&server, &burn).await, burnt);
    assert_eq!(grpc(&server, "/farewell.v1.LetterService/BurnLetter", &third).await, burnt);
}

#[tokio::test]
async fn what_is_not_deprecated_says_nothing() {
    let server = FAREWELL.start(None);
    let id = letter(&server).await;
    assert_eq!(rest(&server, "GET", &format!("/v1/letters/{id}"), None).await.0, Told::nothing());
    assert_eq!(graphql(&server, &format!("{{ letter(id: \"{id}\") {{ text }} }}")).await, Told::nothing());
    assert_eq!(grpc(&server, "/farewell.v1.LetterService/GetLetter", &id).await, Told::nothing());
}

#[tokio::test]
async fn what_is_over_is_gone() {
    let server = FAREWELL.start(None);
    let id = letter(&server).await;
    let (gone, problem) = rest(&server, "DELETE", &format!("/v1/letters/{id}"), None).await;
    assert_eq!(gone, Told::gone(Some(SINCE)));
    assert_eq!(problem["detail"], "the operation delete of Letter was there until 2020-12-31");
    let delete = format!("mutation {{ deleteLetter(id: \"{id}\") {{ deletedId }} }}");
    assert_eq!(graphql(&server, &delete).await, gone);
    assert_eq!(grpc(&server, "/farewell.v1.LetterService/DeleteLetter", &id).await, gone);
    let batch = json!({ "operations": [{ "delete": { "id": id } }] });
    assert_eq!(rest(&server, "POST", "/v1/letters/batch", Some(batch)).await.0, gone);
    assert_eq!(rest(&server, "POST", &format!("/v1/letters/{id}/post"), None).await.0, Told::gone(None));
    let (_, letter) = rest(&server, "GET", &format!("/v1/letters/{id}"), None).await;
    let links: Vec<_> = letter["_links"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(links, ["burn", "self"], "nothing leads to what is gone");
}

#[tokio::test]
async fn a_resource_that_is_over_is_gone_as_a_whole() {
    let server = FAREWELL.start(None);
    let (id, gone) = (letter(&server).await, Told::gone(Some(SINCE)));
    assert_eq!(rest(&server, "GET", "/v1/stamps", None).await.0, gone);
    assert_eq!(rest(&server, "POST", "/v1/stamps", Some(json!({}))).await.0, gone);
    assert_eq!(rest(&server, "GET", &format!("/v1/letters/{id}/stamps"), None).await.0, gone);
    let stamp = "/v1/stamps/018f0000-0000-7000-8000-000000000000/marks";
    assert_eq!(rest(&server, "GET", stamp, None).await.0, gone, "nor is anything below it there");
    let stamped = json!({ "text": "Dear all", "stamps": [{ "value": 80 }] });
    assert_eq!(rest(&server, "POST", "/v1/letters", Some(stamped)).await.0, gone, "nor may it come along");
    assert_eq!(graphql(&server, "{ stamps { nodes { id } } }").await, gone);
    assert_eq!(grpc(&server, "/farewell.v1.StampService/ListStamps", "").await, gone);
}
