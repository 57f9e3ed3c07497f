//! Where hooks come into writes. A resource without hooks is written as if there were none at all.

use std::sync::{Arc, atomic::AtomicBool};

use tracing::Instrument;

use super::{Call, Service, nested::New, policy, refusal, write::Set};
use crate::{
    check,
    descriptor::{Field, Resource},
    error::ApiError,
    etag::Precondition,
    hooks::{self, Access, Before, Change, Origin, ResourceHooks},
    reach::{EVERYTHING, Reach},
    sql,
    store::Tx,
    validate::Validation,
    value::{Record, Value, now},
};

/// What came of a write.
pub(super) struct Written {
    pub record: Record,
    pub changes: Vec<Changed>,
}

/// A change that hooks hear of after the commit.
pub(super) struct Changed {
    hooks: Arc<dyn ResourceHooks>,
    change: Change,
}

impl Written {
    /// Nobody hears of it.
    pub fn silent(record: Record) -> Written {
        Written { record, changes: Vec::new() }
    }

    fn of(changed: Changed) -> Written {
        Written { record: changed.change.record().clone(), changes: vec![changed] }
    }
}

impl Service {
    pub(super) fn hooks_of(&self, resource: &Resource) -> Option<&Arc<dyn ResourceHooks>> {
        self.hooks.of(resource)
    }

    /// For a new row, and then for those that come with it.
    pub(super) async fn before_create(&self, resource: &'static Resource, new: &mut New) -> Result<(), ApiError> {
        if self.hooks.is_empty() {
            return Ok(());
        }
        self.before_one(&new.origin, resource, &mut new.values).await?;
        for row in &mut new.nested {
            if !new.values[0].is_null() {
                row.values[row.field] = new.values[0].clone();
            }
            let done = self.before_one(&new.origin, row.resource(), &mut row.values).await;
            done.map_err(|error| error.within(&row.place))?;
        }
        Ok(())
    }

    async fn before_one(
        &self,
        origin: &Origin,
        resource: &'static Resource,
        values: &mut Vec<Value>,
    ) -> Result<(), ApiError> {
        let Some(hook) = self.before(origin, resource, Before::Create(values)).await? else { return Ok(()) };
        self.judge(&hook, resource.fields, values.iter_mut().enumerate())
    }

    pub(super) async fn before_update(
        &self,
        origin: &Origin,
        resource: &'static Resource,
        key: &Value,
        values: &mut Vec<Option<Value>>,
    ) -> Result<(), ApiError> {
        let Some(hook) = self.before(origin, resource, Before::Update(key, values)).await? else { return Ok(()) };
        let set = values.iter_mut().enumerate().filter_map(|(index, value)| Some((index, value.as_mut()?)));
        self.judge(&hook, resource.fields, set)
    }

    /// Returns the name of the hook that ran.
    pub(super) async fn before(
        &self,
        origin: &Origin,
        resource: &'static Resource,
        write: Before<'_>,
    ) -> Result<Option<String>, ApiError> {
        let Some(hooks) = self.hooks_of(resource) else { return Ok(None) };
        let hook = name(resource, "before", write.operation());
        hooks::caught(&hook, hooks.before(&origin.call, write)).await?;
        Ok(Some(hook))
    }

    /// What code gives must keep the rules that callers have to keep. Passwords that are hashed already have none.
    pub(crate) fn judge<'v>(
        &self,
        hook: &str,
        fields: &'static [Field],
        values: impl Iterator<Item = (usize, &'v mut Value)>,
    ) -> Result<(), ApiError> {
        let mut validation = Validation { patterns: &self.patterns, now: now(), violations: Vec::new() };
        for (index, value) in values.filter(|(_, value)| !value.is_null()) {
            let field = &fields[index];
            if let Err(why) = hooks::fit(&field.ty, value) {
                return Err(ApiError::internal(format!("the hook {hook} gave a {} that {why}", field.name)));
            }
            validation.judge(field, value);
        }
        match validation.violations.first() {
            None => Ok(()),
            Some(wrong) => {
                let cause =
                    format!("the hook {hook} gave a value against the spec: {} {}", wrong.location, wrong.message);
                Err(ApiError::internal(cause))
            }
        }
    }

