//! Many writes in one message, and rows without end in a stream.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use heck::ToUpperCamelCase;

use super::{
    draft::ProtoInput,
    mask,
    methods::{
        CreateNumbers, DeleteNumbers, ID, Messages, Request, UpdateNumbers, create_numbers, delete_numbers, find_id,
        id_number, precondition, read_nested, read_text, update_numbers,
    },
    numbers::{Contract, MessageId, Needed, Numbers},
    output::Encoder,
    status,
    wire::{Malformed, Reader},
};
use crate::{
    descriptor::{Api, Resource},
    error::{ApiError, Code},
    reach::Reach,
    service::{Atomicity, Batch, Call, Done, Outcome, Service, Step, Steps, Task, Write, batch},
    value::Record,
};

/// How many of the rows that an import couldn't create are told of.
const MAX_FAILURES: usize = 100;
/// How many rows of an import are written at a time: enough for commits to be shared.
const IN_FLIGHT: usize = 32;

/// The fields of a batch's request and response.
#[derive(Debug)]
pub(super) struct BatchNumbers {
    operations: u32,
    partial: u32,
    verbs: Vec<(u32, Verb)>,
    results: u32,
    result: ResultNumbers,
}

/// What an operation may be, with the fields of the request that it would be alone.
#[derive(Debug)]
enum Verb {
    Create(CreateNumbers),
    Update(UpdateNumbers),
    Delete(DeleteNumbers),
}

impl Verb {
    fn name(&self) -> &'static str {
        match self {
            Verb::Create(_) => "create",
            Verb::Update(_) => "update",
            Verb::Delete(_) => "delete",
        }
    }
}

/// The fields of an import's requests and of its response.
#[derive(Debug)]
pub(super) struct ImportNumbers {
    resource: u32,
    created: u32,
    failures: u32,
    result: ResultNumbers,
}

#[derive(Debug)]
struct ResultNumbers {
    index: u32,
    row: u32,
    deleted_id: u32,
    code: u32,
    reason: u32,
    message: u32,
    violations: u32,
    /// Its place, its kind, and what is wrong.
    violation: [u32; 3],
}

