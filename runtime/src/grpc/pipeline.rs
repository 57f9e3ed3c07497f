//! One unary pipeline for all methods: messages cross it as bytes, so it is compiled once.
//!
//! Reads the one request message, keeps the deadline, and turns every failure, tonic's own included, into an [`ApiError`].

use std::{
    error::Error,
    pin::pin,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::Request,
    routing::{MethodRouter, any, post},
};
use bytes::{Buf, BufMut, Bytes};
use futures_util::{Stream, StreamExt, future::BoxFuture, stream};
use http::{HeaderMap, HeaderValue, Method, Response, Version, header};
use tonic::{
    Status, Streaming,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::ClientStreamingService,
};
use tower::ServiceExt;

use super::{methods, numbers::Numbers, status, timeout, translated};
use crate::{
    edge,
    error::{ApiError, Code},
    service::{Call, Service},
};

/// What all methods share.
pub(super) struct Server {
    pub service: Arc<Service>,
    pub numbers: Numbers,
    pub max_message_size: usize,
}

impl Server {
    fn domain(&self) -> &'static str {
        self.service.api.package
    }
}

pub(super) fn route(server: Arc<Server>, method: methods::Method) -> MethodRouter {
    let method = Arc::new(method);
    let serve = move |request: Request| serve(server.clone(), method.clone(), request);
    let others = translated(post(serve.clone()).fallback(edge::no_method));
    // Most requests need no translation, whose layers would cost them more than their reading does.
    any(async move |request: Request| {
        if is_plain(&request) {
            return serve(request).await;
        }
        others.oneshot(request).await.unwrap_or_else(|never| match never {})
    })
}

/// gRPC as it is, not for browsers, and not something else.
fn is_plain(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    request.method() == Method::POST
        && request.version() == Version::HTTP_2
        && matches!(content_type, Some(b"application/grpc" | b"application/grpc+proto"))
}

async fn serve(server: Arc<Server>, method: Arc<methods::Method>, request: Request) -> Response<Body> {
    let Some(call) = request.extensions().get::<Call>().cloned() else {
        let error = ApiError::internal("a gRPC request without a `Call` among its extensions");
        return status::error_response(&error, "", server.domain());
    };
    let request_id = call.request_id.clone();
    let max_message_size = server.max_message_size;
    let told = Arc::new(OnceLock::new());
    let patience = call.deadline.saturating_duration_since(Instant::now());
    // A stream may last as long as its caller likes.
    let call = if method.import().is_some() { Call { deadline: Instant::now() + edge::FOREVER, ..call } } else { call };
    let mut response = match admit(request.headers(), call) {
        Ok(call) => {
            // tonic's unary path renders the errors of reading by itself, without details; on this one we read.
            let mut grpc = tonic::server::Grpc::new(Raw).max_decoding_message_size(max_message_size);
            let unary = Unary { server, method, call, patience, told: told.clone() };
            grpc.client_streaming(unary, request).await.map(Body::new)
        }
        Err(error) => {
            let _ = told.set(error.reason());
            status::error_response(&error, &request_id, server.domain())
        }
    };
    if let Some(code) = told.get() {
        response.extensions_mut().insert(edge::Told(code));
    }
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}

/// The call with the deadline that the caller's own patience leaves.
fn admit(headers: &HeaderMap, mut call: Call) -> Result<Call, ApiError> {
    let encoding = headers.get("grpc-encoding").map(|value| String::from_utf8_lossy(value.as_bytes()));
    if let Some(encoding) = encoding.filter(|encoding| encoding != "identity") {
        return Err(ApiError::new(Code::NotImplemented, format!("messages compressed by {encoding} can't be read"))
            .with("encoding", encoding));
    }
    // A time beyond what the clock can hold is no limit.
    let patience = timeout::read(headers)?.and_then(|timeout| Instant::now().checked_add(timeout));
    call.deadline = patience.map_or(call.deadline, |patience| patience.min(call.deadline));
    Ok(call)
}

struct Unary {
    server: Arc<Server>,
    method: Arc<methods::Method>,
    call: Call,
    /// How long each message of a stream may take.
    patience: Duration,
    /// The code of the error that was answered.
    told: Arc<OnceLock<&'static str>>,
}

impl ClientStreamingService<Bytes> for Unary {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Streaming<Bytes>>) -> Self::Future {
        let (server, method, call) = (self.server.clone(), self.method.clone(), self.call.clone());
        let (told, patience) = (self.told.clone(), self.patience);
        Box::pin(async move {
            // Pinned here, it isn't moved any more: it is large.
            let answer = pin!(answer(&server, &method, &call, request.into_inner(), patience));
            // Whatever still runs when time is up is dropped, and so cancelled.
            let answer = tokio::time::timeout_at(call.deadline.into(), answer).await;
            let answer = answer.unwrap_or_else(|_| {
                Err(ApiError::new(Code::DeadlineExceeded, "the request wasn't answered before its deadline"))
            });
            match answer {
                Ok(message) => Ok(tonic::Response::new(message)),
                Err(error) => {
                    let _ = told.set(error.reason());
                    Err(status::status(&error, &call.request_id, server.domain()))
                }
            }
        })
    }
}