    /// Inserts a row, once hooks have given the fields that are theirs. They find all that the row refers to.
    pub(super) async fn insert_filled(
        &self,
        tx: &mut dyn Tx,
        origin: &Origin,
        resource: &'static Resource,
        values: &mut [Value],
    ) -> Result<(), ApiError> {
        let fields = self.hooks_of(resource).map_or(&[][..], |hooks| hooks.fields());
        if !fields.is_empty() {
            self.find_references(tx, &origin.call, resource, values).await?;
        }
        for field in fields {
            self.fill(tx, origin, resource, field, values).await?;
        }
        if self.hooks_of(resource).is_some() {
            check_whole(resource, values)?;
        }
        self.insert(tx, &origin.call, resource, values).await
    }

    async fn fill(
        &self,
        tx: &mut dyn Tx,
        origin: &Origin,
        resource: &'static Resource,
        field: &'static str,
        values: &mut [Value],
    ) -> Result<(), ApiError> {
        let (Some(hooks), Some(index)) = (self.hooks_of(resource), resource.field_index(field)) else {
            unreachable!("{} has a hook for its field {field}", resource.name)
        };
        if !values[index].is_null() {
            return Ok(());
        }
        let hook = format!("{}Hooks::{field}", resource.name);
        let (busy, kind) = (AtomicBool::new(false), (tx.dialect(), Access::Write));
        let mut own = hooks::Tx::new(tx, self, &origin.call, Access::Write, &hook, &busy);
        let given = origin.watch(&hook, kind, &busy, hooks.field(field, &mut own, values)).await;
        let (mut value, _) = own.end(given)?;
        self.judge(&hook, resource.fields, std::iter::once((index, &mut value)))?;
        values[index] = value;
        Ok(())
    }

    /// Tells of all references at once that lead nowhere.
    pub(super) async fn find_references(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        values: &[Value],
    ) -> Result<(), ApiError> {
        let mut violations = Vec::new();
        for (index, value) in values.iter().enumerate().filter(|(_, value)| !value.is_null()) {
            let Some(target) = refusal::target_of(resource, index) else { continue };
            let within = policy::within_tenant(call, target)?;
            let statement = sql::live_for_share(tx.dialect(), target, (value, &within));
            if statement.query(tx, &[crate::descriptor::Type::Int64]).await?.is_empty() {
                violations.push(refusal::missing_reference(resource, index, target));
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(violations)) }
    }

    /// Runs the hook for what was done, or is about to be, to a row. `None`: there is none.
    pub(super) async fn settle(
        &self,
        tx: &mut dyn Tx,
        origin: &Origin,
        resource: &'static Resource,
        change: Change,
    ) -> Result<Changed, ApiError> {
        let Some(hooks) = self.hooks_of(resource) else { unreachable!("{} has hooks", resource.name) };
        let hook = name(resource, "in", change.operation());
        let (busy, kind) = (AtomicBool::new(false), (tx.dialect(), Access::Write));
        let mut own = hooks::Tx::new(tx, self, &origin.call, Access::Write, &hook, &busy);
        let done = origin.watch(&hook, kind, &busy, hooks.in_tx(&mut own, &change)).await;
        let ((), wrote) = own.end(done)?;
        let changed = Changed { hooks: hooks.clone(), change };
        if !wrote || matches!(changed.change, Change::Delete(_)) {
            return Ok(changed);
        }
        let columns = self.columns(resource);
        let record = sql::by_id(tx.dialect(), columns, changed.change.record().id()).records(tx, columns).await?.pop();
        let record =
            record.ok_or_else(|| ApiError::internal(format!("the hook {hook} deleted the row that it is for")))?;
        Ok(Changed { change: changed.change.with(record), ..changed })
    }

    /// Tells hooks what has been committed, while the caller gets the answer.
    pub(super) fn after(&self, origin: &Origin, changes: Vec<Changed>) {
        if changes.is_empty() {
            return;
        }
        let call = origin.call.clone();
        let told = async move {
            for Changed { hooks, change } in changes {
                let hook = name(hooks.resource(), "after", change.operation());
                tell(&hook, hooks.after(&call, &change)).await;
            }
        };
        tokio::spawn(told.in_current_span());
    }

