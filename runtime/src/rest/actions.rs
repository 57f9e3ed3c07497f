//! Actions: `POST /v1/orders/{id}/cancel`, and `GET` where they only read.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{FromRequestParts, RawQuery, State},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{
    Answer, Id, Route, Ways,
    answer::{self, json_response, set},
    negotiate, precondition, query,
    record::RecordJson,
};
use crate::{
    codec::json::{Json, JsonForm, JsonInput},
    descriptor::{Action, Resource, Returns, Target, Type},
    edge::read_body,
    error::ApiError,
    etag::{self, Precondition},
    service::{Acted, Call, Service},
    value::Value,
};

/// What a handler of one action needs.
#[derive(Clone)]
pub(super) struct Doing {
    pub service: Arc<Service>,
    pub resource: &'static Resource,
    pub action: &'static Action,
}

impl Route<Doing> {
    pub(super) fn action(action: &Action) -> Route<Doing> {
        Route::new().with(action.safe, &["GET", "HEAD"], |route| route.get(ask)).with(
            !action.safe,
            &["POST"],
            |route| route.post(act),
        )
    }
}

/// The id in the path of an action; that of one about no row in particular has none.
struct Row(String);

impl FromRequestParts<Doing> for Row {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, doing: &Doing) -> Result<Row, ApiError> {
        match doing.action.target {
            Target::Collection => Ok(Row(String::new())),
            Target::Item => Id::from_request_parts(parts, doing).await.map(|Id(id)| Row(id)),
        }
    }
}

async fn act(
    State(Doing { service, resource, action }): State<Doing>,
    Extension(call): Extension<Call>,
    Row(id): Row,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    if !matches!(action.returns, Returns::Nothing) {
        negotiate::accepts_json(&headers)?;
    }
    query::none(query.as_deref())?;
    let input = input(&headers, body).await?;
    let precondition = if action.conditional() { precondition(&headers)? } else { Precondition::NONE };
    let acted = service.act(&call, (resource, action), &id, &input, &precondition).await?;
    Ok(shown(action, &acted, Ways::of(&service, &call)))
}

/// What it takes stands in the query, so what is wrong is about parameters.
async fn ask(
    State(Doing { service, resource, action }): State<Doing>,
    Extension(call): Extension<Call>,
    Row(id): Row,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    let input = query::Inputs(query.as_deref());
    let acted = service.act(&call, (resource, action), &id, &input, &Precondition::NONE).await;
    Ok(shown(action, &acted.map_err(query::about_parameters)?, Ways::of(&service, &call)))
}

/// No body at all is as good as an empty object.
async fn input(headers: &HeaderMap, body: Body) -> Result<JsonInput<'static>, ApiError> {
    let bytes = read_body(body).await?;
    if bytes.is_empty() {
        return Ok(JsonInput::new(serde_json::Map::new(), JsonForm::Rest));
    }
    negotiate::body_is(headers, negotiate::POST)?;
    Ok(JsonInput::from_body(super::parsed(&bytes)?, JsonForm::Rest))
}

fn shown(action: &'static Action, acted: &Acted, ways: Option<Ways<'_>>) -> Response {
    match (&action.returns, acted) {
        (Returns::Row(resource), Acted::Row(record)) => answer::record(StatusCode::OK, resource, record, ways),
        (Returns::Rows(resource), Acted::Rows(records)) => {
            let rows: Vec<_> = records.iter().map(|record| RecordJson::whole(resource, record, ways)).collect();
            json_response(StatusCode::OK, &ResultJson { result: rows })
        }
        (Returns::Value { result }, Acted::Value(value)) => value_response(&result.ty, value),
        (_, Acted::Nothing(version)) => {
            let mut response = StatusCode::NO_CONTENT.into_response();
            if let Some(version) = version {
                set(&mut response, header::ETAG, &etag::etag(*version));
            }
            response
        }
        (returns, acted) => unreachable!("{returns:?} isn't {acted:?}"),
    }
}

/// An object is the answer itself; anything else is a member of one, so that the answer can grow.
fn value_response(ty: &Type, value: &Value) -> Response {
    let json = Json { ty, value, form: JsonForm::Rest };
    match ty {
        Type::Object(_) => json_response(StatusCode::OK, &json),
        _ => json_response(StatusCode::OK, &ResultJson { result: json }),
    }
}

#[derive(Serialize)]
struct ResultJson<T> {
    result: T,
}
