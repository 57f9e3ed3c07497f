//! The statements of the service layer, built from descriptors. The only place beside `filter::sql` that spells SQL.
//!
//! The text depends on the shape of a request alone (on SQLite, on the size of a page, too), never on its values or their
//! number, so it stays prepared. What SQLite and PostgreSQL spell differently is asked of [`Dialect`].

use std::{borrow::Cow, fmt::Write as _};

use crate::{
    cursor::Position,
    descriptor::{Direction, Field, Join, Resource, Tenant, Type},
    etag::{Precondition, Unwanted},
    filter::{self, Filter},
    order::Key,
    reach::{EVERYTHING, Reach, Rows},
    search,
    store::{Arg, Dialect, StoreError, Tx},
    value::{Record, Value},
};

mod account;
mod aggregates;
mod behind;
mod children;
mod found;
mod hidden;
mod links;
mod locked;
mod reach;

pub use account::Account;
pub use children::{children, count_children};
pub use hidden::{
    Which, any_live, forget, hide, hide_one, live_for_share, referred_to, referring, reveal, state, unlink,
};
pub use links::{pair, part};
pub use locked::{having, having_any, locked};
pub use reach::TENANT;

/// A statement with its parameters.
#[derive(Debug)]
pub struct Statement<'v> {
    pub sql: String,
    args: Vec<(Type, Cow<'v, Value>)>,
    /// A table-valued parameter, always the last.
    many: Option<(Type, Vec<Value>)>,
    dialect: Dialect,
}

impl<'v> Statement<'v> {
    fn new(dialect: Dialect) -> Statement<'v> {
        Statement { sql: String::with_capacity(512), args: Vec::new(), many: None, dialect }
    }

    fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.sql.push('"');
        self.sql.push_str(name);
        self.sql.push('"');
        self
    }

    /// A column of the alias `t`.
    fn column(&mut self, name: &str) -> &mut Self {
        self.push("t.").name(name)
    }

    fn value(&mut self, ty: Type, value: Value) -> &mut Self {
        let number = self.argument(ty, value);
        self.placeholder(number)
    }

    /// The same of a value that stays where it is.
    fn value_of(&mut self, ty: Type, value: &'v Value) -> &mut Self {
        self.args.push((ty, Cow::Borrowed(value)));
        self.placeholder(self.args.len())
    }

    /// The number of a new parameter, whose placeholder stands elsewhere.
    fn argument(&mut self, ty: Type, value: Value) -> usize {
        self.args.push((ty, Cow::Owned(value)));
        self.args.len()
    }

    fn placeholder(&mut self, number: usize) -> &mut Self {
        self.sql.push(self.dialect.mark());
        self.push(&number.to_string())
    }

    /// `rarray(?n)` or `unnest($n)`: after this no more values.
    fn table(&mut self, ty: Type, values: &[Value]) -> &mut Self {
        self.many = Some((ty, values.to_vec()));
        self.push(match self.dialect {
            Dialect::Sqlite => "rarray(",
            Dialect::Postgres => "unnest(",
        });
        self.placeholder(self.args.len() + 1).push(")")
    }

    fn arguments(&self) -> Vec<Arg<'_>> {
        let singles = self.args.iter().map(|(ty, value)| Arg::One(*ty, value.as_ref()));
        singles.chain(self.many.iter().map(|(ty, values)| Arg::Many(*ty, values))).collect()
    }

    pub async fn execute(&self, tx: &mut dyn Tx) -> Result<u64, StoreError> {
        tx.execute(&self.sql, &self.arguments()).await
    }

    pub async fn query(&self, tx: &mut dyn Tx, columns: &[Type]) -> Result<Vec<Vec<Value>>, StoreError> {
        tx.query(&self.sql, &self.arguments(), columns).await
    }

    /// Runs a statement that selects [`Columns`].
    pub async fn records(&self, tx: &mut dyn Tx, columns: &Columns) -> Result<Vec<Record>, StoreError> {
        let rows = self.query(tx, &columns.types).await?;
        Ok(rows.into_iter().map(|row| columns.record(row)).collect())
    }
}

impl Statement<'_> {
    /// Runs a statement that selects [`Columns`], and behind them the id of a parent.
    pub async fn children(
        &self,
        tx: &mut dyn Tx,
        columns: &Columns,
        parent: Type,
    ) -> Result<Vec<(Value, Record)>, StoreError> {
        let types: Vec<Type> = columns.types.iter().copied().chain([parent]).collect();
        let rows = self.query(tx, &types).await?;
        Ok(rows.into_iter().map(|row| columns.child(row)).collect())
    }
}

