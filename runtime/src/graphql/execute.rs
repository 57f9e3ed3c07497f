//! Reads what a plan needs: one call of the source per fetch of the plan, whatever the number of rows.

use std::{collections::HashMap, fmt, ops::Range, sync::Arc};

use apollo_compiler::collections::IndexSet;
use futures_util::future::BoxFuture;

use crate::{
    codec::json::JsonInput,
    descriptor::{Action, Relation, Resource},
    error::{ApiError, Code},
    fields::Fields,
    service::{Acted, Asked, Call, Cursors, Fetch, Page, Read, Rows, Service, computed},
    store::Tx,
    value::{Record, Value, id_text},
};

/// A page of rows.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) records: Vec<Record>,
    pub(crate) slice: Slice,
}

/// Makes the cursors of one list.
pub(crate) trait Seal: fmt::Debug + Send + Sync {
    fn cursor(&self, record: &Record) -> String;
}

impl Seal for Cursors {
    /// `after` or `before` says in which direction it is used.
    fn cursor(&self, record: &Record) -> String {
        self.of(record, false)
    }
}

impl From<Page> for Listed {
    fn from(page: Page) -> Listed {
        let Page { records, cursors, has_next, has_previous, total } = page;
        let rows = 0..records.len();
        Listed { slice: Slice { rows, cursors: Box::new(cursors), has_next, has_previous, total }, records }
    }
}

/// Where rows come from.
pub(crate) trait Source: Send {
    fn list<'a>(
        &'a mut self,
        resource: &'static Resource,
        asked: (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Listed, ApiError>>;

    /// One page per parent, in their order, along a relation of theirs.
    fn children<'a>(
        &'a mut self,
        relation: (&'static Resource, &'static Relation),
        parents: &'a [Value],
        asked: (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Vec<Listed>, ApiError>>;

    fn by_ids<'a>(
        &'a mut self,
        resource: &'static Resource,
        ids: &'a [Value],
        rows: &'a Rows,
    ) -> BoxFuture<'a, Result<HashMap<String, Record>, ApiError>>;

    fn act<'a>(
        &'a mut self,
        resource: &'static Resource,
        action: &'static Action,
        id: &'a str,
        input: &'a JsonInput,
    ) -> BoxFuture<'a, Result<Acted, ApiError>>;
}

/// The service inside one read transaction.
pub(crate) struct Snapshot<'t> {
    pub(crate) service: &'t Service,
    pub(crate) call: &'t Call,
    pub(crate) tx: &'t mut dyn Tx,
}

impl Source for Snapshot<'_> {
    fn list<'a>(
        &'a mut self,
        resource: &'static Resource,
        asked: (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Listed, ApiError>> {
        Box::pin(async move { self.service.list_in(self.call, self.tx, resource, asked).await.map(Listed::from) })
    }

    fn children<'a>(
        &'a mut self,
        relation: (&'static Resource, &'static Relation),
        parents: &'a [Value],
        asked: (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Vec<Listed>, ApiError>> {
        Box::pin(async move {
            let pages = self.service.children_in(self.call, self.tx, relation, parents, asked).await?;
            Ok(pages.into_iter().map(Listed::from).collect())
        })
    }

    fn by_ids<'a>(
        &'a mut self,
        resource: &'static Resource,
        ids: &'a [Value],
        rows: &'a Rows,
    ) -> BoxFuture<'a, Result<HashMap<String, Record>, ApiError>> {
        Box::pin(self.service.by_ids_in(self.call, self.tx, resource, ids, rows))
    }

    fn act<'a>(
        &'a mut self,
        resource: &'static Resource,
        action: &'static Action,
        id: &'a str,
        input: &'a JsonInput,
    ) -> BoxFuture<'a, Result<Acted, ApiError>> {
        Box::pin(self.service.act_in(self.call, self.tx, (resource, action), id, input))
    }
}

/// All rows at one place of the plan, for all their parents together, and what was read below them.
#[derive(Debug, Default)]
pub(crate) struct Level {
    pub(crate) records: Vec<Record>,
    /// One per fetch of the plan.
    pub(crate) fetched: Vec<Result<Fetched, ApiError>>,
    /// Fields that hooks couldn't compute.
    pub(crate) failed: HashMap<usize, ApiError>,
}

#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) level: Level,
    pub(crate) parents: Parents,
    /// What an action returned that is no row.
    pub(crate) value: Option<Value>,
}

/// Which of the rows belong to which parent, by the parent's position. A root has the one parent 0; ids count as parents.
#[derive(Debug)]
pub(crate) enum Parents {
    One(Vec<Option<usize>>),
    Many(Vec<Slice>),
}

/// A page without its records, which are among those of the level.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) rows: Range<usize>,
    pub(crate) cursors: Box<dyn Seal>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
    pub(crate) total: Option<u64>,
}

impl Level {
    /// The records alone: nothing below them could be read.
    pub(crate) fn failed(rows: &Rows, records: Vec<Record>, error: &ApiError) -> Level {
        let fetched = rows.fetches.iter().map(|_| Err(error.clone())).collect();
        Level { records, fetched, failed: HashMap::new() }
    }
}

