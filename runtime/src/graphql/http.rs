//! GraphQL over HTTP: methods, media types and statuses.
//!
//! Statuses are what clients and the audit suite of `graphql-http` expect today: as `application/graphql-response+json`
//! a request that wasn't executed is 400, as `application/json` every well-formed request is 200.

mod accept;

use std::{error::Error, sync::Arc};

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::State,
    response::{IntoResponse, Response},
    routing::any,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts};

use super::{
    Options,
    engine::{Allowed, Engine, Rejection, Request},
    response,
};
use crate::{
    error::{ApiError, Code},
    explorer,
    service::{Call, Service},
};
use accept::Format;

struct Served {
    engine: Engine,
    service: Arc<Service>,
}

/// `/graphql`. Every request must carry its [`Call`] as an extension. Fails if the schema and the descriptors differ.
pub fn router(service: Arc<Service>, options: Options) -> anyhow::Result<Router> {
    let engine = Engine::new(service.api, options)?;
    Ok(Router::new().route("/graphql", any(serve)).with_state(Arc::new(Served { engine, service })))
}

/// The answer of the layers around this adapter, for a request that didn't reach it.
pub fn error_response(error: &ApiError, request_id: &str) -> Response {
    refused(Format::GraphqlResponse, error, request_id)
}

async fn serve(
    State(served): State<Arc<Served>>,
    Extension(call): Extension<Call>,
    request: axum::extract::Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if served.engine.options.development && accept::wants_page(&parts) {
        return explorer::graphiql();
    }
    match answer(&served, &call, &parts, body).await {
        Ok(response) => response,
        Err(Refusal { error, allow }) => {
            let format = accept::negotiate(&parts.headers).unwrap_or(Format::Json);
            let mut response = refused(format, &error, &call.request_id);
            if let Some(allow) = allow {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            response
        }
    }
}

/// A request that isn't GraphQL over HTTP.
struct Refusal {
    error: ApiError,
    /// The methods that are allowed, where the method is to blame.
    allow: Option<&'static str>,
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Refusal {
        Refusal { error, allow: None }
    }
}

async fn answer(served: &Served, call: &Call, parts: &Parts, content: Body) -> Result<Response, Refusal> {
    let format = accept::negotiate(&parts.headers).ok_or_else(|| {
        ApiError::new(Code::NotAcceptable, "only application/graphql-response+json and application/json are served")
    })?;
    let (request, allowed) = match parts.method {
        Method::POST => (posted(&parts.headers, content).await?, Allowed::All),
        Method::GET => (queried(&parts.uri)?, Allowed::Queries),
        _ => return Err(method_not_allowed("only GET and POST are allowed here", "GET, POST")),
    };
    if request.query.as_deref().unwrap_or_default().is_empty() {
        return Err(malformed("the request has no query").into());
    }
    match served.engine.prepare(&request, allowed) {
        Ok(prepared) => {
            let bytes = served.engine.execute(&served.service, call, prepared).await;
            Ok(body(format, StatusCode::OK, bytes))
        }
        Err(Rejection::Request(errors)) => {
            Ok(body(format, format.rejected(), response::rejected(&errors, &call.request_id)))
        }
        Err(Rejection::Mutation) => Err(method_not_allowed("a GET request may only query", "POST")),
    }
}

async fn posted(headers: &HeaderMap, content: Body) -> Result<Request, ApiError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    // Other types can be posted by any web page without asking first (CSRF).
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(Code::UnsupportedMediaType, "the body must be application/json"));
    }
    let bytes = axum::body::to_bytes(content, usize::MAX).await.map_err(|error| unread(&error))?;
    from_json(&bytes)
}

fn from_json(bytes: &Bytes) -> Result<Request, ApiError> {
    // serde would read a struct from an array, too.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(malformed("the body must be a JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| malformed(format!("the body can't be read: {error}")))
}

fn queried(uri: &Uri) -> Result<Request, ApiError> {
    let mut request = Request::default();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        let unreadable = |error| malformed(format!("{name} can't be read: {error}"));
        match &*name {
            "query" => request.query = Some(value.into_owned()),
            "operationName" => request.operation_name = Some(value.into_owned()),
            "variables" if !value.is_empty() => request.variables = serde_json::from_str(&value).map_err(unreadable)?,
            "extensions" if !value.is_empty() => {
                request.extensions = serde_json::from_str(&value).map_err(unreadable)?
            }
            _ => {}
        }
    }
    Ok(request)
}

/// A layer outside bounds the body; how it says so depends on the layer.
fn unread(error: &(dyn Error + 'static)) -> ApiError {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<ApiError>() {
            return error.clone();
        }
        if error.is::<http_body_util::LengthLimitError>() {
            return ApiError::new(Code::PayloadTooLarge, "the body is too large");
        }
        cause = error.source();
    }
    malformed("the body ended too early")
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(Code::MalformedRequest, message)
}

fn method_not_allowed(message: &str, allow: &'static str) -> Refusal {
    Refusal { error: ApiError::new(Code::MethodNotAllowed, message), allow: Some(allow) }
}

fn refused(format: Format, error: &ApiError, request_id: &str) -> Response {
    let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = body(format, status, response::refused(error, request_id));
    if let Some(delay) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(delay.as_secs_f64().ceil() as u64));
    }
    response
}

fn body(format: Format, status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, format.content_type())], bytes).into_response()
}
