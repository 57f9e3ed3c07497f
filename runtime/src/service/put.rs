//! Replacing a row under an id that the caller knows, whether it is there or not.

use std::sync::Arc;

use super::{Call, Draft, Input, Service, Write};
use crate::{
    descriptor::{Id, Resource},
    error::{ApiError, Code, Violation},
    etag::Precondition,
    value::{Record, Value},
};

/// What became of it.
#[derive(Debug)]
pub enum Put {
    Replaced(Record),
    Created(Record),
}

/// What to do where there is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    Refuse,
    /// As far as callers choose the ids and may create rows.
    Create,
}

impl Service {
    pub async fn put(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        input: &dyn Input,
        (precondition, missing): (&Precondition, Missing),
    ) -> Result<Put, ApiError> {
        let creates = missing == Missing::Create && resource.operations.create && resource.id() == Id::Text;
        match self.replace(call, resource, id, input, precondition).await {
            Err(error) if error.code == Code::NotFound && creates => {}
            result => return result.map(Put::Replaced),
        }
        // It stays one operation, which has been counted.
        let call = &Call { meter: None, ..call.clone() };
        match self.create(call, resource, &At { id, input }).await {
            // Another request was faster.
            Err(error) if error.code == Code::AlreadyExists && error.violations.iter().any(is_id) => {
                self.replace(call, resource, id, input, precondition).await.map(Put::Replaced)
            }
            result => result.map(Put::Created),
        }
    }
}

fn is_id(violation: &Violation) -> bool {
    violation.location.to_string() == "id"
}

/// A replacement that becomes a new row with this id.
struct At<'a> {
    id: &'a str,
    input: &'a dyn Input,
}

impl Input for At<'_> {
    fn decode(
        &self,
        resource: &'static Resource,
        _: Write,
        current: Option<&Record>,
        violations: &mut Vec<Violation>,
    ) -> Result<Draft, ApiError> {
        let mut draft = self.input.decode(resource, Write::Replace, current, violations)?;
        draft.values[0] = Some(Value::Text(self.id.to_owned()));
        Ok(draft)
    }
}