/// Asks hooks for what they compute, once no transaction is open any more: one call per field and place of the plan.
pub(crate) fn compute<'a>(
    service: &'a Arc<Service>,
    call: &'a Call,
    rows: &'a Rows,
    level: &'a mut Level,
) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        let shown = rows.fields.as_ref().map(|Fields { resource, .. }| (resource, rows.computed(resource)));
        if let Some((resource, fields)) = shown.filter(|(_, fields)| !fields.is_empty()) {
            let values = service.computed(call, resource, &fields, &level.records).await;
            for (field, values) in fields.into_iter().zip(values) {
                match values {
                    Ok(values) => computed::set(&mut level.records, field, values),
                    Err(error) => drop(level.failed.insert(field, error)),
                }
            }
        }
        for (fetch, fetched) in rows.fetches.iter().zip(&mut level.fetched) {
            if let Ok(fetched) = fetched {
                compute(service, call, &fetch.rows, &mut fetched.level).await;
            }
        }
    })
}

/// One operation's reads.
pub(crate) struct Reader<'s> {
    source: &'s mut dyn Source,
    /// How many more rows the answer may have.
    rows_left: usize,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s mut dyn Source, max_rows: usize) -> Reader<'s> {
        Reader { source, rows_left: max_rows }
    }

    /// Reads everything below `records`. `Err`: the snapshot is lost, there is no time left or the answer grows too
    /// large; what only one fetch got wrong stays with that fetch.
    pub(crate) fn below<'a>(
        &'a mut self,
        rows: &'a Rows,
        records: Vec<Record>,
    ) -> BoxFuture<'a, Result<Level, ApiError>> {
        Box::pin(async move {
            let mut fetched = Vec::with_capacity(rows.fetches.len());
            for fetch in &rows.fetches {
                fetched.push(match self.fetch(fetch, &records).await {
                    Err(error) if ends_everything(&error) => return Err(error),
                    result => result,
                });
            }
            Ok(Level { records, fetched, failed: HashMap::new() })
        })
    }

    async fn fetch(&mut self, fetch: &Fetch, above: &[Record]) -> Result<Fetched, ApiError> {
        let mut value = None;
        let (records, parents) = match &fetch.read {
            Read::Act { action, id, input } => {
                let records = match self.source.act(fetch.resource, action, id, input).await? {
                    Acted::Row(record) => vec![record],
                    Acted::Rows(records) => records,
                    Acted::Nothing(_) => Vec::new(),
                    Acted::Value(returned) => {
                        value = Some(returned);
                        Vec::new()
                    }
                };
                let all = (0..records.len()).map(Some).collect();
                (records, Parents::One(all))
            }
            Read::List(args) => pages(vec![self.source.list(fetch.resource, (args, &fetch.rows)).await?]),
            Read::Children { owner, relation, args } => {
                pages(self.children((owner, relation), above, (args, &fetch.rows)).await?)
            }
            Read::ByIds(ids) => self.by_ids(fetch, ids.iter().map(Some)).await?,
            Read::BelongsTo { column } => {
                let ids = above.iter().map(|record| Some(&record.values[*column]).filter(|id| !id.is_null()));
                self.by_ids(fetch, ids).await?
            }
        };
        self.rows_left = self.rows_left.checked_sub(records.len()).ok_or_else(too_many_rows)?;
        Ok(Fetched { level: self.below(&fetch.rows, records).await?, parents, value })
    }

    async fn children(
        &mut self,
        relation: (&'static Resource, &'static Relation),
        above: &[Record],
        asked: (&Asked, &Rows),
    ) -> Result<Vec<Listed>, ApiError> {
        let parents: Vec<_> = above.iter().map(|record| record.id().clone()).collect();
        self.source.children(relation, &parents, asked).await
    }

    /// Reads each row once, however many ask for it.
    async fn by_ids(
        &mut self,
        Fetch { resource, rows, .. }: &Fetch,
        ids: impl Iterator<Item = Option<&Value>>,
    ) -> Result<(Vec<Record>, Parents), ApiError> {
        let (mut distinct, mut texts) = (Vec::new(), IndexSet::default());
        let mut number = |id: &Value| {
            let (number, new) = texts.insert_full(id_text(resource.id(), id));
            if new {
                distinct.push(id.clone());
            }
            number
        };
        let asked: Vec<Option<usize>> = ids.map(|id| id.map(&mut number)).collect();
        if distinct.is_empty() {
            return Ok((Vec::new(), Parents::One(asked)));
        }
        let mut found = self.source.by_ids(resource, &distinct, rows).await?;
        let mut records = Vec::with_capacity(found.len());
        let position = |text: String| {
            records.push(found.remove(&text)?);
            Some(records.len() - 1)
        };
        let positions: Vec<_> = texts.into_iter().map(position).collect();
        let rows = asked.into_iter().map(|number| number.and_then(|number| positions[number])).collect();
        Ok((records, Parents::One(rows)))
    }
}

fn too_many_rows() -> ApiError {
    ApiError::new(Code::PayloadTooLarge, "the answer would have too many rows; ask for smaller pages")
}

fn ends_everything(error: &ApiError) -> bool {
    error.code.retryable() || error.code.http_status() >= 500 || error.code == Code::PayloadTooLarge
}

fn pages(pages: Vec<Listed>) -> (Vec<Record>, Parents) {
    let mut records = Vec::with_capacity(pages.iter().map(|page| page.records.len()).sum());
    let slices = pages.into_iter().map(|page| {
        let start = records.len();
        records.extend(page.records);
        Slice { rows: start..records.len(), ..page.slice }
    });
    let slices = slices.collect();
    (records, Parents::Many(slices))
}
