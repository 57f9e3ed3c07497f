//! Reading: single rows, pages, and the batched reads of nested selections.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use super::{
    Asked, Call, Cursors, Fetch, ListArgs, Listing, Look, Operation, Page, Query, Read, Rows, Service, Shown, Skip,
    level::{Fetched, Level},
    policy, refusal,
};
use crate::{
    cursor::{Position, Scope},
    descriptor::{Direction, Relation, RelationKind, Resource, Type},
    error::{ApiError, Code},
    order::{Key, Order},
    reach::Reach,
    search,
    sql::{self, Columns, Parent, Selection},
    store::{self, Statements, Tx},
    value::{Record, Value, id_text, parse_id},
};

impl Service {
    pub async fn list(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        query: &dyn Query,
    ) -> Result<Listing, ApiError> {
        let reach = self.begin(call, resource, Operation::List).await?;
        let rows = self.look(query, resource)?;
        let asked = Arc::new((call.clone(), query.read(resource)?, reach, rows.clone()));
        let service = self.clone();
        // The total takes a second one.
        let alone = !asked.1.total && rows.fetches.is_empty();
        let statements = if alone { Statements::One } else { Statements::Many };
        let read = store::read_by(statements, &*self.store, call.deadline, move |tx| {
            let (service, asked) = (service.clone(), asked.clone());
            Box::pin(async move {
                let (call, args, reach, rows) = &*asked;
                let list = List::new(&service, call, (resource, reach), args, None)?;
                let page = service.page(tx, call, (&list, rows)).await?;
                service.with_below(call, tx, page, rows).await
            })
        });
        self.listing(call, resource, rows, read.await?).await
    }

    /// A page together with what is asked for below its rows.
    async fn with_below(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        page: Page,
        rows: &Rows,
    ) -> Result<(Page, Vec<Result<Fetched, ApiError>>), ApiError> {
        let Level { records, fetched, .. } = self.below(call, tx, rows, page.records).await?;
        Ok((Page { records, ..page }, fetched))
    }

    /// The same with what hooks compute.
    async fn listing(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        rows: Arc<Rows>,
        (mut page, mut below): (Page, Vec<Result<Fetched, ApiError>>),
    ) -> Result<Listing, ApiError> {
        self.complete(call, (resource, &rows), &mut page.records).await?;
        self.complete_below(call, &rows, &mut below).await?;
        Ok(Listing { page, rows, below })
    }

    /// The rows of `relation` (has_many) of one parent. NOT_FOUND if the parent isn't there.
    pub async fn list_related(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        relation: &'static Relation,
        parent: &str,
        query: &dyn Query,
    ) -> Result<Listing, ApiError> {
        call.hear(resource, None)?;
        call.hear(relation.target, None)?;
        let owners = policy::permit(call, resource, Operation::Get)?;
        let (from, reach) = policy::permit_following(call, resource, relation)?;
        self.count(call, relation.target, Operation::List).await?;
        let (rows, args) = (self.look(query, relation.target)?, query.read(relation.target)?);
        let id = parse_id(resource.id(), parent).ok_or_else(|| refusal::not_found(resource, parent))?;
        let asked = Arc::new((call.clone(), args, id, owners.and(from), reach, rows.clone()));
        let (service, parent) = (self.clone(), parent.to_owned());
        let read = store::read(&*self.store, call.deadline, move |tx| {
            let (service, asked, parent) = (service.clone(), asked.clone(), parent.clone());
            Box::pin(async move {
                let (call, args, id, owners, reach, rows) = &*asked;
                if !service.exists_in(tx, resource, (0, id), owners).await? {
                    return Err(refusal::not_found(resource, &parent));
                }
                let page = service.children_page(tx, call, (relation, reach), id, (args, rows)).await?;
                service.with_below(call, tx, page, rows).await
            })
        });
        self.listing(call, relation.target, rows, read.await?).await
    }

