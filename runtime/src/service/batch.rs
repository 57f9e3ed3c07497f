//! Many writes in one request: all of them or nothing, in one transaction, or each on its own. Either way they happen in
//! the order in which they were sent, so that a later one finds what an earlier one has left.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Call, Input, Operation, Service, WHOLE, Write, entangled,
    hooked::Changed,
    nested::New,
    policy, refusal,
    write::{ATTEMPTS, Change, Set, judge_gone, key_of, replacing, tenant_of_new},
};
use crate::{
    descriptor::Resource,
    error::{self, ApiError, Code, Location, Segment, Violation},
    etag::Precondition,
    reach::Reach,
    sql,
    store::{self, Tx},
    value::{Record, Value, id_text, now, parse_id},
};

/// What a batch is to do, still in the protocol's form, so that permission is decided before anything of it is judged.
pub trait Batch: Send + Sync {
    fn read(&self, resource: &'static Resource) -> Result<Steps<'_>, ApiError>;
}

/// The operations of a batch, in their order.
pub struct Steps<'a> {
    pub atomicity: Atomicity,
    pub steps: Vec<Step<'a>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Atomicity {
    /// All of it, or nothing.
    All,
    Each,
}

/// One operation.
pub struct Step<'a> {
    /// Where it stands in what was sent: `operations[3].create`.
    pub place: Vec<Segment>,
    /// `Err`: what was sent isn't one operation.
    pub task: Result<Task<'a>, ApiError>,
}

/// What to do with one row.
pub enum Task<'a> {
    Create(Box<dyn Input + 'a>),
    /// [`Write::Update`] or [`Write::Replace`]; `id` as the caller wrote it.
    Change {
        write: Write,
        id: String,
        input: Box<dyn Input + 'a>,
        precondition: Precondition,
    },
    Delete {
        id: String,
        precondition: Precondition,
    },
}

/// What became of one operation.
#[derive(Debug)]
pub enum Done {
    Created(Record),
    Changed(Record),
    /// The id of the row that is gone, as the caller wrote it.
    Deleted(String),
}

/// The same, or why it wasn't done.
pub type Outcome = Result<Done, ApiError>;

/// The member of a request that lists the operations.
pub const OPERATIONS: &str = "operations";

/// Where an operation stands.
pub fn place(index: usize) -> Vec<Segment> {
    vec![segment(OPERATIONS), Segment::Index(index)]
}

/// A member of a request that no resource declares. Its name is a single word, the same for all protocols.
pub fn segment(name: &'static str) -> Segment {
    Segment::Field { name, camel: name }
}

/// What an operation is sent as that isn't exactly one of those that the resource offers.
pub fn not_one(resource: &Resource) -> ApiError {
    let operations = resource.operations;
    let all = [(operations.create, "create"), (operations.update, "update"), (operations.delete, "delete")];
    let offered: Vec<&str> = all.into_iter().filter_map(|(offered, verb)| offered.then_some(verb)).collect();
    let message = match offered.as_slice() {
        [only] => format!("must have {only}"),
        several => format!("must have exactly one of {}", several.join(", ")),
    };
    ApiError::validation(vec![Violation { location: Location::Body(Vec::new()), code: "ONE_OF", message }])
}

/// An operation on a row that doesn't say which one.
pub fn no_id() -> ApiError {
    let location = Location::Body(vec![segment("id")]);
    ApiError::validation(vec![Violation { location, code: "REQUIRED", message: "is required".to_owned() }])
}

impl Task<'_> {
    fn operation(&self, resource: &Resource) -> Operation {
        match self {
            Task::Create(_) => Operation::Create,
            Task::Change { write: Write::Replace, .. } => replacing(resource),
            Task::Change { .. } => Operation::Update,
            Task::Delete { .. } => Operation::Delete,
        }
    }
}

/// A judged operation on its way through the transaction.
pub(super) enum Ready {
    New(New),
    Set(Set),
    Gone(Set),
}

/// The rows that are changed, as the operations so far leave them, by the text of their ids.
type Rows = HashMap<String, Record>;

/// Why a transaction was given up.
enum Refused {
    /// Others wrote a row since it was read.
    Raced,
    Error(ApiError),
}

impl Service {
    /// `Err`: nothing was done. Otherwise there is one outcome per operation; if all or nothing was asked for, all are
    /// `Ok`.
    pub async fn batch(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        batch: &dyn Batch,
    ) -> Result<Vec<Outcome>, ApiError> {
        let reach = self.begin(call, resource, Operation::Batch).await?;
        let Steps { atomicity, steps } = batch.read(resource)?;
        check_number(resource, steps.len())?;
        let mut outcomes = match atomicity {
            Atomicity::All => self.all(call, (resource, &reach), &steps).await?.into_iter().map(Ok).collect(),
            Atomicity::Each => self.each(call, (resource, &reach), &steps).await,
        };
        self.complete_all(call, resource, &mut outcomes).await?;
        Ok(outcomes)
    }