async fn answer(
    server: &Server,
    method: &methods::Method,
    call: &Call,
    mut messages: Streaming<Bytes>,
    patience: Duration,
) -> Result<Bytes, ApiError> {
    let unreadable = |status: Status| unreadable(&status, server.max_message_size);
    if let Some((import, resource)) = method.import() {
        let messages = messages.map(|message| message.map_err(unreadable));
        let messages = timed(messages, patience);
        // On the heap, because it is large and rare.
        return Box::pin(import.run((&server.service, &server.numbers), call, resource, messages, patience)).await;
    }
    let message = messages.message().await.map_err(unreadable)?;
    let message = message.ok_or_else(|| ApiError::new(Code::MalformedRequest, "the request holds no message"))?;
    if messages.message().await.map_err(unreadable)?.is_some() {
        return Err(ApiError::new(Code::MalformedRequest, "the request holds more than one message"));
    }
    method.run(&server.service, &server.numbers, call, &message).await
}

/// The messages of a stream, none of which may be long in coming.
fn timed<T>(
    messages: impl Stream<Item = Result<T, ApiError>> + Unpin,
    patience: Duration,
) -> impl Stream<Item = Result<T, ApiError>> {
    let late = || ApiError::new(Code::DeadlineExceeded, "the next message was too long in coming");
    stream::unfold(messages, move |mut messages| async move {
        let next = tokio::time::timeout(patience, messages.next()).await;
        Some((next.unwrap_or_else(|_| Some(Err(late())))?, messages))
    })
}