    async fn children_page(
        &self,
        tx: &mut dyn Tx,
        call: &Call,
        (relation, reach): (&'static Relation, &Reach),
        parent: &Value,
        (args, rows): (&ListArgs, &Rows),
    ) -> Result<Page, ApiError> {
        let parent = Some((parent_of(relation), parent));
        let list = List::new(self, call, (relation.target, reach), args, parent)?;
        self.page(tx, call, (&list, rows)).await
    }

    /// `id` as the caller wrote it; one that can't be an id of this resource is NOT_FOUND like any other.
    pub async fn get(
        self: &Arc<Self>,
        call: &Call,
        resource: &'static Resource,
        id: &str,
        look: &dyn Look,
    ) -> Result<Shown, ApiError> {
        let reach = self.begin(call, resource, Operation::Get).await?;
        let rows = self.look(look, resource)?;
        let key = parse_id(resource.id(), id).ok_or_else(|| refusal::not_found(resource, id))?;
        let columns = self.columns_for(call, resource, (&rows, &[]));
        let statement = sql::by_id_within(self.store.dialect(), &columns, &key, &reach);
        let statements = if rows.fetches.is_empty() { look_up(&columns, &reach) } else { Statements::Many };
        let opened = self.opened(call, (statements, statement, columns), &rows).await?;
        let Level { mut records, fetched: mut below, .. } = opened;
        self.complete(call, (resource, &rows), &mut records).await?;
        self.complete_below(call, &rows, &mut below).await?;
        let record = records.pop().ok_or_else(|| refusal::not_found(resource, id))?;
        Ok(Shown { record, rows, below })
    }

    /// One row, and what is asked for below it.
    async fn opened(
        self: &Arc<Self>,
        call: &Call,
        (statements, statement, columns): (Statements, sql::Statement<'static>, Arc<Columns>),
        rows: &Arc<Rows>,
    ) -> Result<Level, ApiError> {
        let job = Arc::new((self.clone(), call.clone(), statement, columns, rows.clone()));
        store::read_by(statements, &*self.store, call.deadline, move |tx| {
            let job = job.clone();
            Box::pin(async move {
                let (service, call, statement, columns, rows) = &*job;
                let records = statement.records(tx, columns).await?;
                service.below(call, tx, rows, records).await
            })
        })
        .await
    }

    /// How many statements it takes to read this.
    pub fn statements_of(&self, call: &Call, rows: &Rows) -> Statements {
        if !rows.in_one_statement() {
            return Statements::Many;
        }
        match rows.fetches.as_slice() {
            [Fetch { resource, read: Read::ByIds(ids), rows, .. }] if ids.len() == 1 => {
                let columns = self.columns_for(call, resource, (rows, &[]));
                let reach = policy::permit(call, resource, Operation::Get);
                reach.map_or(Statements::One, |reach| look_up(&columns, &reach))
            }
            _ => Statements::One,
        }
    }

    pub(super) async fn exists_in(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        having: (usize, &Value),
        reach: &Reach,
    ) -> Result<bool, ApiError> {
        let statement = sql::exists(tx.dialect(), resource, having, reach);
        Ok(!statement.query(tx, &[Type::Int64]).await?.is_empty())
    }
}

/// One row by its id.
fn look_up(columns: &Columns, reach: &Reach) -> Statements {
    if columns.keep_to_the_row() && policy::keeps_to_the_row(columns.resource, reach) {
        Statements::LookUp
    } else {
        Statements::One
    }
}

/// The same reads inside a snapshot that is already open: one statement each, whatever the number of rows. What hooks
/// compute is asked for when it is closed ([`Service::computed`]). Nor are they counted: whoever opens it does that, once.
impl Service {
    pub async fn list_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        (asked, rows): (&Asked, &Rows),
    ) -> Result<Page, ApiError> {
        let reach = policy::authorise(call, resource, Operation::List)?;
        let args = asked.as_ref().map_err(Clone::clone)?;
        self.page(tx, call, (&List::new(self, call, (resource, &reach), args, None)?, rows)).await
    }

    /// One page per parent, in the order of `parents` (values of their `id`, each once), for a has_many or has_one relation of
    /// `owner`; an empty one for a parent that the caller may not follow it from. The totals, where asked for, take one
    /// more statement for all parents together. A cursor belongs to one parent, so it is refused where there are several.
    pub async fn children_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        (owner, relation): (&'static Resource, &'static Relation),
        parents: &[Value],
        (asked, rows): (&Asked, &Rows),
    ) -> Result<Vec<Page>, ApiError> {
        let (from, reach) = policy::permit_following(call, owner, relation)?;
        let args = asked.as_ref().map_err(Clone::clone)?;
        if parents.is_empty() {
            return Ok(Vec::new());
        }
        let open = self.within(tx, owner, parents, &from).await?;
        if let ([parent], [_]) = (parents, &*open) {
            return Ok(vec![self.children_page(tx, call, (relation, &reach), parent, (args, rows)).await?]);
        }
        if args.cursor.is_some() {
            return Err(refusal::cursor(args.spelling.cursor, "is good for the list of one parent only"));
        }
        let way = parent_of(relation);
        let id = way.id_type(relation.target);
        let list = List::new(self, call, (relation.target, &reach), args, None)?;
        let columns = &*self.columns_for(call, relation.target, (rows, &list.scope.order));
        let statement = sql::children(tx.dialect(), columns, way, &open, &list.selection());
        let records = statement.children(tx, columns, id).await?;
        let totals = if args.total { self.totals(tx, way, &open, &list).await? } else { HashMap::new() };

        let numbers: HashMap<_, _> = parents.iter().enumerate().map(|(number, id)| (id.key(), number)).collect();
        let mut grouped: Vec<Vec<Record>> = parents.iter().map(|_| Vec::new()).collect();
        for (parent, record) in records {
            if let Some(number) = numbers.get(&parent.key()) {
                grouped[*number].push(record);
            }
        }
        let pages = parents.iter().zip(grouped).map(|(parent, records)| {
            let total = args.total.then(|| totals.get(&key(&id, parent)).copied().unwrap_or(0));
            Page { cursors: list.cursors.below(way, parent), ..list.page(records, total) }
        });
        Ok(pages.collect())
    }

