//! The REST adapter: requests into calls of the service, answers into JSON. Knows no SQL and no policy.
//!
//! Routes are made from the descriptors at start, so there is one handler per kind of operation, whatever the spec.

mod actions;
mod answer;
mod batch;
mod json_patch;
mod links;
mod login;
mod look;
mod negotiate;
mod query;
mod record;
mod unserved;
mod ways;

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension, Router,
    body::Body,
    extract::{FromRequestParts, Path, RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
    routing::MethodRouter,
};

use self::{json_patch::JsonPatch, negotiate::PatchForm};
pub use self::{record::RecordJson, ways::Ways};
use crate::{
    codec::json::{JsonForm, JsonInput},
    descriptor::{Relation, RelationKind, Resource, Target},
    edge::read_body,
    error::{ApiError, Code},
    etag::Precondition,
    service::{Call, Exchange, Listing, Missing, Put, Service, Shown},
    value::{Record, id_text},
};

/// What a handler of one resource needs.
#[derive(Clone)]
struct Context {
    service: Arc<Service>,
    resource: &'static Resource,
}

/// What a handler of one relation needs.
#[derive(Clone)]
struct Nested {
    service: Arc<Service>,
    resource: &'static Resource,
    relation: &'static Relation,
}

/// All routes below `/v1`.
pub fn router(service: Arc<Service>) -> Router {
    let mut routes = Routes::default();
    for resource in service.api.resources {
        let collection = format!("/{}/{}", service.api.version, resource.path);
        let item = format!("{collection}/{{id}}");
        let context = Context { service: service.clone(), resource };
        routes.add(&collection, Route::collection(resource), context.clone());
        routes.add(&format!("{item}/undelete"), Route::undelete(resource), context.clone());
        routes.add(&format!("{collection}/batch"), Route::batch(resource), context.clone());
        routes.add(&item, Route::item(resource), context);
        for action in resource.actions {
            let doing = actions::Doing { service: service.clone(), resource, action };
            let owner = if action.target == Target::Item { &item } else { &collection };
            routes.add(&format!("{owner}/{}", action.path), Route::action(action), doing);
        }
        for relation in resource.relations {
            let path = format!("{item}/{}", relation.name.replace('_', "-"));
            let nested = Nested { service: service.clone(), resource, relation };
            routes.add(&format!("{path}/{{other_id}}"), Route::links(relation), nested.clone());
            routes.add(&path, Route::nested(relation), nested);
        }
    }
    for exchange in service.api.login().into_iter().flat_map(|_| Exchange::ALL) {
        let path = format!("/{}/auth/{}", service.api.version, exchange.name());
        routes.add(&path, Route::exchange(), login::Desk { service: service.clone(), exchange });
    }
    for unserved in service.api.unserved {
        if let Some((method, path)) = unserved.rest {
            routes.add(&unserved::path(path), Route::unserved(method, unserved.name), ());
        }
    }
    routes.router()
}

/// The methods of each path, wherever they come from.
#[derive(Default)]
struct Routes(BTreeMap<String, Route<()>>);

impl Routes {
    fn add<S: Clone + Send + Sync + 'static>(&mut self, path: &str, route: Route<S>, state: S) {
        let methods = route.methods.with_state(state);
        let known = self.0.entry(path.to_owned()).or_insert_with(Route::new);
        known.methods = std::mem::take(&mut known.methods).merge(methods);
        known.allow.extend(route.allow);
    }

    /// A path without any method doesn't exist.
    fn router(self) -> Router {
        let routes = self.0.into_iter().filter(|(_, route)| !route.allow.is_empty());
        routes.fold(Router::new(), |router, (path, Route { methods, allow })| {
            let allow = allow.join(", ");
            router.route(&path, methods.fallback(async move || not_allowed(&allow)))
        })
    }
}

/// The methods of one path.
struct Route<S> {
    methods: MethodRouter<S>,
    allow: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    fn new() -> Route<S> {
        Route { methods: MethodRouter::new(), allow: Vec::new() }
    }

