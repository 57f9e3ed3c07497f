//! gRPC-Web over HTTP/1.1, as browsers speak it, in both of its forms.

use apigen_conformance::{
    server::Server,
    shop::{Rest, header},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use prost::Message;
use shop_server::client::{CreateProductResponse, GetProductRequest, GetProductResponse, ListProductsRequest};
use tonic::{Code, Status, codegen::http::HeaderMap};

use super::{creation, details::Details, mug};

/// A message in its frame.
fn framed(message: &impl Message) -> Vec<u8> {
    let mut frame = vec![0];
    frame.extend(u32::try_from(message.encoded_len()).unwrap().to_be_bytes());
    frame.extend(message.encode_to_vec());
    frame
}

/// The one message of a body and what its trailers say.
fn unframed(mut body: &[u8], mut trailers: HeaderMap) -> Result<Vec<u8>, Status> {
    let mut messages = Vec::new();
    while let [kind, a, b, c, d, rest @ ..] = body {
        let (content, behind) = rest.split_at(u32::from_be_bytes([*a, *b, *c, *d]) as usize);
        body = behind;
        match kind {
            0 => messages.push(content.to_vec()),
            0x80 => {
                assert!(body.is_empty(), "trailers come last");
                for line in std::str::from_utf8(content).unwrap().lines() {
                    let (name, value) = line.split_once(':').unwrap();
                    let name: tonic::codegen::http::HeaderName = name.parse().unwrap();
                    trailers.insert(name, value.trim().parse().unwrap());
                }
            }
            kind => panic!("a frame of kind {kind}"),
        }
    }
    assert!(body.is_empty(), "half a frame: {body:?}");
    let status = Status::from_header_map(&trailers).expect("a grpc-status");
    match status.code() {
        Code::Ok => {
            assert_eq!(messages.len(), 1);
            Ok(messages.remove(0))
        }
        _ => Err(status),
    }
}

/// Calls a method of the ProductService in the binary form, and returns the message of the answer.
pub async fn call(
    server: &Server,
    method: &str,
    message: &impl Message,
    headers: &[(&str, &str)],
) -> Result<Vec<u8>, Status> {
    answer(server, method, "application/grpc-web+proto", framed(message), headers).await
}

async fn answer(
    server: &Server,
    method: &str,
    media: &str,
    body: Vec<u8>,
    headers: &[(&str, &str)],
) -> Result<Vec<u8>, Status> {
    let rest = Rest::of(server);
    let request = rest.request(reqwest::Method::POST, &format!("/shop.v1.ProductService/{method}"));
    let request = request.header("content-type", media).header("accept", media).header("x-grpc-web", "1");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = request.body(body).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.version(), reqwest::Version::HTTP_11);
    assert_eq!(header(&response, "content-type"), media);
    let headers = response.headers().clone();
    let body = response.bytes().await.unwrap();
    let body = if media.contains("-text") { from_text(&body) } else { body.to_vec() };
    unframed(&body, headers)
}

/// Each part of a text body may be padded by itself.
fn from_text(body: &[u8]) -> Vec<u8> {
    let parts = body.chunks(4).map(|part| BASE64.decode(part).unwrap());
    parts.collect::<Vec<_>>().concat()
}

#[tokio::test]
async fn a_browser_writes_and_reads() {
    let server = Server::start(&[]);
    let created = call(&server, "CreateProduct", &creation(mug()), &[]).await.unwrap();
    let product = CreateProductResponse::decode(&created[..]).unwrap().product.unwrap();
    let request = GetProductRequest { id: product.id.clone(), ..GetProductRequest::default() };
    let read = call(&server, "GetProduct", &request, &[]).await.unwrap();
    assert_eq!(GetProductResponse::decode(&read[..]).unwrap().product.as_ref(), Some(&product));

    let media = "application/grpc-web-text+proto";
    let body = BASE64.encode(framed(&request)).into_bytes();
    let read = answer(&server, "GetProduct", media, body, &[]).await.unwrap();
    assert_eq!(GetProductResponse::decode(&read[..]).unwrap().product.as_ref(), Some(&product));
}

#[tokio::test]
async fn a_browser_is_told_what_went_wrong() {
    let server = Server::start(&[]);
    let request = GetProductRequest { id: "prd_none".to_owned(), ..GetProductRequest::default() };
    let binary = call(&server, "GetProduct", &request, &[("x-request-id", "web-1")]).await.unwrap_err();
    assert_eq!(binary.code(), Code::NotFound);
    let details = Details::of(&binary);
    assert_eq!((details.info.reason.as_str(), details.request.request_id.as_str()), ("NOT_FOUND", "web-1"));

    let media = "application/grpc-web-text+proto";
    let body = BASE64.encode(framed(&request)).into_bytes();
    let text = answer(&server, "GetProduct", media, body, &[]).await.unwrap_err();
    assert_eq!((text.code(), Details::of(&text).info.reason), (Code::NotFound, "NOT_FOUND".to_owned()));

    let unknown = call(&server, "BurnProduct", &request, &[]).await.unwrap_err();
    assert_eq!(
        (unknown.code(), Details::of(&unknown).info.reason),
        (Code::Unimplemented, "NOT_IMPLEMENTED".to_owned())
    );
}

#[tokio::test]
async fn a_method_takes_grpc_only() {
    let server = Server::start(&[]);
    let rest = Rest::of(&server);
    let path = "/shop.v1.ProductService/ListProducts";
    let json = rest.post(path, &serde_json::json!({})).send().await.unwrap();
    assert_eq!((json.status().as_u16(), header(&json, "content-type").as_str()), (415, "application/problem+json"));
    assert!(header(&json, "accept-post").contains("application/grpc"));
    let body = framed(&ListProductsRequest::default());
    let request = rest.request(reqwest::Method::POST, path).header("content-type", "application/grpc-web+proto");
    assert_eq!(request.body(body).send().await.unwrap().status(), 200);
}