    /// Those of these rows that are within reach.
    pub(super) async fn within<'v>(
        &self,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        ids: &'v [Value],
        reach: &Reach,
    ) -> Result<Cow<'v, [Value]>, ApiError> {
        if reach.is_everything() {
            return Ok(Cow::Borrowed(ids));
        }
        let rows = sql::within(tx.dialect(), resource, ids, reach).query(tx, &[resource.fields[0].ty]).await?;
        Ok(Cow::Owned(rows.into_iter().filter_map(|mut row| row.pop()).collect()))
    }

    /// The rows with these ids, in any order; ids without a row are left out.
    pub async fn by_ids_in(
        &self,
        call: &Call,
        tx: &mut dyn Tx,
        resource: &'static Resource,
        ids: &[Value],
        rows: &Rows,
    ) -> Result<Vec<Record>, ApiError> {
        let reach = policy::permit(call, resource, Operation::Get)?;
        let columns = self.columns_for(call, resource, (rows, &[]));
        // A table of one costs either database more than the look-up itself.
        let statement = match ids {
            [id] => sql::by_id_within(tx.dialect(), &columns, id, &reach),
            ids => sql::by_ids(tx.dialect(), &columns, ids, &reach),
        };
        Ok(statement.records(tx, &columns).await?)
    }

    async fn page(&self, tx: &mut dyn Tx, call: &Call, (list, rows): (&List<'_>, &Rows)) -> Result<Page, ApiError> {
        let selection = list.selection();
        let columns = self.columns_for(call, list.resource, (rows, &list.scope.order));
        let records = sql::list(tx.dialect(), &columns, &selection).records(tx, &columns).await?;
        let total = match list.args.total {
            true => Some(self.total(tx, &selection).await?),
            false => None,
        };
        Ok(list.page(records, total))
    }

    async fn total(&self, tx: &mut dyn Tx, selection: &Selection<'_>) -> Result<u64, ApiError> {
        let rows = sql::count(tx.dialect(), &selection.all()).query(tx, &[Type::Int64]).await?;
        Ok(rows.first().map_or(0, |row| number(&row[0])))
    }

    async fn totals(
        &self,
        tx: &mut dyn Tx,
        way: Parent,
        parents: &[Value],
        list: &List<'_>,
    ) -> Result<HashMap<String, u64>, ApiError> {
        let (statement, columns) = sql::count_children(tx.dialect(), way, parents, &list.selection().all());
        let rows = statement.query(tx, &columns).await?;
        Ok(rows.iter().map(|row| (key(&columns[0], &row[0]), number(&row[1]))).collect())
    }
}

