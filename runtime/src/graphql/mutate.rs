//! Mutations: one write after another, in the order of the document, each followed by the reads of its payload.
//!
//! What the caller's input got wrong comes as `userErrors` of the payload; everything else is an error of the field.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{
    arguments::{self, Values},
    complete::{Completer, Failure, Written},
    plan::{DetailField, MutationField, PayloadField, ResultField, Selection, UserErrorField, What, Write},
    response::input_path,
    schema::{Mutation, MutationKind},
};
use crate::{
    error::{ApiError, Code},
    etag::Precondition,
    service::{
        self, Acted, Call, Done, Rows, Service,
        level::{self, Level, Reader, Snapshot},
    },
    store,
    value::{Record, Value},
};

/// What a write came to, as its payload shows it.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Rows and what was read below them.
    Rows(Level),
    Value(Value),
    Deleted(String),
    /// There is nothing to show.
    Done,
    /// The rows of several writes with what was read below them, and what became of each write.
    Several(Level, Vec<Each>),
    /// VALIDATION_FAILED, ALREADY_EXISTS, FAILED_PRECONDITION or an error of the spec.
    Refused(ApiError),
}

/// What one of several writes came to.
#[derive(Debug)]
pub(crate) enum Each {
    /// The position of its row.
    Row(usize),
    Deleted(String),
    /// Whatever the error: there is no other place to tell of it.
    Refused(ApiError),
}

impl Outcome {
    fn several(outcomes: Vec<service::Outcome>) -> Outcome {
        let mut records = Vec::with_capacity(outcomes.len());
        let each = outcomes.into_iter().map(|outcome| match outcome {
            Ok(Done::Created(record) | Done::Changed(record)) => {
                records.push(record);
                Each::Row(records.len() - 1)
            }
            Ok(Done::Deleted(id)) => Each::Deleted(id),
            Err(error) => Each::Refused(error),
        });
        let each = each.collect();
        Outcome::Several(Level { records, ..Level::default() }, each)
    }

    fn rows(records: Vec<Record>) -> Outcome {
        Outcome::Rows(Level { records, ..Level::default() })
    }
}

/// Runs all fields. Stops at the first whose failure takes the whole data along.
pub(crate) async fn run<'p>(
    service: &Arc<Service>,
    call: &Call,
    selection: &'p Selection<MutationField>,
    writes: Vec<Write>,
    max_rows: usize,
) -> Completer<'p> {
    let mut writes = writes.into_iter();
    let mut completer = Completer::default();
    completer.open();
    for selected in &selection.fields {
        let outcome = match &selected.what {
            What::Field(field) => match writes.next() {
                Some(write) => Some((field, perform(service, call, field.mutation, write, max_rows).await)),
                None => unreachable!("each field has its arguments"),
            },
            What::Typename | What::Unserved(_) => None,
        };
        completer.key(selected);
        let start = completer.out.len();
        let written = match (outcome, &selected.what) {
            (Some((field, Ok(outcome))), _) => payload(&mut completer, &field.payload, &outcome),
            (Some((_, Err(error))), _) => Err(error.into()),
            (None, What::Unserved(error)) => Err(Failure::Error(error.clone())),
            (None, _) => completer.text(&selection.type_name),
        };
        if completer.settle(selected, start, written).is_err() {
            completer.nothing();
            return completer;
        }
    }
    completer.close();
    completer
}

async fn perform(
    service: &Arc<Service>,
    call: &Call,
    mutation: Mutation,
    Write { arguments, rows }: Write,
    max_rows: usize,
) -> Result<Outcome, ApiError> {
    match write(service, call, mutation, arguments?).await {
        Ok(Outcome::Rows(level)) => Ok(Outcome::Rows(shown(service, call, &rows, level.records, max_rows).await)),
        Ok(Outcome::Several(level, each)) => {
            Ok(Outcome::Several(shown(service, call, &rows, level.records, max_rows).await, each))
        }
        Err(error) if is_user_error(&error) => Ok(Outcome::Refused(error)),
        outcome => outcome,
    }
}

async fn write(
    service: &Arc<Service>,
    call: &Call,
    Mutation { kind, resource }: Mutation,
    mut arguments: Values,
) -> Result<Outcome, ApiError> {
    let id = arguments::id(&arguments);
    let precondition =
        arguments.get("ifMatch").and_then(Json::as_str).map_or(Precondition::NONE, Precondition::if_match);
    let arguments = &mut arguments;
    let record = match kind {
        MutationKind::Create => service.create(call, resource, &arguments::input(arguments)).await?,
        MutationKind::Update => {
            service.update(call, resource, &id, &arguments::input(arguments), &precondition).await?
        }
        MutationKind::Link(relation, linking) => {
            let others = arguments::texts(arguments.get(&format!("{}Ids", relation.target.camel)));
            let others: Vec<_> = others.map(str::to_owned).collect();
            service.link(call, (resource, relation), &id, &others, linking).await?
        }
        MutationKind::Act(action) => {
            let acted = service.act(call, (resource, action), &id, &arguments::input(arguments), &precondition).await?;
            return Ok(match acted {
                Acted::Nothing(_) => Outcome::Done,
                Acted::Row(record) => Outcome::rows(vec![record]),
                Acted::Rows(records) => Outcome::rows(records),
                Acted::Value(value) => Outcome::Value(value),
            });
        }
        MutationKind::Exchange(exchange) => {
            return service.exchange(call, exchange, &arguments::input(arguments)).await.map(Outcome::Value);
        }
        MutationKind::Batch => {
            return service.batch(call, resource, &arguments::batch(arguments)).await.map(Outcome::several);
        }
        MutationKind::Undelete => service.undelete(call, resource, &id).await?,
        MutationKind::Delete => {
            service.delete(call, resource, &id, &precondition).await?;
            return Ok(Outcome::Deleted(id));
        }
    };
    Ok(Outcome::rows(vec![record]))
}

