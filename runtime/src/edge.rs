//! The one middleware stack, the same for all protocols, and the one place where an [`ApiError`] becomes a response.
//!
//! Handlers and layers only raise errors: [`ApiError`] is an `IntoResponse` that carries itself in the response's
//! extensions. The outermost layer knows what protocol the caller speaks and has it rendered. So nothing that refuses (body
//! limit, deadline, panic, no route) can answer a gRPC client with bare HTTP.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::Route,
};
use futures_util::FutureExt;
use http_body_util::Limited;
use tokio::sync::{Semaphore, SemaphorePermit};
use tower::{ServiceExt, layer::layer_fn, service_fn};

use crate::{
    auth::Authentication,
    deprecation::{Deprecations, Notices},
    error::{ApiError, Code},
    limit::{Limiter, Meter, Peer, Proxies},
    principal::Principal,
    service::{Call, Computed},
};

/// Longer than any connection.
pub(crate) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long someone waits who was refused for lack of room.
const RETRY: Duration = Duration::from_secs(1);

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the stack enforces.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body: usize,
    /// Requests that are served at the same time. One more is refused at once: waiting would only make all of them late.
    pub concurrency: usize,
    /// From the first byte of the head to the last of the answer's head.
    pub request: Duration,
    /// Paths whose requests bring streams of messages. Whoever reads those limits each one, in size and in time.
    pub streams: Vec<String>,
    /// The gRPC error domain: the proto package.
    #[cfg(feature = "grpc")]
    pub domain: &'static str,
}

/// Which protocol a request speaks, told from its head alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Rest,
    Graphql,
    Grpc,
}

impl Protocol {
    fn of(request: &Request) -> Protocol {
        let content_type = request.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        if content_type.is_some_and(|media| media.starts_with(b"application/grpc")) {
            Protocol::Grpc
        } else if request.uri().path() == "/graphql" {
            Protocol::Graphql
        } else {
            Protocol::Rest
        }
    }
}

/// What the stack knows of callers. By default nothing: nobody is asked who they are, and nothing is counted.
#[derive(Default)]
pub(crate) struct Callers {
    pub authentication: Option<Authentication>,
    pub limiter: Option<Arc<Limiter>>,
    pub deprecations: Option<Arc<Deprecations>>,
    pub proxies: Proxies,
}

/// Puts the stack around the routes: outermost first, request id and log, load shedding, deadline, panics, who
/// calls, how often, body limit.
pub fn stack(routes: Router, limits: Limits, callers: Callers) -> Router {
    let room = Semaphore::new(limits.concurrency.min(Semaphore::MAX_PERMITS));
    let gate = Arc::new(Gate { limits, room, callers });
    // In one layer, and without axum's `from_fn`: each of them allocates again.
    let layer = layer_fn(move |route: Route| {
        let gate = gate.clone();
        service_fn(move |request| context(gate.clone(), request, route.clone()))
    });
    routes.fallback(no_route).method_not_allowed_fallback(no_method).layer(layer)
}

/// What the outermost layer keeps.
struct Gate {
    limits: Limits,
    /// A permit for each request that is being served.
    room: Semaphore,
    callers: Callers,
}

async fn no_route(request: Request) -> ApiError {
    match Protocol::of(&request) {
        Protocol::Grpc => ApiError::new(Code::NotImplemented, format!("there is no method {}", request.uri().path()))
            .with("method", request.uri().path()),
        _ => ApiError::new(Code::NotFound, format!("there is nothing at {}", request.uri().path()))
            .with("path", request.uri().path()),
    }
}

/// On a path that is there; the router adds `Allow`.
pub(crate) async fn no_method(request: Request) -> ApiError {
    ApiError::new(Code::MethodNotAllowed, format!("{} isn't allowed here", request.method()))
        .with("method", request.method().as_str())
}