/// Whoever may not read a field can't find out its values by asking for rows: only those count whose field they may read.
fn narrowed(call: &Call, (resource, reach): (&'static Resource, &Reach), args: &ListArgs) -> Result<Reach, ApiError> {
    let asked = |name: &str| {
        let sorted = args.sort.iter().flatten().any(|sort| sort.field == name);
        let searched = args.q.is_some() && resource.search.contains(&name);
        let index = resource.field_index(name);
        sorted || searched || args.filter.as_ref().is_some_and(|filter| index.is_some_and(|index| filter.asks(index)))
    };
    let mut reach = reach.clone();
    for field in resource.fields {
        if let Some(readers) = field.readers
            && asked(field.name)
            && let Some(rows) = policy::judge(call, resource, readers)?
        {
            reach.narrow(rows);
        }
    }
    Ok(reach)
}

/// A list as it was asked for, its arguments read.
struct List<'a> {
    resource: &'static Resource,
    reach: Reach,
    args: &'a ListArgs,
    parent: Option<(Parent, &'a Value)>,
    words: Option<String>,
    size: usize,
    skip: i64,
    scope: Arc<Scope>,
    position: Option<Position>,
    backward: bool,
    cursors: Cursors,
}

impl<'a> List<'a> {
    fn new(
        service: &Service,
        call: &Call,
        (resource, reach): (&'static Resource, &Reach),
        args: &'a ListArgs,
        parent: Option<(Parent, &'a Value)>,
    ) -> Result<List<'a>, ApiError> {
        let reach = narrowed(call, (resource, reach), args)?;
        let size = page_size(resource, args)?;
        let skip = skip(args, size)?;
        let tenant = policy::tenant(call, resource)?;
        let words = search::words(args.q.as_deref());
        let bytes = selection_bytes(args, words.as_deref(), tenant.as_ref());
        let scope = Scope::new(resource, full_order(resource, args, words.as_deref()), bytes);
        let scope = Arc::new(match parent {
            Some((way, id)) => scope.below(way, id),
            None => scope,
        });
        let position = match &args.cursor {
            None => None,
            Some(cursor) => Some(service.cursor_key.open(&scope, cursor).ok_or_else(|| {
                refusal::cursor(args.spelling.cursor, "isn't a cursor of this list, or it has expired")
            })?),
        };
        let backward = args.backward || position.as_ref().is_some_and(|position| position.backward);
        let cursors = Cursors { key: service.cursor_key.clone(), scope: scope.clone() };
        Ok(List { resource, reach, args, parent, words, size, skip, scope, position, backward, cursors })
    }

    fn selection(&self) -> Selection<'_> {
        Selection {
            resource: self.resource,
            reach: &self.reach,
            parent: self.parent,
            filter: self.args.filter.as_ref(),
            words: self.words.as_deref(),
            order: &self.scope.order,
            position: self.position.as_ref(),
            backward: self.backward,
            // One more than asked for tells whether there are more.
            limit: i64::try_from(self.size).unwrap_or(i64::MAX).saturating_add(1),
            skip: self.skip,
        }
    }

    fn page(&self, mut records: Vec<Record>, total: Option<u64>) -> Page {
        let more = records.len() > self.size;
        records.truncate(self.size);
        let continued = self.position.is_some() || self.skip > 0;
        if self.backward {
            records.reverse();
        }
        let (has_next, has_previous) = if self.backward { (continued, more) } else { (more, continued) };
        Page { records, cursors: self.cursors.clone(), has_next, has_previous, total }
    }
}

fn page_size(resource: &Resource, args: &ListArgs) -> Result<usize, ApiError> {
    let size = match args.page_size {
        None => i64::from(resource.list.page_size),
        Some(size) => {
            not_negative(size, args.spelling.page_size)?;
            size.min(i64::from(resource.list.max_page_size))
        }
    };
    Ok(usize::try_from(size).unwrap_or(usize::MAX))
}

/// In rows.
fn skip(args: &ListArgs, page_size: usize) -> Result<i64, ApiError> {
    match args.skip {
        Skip::Rows(rows) => not_negative(rows, args.spelling.skip).map(|()| rows),
        Skip::Pages(pages) => Ok(i64::from(pages).saturating_mul(i64::try_from(page_size).unwrap_or(i64::MAX))),
    }
}

fn not_negative(number: i64, parameter: &str) -> Result<(), ApiError> {
    if number >= 0 {
        return Ok(());
    }
    Err(ApiError::parameter(Code::ValidationFailed, parameter, "MINIMUM", "must not be negative"))
}

/// The order asked for; else the best matches first, where words must occur, and then the resource's order. The last key is
/// `id`, so that no two rows are equal. It runs in the direction of the key before it, so that one index serves both
/// directions.
fn full_order(resource: &Resource, args: &ListArgs, words: Option<&str>) -> Order {
    const ID: Key = Key::Field(0);
    let keys = args.sort.as_deref().unwrap_or(resource.list.sort);
    let fields = keys.iter().filter_map(|key| Some((Key::Field(resource.field_index(key.field)?), key.direction)));
    let mut order: Order = fields.collect();
    if let Some(id) = order.iter().position(|(key, _)| *key == ID) {
        order.truncate(id + 1);
    } else {
        order.push((ID, order.last().map_or(Direction::Ascending, |(_, direction)| *direction)));
    }
    if words.is_some() && args.sort.is_none() {
        order.insert(0, (Key::Score, Direction::Descending));
    }
    order
}

fn selection_bytes(args: &ListArgs, words: Option<&str>, tenant: Option<&Value>) -> Vec<u8> {
    let mut bytes = args.filter.as_ref().map_or_else(Vec::new, crate::filter::Filter::canonical);
    if let Some(words) = words {
        bytes.extend_from_slice(format!("\0q={words}").as_bytes());
    }
    if let Some(tenant) = tenant {
        bytes.extend_from_slice(format!("\0tenant={tenant:?}").as_bytes());
    }
    bytes
}

/// How the rows along a relation know whose they are.
fn parent_of(relation: &'static Relation) -> Parent {
    let target = relation.target;
    match relation.kind {
        RelationKind::ManyToMany(join) => Parent::Join(join),
        RelationKind::HasMany { column } | RelationKind::HasOne { column } => {
            let field = target.field_index(column);
            Parent::Field(field.unwrap_or_else(|| unreachable!("{} has a field {column}", target.name)))
        }
        RelationKind::BelongsTo { .. } => {
            unreachable!("{} has no children: its id is in the row itself", relation.name)
        }
    }
}

fn key(ty: &Type, value: &Value) -> String {
    match ty {
        Type::Id(id) => id_text(*id, value),
        _ => unreachable!("a relation holds an id"),
    }
}

fn number(value: &Value) -> u64 {
    match value {
        Value::Int(count) => u64::try_from(*count).unwrap_or(0),
        _ => unreachable!("a count is a number"),
    }
}