/// Runs statements in their order, none of which waits for the answer to the one before it. An error is that of the
/// first that fails, whose place comes with it.
pub async fn execute_all(tx: &mut dyn Tx, statements: &[Statement<'_>]) -> Result<(), (usize, StoreError)> {
    let all: Vec<_> = statements.iter().map(|statement| (&*statement.sql, statement.arguments())).collect();
    tx.execute_all(&all).await
}

/// What is read of a resource's rows: all but the hashes of passwords and what hooks compute, then the version. What isn't
/// read is null.
#[derive(Debug)]
pub struct Columns {
    pub resource: &'static Resource,
    /// In their order.
    fields: Vec<usize>,
    types: Vec<Type>,
    /// Fields that are read of these rows only.
    narrowed: Vec<(usize, Rows)>,
    /// Behind the version comes how well the row matches.
    scored: bool,
}

/// Of which rows a caller sees a field.
#[derive(Debug, PartialEq)]
pub enum Sight {
    All,
    Some(Rows),
    None,
}

impl Columns {
    pub fn of(resource: &'static Resource) -> Columns {
        Columns::seen(resource, |_, _| Sight::All)
    }

    /// What a caller sees, by each field and its position.
    pub fn seen(resource: &'static Resource, sight: impl Fn(usize, &'static Field) -> Sight) -> Columns {
        let (mut fields, mut narrowed) = (Vec::with_capacity(resource.fields.len()), Vec::new());
        for (index, field) in resource.fields.iter().enumerate() {
            if field.computed || matches!(field.ty, Type::Password) {
                continue;
            }
            match sight(index, field) {
                Sight::All => {}
                Sight::Some(rows) => narrowed.push((index, rows)),
                Sight::None => continue,
            }
            fields.push(index);
        }
        let types = fields.iter().map(|index| resource.fields[*index].ty).chain([Type::Int64]).collect();
        Columns { resource, fields, types, narrowed, scored: false }
    }

    /// The same with the scores of the rows, in whose order the list is.
    #[must_use]
    pub fn scored(mut self) -> Columns {
        self.types.push(Type::Int64);
        Columns { scored: true, ..self }
    }

    /// Whether what is seen depends on the row.
    pub fn depends_on_rows(&self) -> bool {
        !self.narrowed.is_empty()
    }

    /// Whether no other row has to be looked at.
    pub fn keep_to_the_row(&self) -> bool {
        !self.depends_on_rows() && !self.aggregated()
    }

    /// The same of a row that was read whole, without what depends on the row.
    pub fn veil(&self, mut record: Record) -> Record {
        for (index, value) in record.values.iter_mut().enumerate() {
            if !self.fields.contains(&index) || self.narrowed.iter().any(|(narrowed, _)| *narrowed == index) {
                *value = Value::Null;
            }
        }
        record
    }

    /// A row that the parent's id comes behind.
    fn child(&self, mut row: Vec<Value>) -> (Value, Record) {
        let parent = row.pop().unwrap_or(Value::Null);
        (parent, self.record(row))
    }

    fn write(&self, statement: &mut Statement) {
        for index in &self.fields {
            let field = &self.resource.fields[*index];
            let rows = self.narrowed.iter().find(|(narrowed, _)| narrowed == index).map(|(_, rows)| rows);
            if let Some(rows) = rows {
                statement.push("CASE WHEN ");
                reach::alternatives(statement, self.resource, rows);
                statement.push(" THEN ");
            }
            match field.aggregate {
                Some(aggregate) => aggregates::write(statement, self.resource, field, aggregate),
                None => drop(statement.column(field.name)),
            }
            statement.push(if rows.is_some() { " END, " } else { ", " });
        }
        statement.column("version");
        if self.scored {
            statement.push(", ").column(search::SCORE);
        }
    }

    /// Whether some of it is found out from other rows, which RETURNING can't do.
    pub fn aggregated(&self) -> bool {
        self.resource.fields.iter().any(|field| field.aggregate.is_some())
    }

    /// For RETURNING, where SQLite knows no alias.
    fn write_returning(&self, statement: &mut Statement) {
        statement.push(" RETURNING ");
        for index in &self.fields {
            statement.name(self.resource.fields[*index].name).push(", ");
        }
        statement.name("version");
    }

    fn record(&self, mut row: Vec<Value>) -> Record {
        let score = if self.scored { row.pop() } else { None };
        let version = match row.pop() {
            Some(Value::Int(version)) => version,
            other => unreachable!("the version comes behind the fields, not {other:?}"),
        };
        let score = score.unwrap_or(Value::Null);
        if row.len() == self.resource.fields.len() {
            return Record { values: row, version, score };
        }
        row.resize_with(self.resource.fields.len(), || Value::Null);
        // The last first, so that each finds its place empty.
        for (position, index) in self.fields.iter().enumerate().rev() {
            row.swap(position, *index);
        }
        Record { values: row, version, score }
    }
}

