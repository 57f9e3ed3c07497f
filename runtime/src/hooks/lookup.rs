//! What hooks that compute fields get: the request, and rows to read. No transaction is open meanwhile, so they may wait
//! for anything.

use std::sync::Arc;

use super::{Native, Param, Row, tx};
use crate::{
    descriptor::{Resource, Type},
    error::ApiError,
    service::{Call, Service, within_tenant},
    sql,
    store::{self, Statements},
    value::{Record, Value},
};

/// The rows of the database, as a hook reads them that computes a field. Each read sees what is committed by then.
pub struct Lookup<'l> {
    service: &'l Arc<Service>,
    call: &'l Call,
    /// The hook's name.
    hook: &'l str,
}

impl<'l> Lookup<'l> {
    pub(crate) fn new(service: &'l Arc<Service>, call: &'l Call, hook: &'l str) -> Lookup<'l> {
        Lookup { service, call, hook }
    }

    /// The request that it belongs to.
    pub fn call(&self) -> &Call {
        self.call
    }

    /// All rows of the caller's tenant that have one of these values in a field, in the order of their ids: for a whole
    /// page one statement. What the caller may not read is among them.
    pub async fn list<R: Row>(
        &self,
        field: &str,
        values: impl IntoIterator<Item = impl Native>,
    ) -> Result<Vec<R>, ApiError> {
        let Some(index) = R::RESOURCE.field_index(field).filter(|index| tx::stored(R::RESOURCE, *index)) else {
            let name = R::RESOURCE.name;
            return Err(ApiError::internal(format!("{}: {name} has no column {field}", self.hook)));
        };
        let values = values.into_iter().map(Native::value).filter(|value| !value.is_null());
        let records = self.records(R::RESOURCE, index, values.collect()).await?;
        Ok(records.iter().map(R::of).collect())
    }

    async fn records(
        &self,
        resource: &'static Resource,
        field: usize,
        values: Vec<Value>,
    ) -> Result<Vec<Record>, ApiError> {
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let store = &*self.service.store;
        let columns = self.service.columns(resource).clone();
        let within = within_tenant(self.call, resource)?;
        let statement = Arc::new(sql::having_any(store.dialect(), &columns, (field, &values), &within));
        store::read_by(Statements::One, store, self.call.deadline, move |tx| {
            let (statement, columns) = (statement.clone(), columns.clone());
            Box::pin(async move { Ok(statement.records(tx, &columns).await?) })
        })
        .await
    }

    /// Runs SQL that only reads, with the parameters `$1`, `$2`… on either database; `columns` says how to read each row.
    pub async fn query(&self, sql: &str, params: &[&dyn Param], columns: &[Type]) -> Result<Vec<Vec<Value>>, ApiError> {
        let store = &*self.service.store;
        let job = Arc::new((tx::spelled(store.dialect(), sql), tx::typed(params), columns.to_vec()));
        store::read(store, self.call.deadline, move |tx| {
            let job = job.clone();
            Box::pin(async move {
                let (sql, values, columns) = &*job;
                Ok(tx.query(sql, &tx::arguments(values), columns).await?)
            })
        })
        .await
    }
}