pub(super) fn batch_numbers(
    api: &Api,
    resource: &'static Resource,
    messages: &Messages,
    contract: &Contract,
) -> anyhow::Result<BatchNumbers> {
    let Resource { name, plural, operations, .. } = resource;
    let mut verbs = Vec::new();
    if operations.create {
        verbs.push(Verb::Create(create_numbers(api, resource, messages, contract)?));
    }
    if operations.update {
        verbs.push(Verb::Update(update_numbers(api, resource, contract)?));
    }
    if operations.delete {
        verbs.push(Verb::Delete(delete_numbers(resource, contract)?));
    }
    let types: Vec<String> = verbs.iter().map(|verb| alone(api, resource, verb)).collect();
    let types: Vec<[&str; 1]> = types.iter().map(|ty| [ty.as_str()]).collect();
    let needed: Vec<Needed<'_>> = verbs.iter().zip(&types).map(|(verb, ty)| (verb.name(), ty.as_slice())).collect();
    let numbers = contract.wrapper(&format!("{name}BatchOperation"), &needed)?;

    let operation = format!("repeated {}.{name}BatchOperation", api.package);
    let request: [Needed<'_>; 2] = [("operations", &[&operation]), ("return_partial_success", &["bool"])];
    let request = contract.wrapper(&format!("BatchWrite{plural}Request"), &request)?;
    let shown = format!("repeated {}.{name}BatchResult", api.package);
    let response = contract.wrapper(&format!("BatchWrite{plural}Response"), &[("results", &[&shown])])?;
    Ok(BatchNumbers {
        operations: request[0],
        partial: request[1],
        verbs: numbers.into_iter().zip(verbs).collect(),
        results: response[0],
        result: result_numbers(api, resource, contract)?,
    })
}

/// The request that an operation would be alone.
fn alone(api: &Api, resource: &Resource, verb: &Verb) -> String {
    format!("{}.{}{}Request", api.package, verb.name().to_upper_camel_case(), resource.name)
}

pub(super) fn import_numbers(
    api: &Api,
    resource: &'static Resource,
    contract: &Contract,
) -> anyhow::Result<ImportNumbers> {
    let Resource { name, plural, snake, .. } = resource;
    let row = format!("{}.{name}", api.package);
    let request = contract.wrapper(&format!("Import{plural}Request"), &[(snake, &[&row])])?;
    let failure = format!("repeated {}.{name}BatchResult", api.package);
    let needed: [Needed<'_>; 2] = [("created", &["int64"]), ("failures", &[&failure])];
    let response = contract.wrapper(&format!("Import{plural}Response"), &needed)?;
    let result = result_numbers(api, resource, contract)?;
    Ok(ImportNumbers { resource: request[0], created: response[0], failures: response[1], result })
}

fn result_numbers(api: &Api, resource: &Resource, contract: &Contract) -> anyhow::Result<ResultNumbers> {
    const OWN: [&str; 6] = ["index", "deleted_id", "code", "reason", "message", "violations"];
    // A resource may be called `Message`.
    let row = if OWN.contains(&resource.snake) { format!("{}_row", resource.snake) } else { resource.snake.to_owned() };
    let message = format!("{}.{}", api.package, resource.name);
    let violation = format!("repeated {}.Violation", api.package);
    let needed: [Needed<'_>; 7] = [
        ("index", &["int32"]),
        (&row, &[&message]),
        ("deleted_id", ID.1),
        ("code", &["int32"]),
        ("reason", &["string"]),
        ("message", &["string"]),
        ("violations", &[&violation]),
    ];
    let own = contract.wrapper(&format!("{}BatchResult", resource.name), &needed)?;
    let texts: [Needed<'_>; 3] = [("field", &["string"]), ("reason", &["string"]), ("description", &["string"])];
    let violation = contract.wrapper("Violation", &texts)?;
    Ok(ResultNumbers {
        index: own[0],
        row: own[1],
        deleted_id: own[2],
        code: own[3],
        reason: own[4],
        message: own[5],
        violations: own[6],
        violation: [violation[0], violation[1], violation[2]],
    })
}

/// A batch's request, unread.
pub(super) struct BatchRequest<'a> {
    pub numbers: &'a Numbers,
    pub batch: &'a BatchNumbers,
    /// Of the resource.
    pub message: MessageId,
    pub bytes: &'a [u8],
}

impl Batch for BatchRequest<'_> {
    fn read(&self, resource: &'static Resource) -> Result<Steps<'_>, ApiError> {
        let (mut atomicity, mut steps) = (Atomicity::All, Vec::new());
        let mut reader = Reader::new(self.bytes);
        while let Some((number, wire)) = reader.next()? {
            if number == self.batch.operations {
                let step = self.step(resource, steps.len(), wire.bytes()?)?;
                steps.push(step);
            } else if number == self.batch.partial {
                atomicity = if wire.varint()? == 0 { Atomicity::All } else { Atomicity::Each };
            }
        }
        Ok(Steps { atomicity, steps })
    }
}

impl BatchRequest<'_> {
    fn step(&self, resource: &'static Resource, index: usize, bytes: &[u8]) -> Result<Step<'_>, Malformed> {
        let mut place = batch::place(index);
        let mut sent: Vec<(&Verb, Vec<u8>)> = Vec::new();
        let mut reader = Reader::new(bytes);
        while let Some((number, wire)) = reader.next()? {
            let Some((_, verb)) = self.batch.verbs.iter().find(|(known, _)| *known == number) else { continue };
            // The parts of a message that is sent in parts are simply joined.
            match sent.iter_mut().find(|(known, _)| known.name() == verb.name()) {
                Some((_, message)) => message.extend_from_slice(wire.bytes()?),
                None => sent.push((verb, wire.bytes()?.to_vec())),
            }
        }
        let task = match sent.as_slice() {
            [(verb, bytes)] => {
                place.push(batch::segment(verb.name()));
                self.task(verb, bytes)
            }
            _ => Err(batch::not_one(resource)),
        };
        Ok(Step { place, task })
    }

    fn task(&self, verb: &Verb, bytes: &[u8]) -> Result<Task<'_>, ApiError> {
        let (numbers, message) = (self.numbers, self.message);
        let input = |bytes: Vec<u8>, mask, nested| {
            Box::new(ProtoInput { numbers, message, bytes: Cow::Owned(bytes), mask, nested })
        };
        Ok(match verb {
            Verb::Create(CreateNumbers { resource, nested }) => {
                let nested = read_nested(bytes, nested)?;
                let own = Request::read(bytes, *resource, None, None)?.resource;
                Task::Create(input(own, Vec::new(), nested))
            }
            Verb::Update(UpdateNumbers { resource, update_mask, etag }) => {
                let Request { resource: own, mask, etag } =
                    Request::read(bytes, *resource, Some(*update_mask), Some(*etag))?;
                let id = find_id(&own, id_number(numbers, message))?.ok_or_else(batch::no_id)?;
                let precondition = precondition(&etag);
                let (write, mask) =
                    if mask::replaces(&mask) { (Write::Replace, Vec::new()) } else { (Write::Update, mask) };
                Task::Change { write, id, input: input(own, mask, Vec::new()), precondition }
            }
            Verb::Delete(DeleteNumbers { id, etag }) => {
                let id = find_id(bytes, *id)?.ok_or_else(batch::no_id)?;
                Task::Delete { id, precondition: precondition(&read_text(bytes, *etag)?) }
            }
        })
    }
}

impl BatchNumbers {
    /// What became of each operation.
    pub fn write(&self, numbers: &Numbers, message: MessageId, outcomes: &[Outcome]) -> Bytes {
        let mut encoder = Encoder::new(numbers, 64 + 384 * outcomes.len());
        for (index, outcome) in outcomes.iter().enumerate() {
            encoder.message(self.results, |encoder| match outcome {
                Ok(done) => self.result.done(encoder, message, index, done),
                Err(error) => self.result.refused(encoder, index, error),
            });
        }
        encoder.finish()
    }
}

impl ResultNumbers {
    fn done(&self, encoder: &mut Encoder<'_>, message: MessageId, index: usize, done: &Done) {
        encoder.int(self.index, index as u64);
        match done {
            Done::Created(record) | Done::Changed(record) => encoder.record(self.row, message, record),
            Done::Deleted(id) => encoder.id(self.deleted_id, message, id),
        }
    }

    fn refused(&self, encoder: &mut Encoder<'_>, index: usize, error: &ApiError) {
        encoder.int(self.index, index as u64);
        encoder.int(self.code, error.code.grpc_code().unsigned_abs().into());
        encoder.text(self.reason, error.reason());
        encoder.text(self.message, &error.message);
        for violation in &error.violations {
            let [field, reason, description] = self.violation;
            encoder.message(self.violations, |encoder| {
                encoder.text(field, &status::field_path(&violation.location));
                encoder.text(reason, violation.code);
                encoder.text(description, &violation.message);
            });
        }
    }
}

/// What came of the rows of a stream.
#[derive(Default)]
struct Summary {
    created: u64,
    /// The first [`MAX_FAILURES`] rows that weren't created, by their positions in the stream.
    failures: Vec<(usize, ApiError)>,
}

impl ImportNumbers {
    /// Creates a row of each message. Reads the next ones only while few are being written, so that a stream is never
    /// faster than the database. `patience`: how long one message may be waited for, and how long one row may take.
    pub async fn run(
        &self,
        (service, numbers): (&Arc<Service>, &Numbers),
        call: &Call,
        (resource, message): (&'static Resource, MessageId),
        messages: impl Stream<Item = Result<Bytes, ApiError>>,
        patience: Duration,
    ) -> Result<Bytes, ApiError> {
        let reach = &service.may_import(call, resource).await?;
        let row = |bytes: Result<Bytes, ApiError>| async move {
            let bytes = bytes?;
            let deadline = call.deadline.min(Instant::now() + patience);
            let call = Call { deadline, ..call.clone() };
            let created = self.create((service, numbers), &call, (resource, reach, message), &bytes);
            let created = tokio::time::timeout_at(deadline.into(), created).await;
            Ok(created.unwrap_or_else(|_| Err(ApiError::new(Code::DeadlineExceeded, "the row took too long"))))
        };
        let rows = messages.map(row).buffered(IN_FLIGHT).enumerate();
        let rows = rows.map(|(index, outcome): (usize, Result<_, ApiError>)| Ok((index, outcome?)));
        let summary = rows.try_fold(Summary::default(), Summary::add);
        Ok(self.write(numbers, &summary.await?))
    }

    async fn create(
        &self,
        (service, numbers): (&Arc<Service>, &Numbers),
        call: &Call,
        (resource, reach, message): (&'static Resource, &Reach, MessageId),
        bytes: &[u8],
    ) -> Result<Record, ApiError> {
        let bytes = Cow::Owned(Request::read(bytes, self.resource, None, None)?.resource);
        let input = ProtoInput { numbers, message, bytes, mask: Vec::new(), nested: Vec::new() };
        service.import(call, (resource, reach), &input).await
    }

    fn write(&self, numbers: &Numbers, summary: &Summary) -> Bytes {
        let mut encoder = Encoder::new(numbers, 64);
        encoder.int(self.created, summary.created);
        for (index, error) in &summary.failures {
            encoder.message(self.failures, |encoder| self.result.refused(encoder, *index, error));
        }
        encoder.finish()
    }
}

impl Summary {
    async fn add(mut self, (index, outcome): (usize, Result<Record, ApiError>)) -> Result<Summary, ApiError> {
        match outcome {
            Ok(_) => self.created += 1,
            Err(error) if self.failures.len() < MAX_FAILURES => self.failures.push((index, error)),
            Err(_) => {}
        }
        Ok(self)
    }
}
