//! Fields that hooks compute: asked for once the rows are there and no transaction is open any more, in one call per field
//! for all rows that are shown together.

use std::{collections::HashMap, sync::Arc};

use futures_util::future;

use super::{
    Acted, Call, Computed, Rows, Service, WHOLE,
    level::{self, Fetched},
    policy,
};
use crate::{
    descriptor::{Resource, Returns},
    error::ApiError,
    hooks::{self, Lookup},
    reach::Reach,
    sql::{self, Sight},
    store::{self, StoreError, Tx},
    value::{Record, Value, id_text},
};

/// The values of a field, one per row.
pub(crate) type Values = Result<Vec<Value>, ApiError>;

/// What the hook of a field gets.
struct Asked {
    field: usize,
    /// The rows of which the caller may read it, by their positions; whole, whatever else of them the caller may read.
    rows: Vec<(usize, Record)>,
}

impl Service {
    /// What hooks make of these rows for each of these fields, in their order. What the caller may not read is null.
    pub(crate) async fn computed(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        fields: &[usize],
        records: &[Record],
    ) -> Vec<Values> {
        let sights = resource.fields.iter().map(|field| policy::sight(call, resource, field));
        let sights: Vec<Sight> = sights.collect();
        if sights.iter().all(|sight| matches!(sight, Sight::All)) {
            return future::join_all(fields.iter().map(|field| self.ask(call, resource, *field, records))).await;
        }
        let asked = match self.unveiled(call, resource, (fields, &sights), records).await {
            Ok(asked) => asked,
            Err(error) => return fields.iter().map(|_| Err(error.clone())).collect(),
        };
        let values = asked.into_iter().map(|Asked { field, rows }| async move {
            let (positions, rows): (Vec<usize>, Vec<Record>) = rows.into_iter().unzip();
            let mut values = vec![Value::Null; records.len()];
            let given = self.ask(call, resource, field, &rows).await?;
            positions.into_iter().zip(given).for_each(|(position, value)| values[position] = value);
            Ok(values)
        });
        future::join_all(values).await
    }

    /// The rows as they are, of which the caller sees a part.
    async fn unveiled(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        (fields, sights): (&[usize], &[Sight]),
        records: &[Record],
    ) -> Result<Vec<Asked>, ApiError> {
        if records.is_empty() {
            return Ok(fields.iter().map(|field| Asked { field: *field, rows: Vec::new() }).collect());
        }
        let ids: Vec<Value> = records.iter().map(|record| record.id().clone()).collect();
        let reaches = fields.iter().map(|field| match &sights[*field] {
            Sight::All => Some(Reach::default()),
            Sight::Some(rows) => Some(Reach::of(rows.clone())),
            Sight::None => None,
        });
        let job = Arc::new((ids, fields.to_vec(), reaches.collect::<Vec<_>>()));
        let service = self.clone();
        store::read(&*self.store, call.deadline, move |tx| {
            let (service, job) = (service.clone(), job.clone());
            Box::pin(async move {
                let (ids, fields, reaches) = &*job;
                let mut read: Vec<(&Reach, Vec<(usize, Record)>)> = Vec::new();
                for reach in reaches.iter().flatten() {
                    if read.iter().all(|(known, _)| *known != reach) {
                        read.push((reach, service.whole(tx, resource, ids, reach).await?));
                    }
                }
                let rows = |reach| read.iter().find(|(known, _)| Some(*known) == reach).map(|(_, rows)| rows.clone());
                let asked = fields.iter().zip(reaches);
                let asked =
                    asked.map(|(field, reach)| Asked { field: *field, rows: rows(reach.as_ref()).unwrap_or_default() });
                Ok(asked.collect())
            })
        })
        .await
    }