    /// Updates a row, with hooks before and behind.
    pub(super) async fn update_one(&self, tx: &mut dyn Tx, set: &Set) -> Result<Written, ApiError> {
        let Set { origin, resource, reach, settable, key, id, values, precondition, .. } = set;
        let (call, row) = (&origin.call, (key, reach));
        if !settable.is_everything() {
            self.unchanged(tx, resource, row, id, &Precondition::NONE).await?;
            if !self.exists_in(tx, resource, (0, key), settable).await? {
                return Err(refusal::permission_denied(None));
            }
        }
        if self.hooks_of(resource).is_none() || values.iter().all(Option::is_none) {
            return self.update_row(tx, call, resource, row, id, (values, precondition)).await.map(Written::silent);
        }
        let before = self.lock(tx, resource, row, id, precondition).await?;
        let after = self.update_row(tx, call, resource, row, id, (values, &Precondition::NONE)).await?;
        check_whole(resource, &after.values)?;
        self.settle(tx, origin, resource, Change::Update(before, after)).await.map(Written::of)
    }

    /// Deletes a row; its hook still finds it.
    pub(super) async fn delete_one(&self, tx: &mut dyn Tx, set: &Set) -> Result<Vec<Changed>, ApiError> {
        let Set { origin, resource, reach, key, id, precondition, now, .. } = set;
        let (row, time) = ((key, reach), &Value::Timestamp(*now));
        if self.hooks_of(resource).is_none() {
            return match self.remove(tx, resource, row, precondition, time).await? {
                0 => Err(self.why_not(tx, resource, row, id, precondition).await?),
                _ => Ok(Vec::new()),
            };
        }
        let record = self.lock(tx, resource, row, id, precondition).await?;
        let changed = self.settle(tx, origin, resource, Change::Delete(record)).await?;
        self.remove(tx, resource, (key, &EVERYTHING), &Precondition::NONE, time).await?;
        Ok(vec![changed])
    }

    /// Brings a deleted row back.
    pub(super) async fn undelete_one(
        &self,
        tx: &mut dyn Tx,
        origin: &Origin,
        resource: &'static Resource,
        row: (&Value, &Reach),
        id: &str,
    ) -> Result<Written, ApiError> {
        let record = self.reveal(tx, &origin.call, resource, row, id).await?;
        if self.hooks_of(resource).is_none() {
            return Ok(Written::silent(record));
        }
        self.settle(tx, origin, resource, Change::Undelete(record)).await.map(Written::of)
    }

    /// The row as it is, in a version that may be written.
    pub(super) async fn lock(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        id: &str,
        precondition: &Precondition,
    ) -> Result<Record, ApiError> {
        let columns = self.columns(resource);
        let row = sql::locked(tx.dialect(), columns, (0, key.clone()), reach).records(tx, columns).await?.pop();
        let row = row.ok_or_else(|| refusal::not_found(resource, id))?;
        if precondition.admits(row.version) { Ok(row) } else { Err(refusal::etag(resource, id, precondition)) }
    }
}

impl Changed {
    pub fn record(&self) -> &Record {
        self.change.record()
    }
}

/// What hooks gave may stand against what the caller sent.
fn check_whole(resource: &'static Resource, values: &[Value]) -> Result<(), ApiError> {
    let mut violations = Vec::new();
    check::judge(resource, |index| &values[index], &mut violations);
    if violations.is_empty() { Ok(()) } else { Err(ApiError::validation(violations)) }
}

/// What fails now changes nothing any more.
pub(super) async fn tell(hook: &str, work: hooks::Done<'_>) {
    if let Err(error) = hooks::caught(hook, work).await {
        tracing::warn!(hook, %error, "a hook failed after the commit");
    }
}

/// `OrderHooks::in_create`
pub(super) fn name(resource: &Resource, phase: &str, operation: &str) -> String {
    format!("{}Hooks::{phase}_{operation}", resource.name)
}