/// What the payload shows of rows that were written.
async fn shown(service: &Arc<Service>, call: &Call, rows: &Arc<Rows>, records: Vec<Record>, max_rows: usize) -> Level {
    let mut level = read_below(service, call, rows, records, max_rows).await;
    level::compute(service, call, (None, rows), &mut level).await;
    level
}

/// The write has happened: should the reads fail, the row itself is still shown.
async fn read_below(
    service: &Arc<Service>,
    call: &Call,
    rows: &Arc<Rows>,
    records: Vec<Record>,
    max_rows: usize,
) -> Level {
    if rows.fetches.is_empty() {
        return Level { records, ..Level::default() };
    }
    let captured = (service.clone(), call.clone(), rows.clone(), records.clone());
    let read = store::read(&*service.store, call.deadline, move |tx| {
        let (service, call, rows, records) = captured.clone();
        Box::pin(async move {
            let mut snapshot = Snapshot { service: &service, call: &call, tx };
            Reader::new(&mut snapshot, max_rows).below(&rows, records).await
        })
    });
    read.await.unwrap_or_else(|error| Level::failed(rows, records, &error))
}

fn is_user_error(error: &ApiError) -> bool {
    error.domain.is_some()
        || matches!(error.code, Code::ValidationFailed | Code::AlreadyExists | Code::FailedPrecondition)
}

pub(crate) fn payload<'p>(
    completer: &mut Completer<'p>,
    selection: &'p Selection<PayloadField>,
    outcome: &Outcome,
) -> Written {
    completer.object(selection, |completer, field| match (field, outcome) {
        (PayloadField::Result(shown), Outcome::Rows(level)) => completer.shown(shown, level, None),
        (PayloadField::Result(shown), Outcome::Value(value)) => completer.shown(shown, &Level::default(), Some(value)),
        (PayloadField::DeletedId, Outcome::Deleted(id)) => completer.text(id),
        (PayloadField::Result(_) | PayloadField::DeletedId, _) => Err(Failure::Missing),
        (PayloadField::Results(selection), Outcome::Several(level, each)) => completer
            .list(each.iter().enumerate(), |completer, (index, each)| result(completer, selection, level, index, each)),
        (PayloadField::Results(_), _) => completer.list([(); 0], |_, ()| Ok(())),
        (PayloadField::UserErrors(selection), Outcome::Refused(error)) => {
            completer.list(user_errors(error), |completer, error| user_error(completer, selection, &error))
        }
        (PayloadField::UserErrors(_), _) => completer.list([(); 0], |_, ()| Ok(())),
    })
}

fn result<'p>(
    completer: &mut Completer<'p>,
    selection: &'p Selection<ResultField>,
    level: &Level,
    index: usize,
    each: &Each,
) -> Written {
    completer.object(selection, |completer, field| match (field, each) {
        (ResultField::Index, _) => completer.json(&index),
        (ResultField::Row(selection), Each::Row(position)) => completer.row(selection, level, *position),
        (ResultField::DeletedId, Each::Deleted(id)) => completer.text(id),
        (ResultField::Row(_) | ResultField::DeletedId, _) => Err(Failure::Missing),
        (ResultField::UserErrors(selection), Each::Refused(error)) => {
            completer.list(user_errors(error), |completer, error| user_error(completer, selection, &error))
        }
        (ResultField::UserErrors(_), _) => completer.list([(); 0], |_, ()| Ok(())),
    })
}

struct UserError<'e> {
    code: &'static str,
    message: &'e str,
    field: Option<Vec<String>>,
    details: Vec<(&'static str, String)>,
}

/// One per violation; an error without any tells of itself.
fn user_errors(error: &ApiError) -> Vec<UserError<'_>> {
    if error.violations.is_empty() {
        let details = error.details().collect();
        return vec![UserError { code: error.reason(), message: &error.message, field: None, details }];
    }
    // What a violation is about is all that there is to say of values.
    let of_values = error.domain.is_none() && matches!(error.code, Code::ValidationFailed | Code::AlreadyExists);
    let violations = error.violations.iter().map(|violation| UserError {
        code: error.reason(),
        message: &violation.message,
        field: input_path(&violation.location),
        details: if of_values { Vec::new() } else { error.details().collect() },
    });
    violations.collect()
}

fn user_error<'p>(
    completer: &mut Completer<'p>,
    selection: &'p Selection<UserErrorField>,
    error: &UserError<'_>,
) -> Written {
    completer.object(selection, |completer, field| match field {
        UserErrorField::Code => completer.text(error.code),
        UserErrorField::Message => completer.text(error.message),
        UserErrorField::Field => completer.json(error.field.as_ref().ok_or(Failure::Missing)?),
        UserErrorField::Details(selection) => {
            completer.list(&error.details, |completer, (name, value)| detail(completer, selection, name, value))
        }
    })
}

fn detail<'p>(
    completer: &mut Completer<'p>,
    selection: &'p Selection<DetailField>,
    name: &str,
    value: &str,
) -> Written {
    completer.object(selection, |completer, field| match field {
        DetailField::Name => completer.text(name),
        DetailField::Value => completer.text(value),
    })
}
