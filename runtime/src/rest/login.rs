//! Logging in and out: `POST /v1/auth/login`, `/refresh` and `/logout`.

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};

use super::{
    Answer, Route,
    answer::{json_response, set},
    json_input, negotiate, query,
};
use crate::{
    codec::json::{Json, JsonForm},
    service::{Call, Exchange, Service},
    value::Value,
};

/// What a handler of one of them needs.
#[derive(Clone)]
pub(super) struct Desk {
    pub service: Arc<Service>,
    pub exchange: Exchange,
}

impl Route<Desk> {
    pub(super) fn exchange() -> Route<Desk> {
        Route::new().with(true, &["POST"], |route| route.post(exchange))
    }
}

async fn exchange(
    State(Desk { service, exchange }): State<Desk>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    negotiate::body_is(&headers, negotiate::POST)?;
    query::none(query.as_deref())?;
    let value = service.exchange(&call, exchange, &json_input(&service, body).await?).await?;
    let ty = &exchange.result().ty;
    let mut response = match &value {
        Value::Object(_) => json_response(StatusCode::OK, &Json { ty, value: &value, form: JsonForm::Rest }),
        _ => StatusCode::NO_CONTENT.into_response(),
    };
    // RFC 6749 §5.1.
    set(&mut response, header::CACHE_CONTROL, "no-store");
    Ok(response)
}
