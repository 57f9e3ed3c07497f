//! The service's own refusals, and what a failed write means in the caller's words.

use jiff::{Timestamp, tz::TimeZone};

use super::{Call, Operation, Service, policy};
use crate::{
    descriptor::{Action, Field, RelationKind, Resource, Transition},
    error::{ApiError, Code, Location, Segment, Violation},
    etag::{Precondition, Unwanted},
    reach::EVERYTHING,
    store,
    store::StoreError,
    value::Value,
};

pub fn not_found(resource: &Resource, id: &str) -> ApiError {
    // What was sent is told back, but not whole novels.
    let id: String = id.chars().take(100).collect();
    ApiError::new(Code::NotFound, format!("there is no {} with the id {id}", resource.name))
        .with("resource", resource.name)
        .with("id", id)
}

pub fn not_deleted(resource: &Resource, id: &str) -> ApiError {
    ApiError::new(Code::FailedPrecondition, format!("the {} {id} isn't deleted", resource.name))
        .with("resource", resource.name)
        .with("id", id)
}

/// A row isn't where an action may begin.
pub fn state(resource: &Resource, id: &str, (action, moves): (&Action, &Transition), state: &Value) -> ApiError {
    let field = moves.field;
    let state = match state {
        Value::Enum(state) => *state,
        _ => "null",
    };
    let allowed = moves.from.join(", ");
    let message = format!("the {field} of the {} {id} is {state}, but {} needs {allowed}", resource.name, action.name);
    ApiError::new(Code::FailedPrecondition, message)
        .with("resource", resource.name)
        .with("id", id)
        .with("action", action.name)
        .with("field", field)
        .with("state", state)
        .with("allowed", allowed)
}

/// A row can't come back to one that is deleted.
pub fn deleted_reference(resource: &Resource, id: &str, field: &Field) -> ApiError {
    let message = format!("the {} {id} has a {} that is deleted", resource.name, field.name);
    ApiError::new(Code::FailedPrecondition, message)
        .with("resource", resource.name)
        .with("id", id)
        .with("referring_field", field.name)
}

/// Nor can what would come along.
pub fn deleted_along(resource: &Resource, child: &Resource, field: &Field) -> ApiError {
    let (child, field) = (child.name, field.name);
    let message =
        format!("{} that would come back with the {} has a {field} that is deleted", article(child), resource.name);
    ApiError::new(Code::FailedPrecondition, message)
        .with("resource", resource.name)
        .with("referring_resource", child)
        .with("referring_field", field)
}

/// No credentials, so no error code either (RFC 6750 §3.1).
pub fn unauthenticated() -> ApiError {
    ApiError::new(Code::Unauthenticated, "credentials are required").with("www_authenticate", "Bearer realm=\"api\"")
}

/// The credentials are good, but not for this. `scope` would do.
pub fn permission_denied(scope: Option<&str>) -> ApiError {
    let error = ApiError::new(Code::PermissionDenied, "the credentials don't permit this");
    match scope {
        None => error,
        Some(scope) => error
            .with("scope", scope)
            .with("www_authenticate", format!("Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"{scope}\"")),
    }
}

/// The rows are those of tenants, and the credentials name none.
pub fn without_tenant() -> ApiError {
    ApiError::new(Code::PermissionDenied, "the credentials name no tenant")
}

pub fn if_match_required(resource: &Resource) -> ApiError {
    let message = format!("a change of a {} must say by its ETag which version it is about", resource.name);
    ApiError::new(Code::PreconditionRequired, message).with("resource", resource.name)
}

pub fn not_offered(resource: &Resource, operation: Operation) -> ApiError {
    let operation = format!("{operation:?}").to_lowercase();
    ApiError::new(Code::NotImplemented, format!("{} has no operation {operation}", resource.name))
        .with("resource", resource.name)
        .with("operation", operation)
}

/// `sunset`: the last second of its last day.
pub fn gone(resource: &str, operation: Option<&str>, sunset: Timestamp) -> ApiError {
    let day = sunset.to_zoned(TimeZone::UTC).date().to_string();
    let what =
        operation.map_or_else(|| resource.to_owned(), |operation| format!("the operation {operation} of {resource}"));
    let error = ApiError::new(Code::Gone, format!("{what} was there until {day}"));
    let error = error.with("resource", resource).with("sunset", day);
    match operation {
        Some(operation) => error.with("operation", operation),
        None => error,
    }
}

/// `name` as in [`crate::descriptor::Unserved`].
pub fn not_served(name: &str) -> ApiError {
    ApiError::new(Code::NotImplemented, format!("the operation {name} isn't served yet")).with("operation", name)
}