    /// Completes all rows that are shown, together.
    async fn complete_all(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        outcomes: &mut [Outcome],
    ) -> Result<(), ApiError> {
        let shown = outcomes.iter_mut().filter_map(|outcome| match outcome {
            Ok(Done::Created(record) | Done::Changed(record)) => Some(record),
            Ok(Done::Deleted(_)) | Err(_) => None,
        });
        if !resource.fields.iter().any(|field| field.computed) {
            return Ok(());
        }
        let places: Vec<&mut Record> = shown.collect();
        let mut records: Vec<Record> = places.iter().map(|record| (**record).clone()).collect();
        self.complete(call, (resource, &WHOLE), &mut records).await?;
        places.into_iter().zip(records).for_each(|(place, record)| *place = record);
        Ok(())
    }

    /// Decides whether any number of rows may be created, each by [`Service::import`], and which.
    pub async fn may_import(&self, call: &Call, resource: &'static Resource) -> Result<Reach, ApiError> {
        let reach = self.begin(call, resource, Operation::Batch).await?;
        Ok(reach.and(policy::allow(call, resource, Operation::Create)?))
    }

    pub async fn import(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        input: &dyn Input,
    ) -> Result<Record, ApiError> {
        self.create_within(call, (resource, reach.clone()), input).await
    }

