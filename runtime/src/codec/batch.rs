//! Many writes in one JSON object, in REST's spelling and in GraphQL's.
//!
//! They differ in an update: in REST its `id` and `etag` stand among the row's members, in GraphQL `id` and `ifMatch` stand
//! beside them.

use serde_json::{Map, Value as Raw};

use super::json::{JsonForm, JsonInput};
use crate::{
    descriptor::{Id, Resource},
    error::{self, ApiError, Location, Segment, Violation},
    etag::Precondition,
    service::{
        Atomicity, Batch, Step, Steps, Task, Write,
        batch::{self, OPERATIONS},
    },
};

/// A batch on its way in.
#[derive(Debug)]
pub struct JsonBatch {
    pub body: Raw,
    pub form: JsonForm,
}

impl Batch for JsonBatch {
    fn read(&self, resource: &'static Resource) -> Result<Steps<'_>, ApiError> {
        let Raw::Object(members) = &self.body else {
            return Err(wrong(Vec::new(), "INVALID_TYPE", "must be an object"));
        };
        only(members, &[OPERATIONS, "atomic"])?;
        let atomicity = match members.get("atomic") {
            None | Some(Raw::Null | Raw::Bool(true)) => Atomicity::All,
            Some(Raw::Bool(false)) => Atomicity::Each,
            Some(_) => return Err(wrong(vec![batch::segment("atomic")], "INVALID_TYPE", "must be true or false")),
        };
        let operations = match members.get(OPERATIONS) {
            Some(Raw::Array(operations)) => operations,
            None | Some(Raw::Null) => return Err(wrong(vec![batch::segment(OPERATIONS)], "REQUIRED", "is required")),
            Some(_) => return Err(wrong(vec![batch::segment(OPERATIONS)], "INVALID_TYPE", "must be a list")),
        };
        let steps = operations.iter().enumerate().map(|(index, json)| self.step(resource, index, json));
        Ok(Steps { atomicity, steps: steps.collect() })
    }
}

impl JsonBatch {
    fn step<'a>(&self, resource: &'static Resource, index: usize, json: &'a Raw) -> Step<'a> {
        let mut place = batch::place(index);
        let task = match one(resource, json) {
            Ok((verb, json)) => {
                place.push(batch::segment(verb));
                self.task(resource, verb, json, &mut place)
            }
            Err(error) => Err(error),
        };
        Step { place, task }
    }

    /// `place` comes to be that of the row's members.
    fn task<'a>(
        &self,
        resource: &'static Resource,
        verb: &str,
        json: &'a Raw,
        place: &mut Vec<Segment>,
    ) -> Result<Task<'a>, ApiError> {
        if verb == "create" {
            return Ok(Task::Create(Box::new(JsonInput::within(json, self.form))));
        }
        let Raw::Object(members) = json else { return Err(wrong(Vec::new(), "INVALID_TYPE", "must be an object")) };
        let tag = match self.form {
            JsonForm::Rest => "etag",
            JsonForm::Graphql => "ifMatch",
        };
        let (id, precondition) = (id(resource, members)?, precondition(members, tag)?);
        if verb == "delete" {
            only(members, &["id", tag])?;
            return Ok(Task::Delete { id, precondition });
        }
        let input = match self.form {
            JsonForm::Rest => {
                let own = members.iter().filter(|(name, _)| *name != "id" && *name != tag);
                own.map(|(name, json)| (name.clone(), json.clone())).collect()
            }
            JsonForm::Graphql => {
                place.push(batch::segment("input"));
                members.get("input").and_then(Raw::as_object).cloned().unwrap_or_default()
            }
        };
        let input = Box::new(JsonInput::new(input, self.form));
        Ok(Task::Change { write: Write::Update, id, input, precondition })
    }
}

/// The one member of an operation. As everywhere, null is as good as nothing.
fn one<'a>(resource: &Resource, json: &'a Raw) -> Result<(&'static str, &'a Raw), ApiError> {
    let Raw::Object(members) = json else { return Err(wrong(Vec::new(), "INVALID_TYPE", "must be an object")) };
    let operations = resource.operations;
    let all = [(operations.create, "create"), (operations.update, "update"), (operations.delete, "delete")];
    let offered: Vec<&'static str> = all.into_iter().filter_map(|(offered, verb)| offered.then_some(verb)).collect();
    only(members, &offered)?;
    let sent = offered.into_iter().filter_map(|verb| Some((verb, members.get(verb)?)));
    match sent.filter(|(_, json)| !json.is_null()).collect::<Vec<_>>().as_slice() {
        [one] => Ok(*one),
        _ => Err(batch::not_one(resource)),
    }
}

fn id(resource: &Resource, members: &Map<String, Raw>) -> Result<String, ApiError> {
    match members.get("id") {
        None | Some(Raw::Null) => Err(batch::no_id()),
        Some(Raw::String(id)) => Ok(id.clone()),
        Some(Raw::Number(id)) if resource.id() == Id::Int64 => Ok(id.to_string()),
        Some(_) => Err(wrong(vec![batch::segment("id")], "INVALID_TYPE", "must be an id")),
    }
}

fn precondition(members: &Map<String, Raw>, tag: &'static str) -> Result<Precondition, ApiError> {
    match members.get(tag) {
        None | Some(Raw::Null) => Ok(Precondition::NONE),
        Some(Raw::String(etag)) => Ok(Precondition::if_match(etag)),
        Some(_) => Err(wrong(vec![batch::segment(tag)], "INVALID_TYPE", "must be a string")),
    }
}

fn only(members: &Map<String, Raw>, known: &[&str]) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        error::note(&mut violations, || {
            violation(vec![Segment::Key(name.clone())], "UNKNOWN_FIELD", "isn't a field of this")
        });
    }
    if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(violations)) }
}

fn wrong(path: Vec<Segment>, code: &'static str, message: &str) -> ApiError {
    ApiError::validation(vec![violation(path, code, message)])
}

fn violation(path: Vec<Segment>, code: &'static str, message: &str) -> Violation {
    Violation { location: Location::Body(path), code, message: message.to_owned() }
}