    fn with(
        mut self,
        offered: bool,
        methods: &[&'static str],
        add: impl FnOnce(MethodRouter<S>) -> MethodRouter<S>,
    ) -> Route<S> {
        if offered {
            self.methods = add(self.methods);
            self.allow.extend(methods);
        }
        self
    }
}

impl Route<Context> {
    fn collection(resource: &Resource) -> Route<Context> {
        Route::new().with(resource.operations.list, &["GET", "HEAD"], |route| route.get(list)).with(
            resource.operations.create,
            &["POST"],
            |route| route.post(create),
        )
    }

    fn item(resource: &Resource) -> Route<Context> {
        Route::new()
            .with(resource.operations.get, &["GET", "HEAD"], |route| route.get(get))
            .with(resource.operations.update, &["PATCH"], |route| route.patch(update))
            .with(resource.operations.replace, &["PUT"], |route| route.put(replace))
            .with(resource.operations.delete, &["DELETE"], |route| route.delete(remove))
    }

    fn undelete(resource: &Resource) -> Route<Context> {
        Route::new().with(resource.soft_delete, &["POST"], |route| route.post(undelete))
    }
}

impl Route<Nested> {
    fn nested(relation: &Relation) -> Route<Nested> {
        let read = &["GET", "HEAD"];
        match relation.kind {
            RelationKind::BelongsTo { .. } => Route::new(),
            RelationKind::HasMany { .. } | RelationKind::ManyToMany(_) => {
                Route::new().with(true, read, |route| route.get(list_related))
            }
            RelationKind::HasOne { .. } => Route::new().with(true, read, |route| route.get(get_related)),
        }
    }
}

fn not_allowed(allow: &str) -> ApiError {
    ApiError::new(Code::MethodNotAllowed, format!("only {allow} is allowed here")).with("allow", allow)
}

type Answer = Result<Response, ApiError>;

/// The one id in a path.
struct Id(String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Id, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Id(id)),
            Err(_) => Err(not_utf8()),
        }
    }
}

fn not_utf8() -> ApiError {
    ApiError::new(Code::MalformedRequest, "the path isn't UTF-8")
}

async fn list(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let listing = context.service.list(&call, context.resource, &query::ListQuery(query.as_deref())).await?;
    Ok(answer::page(context.resource, &uri, &listing, Ways::of(&context.service, &call)))
}

async fn list_related(
    State(nested): State<Nested>,
    Extension(call): Extension<Call>,
    Id(parent): Id,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let query = query::ListQuery(query.as_deref());
    let listing = nested.service.list_related(&call, nested.resource, nested.relation, &parent, &query).await?;
    Ok(answer::page(nested.relation.target, &uri, &listing, Ways::of(&nested.service, &call)))
}

async fn get_related(
    State(nested): State<Nested>,
    Extension(call): Extension<Call>,
    Id(parent): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let (resource, relation, query) = (nested.resource, nested.relation, look::OneQuery(query.as_deref()));
    let listing = nested.service.list_related(&call, resource, relation, &parent, &query).await?;
    let missing = || ApiError::new(Code::NotFound, format!("{} {parent} has no {}", resource.name, relation.name));
    let Listing { page, rows, below } = listing;
    let record = page.records.into_iter().next().ok_or_else(missing)?;
    answer::read(relation.target, &Shown { record, rows, below }, &headers, Ways::of(&nested.service, &call))
}

async fn get(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let shown = context.service.get(&call, context.resource, &id, &look::OneQuery(query.as_deref())).await?;
    answer::read(context.resource, &shown, &headers, Ways::of(&context.service, &call))
}

async fn create(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    negotiate::body_is(&headers, negotiate::POST)?;
    query::none(query.as_deref())?;
    let input = json_input(&context.service, body).await?;
    let record = context.service.create(&call, context.resource, &input).await?;
    Ok(created(&context, &call, &record))
}