    /// Those of these rows that are within reach, by their positions.
    async fn whole(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        ids: &[Value],
        reach: &Reach,
    ) -> Result<Vec<(usize, Record)>, ApiError> {
        let columns = self.columns(resource);
        let found = sql::by_ids(tx.dialect(), columns, ids, reach).records(tx, columns).await?;
        let text = |id: &Value| id_text(resource.id(), id);
        let found: HashMap<String, Record> = found.into_iter().map(|record| (text(record.id()), record)).collect();
        let rows = ids.iter().enumerate();
        if reach.is_everything() && !ids.iter().all(|id| found.contains_key(&text(id))) {
            // Another request has deleted one since.
            return Err(StoreError::Serialization.into());
        }
        Ok(rows.filter_map(|(position, id)| Some((position, found.get(&text(id))?.clone()))).collect())
    }

    async fn ask(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        field: usize,
        records: &[Record],
    ) -> Values {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let name = resource.fields[field].name;
        let hook = format!("{}Hooks::{name}", resource.name);
        let Some(hooks) = self.hooks_of(resource) else { return Err(hooks::not_implemented(&hook)) };
        let lookup = Lookup::new(self, call, &hook);
        let given = hooks::caught(&hook, hooks.computed(name, &lookup, records)).await;
        let mut values = match given.map_err(|error| failure(&hook, error))? {
            Value::List(values) => values,
            other => unreachable!("{other:?} isn't a value per row"),
        };
        if values.len() != records.len() {
            let (given, asked) = (values.len(), records.len());
            return Err(ApiError::internal(format!("the hook {hook} gave {given} values for {asked} rows")));
        }
        self.judge(&hook, resource.fields, values.iter_mut().map(|value| (field, value)))?;
        Ok(values)
    }

    /// Completes rows, as far as they are shown.
    pub(super) async fn complete(
        self: &Arc<Self>,
        call: &Call,
        (resource, rows): (&'static Resource, &Rows),
        records: &mut [Record],
    ) -> Result<(), ApiError> {
        if call.computed == Computed::Later {
            return Ok(());
        }
        let fields = rows.computed(resource);
        if fields.is_empty() {
            return Ok(());
        }
        let computed = self.computed(call, resource, &fields, records).await;
        for (field, values) in fields.into_iter().zip(computed) {
            set(records, field, values?);
        }
        Ok(())
    }

    /// The same of what lies below them, where nothing of it can be left out for an error.
    pub(super) async fn complete_below(
        self: &Arc<Self>,
        call: &Call,
        rows: &Rows,
        below: &mut [Result<Fetched, ApiError>],
    ) -> Result<(), ApiError> {
        level::compute_below(self, call, rows, below).await;
        level::failure(below).map_or(Ok(()), |error| Err(error.clone()))
    }

    /// One row that is shown whole.
    pub(super) async fn completed(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        mut record: Record,
    ) -> Result<Record, ApiError> {
        self.complete(call, (resource, &WHOLE), std::slice::from_mut(&mut record)).await?;
        Ok(record)
    }

    /// The same of what an action returns.
    pub(super) async fn complete_acted(
        self: &Arc<Self>,
        call: &Call,
        returns: Returns,
        acted: Acted,
    ) -> Result<Acted, ApiError> {
        Ok(match (returns, acted) {
            (Returns::Row(resource), Acted::Row(record)) => Acted::Row(self.completed(call, resource, record).await?),
            (Returns::Rows(resource), Acted::Rows(mut records)) => {
                self.complete(call, (resource, &WHOLE), &mut records).await?;
                Acted::Rows(records)
            }
            (_, acted) => acted,
        })
    }
}

/// Writes the values of a field into the rows that they are for.
pub(crate) fn set(records: &mut [Record], field: usize, values: Vec<Value>) {
    for (record, value) in records.iter_mut().zip(values) {
        record.values[field] = value;
    }
}

/// The caller may see the row and did nothing wrong: only the server's own troubles can keep it from being shown.
fn failure(hook: &str, error: ApiError) -> ApiError {
    if error.code.http_status() >= 500 {
        return error;
    }
    ApiError::internal(format!("the hook {hook} failed: {error}"))
}