/// Which rows of a list to read.
#[derive(Debug)]
pub struct Selection<'a> {
    pub resource: &'static Resource,
    pub reach: &'a Reach,
    /// Only the children of this row.
    pub parent: Option<(Parent, &'a Value)>,
    pub filter: Option<&'a Filter>,
    /// Words that must all occur, with single spaces between them.
    pub words: Option<&'a str>,
    pub order: &'a [(Key, Direction)],
    pub position: Option<&'a Position>,
    /// Read towards the start; rows come in reverse.
    pub backward: bool,
    pub limit: i64,
    /// So many rows are passed over first.
    pub skip: i64,
}

impl Selection<'_> {
    /// The rows of all pages, in no order.
    #[must_use]
    pub fn all(&self) -> Selection<'_> {
        Selection { order: &[], position: None, ..*self }
    }
}

/// How children know their parent.
#[derive(Debug, Clone, Copy)]
pub enum Parent {
    /// This field of theirs has its id.
    Field(usize),
    /// A table of pairs has both ids.
    Join(Join),
}

impl Parent {
    /// Of the parent's id.
    pub fn id_type(self, children: &Resource) -> Type {
        match self {
            Parent::Field(field) => children.fields[field].ty,
            Parent::Join(join) => Type::Id(join.near_id),
        }
    }

    /// The condition on `t`, as far as the parent's id, which comes next; behind that comes [`Parent::end`].
    fn begin(self, statement: &mut Statement, children: &Resource) {
        match self {
            Parent::Field(field) => drop(statement.column(children.fields[field].name).push(" = ")),
            Parent::Join(Join { table, near, far, .. }) => drop(
                statement.push(&format!("t.\"id\" IN (SELECT l.\"{far}\" FROM \"{table}\" AS l WHERE l.\"{near}\" = ")),
            ),
        }
    }

    fn end(self, statement: &mut Statement) {
        if let Parent::Join(join) = self {
            statement.push(if join.soft_delete { " AND l.\"deleted_at\" IS NULL)" } else { ")" });
        }
    }
}

/// Whoever may have to do with it.
pub fn by_id(dialect: Dialect, columns: &Columns, id: &Value) -> Statement<'static> {
    by_id_within(dialect, columns, id, &EVERYTHING)
}

pub fn by_id_within(dialect: Dialect, columns: &Columns, id: &Value, reach: &Reach) -> Statement<'static> {
    let mut statement = select(dialect, columns);
    identified(&mut statement, columns.resource, id, reach);
    statement
}

pub fn by_ids(dialect: Dialect, columns: &Columns, ids: &[Value], reach: &Reach) -> Statement<'static> {
    let mut statement = select(dialect, columns);
    let join = live(&mut statement, columns.resource, " WHERE ");
    let join = reach::write(&mut statement, columns.resource, reach, join);
    statement.push(join).push("t.\"id\" IN (SELECT * FROM ").table(columns.resource.fields[0].ty, ids).push(")");
    statement
}

/// Leaves out the rows that are deleted and stay. Returns what the next condition begins with.
fn live<'j>(statement: &mut Statement, resource: &'static Resource, join: &'j str) -> &'j str {
    if !resource.soft_delete {
        return join;
    }
    statement.push(join).push("t.\"deleted_at\" IS NULL");
    " AND "
}

fn select(dialect: Dialect, columns: &Columns) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT ");
    columns.write(&mut statement);
    statement.push(" FROM ").name(columns.resource.table).push(" AS t");
    statement
}

pub fn list(dialect: Dialect, columns: &Columns, selection: &Selection<'_>) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    found::begin(&mut statement, selection);
    statement.push("SELECT ");
    columns.write(&mut statement);
    statement.push(" FROM ");
    found::rows(&mut statement, selection, found::Lists::One);
    conditions(&mut statement, selection, " WHERE ");
    order(&mut statement, selection);
    limit(&mut statement, selection);
    statement
}

