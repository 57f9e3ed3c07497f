//! GraphQL over HTTP: methods, media types and statuses.
//!
//! Statuses are what clients and the audit suite of `graphql-http` expect today: as `application/graphql-response+json`
//! a request that wasn't executed is 400, as `application/json` every well-formed request is 200.

mod accept;

use std::sync::Arc;

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
    response::{self, Stage},
};
use crate::{
    edge,
    error::{ApiError, Code},
    explorer,
    service::{Call, Service},
};
pub use accept::Format;

struct Served {
    engine: Engine,
    service: Arc<Service>,
}

/// `/graphql`. Every request must carry its [`Call`] as an extension. Fails if the schema and the descriptors differ.
pub fn router(service: Arc<Service>, options: Options) -> anyhow::Result<Router> {
    let engine = Engine::new(service.api, options)?;
    Ok(Router::new().route("/graphql", any(serve)).with_state(Arc::new(Served { engine, service })))
}

/// The answer to a request that isn't GraphQL over HTTP, or that didn't reach this adapter.
pub fn error_response(error: &ApiError, request_id: &str, format: Format) -> Response {
    let status = StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = body(format, status, response::refused(error, request_id));
    if let Some(delay) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(delay.as_secs_f64().ceil() as u64));
    }
    crate::problem::add_headers(error, response.headers_mut());
    response
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
    answer(&served, &call, &parts, body).await.unwrap_or_else(IntoResponse::into_response)
}

async fn answer(served: &Served, call: &Call, parts: &Parts, content: Body) -> Result<Response, ApiError> {
    let format = accept::negotiate(&parts.headers).ok_or_else(|| {
        ApiError::new(Code::NotAcceptable, "only application/graphql-response+json and application/json are served")
    })?;
    let (request, allowed) = match parts.method {
        Method::POST => (posted(&parts.headers, content).await?, Allowed::All),
        Method::GET => (queried(&parts.uri)?, Allowed::Queries),
        _ => return Ok(method_not_allowed("only GET and POST are allowed here", "GET, POST")),
    };
    if request.query.as_deref().unwrap_or_default().is_empty() {
        return Err(malformed("the request has no query"));
    }
    let draft = served.engine.options.http_draft;
    match served.engine.prepare(&request, allowed) {
        Ok(prepared) => {
            let (bytes, code) = served.engine.execute(&served.service, call, prepared).await;
            let partial = draft && code.is_some();
            let status = if partial { accept::PARTIAL_SUCCESS } else { StatusCode::OK };
            let mut response = body(format, status, bytes);
            if parts.method == Method::POST {
                // A login's answer has tokens in it (RFC 6749 §5.1).
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            }
            tell(&mut response, code);
            Ok(response)
        }
        Err(Rejection::Request(errors)) => {
            let stage = errors.first().map(|error| error.stage);
            let (format, status) = match draft {
                true => accept::rejected_by_draft(stage == Some(Stage::Parse)),
                false => (format, format.rejected()),
            };
            let mut rejected = body(format, status, response::rejected(&errors, &call.request_id));
            tell(&mut rejected, stage.map(Stage::code));
            Ok(rejected)
        }
        Err(Rejection::Mutation) => Ok(method_not_allowed("a GET request may only query", "POST")),
    }
}

async fn posted(headers: &HeaderMap, content: Body) -> Result<Request, ApiError> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    // Other types can be posted by any web page without asking first (CSRF).
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(ApiError::new(Code::UnsupportedMediaType, "the body must be application/json"));
    }
    from_json(&edge::read_body(content).await?)
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

/// Has the log say what the answer says.
fn tell(response: &mut Response, code: Option<&'static str>) {
    if let Some(code) = code {
        response.extensions_mut().insert(edge::Told(code));
    }
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(Code::MalformedRequest, message)
}

fn method_not_allowed(message: &str, allow: &'static str) -> Response {
    ([(header::ALLOW, allow)], ApiError::new(Code::MethodNotAllowed, message)).into_response()
}

fn body(format: Format, status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, format.content_type())], bytes).into_response()
}
