//! Writing: authorise, decode, validate, hash, then one transaction.

use std::sync::Arc;

use super::{Call, Draft, Input, Operation, Service, Write, hooked::Written, nested::New, policy, refusal};
use crate::{
    check,
    descriptor::{Id, RelationKind, Resource, SetBy, Tenant, Type},
    error::{ApiError, Code},
    etag::Precondition,
    hooks::{Before, Origin},
    reach::Reach,
    sql,
    store::{self, Statements, Tx},
    validate::Validation,
    value::{Record, Value, now, parse_id},
};

/// How often an update that must read first starts again when others write in between.
pub(super) const ATTEMPTS: usize = 5;

/// A change of one row as it was asked for.
pub(super) struct Change<'a> {
    pub write: Write,
    pub resource: &'static Resource,
    pub reach: Reach,
    pub key: Value,
    /// As the caller wrote it.
    pub id: &'a str,
    pub input: &'a dyn Input,
    pub precondition: &'a Precondition,
}

/// The same on its way through the transaction; of a delete, without values.
#[derive(Clone)]
pub(super) struct Set {
    pub origin: Origin,
    pub resource: &'static Resource,
    pub reach: Reach,
    /// Of these rows the caller may set what is set.
    pub settable: Reach,
    pub key: Value,
    pub id: String,
    pub values: Vec<Option<Value>>,
    pub precondition: Precondition,
    /// The time of the write.
    pub now: jiff::Timestamp,
}

impl Service {
    pub async fn create(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        input: &dyn Input,
    ) -> Result<Record, ApiError> {
        let reach = self.begin(call, resource, Operation::Create).await?;
        let record = self.create_within(call, (resource, reach), input).await?;
        self.completed(call, resource, record).await
    }

    /// The same, whoever may: for tests, which need rows that come from elsewhere.
    pub(crate) async fn seed(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        input: &dyn Input,
    ) -> Result<Record, ApiError> {
        self.create_within(call, (resource, Reach::default()), input).await
    }

