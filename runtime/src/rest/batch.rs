//! Many writes in one request: `POST /v1/products/batch`.

use axum::{
    Extension,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, Uri},
};
use serde::Serialize;

use super::{Answer, Context, Route, Ways, answer::json_response, negotiate, query, record::RecordJson};
use crate::{
    codec::{batch::JsonBatch, json::JsonForm},
    descriptor::Resource,
    edge::read_body,
    etag,
    problem::Problem,
    service::{Call, Done, Outcome},
    value::Record,
};

impl Route<Context> {
    pub(super) fn batch(resource: &Resource) -> Route<Context> {
        Route::new().with(resource.batch.is_some(), &["POST"], |route| route.post(write))
    }
}

async fn write(
    State(context): State<Context>,
    Extension(call): Extension<Call>,
    uri: Uri,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Body,
) -> Answer {
    negotiate::accepts_json(&headers)?;
    negotiate::body_is(&headers, negotiate::POST)?;
    query::none(query.as_deref())?;
    let batch = JsonBatch { body: super::parsed(&read_body(body).await?)?, form: JsonForm::Rest };
    let outcomes = context.service.batch(&call, context.resource, &batch).await?;
    let ways = Ways::of(&context.service, &call);
    let shown = |(index, outcome)| shown(index, (context.resource, ways), outcome, (&call.request_id, uri.path()));
    let results: Vec<_> = outcomes.iter().enumerate().map(shown).collect();
    Ok(json_response(StatusCode::OK, &ResultsJson { results }))
}

#[derive(Serialize)]
struct ResultsJson<'a> {
    results: Vec<ResultJson<'a>>,
}

#[derive(Serialize)]
struct ResultJson<'a> {
    index: usize,
    /// What the operation would have had alone.
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<RecordJson<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Problem<'a>>,
}

fn shown<'a>(
    index: usize,
    (resource, ways): (&'static Resource, Option<Ways<'a>>),
    outcome: &'a Outcome,
    (request_id, instance): (&'a str, &'a str),
) -> ResultJson<'a> {
    let row = |status: StatusCode, record: &'a Record| ResultJson {
        index,
        status: status.as_u16(),
        resource: Some(RecordJson::whole(resource, record, ways)),
        etag: Some(etag::etag(record.version)),
        error: None,
    };
    let none = |status: u16, error| ResultJson { index, status, resource: None, etag: None, error };
    match outcome {
        Ok(Done::Created(record)) => row(StatusCode::CREATED, record),
        Ok(Done::Changed(record)) => row(StatusCode::OK, record),
        Ok(Done::Deleted(_)) => none(StatusCode::NO_CONTENT.as_u16(), None),
        Err(error) => none(error.code.http_status(), Some(Problem::new(error, request_id, instance))),
    }
}