/// A new row, and where it is.
fn created(context: &Context, call: &Call, record: &Record) -> Response {
    let ways = Ways::of(&context.service, call);
    let mut response = answer::record(StatusCode::CREATED, context.resource, record, ways);
    let id = id_text(context.resource.id(), record.id());
    let location = format!("/{}/{}/{}", context.service.api.version, context.resource.path, query::segment(&id));
    answer::set(&mut response, header::LOCATION, &location);
    response
}

async fn update(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let Context { service, resource } = context;
    let form = negotiate::patch(&headers, service.api.protocols)?;
    query::none(query.as_deref())?;
    let (bytes, precondition) = (read_body(body).await?, precondition(&headers)?);
    let record = match form {
        PatchForm::Merge => {
            let input = input(&service, &bytes)?;
            service.update(&call, resource, &id, &input, &precondition).await?
        }
        PatchForm::Json => service.patch(&call, resource, &id, &JsonPatch::read(&bytes)?, &precondition).await?,
    };
    Ok(answer::record(StatusCode::OK, resource, &record, Ways::of(&service, &call)))
}

async fn replace(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    negotiate::body_is(&headers, negotiate::PUT)?;
    query::none(query.as_deref())?;
    let input = json_input(&context.service, body).await?;
    // If-Match, `*` too, is about a row that is there (RFC 9110 §13.1.1).
    let missing = if headers.contains_key(header::IF_MATCH) { Missing::Refuse } else { Missing::Create };
    let demands = (&precondition(&headers)?, missing);
    match context.service.put(&call, context.resource, &id, &input, demands).await? {
        Put::Replaced(record) => {
            let ways = Ways::of(&context.service, &call);
            Ok(answer::record(StatusCode::OK, context.resource, &record, ways))
        }
        Put::Created(record) => Ok(created(&context, &call, &record)),
    }
}

async fn remove(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    query::none(query.as_deref())?;
    context.service.delete(&call, context.resource, &id, &precondition(&headers)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn undelete(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    query::none(query.as_deref())?;
    let record = context.service.undelete(&call, context.resource, &id).await?;
    Ok(answer::record(StatusCode::OK, context.resource, &record, Ways::of(&context.service, &call)))
}

async fn json_input(service: &Service, body: Body) -> Result<JsonInput<'static>, ApiError> {
    input(service, &read_body(body).await?)
}

/// Whoever sends a row back as it was shown sends its links, too.
fn input(service: &Service, bytes: &[u8]) -> Result<JsonInput<'static>, ApiError> {
    let mut body = parsed(bytes)?;
    if let Some(members) = body.as_object_mut().filter(|_| service.api.protocols.links) {
        members.remove("_links");
    }
    Ok(JsonInput::from_body(body, JsonForm::Rest))
}

fn parsed(bytes: &[u8]) -> Result<serde_json::Value, ApiError> {
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::new(Code::MalformedRequest, format!("the body isn't valid JSON: {error}")))
}

/// What a write demands of its row: `If-Match` and `If-None-Match` (RFC 9110 §13.2.2).
fn precondition(headers: &HeaderMap) -> Result<Precondition, ApiError> {
    let wanted = match tags(headers, header::IF_MATCH)? {
        Some(tags) => Precondition::if_match(&tags),
        None => Precondition::NONE,
    };
    Ok(match tags(headers, header::IF_NONE_MATCH)? {
        Some(tags) => wanted.but_none_of(&tags),
        None => wanted,
    })
}

/// All lines of a header of ETags (RFC 9110 §5.3).
fn tags(headers: &HeaderMap, name: HeaderName) -> Result<Option<String>, ApiError> {
    let unreadable =
        |_| ApiError::new(Code::MalformedRequest, format!("the header {name} has characters that no ETag has"));
    let lines = headers.get_all(&name).iter().map(HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
    let lines = lines.map_err(unreadable)?;
    Ok(if lines.is_empty() { None } else { Some(lines.join(", ")) })
}
