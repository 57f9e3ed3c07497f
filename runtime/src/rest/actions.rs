//! Actions of rows: `POST /v1/orders/{id}/cancel`.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};

use super::{Answer, Id, Route, negotiate, precondition, query, record_response, set};
use crate::{
    codec::json::{JsonForm, JsonInput},
    descriptor::{Action, Resource, Returns},
    edge::read_body,
    error::ApiError,
    etag,
    service::{Call, Service},
};

/// What a handler of one action needs.
#[derive(Clone)]
pub(super) struct Doing {
    pub service: Arc<Service>,
    pub resource: &'static Resource,
    pub action: &'static Action,
}

impl Route<Doing> {
    pub(super) fn action() -> Route<Doing> {
        Route::new().with(true, &["POST"], |route| route.post(act))
    }
}

async fn act(
    State(Doing { service, resource, action }): State<Doing>,
    Extension(call): Extension<Call>,
    Id(id): Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    if action.returns == Returns::Row {
        negotiate::accepts_json(&headers)?;
    }
    query::none(query.as_deref())?;
    let input = input(&headers, body).await?;
    let record = service.act(&call, (resource, action), &id, &input, &precondition(&headers)?).await?;
    if action.returns == Returns::Row {
        return Ok(record_response(StatusCode::OK, resource, &record, &HeaderMap::new()));
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set(&mut response, header::ETAG, &etag::etag(record.version));
    Ok(response)
}

/// No body at all is as good as an empty object.
async fn input(headers: &HeaderMap, body: Body) -> Result<JsonInput, ApiError> {
    let bytes = read_body(body).await?;
    if bytes.is_empty() {
        return Ok(JsonInput::new(serde_json::Map::new(), JsonForm::Rest));
    }
    negotiate::body_is(headers, negotiate::POST)?;
    super::parsed(&bytes)
}