/// Gives the request its id and deadline, renders what went wrong, and writes one line of log.
async fn context(gate: Arc<Gate>, request: Request, route: Route) -> Result<Response, Infallible> {
    let start = Instant::now();
    let asked = Asked::of(&request);
    let deadline = start + gate.limits.request;
    let streams = gate.streams(&request);

    let mut response = match gate.admit(&request) {
        Ok(_turn) => {
            // Pinned here, it isn't moved any more: it is large.
            let answer = pin!(AssertUnwindSafe(answer(&gate, &asked, deadline, request, route)).catch_unwind());
            let end = if streams { start + FOREVER } else { deadline };
            match tokio::time::timeout_at(end.into(), answer).await {
                Ok(Ok(response)) => response,
                // The panic's own hook has said where.
                Ok(Err(_)) => ApiError::internal("a handler panicked").into_response(),
                Err(_) => ApiError::new(Code::DeadlineExceeded, "the request took too long").into_response(),
            }
        }
        Err(refusal) => refusal.into_response(),
    };
    let raised = response.extensions_mut().remove::<Raised>();
    let told = response.extensions_mut().remove::<Told>();
    let code = raised.as_ref().map(|Raised(error)| error.reason()).or(told.map(|Told(code)| code));
    if let Some(Raised(error)) = &raised {
        response = gate.render(&asked, error, &response);
    }
    if let Ok(value) = HeaderValue::from_str(&asked.request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let Asked { method, route, request_id, .. } = &asked;
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let ms = start.elapsed().as_micros() as f64 / 1e3;
    tracing::info!(%method, route, status = response.status().as_u16(), code, request_id = &**request_id, ms, "request");
    Ok(response)
}

/// What the routes answer to whoever calls, or that their credentials aren't good, or that they call too often.
async fn answer(gate: &Gate, asked: &Asked, deadline: Instant, mut request: Request, route: Route) -> Response {
    if is_for_anyone(request.uri().path()) {
        request.extensions_mut().insert(asked.call(Principal::Anonymous, deadline, (None, None)));
        return run(route, gate.limited(request)).await;
    }
    let recognised = gate.callers.recognise(request.headers(), deadline).await;
    // Credentials that aren't good are counted like none, so that nobody tries as many as they please.
    let meter = gate.callers.meter(&request, recognised.as_ref().unwrap_or(&Principal::Anonymous));
    let counted = match &meter {
        Some(meter) => meter.begin().await,
        None => Ok(()),
    };
    let notices = gate.callers.deprecations.as_ref().map(|all| Arc::new(Notices::of(all)));
    let mut response = match counted.and(recognised) {
        Ok(principal) => {
            let watched = (meter.clone(), notices.clone());
            request.extensions_mut().insert(asked.call(principal, deadline, watched));
            run(route, gate.limited(request)).await
        }
        Err(refusal) => refusal.into_response(),
    };
    if let Some(meter) = meter {
        if let Err(refusal) = meter.end().await {
            response = refusal.into_response();
        }
        meter.tell(response.headers_mut());
    }
    if let Some(notices) = notices {
        notices.tell(response.headers_mut());
    }
    response
}

async fn run(route: Route, request: Request) -> Response {
    let Ok(response) = route.oneshot(request).await;
    response
}

impl Callers {
    async fn recognise(&self, headers: &HeaderMap, deadline: Instant) -> Result<Principal, ApiError> {
        match &self.authentication {
            Some(authentication) => authentication.principal(headers, deadline).await,
            None => Ok(Principal::Anonymous),
        }
    }

    fn meter(&self, request: &Request, principal: &Principal) -> Option<Arc<Meter>> {
        let limiter = self.limiter.as_ref()?;
        let address = self.proxies.client(request.extensions().get::<Peer>().copied(), request.headers());
        Some(Arc::new(Meter::of(limiter, principal, address)))
    }
}

/// Probes, contracts and pages: who asks for them, and how often, makes no difference.
fn is_for_anyone(path: &str) -> bool {
    is_probe(path) || matches!(path, "/openapi.yaml" | "/openapi.json" | "/docs") || path.starts_with("/assets/")
}

fn is_probe(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz" | "/health") || path.starts_with("/grpc.health.v1.Health/")
}

/// What the service tells the edge of a request, if anything is to be told.
type Watched = (Option<Arc<Meter>>, Option<Arc<Notices>>);

/// What is remembered of a request while it is answered.
struct Asked {
    request_id: Arc<str>,
    method: Method,
    uri: Uri,
    route: Option<MatchedPath>,
    protocol: Protocol,
    /// Of gRPC, which has several.
    content_type: Option<HeaderValue>,
    #[cfg(feature = "graphql")]
    format: crate::graphql::Format,
}

impl Asked {
    fn call(&self, principal: Principal, deadline: Instant, (meter, notices): Watched) -> Call {
        Call { principal, request_id: self.request_id.clone(), deadline, computed: Computed::All, meter, notices }
    }

    fn of(request: &Request) -> Asked {
        let protocol = Protocol::of(request);
        let content_type = request.headers().get(header::CONTENT_TYPE).filter(|_| protocol == Protocol::Grpc);
        Asked {
            request_id: request_id(request.headers()),
            method: request.method().clone(),
            uri: request.uri().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            protocol,
            content_type: content_type.cloned(),
            #[cfg(feature = "graphql")]
            format: match protocol {
                Protocol::Graphql => crate::graphql::Format::of(request.headers()),
                Protocol::Rest | Protocol::Grpc => crate::graphql::Format::Json,
            },
        }
    }
}

/// Accepts the caller's id if it can't hurt a log or a header, else makes one.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    let fits = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    match headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(fits) {
        Some(id) => id.into(),
        None => (&*uuid::Uuid::now_v7().simple().encode_lower(&mut uuid::Uuid::encode_buffer())).into(),
    }
}