fn limit(statement: &mut Statement, selection: &Selection<'_>) {
    statement.push(" LIMIT ");
    match statement.dialect {
        // Were it a parameter, SQLite would plan the statement anew whenever it runs, in case another number makes another
        // plan better.
        Dialect::Sqlite => drop(write!(statement.sql, "{}", selection.limit)),
        Dialect::Postgres => drop(statement.value(Type::Int64, Value::Int(selection.limit))),
    }
    if selection.skip > 0 {
        statement.push(" OFFSET ").value(Type::Int64, Value::Int(selection.skip));
    }
}

pub fn count(dialect: Dialect, selection: &Selection<'_>) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT count(*) FROM ").name(selection.resource.table).push(" AS t");
    conditions(&mut statement, selection, " WHERE ");
    statement
}

fn conditions(statement: &mut Statement, selection: &Selection<'_>, first: &str) {
    let join = live(statement, selection.resource, first);
    let mut join = reach::write(statement, selection.resource, selection.reach, join);
    if let Some((parent, value)) = selection.parent {
        statement.push(join);
        parent.begin(statement, selection.resource);
        statement.value(parent.id_type(selection.resource), value.clone());
        parent.end(statement);
        join = " AND ";
    }
    if let Some(filter) = selection.filter {
        statement.push(join);
        filter::sql::write(filter, selection.resource, statement.dialect, &mut statement.sql, &mut statement.args);
        join = " AND ";
    }
    if found::condition(statement, selection, join) {
        join = " AND ";
    }
    if let Some(position) = selection.position {
        statement.push(join);
        behind::write(statement, selection, &position.values);
    }
}

/// NULLs come last in both directions of every order, so they come first when it is read backward.
fn order(statement: &mut Statement, selection: &Selection<'_>) {
    statement.push(" ORDER BY ");
    for (number, (key, direction)) in selection.order.iter().enumerate() {
        statement.push(if number == 0 { "" } else { ", " });
        match number {
            0 => found::first_key(statement, selection, key.column(selection.resource)),
            _ => drop(statement.column(key.column(selection.resource))),
        }
        statement.push(if reading(*direction, selection.backward) == Direction::Descending { " DESC" } else { "" });
        if !key.required(selection.resource) {
            statement.push(if selection.backward { " NULLS FIRST" } else { " NULLS LAST" });
        }
    }
}

fn reading(direction: Direction, backward: bool) -> Direction {
    match (direction, backward) {
        (Direction::Ascending, false) | (Direction::Descending, true) => Direction::Ascending,
        _ => Direction::Descending,
    }
}

/// Inserts a row, of this tenant where rows have one. An id that the database makes is left out and returned.
pub fn insert<'v>(
    dialect: Dialect,
    resource: &'static Resource,
    values: &'v [Value],
    tenant: Option<Value>,
) -> Statement<'v> {
    let mut statement = Statement::new(dialect);
    statement.args.reserve(values.len() + 1);
    statement.push("INSERT INTO ").name(resource.table).push(" (");
    let stored = |field: &Field, value: &Value| field.is_stored() && (field.name != "id" || !value.is_null());
    let given = || resource.fields.iter().zip(values).filter(|(field, value)| stored(field, value));
    for (field, _) in given() {
        statement.name(field.name).push(", ");
    }
    let tenant = match (resource.tenant, tenant) {
        (Some(Tenant::Of(id)), tenant) => Some((Type::Id(id), tenant.unwrap_or(Value::Null))),
        _ => None,
    };
    if tenant.is_some() {
        statement.name(TENANT).push(", ");
    }
    statement.push("\"version\") VALUES (");
    for (field, value) in given() {
        statement.value_of(field.ty, value).push(", ");
    }
    if let Some((ty, tenant)) = tenant {
        statement.value(ty, tenant).push(", ");
    }
    statement.push("1)");
    if values[0].is_null() {
        statement.push(" RETURNING \"id\"");
    }
    statement
}

/// Sets what is `Some` where the row is as it must be, and returns the row, unless some of it is found out from other rows.
pub fn update(
    dialect: Dialect,
    columns: &Columns,
    (id, reach): (&Value, &Reach),
    values: Vec<Option<Value>>,
    precondition: &Precondition,
) -> Statement<'static> {
    let mut statement = set(dialect, columns.resource, values);
    identified(&mut statement, columns.resource, id, reach);
    admitted(&mut statement, precondition);
    if !columns.aggregated() {
        columns.write_returning(&mut statement);
    }
    statement
}

