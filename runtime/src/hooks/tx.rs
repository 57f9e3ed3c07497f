//! The transaction that a hook runs in: typed rows of any resource, and SQL.
//!
//! What is written here is the server's own doing: no hooks run for it, and its values must keep the rules of the spec. The
//! first statement that fails ends the transaction on both databases, whatever the hook makes of it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Cells, Changes, Id, Native, New, Param, Patch, Row};
use crate::{
    descriptor::{Resource, Type},
    error::{ApiError, Code},
    etag::Precondition,
    reach::Reach,
    service::{Call, Service, hash_at_once, refusal, stamp, touch, within_tenant},
    sql,
    store::{self, Arg, Dialect},
    value::{Record, Value, id_text, now},
};

/// What a hook may do in its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The transaction of a request, as a hook has it.
pub struct Tx<'t> {
    inner: &'t mut dyn store::Tx,
    service: &'t Service,
    call: &'t Call,
    /// What the transaction is for.
    access: Access,
    /// The hook's name.
    hook: &'t str,
    /// Whether it waits for the database.
    busy: &'t AtomicBool,
    /// The first failure, after which nothing can be kept.
    failed: Option<ApiError>,
    wrote: bool,
}

/// The time that a statement takes.
struct Busy<'t>(&'t AtomicBool);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl<'t> Tx<'t> {
    pub(crate) fn new(
        inner: &'t mut dyn store::Tx,
        service: &'t Service,
        call: &'t Call,
        access: Access,
        hook: &'t str,
        busy: &'t AtomicBool,
    ) -> Tx<'t> {
        Tx { inner, service, call, access, hook, busy, failed: None, wrote: false }
    }

    /// Whether the hook wrote anything, if what came of it may be kept.
    pub(crate) fn end<T>(self, result: Result<T, ApiError>) -> Result<(T, bool), ApiError> {
        match (result, self.failed) {
            (Ok(_), Some(passed_over)) => Err(passed_over),
            (result, _) => Ok((result?, self.wrote)),
        }
    }

    /// The request that it belongs to.
    pub fn call(&self) -> &Call {
        self.call
    }

    /// A row, if it is there. Until the transaction ends nobody else changes it, unless the hook is one that only reads.
    pub async fn find<R: Row>(&mut self, id: &Id<R>) -> Result<Option<R>, ApiError> {
        let record = self.read(R::RESOURCE, 0, id.value().clone()).await?.pop();
        Ok(record.as_ref().map(R::of))
    }

    /// A row that must be there: otherwise NOT_FOUND. Until the transaction ends nobody else changes it.
    pub async fn get<R: Row>(&mut self, id: &Id<R>) -> Result<R, ApiError> {
        self.find(id).await?.ok_or_else(|| refusal::not_found(R::RESOURCE, &id.to_string()))
    }

    /// All rows that have this value in a field, in the order of their ids. Until the transaction ends nobody else
    /// changes them.
    pub async fn list<R: Row>(&mut self, field: &str, value: impl Native) -> Result<Vec<R>, ApiError> {
        let Some(index) = R::RESOURCE.field_index(field).filter(|index| stored(R::RESOURCE, *index)) else {
            let name = R::RESOURCE.name;
            return Err(ApiError::internal(format!("{}: {name} has no column {field}", self.hook)));
        };
        let records = self.read(R::RESOURCE, index, value.value()).await?;
        Ok(records.iter().map(R::of).collect())
    }

    /// Adds a row. It gets an id unless `new` has one.
    pub async fn insert<R: Row>(&mut self, new: R::New) -> Result<R, ApiError> {
        let mut cells = Cells::empty(R::RESOURCE.fields);
        new.write(&mut cells);
        self.insert_record(R::RESOURCE, cells.into_values()).await.map(|record| R::of(&record))
    }

    /// Sets what `patch` has; NOT_FOUND if there is no such row.
    pub async fn update<R: Row>(&mut self, id: &Id<R>, patch: R::Patch) -> Result<R, ApiError> {
        let mut changes = Changes::empty(R::RESOURCE.fields);
        patch.write(&mut changes);
        self.update_record(R::RESOURCE, id.value(), changes.into_values()).await.map(|record| R::of(&record))
    }

    /// Deletes a row as clients do, with what goes along with it; NOT_FOUND if there is no such row.
    pub async fn delete<R: Row>(&mut self, id: &Id<R>) -> Result<(), ApiError> {
        self.delete_record(R::RESOURCE, id.value()).await
    }

    /// Runs SQL with the parameters `$1`, `$2`… on either database, and counts the rows that it changed.
    pub async fn execute(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64, ApiError> {
        let (sql, values) = (spelled(self.inner.dialect(), sql), typed(params));
        let busy = self.begin_write()?;
        let result = self.inner.execute(&sql, &arguments(&values)).await;
        drop(busy);
        self.wrote = true;
        self.note(result.map_err(ApiError::from))
    }

    /// Runs SQL that returns rows; `columns` says how to read each of them.
    pub async fn query(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        columns: &[Type],
    ) -> Result<Vec<Vec<Value>>, ApiError> {
        let (sql, values) = (spelled(self.inner.dialect(), sql), typed(params));
        let busy = self.begin()?;
        let result = self.inner.query(&sql, &arguments(&values), columns).await;
        drop(busy);
        // It may be an UPDATE with RETURNING.
        self.wrote = true;
        self.note(result.map_err(ApiError::from))
    }

    /// Refuses to go on after a failure.
    fn begin(&self) -> Result<Busy<'t>, ApiError> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        self.busy.store(true, Ordering::Relaxed);
        Ok(Busy(self.busy))
    }

    /// The same, where something may be written.
    fn begin_write(&mut self) -> Result<Busy<'t>, ApiError> {
        if self.access == Access::Write {
            return self.begin();
        }
        let hook = self.hook;
        self.note(Err(ApiError::internal(format!("the hook {hook} writes, but its action is `safe`: it only reads"))))
    }

    /// Remembers a failure. That a row isn't there is none.
    fn note<T>(&mut self, result: Result<T, ApiError>) -> Result<T, ApiError> {
        // What is wrong is none of what the caller sent.
        let result = result.map_err(|error| ApiError { violations: Vec::new(), ..error });
        if let Err(error) = &result
            && error.code != Code::NotFound
        {
            self.failed.get_or_insert_with(|| error.clone());
        }
        result
    }

    /// What is the caller's tenant's. Whatever else callers may do, hooks may do.
    fn within(&mut self, resource: &'static Resource) -> Result<Reach, ApiError> {
        let within = within_tenant(self.call, resource);
        self.note(within)
    }

    async fn read(&mut self, resource: &'static Resource, field: usize, value: Value) -> Result<Vec<Record>, ApiError> {
        let columns = self.service.columns(resource);
        let within = self.within(resource)?;
        let statement = match self.access {
            Access::Read => sql::having(self.inner.dialect(), columns, (field, value), &within),
            Access::Write => sql::locked(self.inner.dialect(), columns, (field, value), &within),
        };
        let busy = self.begin()?;
        let result = statement.records(self.inner, columns).await;
        drop(busy);
        self.note(result.map_err(ApiError::from))
    }

    async fn insert_record(&mut self, resource: &'static Resource, mut values: Vec<Value>) -> Result<Record, ApiError> {
        stamp(resource, &mut values, now());
        self.service.judge(self.hook, resource.fields, values.iter_mut().enumerate())?;
        hash_at_once(values.iter_mut())?;
        let busy = self.begin_write()?;
        let result = self.service.insert(self.inner, self.call, resource, &mut values).await;
        drop(busy);
        self.wrote = true;
        self.note(result)?;
        let (service, busy) = (self.service, self.begin()?);
        let result = service.inserted(self.inner, resource, values).await;
        drop(busy);
        self.note(result)
    }

    async fn update_record(
        &mut self,
        resource: &'static Resource,
        key: &Value,
        mut values: Vec<Option<Value>>,
    ) -> Result<Record, ApiError> {
        let set = values.iter_mut().enumerate().filter_map(|(index, value)| Some((index, value.as_mut()?)));
        self.service.judge(self.hook, resource.fields, set)?;
        hash_at_once(values.iter_mut().flatten())?;
        touch(resource, &mut values, now());
        let (id, within) = (id_text(resource.id(), key), self.within(resource)?);
        let busy = self.begin_write()?;
        let (row, set) = ((key, &within), (&*values, &Precondition::NONE));
        let result = self.service.update_row(self.inner, self.call, resource, row, &id, set).await;
        drop(busy);
        self.wrote = true;
        self.note(result)
    }

    async fn delete_record(&mut self, resource: &'static Resource, key: &Value) -> Result<(), ApiError> {
        let (time, within) = (Value::Timestamp(now()), self.within(resource)?);
        let busy = self.begin_write()?;
        let result = self.service.remove(self.inner, resource, (key, &within), &Precondition::NONE, &time).await;
        drop(busy);
        self.wrote = true;
        match self.note(result)? {
            0 => Err(refusal::not_found(resource, &id_text(resource.id(), key))),
            _ => Ok(()),
        }
    }
}