pub fn cursor(parameter: &str, message: &str) -> ApiError {
    ApiError::parameter(Code::InvalidPageToken, parameter, "INVALID_CURSOR", message)
}

pub fn etag(resource: &Resource, id: &str, precondition: &Precondition) -> ApiError {
    let why = match precondition.unwanted {
        Unwanted::Nothing => "has changed since it was read",
        Unwanted::Versions(_) | Unwanted::Everything => "is what the request says that it mustn't be",
    };
    ApiError::new(Code::EtagMismatch, format!("the {} {id} {why}", resource.name))
        .with("resource", resource.name)
        .with("id", id)
}

/// A failed insert or update: a unique violation names its fields.
pub fn write(resource: &'static Resource, error: StoreError) -> ApiError {
    let StoreError::Unique { columns, .. } = &error else { return error.into() };
    let fields: Vec<_> = columns.iter().filter_map(|column| resource.field(column)).collect();
    let names = fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
    let violation = |field: &&Field| Violation {
        location: Location::Body(vec![Segment::Field { name: field.name, camel: field.camel }]),
        code: "TAKEN",
        message: "is taken".to_owned(),
    };
    ApiError {
        violations: fields.iter().map(violation).collect(),
        ..ApiError::new(Code::AlreadyExists, format!("another {} has the same {names}", resource.name))
            .with("resource", resource.name)
            .with("fields", names)
    }
}

/// A reference that leads nowhere.
pub(super) fn missing_reference(resource: &'static Resource, field: usize, target: &Resource) -> Violation {
    let field = &resource.fields[field];
    Violation {
        location: Location::Body(vec![Segment::Field { name: field.name, camel: field.camel }]),
        code: "NOT_FOUND",
        message: format!("must be the id of an existing {}", target.name),
    }
}

impl Service {
    /// After a foreign key refused a write: which relation points at nothing. The error stays if none does (any more).
    pub(super) async fn missing_references(
        self: &std::sync::Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        values: Vec<(usize, Value)>,
        error: ApiError,
    ) -> ApiError {
        let (service, call) = (self.clone(), call.clone());
        let deadline = call.deadline;
        let found = store::read(&*self.store, deadline, move |tx| {
            let (service, values, call) = (service.clone(), values.clone(), call.clone());
            Box::pin(async move {
                let mut violations = Vec::new();
                for (index, value) in values {
                    let Some(target) = target_of(resource, index) else { continue };
                    let within = policy::within_tenant(&call, target)?;
                    if !value.is_null() && !service.exists_in(tx, target, (0, &value), &within).await? {
                        violations.push(missing_reference(resource, index, target));
                    }
                }
                Ok(violations)
            })
        });
        match found.await {
            Ok(violations) if !violations.is_empty() => ApiError::validation(violations),
            _ => error,
        }
    }

    /// After a foreign key refused a delete: which resource still refers to the row.
    pub(super) async fn remaining_references(
        self: &std::sync::Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: Value,
        error: ApiError,
    ) -> ApiError {
        let service = self.clone();
        let found = store::read(&*self.store, call.deadline, move |tx| {
            let (service, id) = (service.clone(), id.clone());
            Box::pin(async move {
                for (child, field) in service.referring(resource) {
                    if service.exists_in(tx, child, (field, &id), &EVERYTHING).await? {
                        return Ok(Some((child, field)));
                    }
                }
                Ok(None)
            })
        });
        match found.await {
            Ok(Some((child, field))) => {
                let relation = child.fields[field].name;
                let message =
                    format!("there is still {} whose {relation} is this {}", article(child.name), resource.name);
                ApiError::new(Code::FailedPrecondition, message)
                    .with("resource", resource.name)
                    .with("referring_resource", child.name)
                    .with("referring_field", relation)
            }
            _ => error,
        }
    }

    fn referring(&self, resource: &'static Resource) -> Vec<(&'static Resource, usize)> {
        let fields = self.api.resources.iter().flat_map(|child| {
            child.relations.iter().filter_map(move |relation| match relation.kind {
                RelationKind::BelongsTo { column } if relation.target.name == resource.name => {
                    Some((*child, child.field_index(column)?))
                }
                _ => None,
            })
        });
        fields.collect()
    }
}

pub(super) fn target_of(resource: &'static Resource, field: usize) -> Option<&'static Resource> {
    let name = resource.fields[field].name;
    resource.relations.iter().find_map(|relation| match relation.kind {
        RelationKind::BelongsTo { column } if column == name => Some(relation.target),
        _ => None,
    })
}

fn article(name: &str) -> String {
    let article = if name.starts_with(['A', 'E', 'I', 'O', 'U']) { "an" } else { "a" };
    format!("{article} {name}")
}