/// [`update`], where a field has one of these values, too.
pub fn transit(
    dialect: Dialect,
    columns: &Columns,
    (id, reach): (&Value, &Reach),
    values: &[Option<Value>],
    precondition: &Precondition,
    (field, states): &(usize, Vec<Value>),
) -> Statement<'static> {
    let mut statement = set(dialect, columns.resource, values.to_vec());
    identified(&mut statement, columns.resource, id, reach);
    let field = &columns.resource.fields[*field];
    statement.push(" AND ").column(field.name).push(" IN (");
    for (number, state) in states.iter().enumerate() {
        statement.push(if number == 0 { "" } else { ", " }).value(field.ty, state.clone());
    }
    statement.push(")");
    admitted(&mut statement, precondition);
    if !columns.aggregated() {
        columns.write_returning(&mut statement);
    }
    statement
}

fn set(dialect: Dialect, resource: &'static Resource, values: Vec<Option<Value>>) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("UPDATE ").name(resource.table).push(" AS t SET ");
    for (field, value) in resource.fields.iter().zip(values) {
        if let Some(value) = value {
            statement.name(field.name).push(" = ").value(field.ty, value).push(", ");
        }
    }
    statement.push("\"version\" = t.\"version\" + 1");
    statement
}

pub fn delete(
    dialect: Dialect,
    resource: &'static Resource,
    (id, reach): (&Value, &Reach),
    precondition: &Precondition,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("DELETE FROM ").name(resource.table).push(" AS t");
    identified(&mut statement, resource, id, reach);
    admitted(&mut statement, precondition);
    statement
}

/// One live row, as far as it is within reach.
fn identified(statement: &mut Statement, resource: &'static Resource, id: &Value, reach: &Reach) {
    statement.push(" WHERE t.\"id\" = ").value(resource.fields[0].ty, id.clone());
    live(statement, resource, " AND ");
    reach::write(statement, resource, reach, " AND ");
}

/// After this no more values.
fn admitted(statement: &mut Statement, precondition: &Precondition) {
    let (is, versions) = match (&precondition.versions, &precondition.unwanted) {
        (None, Unwanted::Nothing) => return,
        (None, Unwanted::Versions(unwanted)) => ("NOT IN", unwanted.clone()),
        (None, Unwanted::Everything) => ("IN", Vec::new()),
        (Some(wanted), _) => ("IN", wanted.iter().copied().filter(|version| precondition.admits(*version)).collect()),
    };
    let versions: Vec<Value> = versions.into_iter().map(Value::Int).collect();
    statement.push(" AND t.\"version\" ").push(is).push(" (SELECT * FROM ").table(Type::Int64, &versions).push(")");
}

/// Whether a row within reach has this value: one row, or none.
pub fn exists(
    dialect: Dialect,
    resource: &'static Resource,
    (field, value): (usize, &Value),
    reach: &Reach,
) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    let field = &resource.fields[field];
    statement.push("SELECT 1 FROM ").name(resource.table).push(" AS t WHERE ").column(field.name);
    statement.push(" = ").value(field.ty, value.clone());
    live(&mut statement, resource, " AND ");
    reach::write(&mut statement, resource, reach, " AND ");
    statement.push(" LIMIT 1");
    statement
}

/// Those of these rows that are within reach, by their ids.
pub fn within(dialect: Dialect, resource: &'static Resource, ids: &[Value], reach: &Reach) -> Statement<'static> {
    let mut statement = Statement::new(dialect);
    statement.push("SELECT t.\"id\" FROM ").name(resource.table).push(" AS t");
    let join = live(&mut statement, resource, " WHERE ");
    let join = reach::write(&mut statement, resource, reach, join);
    statement.push(join).push("t.\"id\" IN (SELECT * FROM ").table(resource.fields[0].ty, ids).push(")");
    statement
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use rusqlite::{Connection, StatementStatus};

    use super::*;
    use crate::descriptor::{Field, Id};

    static USER: Resource = Resource {
        name: "User",
        table: "users",
        fields: &[Field::new("id", "id", Type::Id(Id::Int64))],
        ..Resource::BLANK
    };

    #[test]
    fn sqlite_keeps_the_plan_of_a_list() {
        let selection = Selection {
            resource: &USER,
            reach: &EVERYTHING,
            parent: None,
            filter: None,
            words: None,
            order: &[(Key::Field(0), Direction::Ascending)],
            position: None,
            backward: false,
            limit: 21,
            skip: 0,
        };
        let list = list(Dialect::Sqlite, &Columns::of(&USER), &selection);
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE users (id INTEGER PRIMARY KEY, version INTEGER)").unwrap();
        let mut statement = connection.prepare(&list.sql).unwrap();
        for _ in 0..2 {
            let numbers = list.args.iter().map(|_| selection.limit);
            assert!(statement.query(rusqlite::params_from_iter(numbers)).unwrap().next().unwrap().is_none());
        }
        assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
    }
}