/// Headers that a refusal brought along (`Allow`, `Accept-Patch`) go with the rendered answer; what describes the empty
/// body that it replaces doesn't.
fn merge(headers: &mut HeaderMap, raised: &HeaderMap) {
    for name in raised.keys().filter(|name| ![header::CONTENT_LENGTH, header::CONTENT_TYPE].contains(name)) {
        headers.remove(name);
        headers.extend(raised.get_all(name).iter().map(|value| (name.clone(), value.clone())));
    }
}

impl Gate {
    /// Refuses what there is no room for, and a body whose declared length is too large. Whoever asks whether the server
    /// lives is answered all the more.
    fn admit(&self, request: &Request) -> Result<Option<SemaphorePermit<'_>>, ApiError> {
        let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let too_long = |length: u64| length > self.limits.body as u64;
        if declared.and_then(|length| length.parse().ok()).is_some_and(too_long) && !self.streams(request) {
            return Err(too_large(self.limits.body));
        }
        if is_probe(request.uri().path()) {
            return Ok(None);
        }
        self.room.try_acquire().map(Some).map_err(|_| {
            ApiError::new(Code::Unavailable, "too many requests are being served at the moment").retry_after(RETRY)
        })
    }

    /// An error in the protocol's form, with the headers that it was raised with.
    fn render(&self, asked: &Asked, error: &ApiError, raised: &Response) -> Response {
        let mut response = match asked.protocol {
            #[cfg(feature = "grpc")]
            Protocol::Grpc => crate::grpc::error_response(error, &asked.request_id, self.limits.domain),
            #[cfg(feature = "graphql")]
            Protocol::Graphql => crate::graphql::error_response(error, &asked.request_id, asked.format),
            _ => crate::problem::response(error, &asked.request_id, asked.uri.path()),
        };
        merge(response.headers_mut(), raised.headers());
        // gRPC-Web reads only what is of its own media type, and an answer without a body looks the same in all of them.
        if let Some(content_type) = &asked.content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
        }
        response
    }

    fn streams(&self, request: &Request) -> bool {
        self.limits.streams.iter().any(|path| path == request.uri().path())
    }

    /// A body that is there is refused while it is read, should it grow too large.
    fn limited(&self, request: Request) -> Request {
        if self.streams(&request) {
            return request;
        }
        request.map(|body| if body.is_end_stream() { body } else { Body::new(Limited::new(body, self.limits.body)) })
    }
}

pub(crate) fn too_large(limit: usize) -> ApiError {
    ApiError::new(Code::PayloadTooLarge, format!("the body is larger than {limit} bytes"))
        .with("limit", limit.to_string())
}

/// An error on its way to the edge.
#[derive(Debug, Clone)]
struct Raised(ApiError);

/// The code of an error that an adapter has put into its answer by itself, for the log.
#[derive(Debug, Clone)]
pub(crate) struct Told(pub &'static str);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(Raised(self));
        response
    }
}

/// Reads a whole body within the limit of the stack.
#[cfg(any(feature = "rest", feature = "graphql"))]
pub(crate) async fn read_body(body: Body) -> Result<axum::body::Bytes, ApiError> {
    use http_body_util::BodyExt;
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if is_too_large(&error) => Err(ApiError::new(Code::PayloadTooLarge, "the body is too large")),
        Err(error) => Err(ApiError::new(Code::MalformedRequest, format!("the body can't be read: {error}"))),
    }
}

/// Whether the stack's limit is among the causes of an error.
pub(crate) fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source())
        .any(|error| error.is::<http_body_util::LengthLimitError>())
}
