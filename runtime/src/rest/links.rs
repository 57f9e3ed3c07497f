//! `PUT` and `DELETE` of one row in a many_to_many of another: there is nothing to send, and nothing to answer.

use axum::{
    Extension,
    extract::{FromRequestParts, Path, RawQuery, State},
    http::{StatusCode, request::Parts},
    response::IntoResponse,
};

use super::{Answer, Nested, Route, not_utf8, query};
use crate::{
    descriptor::Relation,
    error::ApiError,
    service::{Call, Linking},
};

/// The two ids in a path.
struct Ids(String, String);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Ids, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path((id, other))) => Ok(Ids(id, other)),
            Err(_) => Err(not_utf8()),
        }
    }
}

impl Route<Nested> {
    pub(super) fn links(relation: &Relation) -> Route<Nested> {
        let linkable = relation.linkable();
        Route::new()
            .with(linkable, &["PUT"], |route| route.put(add))
            .with(linkable, &["DELETE"], |route| route.delete(remove))
    }
}

async fn add(nested: State<Nested>, Extension(call): Extension<Call>, ids: Ids, RawQuery(query): RawQuery) -> Answer {
    link(nested, &call, ids, query, Linking::Add).await
}

async fn remove(
    nested: State<Nested>,
    Extension(call): Extension<Call>,
    ids: Ids,
    RawQuery(query): RawQuery,
) -> Answer {
    link(nested, &call, ids, query, Linking::Remove).await
}

async fn link(
    State(nested): State<Nested>,
    call: &Call,
    Ids(id, other): Ids,
    query: Option<String>,
    linking: Linking,
) -> Answer {
    query::none(query.as_deref())?;
    nested.service.link(call, (nested.resource, nested.relation), &id, &[other], linking).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
