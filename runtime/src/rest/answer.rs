//! Rows as answers: their JSON, their ETags, and the links between pages. Knows nothing of how they came about.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::{Answer, Ways, query, record::RecordJson, tags};
use crate::{
    descriptor::Resource,
    error::ApiError,
    etag::{self, Precondition},
    service::{Listing, Shown, refusal},
    value::{Record, id_text},
};

/// A row that was written.
pub fn record(status: StatusCode, resource: &'static Resource, record: &Record, ways: Option<Ways<'_>>) -> Response {
    with_etag(json_response(status, &RecordJson::whole(resource, record, ways)), record)
}

/// A row that was asked for; 304 where the caller has it already, 412 where it isn't the one that is wanted. What isn't
/// stored in it changes without a new version, so who asks for that gets it.
pub fn read(
    resource: &'static Resource,
    Shown { record, rows, below }: &Shown,
    request: &HeaderMap,
    ways: Option<Ways<'_>>,
) -> Answer {
    as_wanted(resource, record, request)?;
    let mut fields = resource.fields.iter().enumerate();
    let stored = rows.fetches.is_empty()
        && fields.all(|(index, field)| field.is_stored() || !field.readable() || !rows.shows(index));
    let known = |tags: &HeaderValue| tags.to_str().is_ok_and(|tags| etag::none_match_hits(tags, record.version));
    let response = if stored && request.get_all(header::IF_NONE_MATCH).iter().any(known) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json_response(StatusCode::OK, &RecordJson { resource, record, rows, below: (below, 0), ways })
    };
    Ok(with_etag(response, record))
}

/// `If-Match` of a read. Its `If-None-Match` isn't refused but answered, by 304.
fn as_wanted(resource: &'static Resource, record: &Record, headers: &HeaderMap) -> Result<(), ApiError> {
    match tags(headers, header::IF_MATCH)? {
        None => Ok(()),
        Some(tags) => {
            let wanted = Precondition::if_match(&tags);
            let refused = || refusal::etag(resource, &id_text(resource.id(), record.id()), &wanted);
            if wanted.admits(record.version) { Ok(()) } else { Err(refused()) }
        }
    }
}

fn with_etag(mut response: Response, record: &Record) -> Response {
    set(&mut response, header::ETAG, &etag::etag(record.version));
    response
}

pub fn page(
    resource: &'static Resource,
    uri: &Uri,
    Listing { page, rows, below }: &Listing,
    ways: Option<Ways<'_>>,
) -> Response {
    let next = page.records.last().filter(|_| page.has_next).map(|record| page.cursors.of(record, false));
    let previous = page.records.first().filter(|_| page.has_previous).map(|record| page.cursors.of(record, true));
    let row = |(position, record)| RecordJson { resource, record, rows, below: (below, position), ways };
    let body = PageJson {
        data: page.records.iter().enumerate().map(row).collect(),
        next_cursor: next.as_deref(),
        prev_cursor: previous.as_deref(),
        // A page of no rows has no place to go on from.
        has_more: next.is_some(),
        total: page.total,
    };
    let mut response = json_response(StatusCode::OK, &body);
    set(&mut response, header::LINK, &query::links(uri, next.as_deref(), previous.as_deref()));
    response
}

#[derive(Serialize)]
struct PageJson<'a> {
    data: Vec<RecordJson<'a>>,
    next_cursor: Option<&'a str>,
    prev_cursor: Option<&'a str>,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

pub fn json_response(status: StatusCode, body: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(512);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => ApiError::internal(error).into_response(),
    }
}

pub fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
