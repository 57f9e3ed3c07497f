//! Reads what is asked for below rows: one statement per fetch, whatever the number of rows. Knows no protocol.

use std::{collections::HashMap, fmt, ops::Range, sync::Arc};

use futures_util::future::BoxFuture;

use crate::{
    codec::json::JsonInput,
    descriptor::{Action, Relation, Resource},
    error::{ApiError, Code},
    service::{Acted, Asked, Call, Cursors, Fetch, Page, Read, Rows, Service, computed},
    store::Tx,
    value::{Record, Value},
};

/// A page of rows.
#[derive(Debug)]
pub struct Listed {
    pub records: Vec<Record>,
    pub slice: Slice,
}

/// Makes the cursors of one list.
pub trait Seal: fmt::Debug + Send + Sync {
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
pub trait Source: Send {
    fn list<'a>(
        &'a mut self,
        resource: &'static Resource,
        asked: (&'a Asked, &'a Rows),
    ) -> BoxFuture<'a, Result<Listed, ApiError>>;

    /// One page per parent, each of which is there once, in their order, along a relation of theirs.
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
    ) -> BoxFuture<'a, Result<Vec<Record>, ApiError>>;

    fn act<'a>(
        &'a mut self,
        resource: &'static Resource,
        action: &'static Action,
        id: &'a str,
        input: &'a JsonInput<'static>,
    ) -> BoxFuture<'a, Result<Acted, ApiError>>;
}

/// The service inside one read transaction.
pub struct Snapshot<'t> {
    pub service: &'t Service,
    pub call: &'t Call,
    pub tx: &'t mut dyn Tx,
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
    ) -> BoxFuture<'a, Result<Vec<Record>, ApiError>> {
        Box::pin(self.service.by_ids_in(self.call, self.tx, resource, ids, rows))
    }

    fn act<'a>(
        &'a mut self,
        resource: &'static Resource,
        action: &'static Action,
        id: &'a str,
        input: &'a JsonInput<'static>,
    ) -> BoxFuture<'a, Result<Acted, ApiError>> {
        Box::pin(self.service.act_in(self.call, self.tx, (resource, action), id, input))
    }
}

/// All rows at one place of an answer, for all their parents together, and what was read below them.
#[derive(Debug, Default)]
pub struct Level {
    pub records: Vec<Record>,
    /// One per fetch.
    pub fetched: Vec<Result<Fetched, ApiError>>,
    /// Fields that hooks couldn't compute.
    pub failed: HashMap<usize, ApiError>,
}

#[derive(Debug)]
pub struct Fetched {
    pub level: Level,
    pub parents: Parents,
    /// What an action returned that is no row.
    pub value: Option<Value>,
}

impl Fetched {
    /// The position of the only row of a parent.
    pub fn one(&self, parent: usize) -> Option<usize> {
        match &self.parents {
            Parents::One(rows) => rows[parent],
            Parents::Many(_) => self.page(parent)?.rows.clone().next(),
        }
    }

    /// The page of a parent.
    pub fn page(&self, parent: usize) -> Option<&Slice> {
        match &self.parents {
            Parents::One(_) => None,
            Parents::Many(pages) => Some(&pages.slices[pages.of[parent]]),
        }
    }
}

/// Which of the rows belong to which parent, by the parent's position. A root has the one parent 0; ids count as parents.
#[derive(Debug)]
pub enum Parents {
    One(Vec<Option<usize>>),
    Many(Pages),
}

/// A row that is there several times has the same page each time.
#[derive(Debug)]
pub struct Pages {
    slices: Vec<Slice>,
    /// The number of each parent's.
    of: Vec<usize>,
}

/// A page without its records, which are among those of the level.
#[derive(Debug)]
pub struct Slice {
    pub rows: Range<usize>,
    pub cursors: Box<dyn Seal>,
    pub has_next: bool,
    pub has_previous: bool,
    pub total: Option<u64>,
}

impl Service {
    /// What is asked for below rows, in the snapshot that they are from.
    pub(super) async fn below(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        rows: &Rows,
        records: Vec<Record>,
    ) -> Result<Level, ApiError> {
        if rows.fetches.is_empty() {
            return Ok(Level { records, ..Level::default() });
        }
        // A page's size and the number of relations are limited already.
        Reader::new(&mut Snapshot { service: self, call, tx }, usize::MAX).below(rows, records).await
    }
}

impl Level {
    /// The records alone: nothing below them could be read.
    pub fn failed(rows: &Rows, records: Vec<Record>, error: &ApiError) -> Level {
        let fetched = rows.fetches.iter().map(|_| Err(error.clone())).collect();
        Level { records, fetched, failed: HashMap::new() }
    }
}