/// Why no message could be read. A layer's refusal may come out of the body as the error that it is.
fn unreadable(status: &Status, max_message_size: usize) -> ApiError {
    let mut causes = std::iter::successors(status.source(), |error: &&(dyn Error + 'static)| (*error).source());
    if let Some(error) = causes.find_map(|error| error.downcast_ref::<ApiError>()) {
        return error.clone();
    }
    match status.code() {
        _ if edge::is_too_large(status) => ApiError::new(Code::PayloadTooLarge, "the body is too large"),
        // What tonic calls a message that is too long.
        tonic::Code::OutOfRange | tonic::Code::ResourceExhausted => edge::too_large(max_message_size),
        tonic::Code::Cancelled => ApiError::new(Code::Cancelled, "the caller cancelled the request"),
        _ => ApiError::new(Code::MalformedRequest, format!("the request can't be read: {}", status.message()))
            .with("cause", status.message()),
    }
}

/// The codec that leaves messages as they are.
#[derive(Debug, Clone, Copy, Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use http_body_util::BodyExt;
    use serde_json::json;
    use tower::ServiceExt;

    use super::super::{
        Health, Options, Reflection,
        fixture::{API, call, message, service},
        router,
    };
    use super::*;

    const GET: &str = "/lab.v1.SampleService/GetSample";
    const LIST: &str = "/lab.v1.SampleService/ListSamples";
    const UPDATE: &str = "/lab.v1.SampleService/UpdateSample";

    async fn app() -> Router {
        let health = Health::serving(*API).await;
        let options = Options { max_message_size: 1_000, health, reflection: Reflection::On };
        router(service().await, options).expect("the fixture agrees with itself")
    }

    fn framed(message: &[u8]) -> Vec<u8> {
        let mut frame = vec![0];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message);
        frame
    }

    fn request(path: &str, body: impl Into<Body>) -> Request {
        Request::post(path)
            .version(http::Version::HTTP_2)
            .header("content-type", "application/grpc")
            .extension(call())
            .body(body.into())
            .unwrap()
    }

    /// `CODE reason: message` of the reply, which must be an error with details.
    async fn refusal(request: Request) -> String {
        let response = app().await.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["x-request-id"], "req-1");
        let status = Status::from_header_map(response.headers()).expect("an error");
        assert!(!status.details().is_empty(), "{status:?}");
        let reason = Code::ALL.iter().map(|code| code.as_str()).find(|reason| {
            let reason = reason.as_bytes();
            status.details().windows(reason.len()).any(|window| window == reason)
        });
        format!("{:?} {}: {}", status.code(), reason.unwrap_or("?"), status.message())
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_refused() {
        let long = framed(&message("GetSampleRequest", json!({ "id": "x".repeat(1_000) })));
        let two = [framed(&[]), framed(&[])].concat();
        let cases = [
            (
                framed(&[0xff]),
                "InvalidArgument MALFORMED_REQUEST: the protobuf message can't be read: failed to decode Protobuf message: invalid varint",
            ),
            (long, "ResourceExhausted PAYLOAD_TOO_LARGE: the body is larger than 1000 bytes"),
            (Vec::new(), "InvalidArgument MALFORMED_REQUEST: the request holds no message"),
            (two, "InvalidArgument MALFORMED_REQUEST: the request holds more than one message"),
            (
                vec![0, 0, 0, 0, 9, 1],
                "InvalidArgument MALFORMED_REQUEST: the request can't be read: Unexpected EOF decoding stream.",
            ),
            (framed(&[]), "InvalidArgument VALIDATION_FAILED: id: is required"),
        ];
        for (body, expected) in cases {
            assert_eq!(refusal(request(GET, body)).await, expected);
        }
    }

    #[tokio::test]
    async fn arguments_are_judged_by_name() {
        let list = |json| request(LIST, framed(&message("ListSamplesRequest", json)));
        let answer = refusal(list(json!({ "orderBy": "price" }))).await;
        assert!(answer.starts_with("InvalidArgument INVALID_FILTER: order_by: "), "{answer}");
        let update = framed(&message("UpdateSampleRequest", json!({ "sample": { "name": "x" } })));
        assert_eq!(refusal(request(UPDATE, update)).await, "InvalidArgument VALIDATION_FAILED: sample.id: is required");
    }

    #[tokio::test]
    async fn headers_are_judged_too() {
        let with = |name: &'static str, value: &'static str| {
            let mut request = request(GET, framed(&[]));
            request.headers_mut().insert(name, HeaderValue::from_static(value));
            refusal(request)
        };
        let answer = with("grpc-timeout", "soon").await;
        assert!(answer.starts_with("InvalidArgument MALFORMED_REQUEST: grpc-timeout: must be"), "{answer}");
        assert_eq!(
            with("grpc-encoding", "gzip").await,
            "Unimplemented NOT_IMPLEMENTED: messages compressed by gzip can't be read"
        );
    }

    #[tokio::test]
    async fn time_runs_out_even_while_reading() {
        let never = || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let expected = "DeadlineExceeded DEADLINE_EXCEEDED: the request wasn't answered before its deadline";
        let mut by_header = request(GET, never());
        by_header.headers_mut().insert("grpc-timeout", HeaderValue::from_static("5m"));
        assert_eq!(refusal(by_header).await, expected);
        let mut by_call = request(GET, never());
        let patience = Duration::from_millis(5);
        by_call.extensions_mut().insert(Call { deadline: Instant::now() + patience, ..call() });
        by_call.headers_mut().insert("grpc-timeout", HeaderValue::from_static("99999999H"));
        assert_eq!(refusal(by_call).await, expected);
    }

    #[tokio::test]
    async fn a_layers_refusal_comes_through_the_body() {
        let refused = ApiError::new(Code::RateLimited, "slow down");
        let body = Body::from_stream(futures_util::stream::iter([Err::<Bytes, _>(refused)]));
        assert_eq!(refusal(request(GET, body)).await, "ResourceExhausted RATE_LIMITED: slow down");
        let limited = http_body_util::Limited::new(Body::from(framed(&[0; 100])), 10);
        assert_eq!(
            refusal(request(GET, Body::new(limited))).await,
            "ResourceExhausted PAYLOAD_TOO_LARGE: the body is too large"
        );
    }

    #[tokio::test]
    async fn browsers_are_served_too() {
        let mut request = request(GET, framed(&[]));
        *request.version_mut() = http::Version::HTTP_11;
        request.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc-web+proto"));
        request.headers_mut().insert("accept", HeaderValue::from_static("application/grpc-web+proto"));
        let response = app().await.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/grpc-web+proto");
        assert_eq!(response.headers()["grpc-status"], "3");
        assert!(response.headers().contains_key("grpc-status-details-bin"));
    }

    #[tokio::test]
    async fn other_media_types_are_refused_in_http() {
        let mut request = request(GET, "{}");
        request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        assert_eq!(app().await.oneshot(request).await.unwrap().status(), 415);
    }

    async fn health(app: &Router, service: &str) -> Vec<u8> {
        let mut check = vec![0x0a, u8::try_from(service.len()).unwrap()];
        check.extend(service.as_bytes());
        let request = request("/grpc.health.v1.Health/Check", framed(&check));
        let response = app.clone().oneshot(request).await.unwrap();
        response.into_body().collect().await.unwrap().to_bytes().to_vec()
    }

    #[tokio::test]
    async fn health_follows_the_shutdown() {
        const SERVING: [u8; 2] = [0x08, 1];
        const NOT_SERVING: [u8; 2] = [0x08, 2];
        let handle = Health::serving(*API).await;
        let options = Options { max_message_size: 1_000, health: handle.clone(), reflection: Reflection::Off };
        let app = router(service().await, options).unwrap();
        assert_eq!(health(&app, "").await, framed(&SERVING));
        assert_eq!(health(&app, "lab.v1.SampleService").await, framed(&SERVING));
        assert_eq!(health(&app, "lab.v1.OtherService").await, b"");
        handle.stop_serving().await;
        assert_eq!(health(&app, "").await, framed(&NOT_SERVING));
        assert_eq!(health(&app, "lab.v1.SampleService").await, framed(&NOT_SERVING));
    }

    #[tokio::test]
    async fn reflection_lists_the_services() {
        for version in ["v1", "v1alpha"] {
            let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
            let response = app().await.oneshot(request(&path, framed(&[0x3a, 0x00]))).await.unwrap();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let body = String::from_utf8_lossy(&body);
            assert!(body.contains("lab.v1.SampleService") && body.contains("grpc.health.v1.Health"), "{body}");
        }
    }
}