pub(super) fn stored(resource: &Resource, field: usize) -> bool {
    resource.fields[field].is_stored()
}

pub(super) fn typed(params: &[&dyn Param]) -> Vec<(Type, Value)> {
    params.iter().map(|param| param.typed()).collect()
}

pub(super) fn arguments(values: &[(Type, Value)]) -> Vec<Arg<'_>> {
    values.iter().map(|(ty, value)| Arg::One(*ty, value)).collect()
}

/// `$1` as this database writes it, unless it stands in quotes.
pub(super) fn spelled(dialect: Dialect, sql: &str) -> String {
    let mut spelled = String::with_capacity(sql.len());
    let mut quote = None;
    let mut rest = sql.chars().peekable();
    while let Some(char) = rest.next() {
        match (quote, char) {
            (None, '\'' | '"') => quote = Some(char),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
        let parameter = quote.is_none() && char == '$' && rest.peek().is_some_and(char::is_ascii_digit);
        spelled.push(if parameter { dialect.mark() } else { char });
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_spelled_as_the_database_wants_them() {
        let sql = "UPDATE t SET a = $1, \"$2\" = '$3' || $12 WHERE b = 'it''s $4' AND c = $5";
        assert_eq!(spelled(Dialect::Postgres, sql), sql);
        assert_eq!(
            spelled(Dialect::Sqlite, sql),
            "UPDATE t SET a = ?1, \"$2\" = '$3' || ?12 WHERE b = 'it''s $4' AND c = ?5"
        );
    }
}