/// Asks hooks for what they compute, once no transaction is open any more: one call per field and place. `resource`: what
/// the rows are of, if that isn't said by their fields.
pub fn compute<'a>(
    service: &'a Arc<Service>,
    call: &'a Call,
    (resource, rows): (Option<&'static Resource>, &'a Rows),
    level: &'a mut Level,
) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        let resource = rows.fields.as_ref().map_or(resource, |fields| Some(fields.resource));
        let shown = resource.map(|resource| (resource, rows.computed(resource)));
        if let Some((resource, fields)) = shown.filter(|(_, fields)| !fields.is_empty()) {
            let values = service.computed(call, resource, &fields, &level.records).await;
            for (field, values) in fields.into_iter().zip(values) {
                match values {
                    Ok(values) => computed::set(&mut level.records, field, values),
                    Err(error) => drop(level.failed.insert(field, error)),
                }
            }
        }
        compute_below(service, call, rows, &mut level.fetched).await;
    })
}

/// The same of what lies below rows.
pub async fn compute_below(
    service: &Arc<Service>,
    call: &Call,
    rows: &Rows,
    fetched: &mut [Result<Fetched, ApiError>],
) {
    for (Fetch { resource, rows, .. }, fetched) in rows.fetches.iter().zip(fetched) {
        if let Ok(fetched) = fetched {
            compute(service, call, (Some(resource), rows), &mut fetched.level).await;
        }
    }
}

/// Why something that was asked for below rows can't be shown, if that isn't for want of permission.
pub fn failure(fetched: &[Result<Fetched, ApiError>]) -> Option<&ApiError> {
    fetched.iter().find_map(|fetched| match fetched {
        Ok(Fetched { level, .. }) => level.failed.values().next().or_else(|| failure(&level.fetched)),
        Err(error) => Some(error).filter(|error| !matches!(error.code, Code::Unauthenticated | Code::PermissionDenied)),
    })
}

/// One operation's reads.
pub struct Reader<'s> {
    source: &'s mut dyn Source,
    /// How many more rows the answer may have.
    rows_left: usize,
}

impl<'s> Reader<'s> {
    pub fn new(source: &'s mut dyn Source, max_rows: usize) -> Reader<'s> {
        Reader { source, rows_left: max_rows }
    }

    /// Reads everything below `records`. `Err`: the snapshot is lost, there is no time left or the answer grows too
    /// large; what only one fetch got wrong stays with that fetch.
    pub fn below<'a>(&'a mut self, rows: &'a Rows, records: Vec<Record>) -> BoxFuture<'a, Result<Level, ApiError>> {
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
            Read::List(args) => pages(vec![self.source.list(fetch.resource, (args, &fetch.rows)).await?], vec![0]),
            Read::Children { owner, relation, args } => {
                self.children((owner, relation), above, (args, &fetch.rows)).await?
            }
            Read::ByIds(ids) => self.by_ids(fetch, ids.iter().map(Option::as_ref)).await?,
            Read::Refused(error) => return Err(error.clone()),
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
    ) -> Result<(Vec<Record>, Parents), ApiError> {
        let (parents, of) = distinct(above.iter().map(Record::id));
        Ok(pages(self.source.children(relation, &parents, asked).await?, of))
    }

    /// Reads each row once, however many ask for it.
    async fn by_ids(
        &mut self,
        Fetch { resource, rows, .. }: &Fetch,
        ids: impl Iterator<Item = Option<&Value>> + Clone,
    ) -> Result<(Vec<Record>, Parents), ApiError> {
        let (known, numbers) = distinct(ids.clone().flatten());
        let records = match known.as_slice() {
            [] => Vec::new(),
            known => self.source.by_ids(resource, known, rows).await?,
        };
        let positions = positions(&records, &known);
        let mut numbers = numbers.into_iter();
        let rows = ids.map(|id| id.and_then(|_| positions[numbers.next()?])).collect();
        Ok((records, Parents::One(rows)))
    }
}

/// Where the row of each id is.
fn positions(records: &[Record], ids: &[Value]) -> Vec<Option<usize>> {
    let known: HashMap<_, _> = records.iter().enumerate().map(|(position, row)| (row.id().key(), position)).collect();
    ids.iter().map(|id| known.get(&id.key()).copied()).collect()
}

/// Each id once, and for each that was given its number there.
fn distinct<'v>(ids: impl Iterator<Item = &'v Value>) -> (Vec<Value>, Vec<usize>) {
    let (mut distinct, mut known) = (Vec::new(), HashMap::new());
    let number = |id: &'v Value| {
        *known.entry(id.key()).or_insert_with(|| {
            distinct.push(id.clone());
            distinct.len() - 1
        })
    };
    let numbers = ids.map(number).collect();
    (distinct, numbers)
}

fn too_many_rows() -> ApiError {
    ApiError::new(Code::PayloadTooLarge, "the answer would have too many rows; ask for smaller pages")
}

fn ends_everything(error: &ApiError) -> bool {
    error.code.retryable() || error.code.http_status() >= 500 || error.code == Code::PayloadTooLarge
}

/// `of`: the number of each parent's page.
fn pages(pages: Vec<Listed>, of: Vec<usize>) -> (Vec<Record>, Parents) {
    let mut records = Vec::with_capacity(pages.iter().map(|page| page.records.len()).sum());
    let slices = pages.into_iter().map(|page| {
        let start = records.len();
        records.extend(page.records);
        Slice { rows: start..records.len(), ..page.slice }
    });
    let slices = slices.collect();
    (records, Parents::Many(Pages { slices, of }))
}
