//! Deleting rows that stay, hidden, and bringing them back: what foreign keys do for rows that go, done by hand.

use std::sync::Arc;

use super::{Call, Operation, Service, hooked::Written, policy, refusal, release::needs_release};
use crate::{
    descriptor::{Dependent, Field, OnDelete, Resource, Type},
    error::ApiError,
    etag::Precondition,
    hooks::{Before, Origin},
    reach::Reach,
    sql::{self, Which},
    store::{self, StoreError, Tx},
    value::{Record, Value, parse_id},
};

/// Rows of one resource.
type Rows = (&'static Resource, Vec<Value>);

impl Service {
    /// What a delete does: one row, and what refers to it. Returns how many rows it found.
    pub(crate) async fn remove(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        precondition: &Precondition,
        time: &Value,
    ) -> Result<u64, ApiError> {
        if !resource.soft_delete {
            let ids = std::slice::from_ref(key);
            if needs_release(resource) && !self.within(tx, resource, ids, reach).await?.is_empty() {
                self.release(tx, resource, key).await?;
            }
            return Ok(sql::delete(tx.dialect(), resource, (key, reach), precondition).execute(tx).await?);
        }
        let found = sql::hide_one(tx.dialect(), resource, (key, reach), time, precondition).execute(tx).await?;
        if found > 0 {
            self.hide_dependents(tx, (resource, vec![key.clone()]), time).await?;
        }
        Ok(found)
    }

    async fn hide_dependents(&self, tx: &mut dyn Tx, rows: Rows, time: &Value) -> Result<(), ApiError> {
        let (mut restricted, mut emptied) = (Vec::new(), Vec::new());
        let mut left = vec![rows];
        while let Some((resource, ids)) = left.pop() {
            for dependent in resource.dependents {
                let (child, field) = (dependent.resource, field(dependent));
                match dependent.on_delete {
                    OnDelete::Restrict => restricted.push((child, field, ids.clone())),
                    OnDelete::SetNull => emptied.push((child, field, ids.clone())),
                    OnDelete::Cascade => {
                        let statement = sql::hide(tx.dialect(), child, field, &ids, time);
                        left.extend(self.touched(tx, child, &statement).await?);
                    }
                }
            }
        }
        // Only now, when what is taken along is no longer among those that stay.
        for (child, field, ids) in emptied {
            sql::unlink(tx.dialect(), (child, Which::Live), field, (field, &ids)).execute(tx).await?;
        }
        for (child, field, ids) in restricted {
            if !sql::any_live(tx.dialect(), child, field, &ids).query(tx, &[Type::Int64]).await?.is_empty() {
                return Err(StoreError::ForeignKey.into());
            }
        }
        Ok(())
    }

    /// The rows that a statement returns the ids of; `None`: there are none.
    async fn touched(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        statement: &sql::Statement<'_>,
    ) -> Result<Option<Rows>, ApiError> {
        let rows = statement.query(tx, &[resource.fields[0].ty]).await;
        let rows = rows.map_err(|error| refusal::write(resource, error))?;
        let ids: Vec<Value> = rows.into_iter().filter_map(|mut row| row.pop()).collect();
        Ok((!ids.is_empty()).then_some((resource, ids)))
    }

    /// Brings back a deleted row, and what was deleted along with it.
    pub async fn undelete(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
    ) -> Result<Record, ApiError> {
        let reach = self.begin(call, resource, Operation::Undelete).await?;
        let key = parse_id(resource.id(), id).ok_or_else(|| refusal::not_found(resource, id))?;
        let origin = Origin::of(call);
        self.before(&origin, resource, Before::Undelete(&key)).await?;
        let (service, job) = (self.clone(), Arc::new((origin.clone(), key, reach, id.to_owned())));
        let written = store::write(&*self.store, call.deadline, move |tx| {
            let (service, job) = (service.clone(), job.clone());
            Box::pin(async move {
                let (origin, key, reach, id) = &*job;
                let written = service.undelete_one(tx, origin, resource, (key, reach), id).await?;
                let Written { record, changes } = written;
                let record = service.seen(tx, &origin.call, resource, record).await?;
                Ok(Written { record, changes })
            })
        });
        let Written { record, changes } = written.await?;
        self.after(&origin, changes);
        self.completed(call, resource, record).await
    }

    pub(super) async fn reveal(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        (key, reach): (&Value, &Reach),
        id: &str,
    ) -> Result<Record, ApiError> {
        let mut rows = sql::state(tx.dialect(), resource, (key, reach)).query(tx, &[Type::Timestamp]).await?;
        let time = rows.pop().and_then(|mut row| row.pop()).ok_or_else(|| refusal::not_found(resource, id))?;
        if time.is_null() {
            return Err(refusal::not_deleted(resource, id));
        }
        let own = sql::reveal(tx.dialect(), resource, &resource.fields[0], std::slice::from_ref(key), &time);
        let mut left = Vec::from_iter(self.touched(tx, resource, &own).await?);
        let mut along = Vec::new();
        while let Some((resource, ids)) = left.pop() {
            for dependent in resource.dependents.iter().filter(|each| each.on_delete == OnDelete::Cascade) {
                let statement = sql::reveal(tx.dialect(), dependent.resource, field(dependent), &ids, &time);
                let revealed = self.touched(tx, dependent.resource, &statement).await?;
                along.extend(revealed.clone());
                left.extend(revealed);
            }
        }
        self.check_along(tx, resource, &along).await?;
        let columns = self.columns(resource);
        let record = sql::by_id(tx.dialect(), columns, key).records(tx, columns).await?.pop();
        let record = record.ok_or_else(|| refusal::not_found(resource, id))?;
        match self.hidden_reference(tx, call, resource, record.values.iter().enumerate()).await? {
            Some(field) => Err(refusal::deleted_reference(resource, id, field)),
            None => Ok(record),
        }
    }

    /// What comes back along with a row must find all that it refers to, as the row itself must.
    async fn check_along(&self, tx: &mut dyn Tx, resource: &'static Resource, along: &[Rows]) -> Result<(), ApiError> {
        for (child, ids) in along {
            for (index, field) in child.fields.iter().enumerate() {
                let Some(target) = refusal::target_of(child, index).filter(|target| target.soft_delete) else {
                    continue;
                };
                let statement = sql::referred_to(tx.dialect(), (child, ids), field, target);
                let times = statement.query(tx, &[Type::Timestamp]).await?;
                if times.iter().flatten().any(|time| !time.is_null()) {
                    return Err(refusal::deleted_along(resource, child, field));
                }
            }
        }
        Ok(())
    }

    /// A row that is deleted and stays satisfies a foreign key, and so does one of another tenant, but neither can be
    /// referred to.
    pub(super) async fn check_references(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        values: impl Iterator<Item = (usize, &Value)>,
    ) -> Result<(), ApiError> {
        match self.hidden_reference(tx, call, resource, values).await? {
            Some(_) => Err(StoreError::ForeignKey.into()),
            None => Ok(()),
        }
    }

    /// The first field that refers to no live row of the tenant's, where a foreign key doesn't tell.
    async fn hidden_reference<'v>(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        resource: &'static Resource,
        values: impl Iterator<Item = (usize, &'v Value)>,
    ) -> Result<Option<&'static Field>, ApiError> {
        for (index, value) in values.filter(|(_, value)| !value.is_null()) {
            let target = refusal::target_of(resource, index);
            let Some(target) = target.filter(|target| target.soft_delete || target.tenant.is_some()) else {
                continue;
            };
            let within = policy::within_tenant(call, target)?;
            let statement = sql::live_for_share(tx.dialect(), target, (value, &within));
            if statement.query(tx, &[Type::Int64]).await?.is_empty() {
                return Ok(Some(&resource.fields[index]));
            }
        }
        Ok(None)
    }
}

pub(super) fn field(dependent: &Dependent) -> &'static Field {
    let found = dependent.resource.field(dependent.column);
    found.unwrap_or_else(|| unreachable!("{} has a field {}", dependent.resource.name, dependent.column))
}