    /// The same, as far as the new row is one of these; without what is computed of it.
    pub(super) async fn create_within(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, Reach),
        input: &dyn Input,
    ) -> Result<Record, ApiError> {
        let mut new = self.judge_new(call, (resource, reach), input, now())?;
        self.ready_new(resource, &mut new).await?;

        let (new, service) = (Arc::new(new), self.clone());
        let job = new.clone();
        let statements = if self.inserts_alone(resource, &new) { Statements::One } else { Statements::Many };
        let result = store::write_by(statements, &*self.store, call.deadline, move |tx| {
            let (service, new) = (service.clone(), job.clone());
            Box::pin(async move { service.create_one(tx, resource, &new).await })
        })
        .await;
        match result {
            Ok(Written { record, changes }) => {
                self.after(&new.origin, changes);
                Ok(record)
            }
            Err(error) => Err(self.why_not_created(call, resource, &new, error).await),
        }
    }

    /// A new row as it was asked for, held to the rules.
    pub(super) fn judge_new(
        &self,
        call: &Call,
        (resource, reach): (&'static Resource, Reach),
        input: &dyn Input,
        now: jiff::Timestamp,
    ) -> Result<New, ApiError> {
        if resource.require_idempotency_key {
            return Err(refusal::not_served(&format!("create{}", resource.name)));
        }
        let (draft, settable, mut validation) = self.decode(call, resource, input, Write::Create, None, now)?;
        let mut values = validation.create(resource, draft);
        fill_principal(call, resource, &mut values)?;
        check::judge(resource, |index| &values[index], &mut validation.violations);
        let mut reach = reach.and(settable);
        let nested = self.nested(call, (resource, &mut reach), input, now, &mut validation.violations)?;
        refuse(validation)?;
        stamp(resource, &mut values, now);
        Ok(New { origin: Origin::of(call), reach, values, nested })
    }

    /// What comes before the transaction of a new row.
    pub(super) async fn ready_new(&self, resource: &'static Resource, new: &mut New) -> Result<(), ApiError> {
        self.before_create(resource, new).await?;
        let all = new.values.iter_mut().chain(new.nested.iter_mut().flat_map(|row| &mut row.values));
        self.hash_passwords(all).await
    }

    /// A new row with all that comes along, as its caller sees it.
    pub(super) async fn create_one(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        new: &New,
    ) -> Result<Written, ApiError> {
        let Written { record, changes } = self.insert_all(tx, resource, new).await?;
        let record = self.seen(tx, &new.origin.call, resource, record).await?;
        Ok(Written { record, changes })
    }

    /// A refusal of a new row, in the caller's words.
    pub(super) async fn why_not_created(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        new: &New,
        error: ApiError,
    ) -> ApiError {
        match by_foreign_key(&error) {
            true => self.missing_references_of_all(call, resource, new, error).await,
            false => error,
        }
    }

    /// Whether a new row is an insert alone: nothing has to be looked up, and nothing comes along.
    pub(super) fn inserts_alone(&self, resource: &'static Resource, new: &New) -> bool {
        let looks_up = |(index, value): (usize, &Value)| {
            let target = refusal::target_of(resource, index).filter(|_| !value.is_null());
            target.is_some_and(|target| target.soft_delete || target.tenant.is_some())
        };
        new.nested.is_empty()
            && self.hooks_of(resource).is_none()
            && !self.columns(resource).aggregated()
            && !resource.has_readers()
            && !policy::looks_around(&new.reach)
            && !new.values.iter().enumerate().any(looks_up)
    }

    /// Inserts a complete row, which gets its id where the database makes that.
    pub(crate) async fn insert(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        values: &mut [Value],
    ) -> Result<(), ApiError> {
        self.check_references(tx, call, resource, values.iter().enumerate()).await?;
        let refuse = |error| refusal::write(resource, error);
        let statement = sql::insert(tx.dialect(), resource, values, tenant_of_new(call, resource)?);
        if !values[0].is_null() {
            statement.execute(tx).await.map_err(refuse)?;
            return Ok(());
        }
        let mut rows = statement.query(tx, &[resource.fields[0].ty]).await.map_err(refuse)?;
        if let Some(id) = rows.pop().and_then(|mut row| row.pop()) {
            values[0] = id;
        }
        Ok(())
    }

    /// Sets what the input names and leaves the rest.
    pub async fn update(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        input: &dyn Input,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let reach = self.begin(call, resource, Operation::Update).await?;
        let key = key_of(resource, id, precondition)?;
        let change = Change { write: Write::Update, resource, reach, key, id, input, precondition };
        let record = self.change(call, &change).await?;
        self.completed(call, resource, record).await
    }

    /// Sets all that the caller may change: what the input doesn't name is as it would be in a new row.
    pub async fn replace(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        input: &dyn Input,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let reach = self.begin(call, resource, replacing(resource)).await?;
        let key = key_of(resource, id, precondition)?;
        let change = Change { write: Write::Replace, resource, reach, key, id, input, precondition };
        let record = self.change(call, &change).await?;
        self.completed(call, resource, record).await
    }

    pub(super) async fn change(self: &Arc<Self>, call: &Call, change: &Change<'_>) -> Result<Record, ApiError> {
        let Change { resource, reach, id, input, precondition, .. } = change;
        let within = change.write == Write::Update && input.needs_current(resource);
        if resource.checks.is_empty() && !within {
            return self.apply_unread(call, change).await;
        }
        // What was read is guarded by the row's version; whoever loses the race reads again.
        for _ in 0..ATTEMPTS {
            let current = self.current(call, (resource, reach), &change.key, id).await?;
            match self.apply(call, change, Some(&current)).await {
                Err(error) if error.code == Code::EtagMismatch && precondition.admits(current.version) => {}
                result => return result,
            }
        }
        Err(ApiError::new(Code::Conflict, format!("other requests keep changing the {} {id}", resource.name)))
    }

    /// A change that says all by itself. That the row is missing is told before what is wrong with its values.
    async fn apply_unread(self: &Arc<Self>, call: &Call, change: &Change<'_>) -> Result<Record, ApiError> {
        match self.apply(call, change, None).await {
            Err(error) if error.code == Code::ValidationFailed => {
                self.current(call, (change.resource, &change.reach), &change.key, change.id).await?;
                Err(error)
            }
            result => result,
        }
    }

    /// A replacement may bring what is set on create only, if it is what is stored: who reads a row sends it back whole.
    async fn allow_unchanged(
        self: &Arc<Self>,
        call: &Call,
        change: &Change<'_>,
        current: Option<&Record>,
        draft: &mut Draft,
    ) -> Result<(), ApiError> {
        let fields = change.resource.fields.iter().zip(&draft.values).enumerate();
        let fixed = fields.filter(|(_, (field, value))| field.set_by == SetBy::CallerOnCreate && value.is_some());
        let fixed: Vec<usize> = fixed.map(|(index, _)| index).collect();
        if fixed.is_empty() {
            return Ok(());
        }
        let read;
        let current = match current {
            Some(current) => current,
            None => {
                read = self.current(call, (change.resource, &change.reach), &change.key, change.id).await?;
                &read
            }
        };
        for index in fixed {
            draft.values[index].take_if(|value| *value == current.values[index]);
        }
        Ok(())
    }

    pub(super) async fn current(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        key: &Value,
        id: &str,
    ) -> Result<Record, ApiError> {
        let (service, asked) = (self.clone(), Arc::new((key.clone(), reach.clone(), id.to_owned())));
        store::read(&*self.store, call.deadline, move |tx| {
            let (service, asked) = (service.clone(), asked.clone());
            Box::pin(async move {
                let (key, reach, id) = &*asked;
                service.unchanged(tx, resource, (key, reach), id, &Precondition::NONE).await
            })
        })
        .await
    }

    /// Validates against `current`, where that was read, and writes if the row still is what it was.
    async fn apply(
        self: &Arc<Self>,
        call: &Call,
        change: &Change<'_>,
        current: Option<&Record>,
    ) -> Result<Record, ApiError> {
        let mut set = self.judge_set(call, change, current, now()).await?;
        self.ready_set(&mut set).await?;

        let (service, set) = (self.clone(), Arc::new(set));
        let job = set.clone();
        let result = store::write(&*self.store, call.deadline, move |tx| {
            let (service, set) = (service.clone(), job.clone());
            Box::pin(async move { service.change_one(tx, &set).await })
        })
        .await;
        match result {
            Ok(Written { record, changes }) => {
                self.after(&set.origin, changes);
                Ok(record)
            }
            Err(error) => Err(self.why_not_changed(call, &set, error).await),
        }
    }

    /// A change as it was asked for, held to the rules. The row must still be as it was read, where that was.
    pub(super) async fn judge_set(
        self: &Arc<Self>,
        call: &Call,
        change: &Change<'_>,
        current: Option<&Record>,
        now: jiff::Timestamp,
    ) -> Result<Set, ApiError> {
        let Change { write, resource, reach, key, id, input, precondition } = change;
        let resource = *resource;
        let within = current.filter(|_| input.needs_current(resource));
        let (mut draft, settable, mut validation) = self.decode(call, resource, *input, *write, within, now)?;
        if *write == Write::Replace {
            self.allow_unchanged(call, change, current, &mut draft).await?;
        }
        let values = match write {
            Write::Replace => {
                let sent: Vec<bool> = draft.values.iter().map(Option::is_some).collect();
                let mut values = validation.replace(resource, draft);
                for ((field, value), sent) in resource.fields.iter().zip(&mut values).zip(sent) {
                    value.take_if(|_| !sent && (field.from_principal || !policy::may_reset(call, resource, field)));
                }
                values
            }
            Write::Create | Write::Update => validation.update(resource, draft),
        };
        if let Some(current) = current {
            let merged = |index: usize| values[index].as_ref().unwrap_or(&current.values[index]);
            check::judge(resource, merged, &mut validation.violations);
        }
        refuse(validation)?;
        let precondition = match current {
            None => (*precondition).clone(),
            Some(current) if precondition.admits(current.version) => {
                Precondition { versions: Some(vec![current.version]), ..Precondition::NONE }
            }
            Some(_) => return Err(refusal::etag(resource, id, precondition)),
        };
        let (origin, key, id, reach) = (Origin::of(call), key.clone(), (*id).to_owned(), reach.clone());
        Ok(Set { origin, resource, reach, settable, key, id, values, precondition, now })
    }

    /// What comes before the transaction of a change.
    pub(super) async fn ready_set(&self, set: &mut Set) -> Result<(), ApiError> {
        self.before_update(&set.origin, set.resource, &set.key, &mut set.values).await?;
        self.hash_passwords(set.values.iter_mut().flatten()).await?;
        touch(set.resource, &mut set.values, set.now);
        Ok(())
    }

    /// A changed row, as its caller sees it.
    pub(super) async fn change_one(&self, tx: &mut dyn Tx, set: &Set) -> Result<Written, ApiError> {
        let Written { record, changes } = self.update_one(tx, set).await?;
        let record = self.seen(tx, &set.origin.call, set.resource, record).await?;
        Ok(Written { record, changes })
    }

    /// A refusal of a change, in the caller's words.
    pub(super) async fn why_not_changed(self: &Arc<Self>, call: &Call, set: &Set, error: ApiError) -> ApiError {
        if !by_foreign_key(&error) {
            return error;
        }
        let values = set.values.iter().cloned().enumerate();
        let values = values.filter_map(|(index, value)| Some((index, value?))).collect();
        self.missing_references(call, set.resource, values, error).await
    }

    /// One statement where all goes well; only a refusal asks why.
    pub(crate) async fn update_row(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        id: &str,
        (values, precondition): (&[Option<Value>], &Precondition),
    ) -> Result<Record, ApiError> {
        let columns = self.columns(resource);
        if values.iter().all(Option::is_none) {
            return self.unchanged(tx, resource, (key, reach), id, precondition).await;
        }
        let set = values.iter().enumerate().filter_map(|(index, value)| Some((index, value.as_ref()?)));
        self.check_references(tx, call, resource, set).await?;
        let statement = sql::update(tx.dialect(), columns, (key, reach), values.to_vec(), precondition);
        let Some(record) = self.write_row(tx, resource, key, &statement).await? else {
            return Err(self.why_not(tx, resource, (key, reach), id, precondition).await?);
        };
        let moved = resource.relations.iter().any(|relation| match relation.kind {
            RelationKind::BelongsTo { column } => {
                resource.field_index(column).is_some_and(|field| values[field].is_some()) && reach.depends_on(relation)
            }
            _ => false,
        });
        // Nobody gives away a row that is theirs to change only because it is theirs.
        if moved && !self.exists_in(tx, resource, (0, key), &reach.whose()).await? {
            return Err(refusal::permission_denied(None));
        }
        Ok(record)
    }

    /// The row as a statement leaves it that changes one at most. `None`: it changes none.
    pub(super) async fn write_row(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        key: &Value,
        statement: &sql::Statement<'_>,
    ) -> Result<Option<Record>, ApiError> {
        let columns = self.columns(resource);
        let refused = |error| refusal::write(resource, error);
        if !columns.aggregated() {
            return Ok(statement.records(tx, columns).await.map_err(refused)?.pop());
        }
        Ok(match statement.execute(tx).await.map_err(refused)? {
            0 => None,
            _ => sql::by_id(tx.dialect(), columns, key).records(tx, columns).await?.pop(),
        })
    }

    /// An update that sets nothing writes nothing: the version stays.
    pub(super) async fn unchanged(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        id: &str,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let columns = self.columns(resource);
        let record = sql::by_id_within(tx.dialect(), columns, key, reach).records(tx, columns).await?.pop();
        let record = record.ok_or_else(|| refusal::not_found(resource, id))?;
        if precondition.admits(record.version) { Ok(record) } else { Err(refusal::etag(resource, id, precondition)) }
    }

    pub(super) async fn why_not(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        id: &str,
        precondition: &Precondition,
    ) -> Result<ApiError, ApiError> {
        let exists = self.exists_in(tx, resource, (0, key), reach).await?;
        Ok(if exists { refusal::etag(resource, id, precondition) } else { refusal::not_found(resource, id) })
    }

    pub async fn delete(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        precondition: &Precondition,
    ) -> Result<(), ApiError> {
        let reach = self.begin(call, resource, Operation::Delete).await?;
        self.delete_within(call, (resource, reach), id, precondition).await
    }

    /// The same, as far as the row is one of these.
    pub(super) async fn delete_within(
        self: &Arc<Self>,
        call: &Call,
        (resource, reach): (&'static Resource, Reach),
        id: &str,
        precondition: &Precondition,
    ) -> Result<(), ApiError> {
        let set = judge_gone(call, (resource, reach), id, precondition, now())?;
        self.ready_gone(&set).await?;
        let (service, set) = (self.clone(), Arc::new(set));
        let job = set.clone();
        let result = store::write(&*self.store, call.deadline, move |tx| {
            let (service, set) = (service.clone(), job.clone());
            Box::pin(async move { service.delete_one(tx, &set).await })
        })
        .await;
        match result {
            Ok(changes) => {
                self.after(&set.origin, changes);
                Ok(())
            }
            Err(error) => Err(self.why_not_gone(call, &set, error).await),
        }
    }

    /// What comes before the transaction of a delete.
    pub(super) async fn ready_gone(&self, set: &Set) -> Result<(), ApiError> {
        self.before(&set.origin, set.resource, Before::Delete(&set.key)).await.map(drop)
    }

    /// A refusal of a delete, in the caller's words.
    pub(super) async fn why_not_gone(self: &Arc<Self>, call: &Call, set: &Set, error: ApiError) -> ApiError {
        match by_foreign_key(&error) {
            true => self.remaining_references(call, set.resource, set.key.clone(), error).await,
            false => error,
        }
    }

    /// What was sent, and of which rows the caller may set it.
    pub(super) fn decode<'a>(
        &'a self,
        call: &Call,
        resource: &'static Resource,
        input: &dyn Input,
        write: Write,
        current: Option<&Record>,
        now: jiff::Timestamp,
    ) -> Result<(Draft, Reach, Validation<'a>), ApiError> {
        let mut violations = Vec::new();
        let draft = input.decode(resource, write, current, &mut violations)?;
        let settable = policy::permit_setting(call, resource, &draft)?;
        Ok((draft, settable, Validation { patterns: &self.patterns, now, violations }))
    }
}

