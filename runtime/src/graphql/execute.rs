//! Reads what a plan needs: one call of the source per fetch of the plan, whatever the number of rows.

use std::{collections::HashMap, ops::Range};

use futures_util::future::BoxFuture;

use crate::{
    descriptor::{Relation, Resource},
    error::ApiError,
    graphql::plan::{Fetch, Read, Rows},
    service::{Call, Cursors, ListArgs, Page, Service},
    store::Tx,
    value::{Record, Value, id_text},
};

/// Where rows come from.
pub(crate) trait Source: Send {
    fn list<'a>(&'a mut self, resource: &'static Resource, args: &'a ListArgs)
    -> BoxFuture<'a, Result<Page, ApiError>>;

    /// One page per parent, in their order.
    fn children<'a>(
        &'a mut self,
        relation: &'static Relation,
        parents: &'a [Value],
        args: &'a ListArgs,
    ) -> BoxFuture<'a, Result<Vec<Page>, ApiError>>;

    fn by_ids<'a>(
        &'a mut self,
        resource: &'static Resource,
        ids: &'a [Value],
    ) -> BoxFuture<'a, Result<HashMap<String, Record>, ApiError>>;
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
        args: &'a ListArgs,
    ) -> BoxFuture<'a, Result<Page, ApiError>> {
        Box::pin(self.service.list_in(self.call, self.tx, resource, args))
    }

    fn children<'a>(
        &'a mut self,
        relation: &'static Relation,
        parents: &'a [Value],
        args: &'a ListArgs,
    ) -> BoxFuture<'a, Result<Vec<Page>, ApiError>> {
        Box::pin(self.service.children_in(self.call, self.tx, relation, parents, args))
    }

    fn by_ids<'a>(
        &'a mut self,
        resource: &'static Resource,
        ids: &'a [Value],
    ) -> BoxFuture<'a, Result<HashMap<String, Record>, ApiError>> {
        Box::pin(self.service.by_ids_in(self.call, self.tx, resource, ids))
    }
}

/// All rows at one place of the plan, for all their parents together, and what was read below them.
#[derive(Debug, Default)]
pub(crate) struct Level {
    pub(crate) records: Vec<Record>,
    /// One per fetch of the plan.
    pub(crate) fetched: Vec<Result<Fetched, ApiError>>,
}

#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) level: Level,
    pub(crate) parents: Parents,
}

/// Which of the rows belong to which parent, by the parent's position. A root has the one parent 0; ids count as parents.
#[derive(Debug)]
pub(crate) enum Parents {
    One(Vec<Option<usize>>),
    Many(Vec<Slice>),
}

/// A page whose records are among those of the level.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) rows: Range<usize>,
    pub(crate) cursors: Cursors,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
    pub(crate) total: Option<u64>,
}

/// Reads everything below `records`. `Err`: the snapshot is lost, or there is no time left; what only one fetch got
/// wrong stays with that fetch.
pub(crate) fn below<'a>(
    source: &'a mut dyn Source,
    rows: &'a Rows,
    records: Vec<Record>,
) -> BoxFuture<'a, Result<Level, ApiError>> {
    Box::pin(async move {
        let mut fetched = Vec::with_capacity(rows.fetches.len());
        for fetch in &rows.fetches {
            fetched.push(match one(source, fetch, &records).await {
                Err(error) if ends_everything(&error) => return Err(error),
                result => result,
            });
        }
        Ok(Level { records, fetched })
    })
}

fn ends_everything(error: &ApiError) -> bool {
    error.code.retryable() || error.code.http_status() >= 500
}

async fn one(source: &mut dyn Source, fetch: &Fetch, above: &[Record]) -> Result<Fetched, ApiError> {
    let (records, parents) = match &fetch.read {
        Read::List(args) => pages(vec![source.list(fetch.resource, args).await?]),
        Read::Children { relation, args } => pages(children(source, relation, above, args).await?),
        Read::ByIds(ids) => by_ids(source, fetch.resource, ids.iter().map(Some)).await?,
        Read::BelongsTo { column } => {
            let ids = above.iter().map(|record| Some(&record.values[*column]).filter(|id| !id.is_null()));
            by_ids(source, fetch.resource, ids).await?
        }
        Read::Refused(error) => return Err(error.clone()),
    };
    Ok(Fetched { level: below(source, &fetch.rows, records).await?, parents })
}

async fn children(
    source: &mut dyn Source,
    relation: &'static Relation,
    above: &[Record],
    args: &ListArgs,
) -> Result<Vec<Page>, ApiError> {
    if above.is_empty() {
        return Ok(Vec::new());
    }
    let parents: Vec<_> = above.iter().map(|record| record.id().clone()).collect();
    source.children(relation, &parents, args).await
}

fn pages(pages: Vec<Page>) -> (Vec<Record>, Parents) {
    let mut records = Vec::with_capacity(pages.iter().map(|page| page.records.len()).sum());
    let slices = pages.into_iter().map(|page| {
        let start = records.len();
        records.extend(page.records);
        Slice {
            rows: start..records.len(),
            cursors: page.cursors,
            has_next: page.has_next,
            has_previous: page.has_previous,
            total: page.total,
        }
    });
    let slices = slices.collect();
    (records, Parents::Many(slices))
}

/// Reads each row once, however many ask for it.
async fn by_ids(
    source: &mut dyn Source,
    resource: &'static Resource,
    ids: impl Iterator<Item = Option<&Value>>,
) -> Result<(Vec<Record>, Parents), ApiError> {
    let mut distinct = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let asked: Vec<Option<usize>> = ids
        .map(|id| {
            let id = id?;
            Some(*numbers.entry(id_text(resource.id(), id)).or_insert_with(|| {
                distinct.push(id.clone());
                distinct.len() - 1
            }))
        })
        .collect();
    if distinct.is_empty() {
        return Ok((Vec::new(), Parents::One(asked)));
    }
    let mut found = source.by_ids(resource, &distinct).await?;
    let mut positions = vec![None; distinct.len()];
    let mut records = Vec::with_capacity(found.len());
    for (id, number) in numbers {
        if let Some(record) = found.remove(&id) {
            positions[number] = Some(records.len());
            records.push(record);
        }
    }
    let rows = asked.into_iter().map(|number| number.and_then(|number| positions[number])).collect();
    Ok((records, Parents::One(rows)))
}