    async fn each(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        steps: &[Step<'_>],
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(steps.len());
        for step in steps {
            let done = match &step.task {
                Ok(task) => self.alone(call, (resource, reach), task).await,
                Err(error) => Err(error.clone()),
            };
            outcomes.push(done.map_err(|error| error.within(&step.place)));
        }
        outcomes
    }

    async fn alone(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        task: &Task<'_>,
    ) -> Outcome {
        let reach = policy::allow(call, resource, task.operation(resource))?.and(reach.clone());
        match task {
            Task::Create(input) => self.create_within(call, (resource, reach), &**input).await.map(Done::Created),
            Task::Change { write, id, input, precondition } => {
                let key = key_of(resource, id, precondition)?;
                let change = Change { write: *write, resource, reach, key, id, input: &**input, precondition };
                self.change(call, &change).await.map(Done::Changed)
            }
            Task::Delete { id, precondition } => {
                let gone = self.delete_within(call, (resource, reach), id, precondition);
                gone.await.map(|()| Done::Deleted(id.clone()))
            }
        }
    }

    async fn all(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        steps: &[Step<'_>],
    ) -> Result<Vec<Done>, ApiError> {
        let permit = |step: &Step<'_>| match &step.task {
            Ok(task) => policy::allow(call, resource, task.operation(resource))
                .map(|own| own.and(reach.clone()))
                .map_err(|error| located(error, step)),
            Err(_) => Ok(Reach::default()),
        };
        let reaches = steps.iter().map(permit).collect::<Result<Vec<_>, _>>()?;
        for _ in 0..ATTEMPTS {
            let mut ready = self.judge_all(call, resource, (steps, &reaches)).await?;
            for (ready, step) in ready.iter_mut().zip(steps) {
                self.make_ready(resource, ready).await.map_err(|error| located(error, step))?;
            }
            match self.write_all(call, resource, steps, ready).await {
                Err(Refused::Raced) => {}
                Err(Refused::Error(error)) => return Err(error),
                Ok(done) => return Ok(done),
            }
        }
        let message = format!("other requests keep changing the same {}", resource.plural);
        Err(ApiError::new(Code::Conflict, message).with("resource", resource.name))
    }

    /// Judges all operations before any hook hears of one; what is wrong with their values is told of all together.
    async fn judge_all(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        (steps, reaches): (&[Step<'_>], &[Reach]),
    ) -> Result<Vec<Ready>, ApiError> {
        let now = now();
        let mut rows = self.rows_to_change(call, resource, (steps, reaches)).await?;
        let changes = steps.iter().any(|step| matches!(&step.task, Ok(Task::Change { .. })));
        let (mut ready, mut violations, mut truncated) = (Vec::with_capacity(steps.len()), Vec::new(), false);
        for (step, reach) in steps.iter().zip(reaches) {
            let judged = match &step.task {
                Ok(task) => self.judge_task(call, (resource, reach.clone()), task, &mut rows, now).await,
                Err(error) => Err(error.clone()),
            };
            match judged {
                Ok(mut judged) => {
                    if changes {
                        remember(resource, &judged, &mut rows);
                    }
                    judged.delay(ready.len());
                    ready.push(judged);
                }
                Err(error) if error.code == Code::ValidationFailed && error.domain.is_none() => {
                    truncated |= error.truncated;
                    for violation in error.violations {
                        error::note(&mut violations, || violation.within(&step.place));
                    }
                }
                Err(error) => return Err(located(error, step)),
            }
        }
        if violations.is_empty() {
            return Ok(ready);
        }
        let error = ApiError::validation(violations);
        Err(ApiError { truncated: truncated || error.truncated, ..error })
    }

    async fn judge_task(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, Reach),
        task: &Task<'_>,
        rows: &mut Rows,
        now: jiff::Timestamp,
    ) -> Result<Ready, ApiError> {
        Ok(match task {
            Task::Create(input) => Ready::New(self.judge_new(call, (resource, reach), &**input, now)?),
            Task::Change { write, id, input, precondition } => {
                let key = key_of(resource, id, precondition)?;
                let text = id_text(resource.id(), &key);
                let current = rows.get(&text).ok_or_else(|| refusal::not_found(resource, id))?;
                let change = Change { write: *write, resource, reach, key, id, input: &**input, precondition };
                let set = self.judge_set(call, &change, Some(current), now).await?;
                rows.insert(text, changed(current, &set.values));
                Ready::Set(set)
            }
            Task::Delete { id, precondition } => {
                let set = judge_gone(call, (resource, reach), id, precondition, now)?;
                rows.remove(&id_text(resource.id(), &set.key));
                Ready::Gone(set)
            }
        })
    }

    /// The rows that are changed, as they are. Those that aren't there are left out.
    async fn rows_to_change(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        (steps, reaches): (&[Step<'_>], &[Reach]),
    ) -> Result<Rows, ApiError> {
        let changed = steps.iter().zip(reaches).filter_map(|(step, reach)| match &step.task {
            Ok(Task::Change { id, .. }) => Some((parse_id(resource.id(), id)?, reach.clone(), id.clone())),
            _ => None,
        });
        let keys: Arc<[(Value, Reach, String)]> = changed.collect();
        if keys.is_empty() {
            return Ok(Rows::new());
        }
        let service = self.clone();
        store::read(&*self.store, call.deadline, move |tx| {
            let (service, keys) = (service.clone(), keys.clone());
            Box::pin(async move {
                let mut rows = Rows::new();
                for (key, reach, id) in keys.iter() {
                    match service.unchanged(tx, resource, (key, reach), id, &Precondition::NONE).await {
                        Ok(record) => drop(rows.insert(id_text(resource.id(), key), record)),
                        Err(error) if error.code == Code::NotFound => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(rows)
            })
        })
        .await
    }

    async fn make_ready(&self, resource: &'static Resource, ready: &mut Ready) -> Result<(), ApiError> {
        match ready {
            Ready::New(new) => self.ready_new(resource, new).await,
            Ready::Set(set) => self.ready_set(set).await,
            Ready::Gone(set) => self.ready_gone(set).await,
        }
    }

    async fn write_all(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        steps: &[Step<'_>],
        mut ready: Vec<Ready>,
    ) -> Result<Vec<Done>, Refused> {
        let held = Arc::new(entangled::hold(&mut ready));
        // Which operation has its turn: a job that fails doesn't say.
        let (ready, turn) = (Arc::new(ready), Arc::new(AtomicUsize::new(0)));
        let (service, job) = (self.clone(), (ready.clone(), held, turn.clone()));
        let result = store::write(&*self.store, call.deadline, move |tx| {
            let (service, (all, held, turn)) = (service.clone(), job.clone());
            Box::pin(async move {
                service.check_held(tx, resource, &held, &turn).await?;
                let mut written = service.insert_together(tx, resource, &all, &turn).await?;
                for (index, ready) in all.iter().enumerate().skip(written.len()) {
                    turn.store(index, Ordering::Relaxed);
                    service.check_behind(tx, resource, &all[..index], ready).await?;
                    written.push(service.write_one(tx, resource, ready).await?);
                }
                Ok(written)
            })
        });
        match result.await {
            Ok(written) => {
                let (done, changes): (Vec<Done>, Vec<Vec<Changed>>) = written.into_iter().unzip();
                self.after(ready[0].origin(), changes.into_iter().flatten().collect());
                Ok(done)
            }
            Err(error) => {
                let turn = turn.load(Ordering::Relaxed);
                // What its caller demands of a change is judged already.
                if error.code == Code::EtagMismatch && matches!(ready[turn], Ready::Set(_)) {
                    return Err(Refused::Raced);
                }
                let error = self.why_not_written(call, resource, &ready, turn, error).await;
                Err(Refused::Error(located(error, &steps[turn])))
            }
        }
    }

    /// The inserts that a batch begins with, as far as each is one statement: none of them waits for the answer to the one
    /// before it.
    async fn insert_together(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        all: &[Ready],
        turn: &AtomicUsize,
    ) -> Result<Vec<(Done, Vec<Changed>)>, ApiError> {
        let alone = all.iter().map_while(|ready| match ready {
            Ready::New(new) if !new.values[0].is_null() && self.inserts_alone(resource, new) => Some(new),
            _ => None,
        });
        let (mut statements, mut written) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
        for (index, new) in alone.enumerate() {
            turn.store(index, Ordering::Relaxed);
            self.admit(tx, resource, &new.values, &new.reach).await?;
            statements.push(sql::insert(
                tx.dialect(),
                resource,
                &new.values,
                tenant_of_new(&new.origin.call, resource)?,
            ));
            written.push((Done::Created(Record::new(new.values.clone(), 1)), Vec::new()));
        }
        sql::execute_all(tx, &statements).await.map_err(|(index, error)| {
            turn.store(index, Ordering::Relaxed);
            refusal::write(resource, error)
        })?;
        Ok(written)
    }

    async fn write_one(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        ready: &Ready,
    ) -> Result<(Done, Vec<Changed>), ApiError> {
        Ok(match ready {
            Ready::New(new) => {
                let written = self.create_one(tx, resource, new).await?;
                (Done::Created(written.record), written.changes)
            }
            Ready::Set(set) => {
                let written = self.change_one(tx, set).await?;
                (Done::Changed(written.record), written.changes)
            }
            Ready::Gone(set) => (Done::Deleted(set.id.clone()), self.delete_one(tx, set).await?),
        })
    }

    /// A refusal of the operation that had its turn. What refers to rows that the batch would have created doesn't lead
    /// nowhere, although these are gone by now.
    async fn why_not_written(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        ready: &[Ready],
        turn: usize,
        error: ApiError,
    ) -> ApiError {
        let created = |index: usize, value: &Value| {
            let own = refusal::target_of(resource, index).is_some_and(|target| target.name == resource.name);
            own && ready[..turn].iter().any(|ready| matches!(ready, Ready::New(new) if new.values[0] == *value))
        };
        match &ready[turn] {
            Ready::New(new) => {
                let values = new.values.iter().enumerate();
                let values =
                    values.map(|(index, value)| if created(index, value) { Value::Null } else { value.clone() });
                let new = New { values: values.collect(), ..new.clone() };
                self.why_not_created(call, resource, &new, error).await
            }
            Ready::Set(set) => {
                let values = set.values.iter().enumerate();
                let kept =
                    |(index, value): (usize, &Option<Value>)| value.clone().filter(|value| !created(index, value));
                let set = Set { values: values.map(kept).collect(), ..set.clone() };
                self.why_not_changed(call, &set, error).await
            }
            Ready::Gone(set) => self.why_not_gone(call, set, error).await,
        }
    }
}

impl Ready {
    pub(super) fn origin(&self) -> &crate::hooks::Origin {
        match self {
            Ready::New(new) => &new.origin,
            Ready::Set(set) | Ready::Gone(set) => &set.origin,
        }
    }
}

fn check_number(resource: &Resource, number: usize) -> Result<(), ApiError> {
    let (code, message) = match resource.batch {
        _ if number == 0 => ("MIN_ITEMS", "must have at least 1 item".to_owned()),
        Some(most) if number > most => ("MAX_ITEMS", format!("must have at most {most} items")),
        _ => return Ok(()),
    };
    let location = Location::Body(vec![segment(OPERATIONS)]);
    Err(ApiError::validation(vec![Violation { location, code, message }]))
}

/// Keeps a new row for the changes behind it. If there is one already, it is this that they mean: the new one won't be.
fn remember(resource: &Resource, judged: &Ready, rows: &mut Rows) {
    if let Ready::New(new) = judged
        && !new.values[0].is_null()
    {
        let id = id_text(resource.id(), &new.values[0]);
        rows.entry(id).or_insert_with(|| Record::new(new.values.clone(), 1));
    }
}

/// A row with these values in place of its own. A change that sets nothing leaves the version.
fn changed(row: &Record, values: &[Option<Value>]) -> Record {
    let merged = row.values.iter().zip(values).map(|(old, new)| new.as_ref().unwrap_or(old).clone());
    Record::new(merged.collect(), row.version + i64::from(values.iter().any(Option::is_some)))
}

/// An error that the whole batch fails by tells which operation it is about, unless it is about none of them.
fn located(mut error: ApiError, step: &Step<'_>) -> ApiError {
    if !error.violations.is_empty() || error.code.http_status() >= 500 || error.code.retryable() {
        return error.within(&step.place);
    }
    // What isn't about a value is about the operation: `operations[3].update`.
    let place = step.place.iter().take(3).cloned().collect();
    let (code, message) = (error.reason(), error.message.clone());
    error.violations.push(Violation { location: Location::Body(place), code, message });
    error
}