/// A delete as it was asked for.
pub(super) fn judge_gone(
    call: &Call,
    (resource, reach): (&'static Resource, Reach),
    id: &str,
    precondition: &Precondition,
    now: jiff::Timestamp,
) -> Result<Set, ApiError> {
    let key = key_of(resource, id, precondition)?;
    let (origin, id, precondition) = (Origin::of(call), id.to_owned(), precondition.clone());
    let (settable, values) = (Reach::default(), Vec::new());
    Ok(Set { origin, resource, reach, settable, key, id, values, precondition, now })
}

/// The key of a row that is to be changed in a version that its caller names, where that is demanded.
pub(super) fn key_of(resource: &'static Resource, id: &str, precondition: &Precondition) -> Result<Value, ApiError> {
    check_required(resource, precondition)?;
    parse_id(resource.id(), id).ok_or_else(|| refusal::not_found(resource, id))
}

/// The tenant that a new row is of, where rows have one.
pub(super) fn tenant_of_new(call: &Call, resource: &'static Resource) -> Result<Option<Value>, ApiError> {
    match resource.tenant {
        Some(Tenant::Of(_)) => policy::tenant(call, resource),
        Some(Tenant::Itself) | None => Ok(None),
    }
}

/// Every update can be one of all fields (AIP-134), also where the spec has no operation for it.
pub(super) fn replacing(resource: &Resource) -> Operation {
    if resource.operations.replace { Operation::Replace } else { Operation::Update }
}

/// A change that must say which version of the row it is about.
pub(super) fn check_required(resource: &'static Resource, precondition: &Precondition) -> Result<(), ApiError> {
    match resource.require_if_match && !precondition.names_a_state() {
        true => Err(refusal::if_match_required(resource)),
        false => Ok(()),
    }
}

/// Gives what is the caller's own unless it is given.
pub(super) fn fill_principal(call: &Call, resource: &'static Resource, values: &mut [Value]) -> Result<(), ApiError> {
    for (field, value) in resource.fields.iter().zip(values) {
        if !field.from_principal || !value.is_null() {
            continue;
        }
        let Type::Id(id) = field.ty else { unreachable!("{} is the id of a row", field.name) };
        match call.principal.caller() {
            None if field.required => return Err(refusal::unauthenticated()),
            None => {}
            Some(caller) => match parse_id(id, &caller.subject) {
                Some(own) => *value = own,
                None if field.required => return Err(refusal::permission_denied(None)),
                None => {}
            },
        }
    }
    Ok(())
}

fn refuse(validation: Validation<'_>) -> Result<(), ApiError> {
    if validation.violations.is_empty() { Ok(()) } else { Err(ApiError::validation(validation.violations)) }
}

/// A refusal of the database that doesn't say yet what it is about.
fn by_foreign_key(error: &ApiError) -> bool {
    error.code == Code::FailedPrecondition && error.domain.is_none()
}

/// What the server itself writes into a row that something is set in.
pub(crate) fn touch(resource: &'static Resource, values: &mut [Option<Value>], now: jiff::Timestamp) {
    if values.iter().any(Option::is_some) {
        set_time(resource, "updated_at", now, |index, time| values[index] = Some(time));
    }
}

/// What the server itself writes into a new row.
pub(crate) fn stamp(resource: &'static Resource, values: &mut [Value], now: jiff::Timestamp) {
    if let (Id::Prefixed(_) | Id::Uuid, Value::Null) = (resource.id(), &values[0]) {
        values[0] = Value::Uuid(uuid::Uuid::now_v7());
    }
    for name in ["created_at", "updated_at"] {
        set_time(resource, name, now, |index, time| values[index] = time);
    }
}

fn set_time(resource: &'static Resource, name: &str, now: jiff::Timestamp, set: impl FnOnce(usize, Value)) {
    if let Some(index) = resource.field_index(name) {
        set(index, Value::Timestamp(now));
    }
}
