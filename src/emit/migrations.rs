//! `migrations/{sqlite,postgres}/0001_initial.sql`: a table per resource, with the constraints and indexes that its fields,
//! relations and list order ask for. Knows nothing about how rows are read and written, except that every order ends with
//! `id`, in the direction of the key before it.

mod dialect;
mod names;

use askama::Template;

use self::{dialect::Dialect, names::Names};
use crate::model::{Field, Model, OnDelete, Origin, RelationKind, Resource, Type};

/// Path and text of each file.
pub fn emit(model: &Model) -> Vec<(String, String)> {
    [Dialect::Sqlite, Dialect::Postgres]
        .map(|dialect| {
            (format!("migrations/{}/0001_initial.sql", dialect.folder()), Script::new(model, dialect).text())
        })
        .into()
}

/// Names in order, `0001_initial`, of what [`emit`] returned.
pub fn names(files: &[(String, String)]) -> Vec<String> {
    let name =
        |(path, _): &(String, String)| path.strip_prefix("migrations/sqlite/")?.strip_suffix(".sql").map(str::to_owned);
    files.iter().filter_map(name).collect()
}

#[derive(Template)]
#[template(path = "migration.sql.askama", escape = "none")]
struct Script<'a> {
    spec: &'a str,
    tables: Vec<Table>,
    /// Foreign keys, where a table can't refer to a later one, and indexes.
    later: Vec<Vec<String>>,
}

struct Table {
    /// Quoted, like all names in here.
    name: String,
    /// Columns, then constraints.
    lines: Vec<String>,
    suffix: &'static str,
}

struct Column {
    name: String,
    ty: &'static str,
    parameters: String,
    constraints: &'static str,
}

impl<'a> Script<'a> {
    fn new(model: &'a Model, dialect: Dialect) -> Script<'a> {
        let mut names = Names::new(model.resources.iter().map(table));
        let (mut tables, mut foreign, mut indexed) = (Vec::new(), Vec::new(), Vec::new());
        for resource in &model.resources {
            let mut lines = aligned(&columns(model, resource, dialect));
            lines.extend(uniques(resource, &mut names));
            lines.extend(checks(model, resource, dialect, &mut names));
            let keys = foreign_keys(model, resource, &mut names);
            let name = quote(table(resource));
            match dialect {
                Dialect::Sqlite => lines.extend(keys),
                Dialect::Postgres => foreign.extend(keys.iter().map(|key| format!("ALTER TABLE {name} ADD {key};"))),
            }
            tables.push(Table { name, lines, suffix: dialect.table_suffix() });
            indexed.extend(indexes(resource, &mut names));
        }
        Script { spec: &model.spec, tables, later: vec![foreign, indexed] }
    }

    fn text(&self) -> String {
        let text = self.render().unwrap_or_else(|error| unreachable!("writing to memory can't fail: {error}"));
        text + "\n"
    }
}

fn table(resource: &Resource) -> &str {
    &resource.names.snake_plural
}

/// In the order of the fields; the row's `version` stands before the timestamps.
fn columns(model: &Model, resource: &Resource, dialect: Dialect) -> Vec<Column> {
    let version = Column {
        name: quote("version"),
        ty: dialect.version_type(),
        parameters: String::new(),
        constraints: "NOT NULL DEFAULT 1",
    };
    let is_timestamp = |field: &&Field| field.origin == Origin::Timestamp;
    let column = |field| dialect.column(model, resource, field);
    let declared = resource.fields.iter().filter(|field| !is_timestamp(field)).map(column);
    let timestamps = resource.fields.iter().filter(is_timestamp).map(column);
    declared.chain([version]).chain(timestamps).collect()
}

fn aligned(columns: &[Column]) -> Vec<String> {
    let types: Vec<String> = columns.iter().map(|column| format!("{}{}", column.ty, column.parameters)).collect();
    let names = columns.iter().map(|column| column.name.chars().count()).max().unwrap_or_default();
    let width = types.iter().map(String::len).max().unwrap_or_default();
    let lines = columns.iter().zip(types).map(|(column, ty)| {
        let line = format!("{:names$} {ty:width$} {}", column.name, column.constraints);
        line.trim_end().to_owned()
    });
    lines.collect()
}

fn uniques(resource: &Resource, names: &mut Names) -> Vec<String> {
    let unique = stored(resource).filter(|field| field.unique);
    unique
        .map(|field| {
            let name = quote(&names.choose(table(resource), &[&field.name], "key"));
            format!("CONSTRAINT {name} UNIQUE ({})", quote(&field.name))
        })
        .collect()
}

fn checks(model: &Model, resource: &Resource, dialect: Dialect, names: &mut Names) -> Vec<String> {
    let mut checks = Vec::new();
    for field in stored(resource) {
        let conditions = dialect.conditions(model, field);
        if !conditions.is_empty() {
            let name = quote(&names.choose(table(resource), &[&field.name], "check"));
            checks.push(format!("CONSTRAINT {name} CHECK ({})", conditions.join(" AND ")));
        }
    }
    checks
}

/// `restrict` is NO ACTION, which looks at the end of the statement: rows that the same delete takes along by `cascade`
/// don't stand in its way.
fn foreign_keys(model: &Model, resource: &Resource, names: &mut Names) -> Vec<String> {
    let mut keys = Vec::new();
    for relation in &resource.relations {
        let RelationKind::BelongsTo { field, on_delete } = relation.kind else { continue };
        let column = &resource.fields[field].name;
        let action = match on_delete {
            OnDelete::Restrict => "NO ACTION",
            OnDelete::Cascade => "CASCADE",
            OnDelete::SetNull => "SET NULL",
        };
        let name = quote(&names.choose(table(resource), &[column], "fkey"));
        let (column, target) = (quote(column), quote(table(model.resource(relation.target))));
        keys.push(format!(r#"CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target} ("id") ON DELETE {action}"#));
    }
    keys
}

/// What can be filtered or sorted by, every foreign key, and the list's own order. No index where a unique one serves.
fn indexes(resource: &Resource, names: &mut Names) -> Vec<String> {
    let alone = stored(resource).filter(|field| wants_index(field) && !field.unique);
    let alone = alone.map(|field| vec![(field, Direction::Ascending)]);
    alone.chain(list_order(resource)).map(|key| index(resource, &key, names)).collect()
}

type Key<'a> = Vec<(&'a Field, Direction)>;

/// The keys of the list's own order, where no other index has it.
fn list_order(resource: &Resource) -> Option<Key<'_>> {
    let mut order: Key = resource.list.sort.iter().map(|key| (&resource.fields[key.field], key.into())).collect();
    // Behind `id` nothing is left to order.
    if let Some(id) = order.iter().position(|(field, _)| field.origin == Origin::Id) {
        order.truncate(id + 1);
    }
    match order.as_slice() {
        [] => None,
        [(first, _), ..] if first.unique || first.origin == Origin::Id => None,
        // An index of one column is read in either direction.
        [(only, _)] => (!wants_index(only)).then_some(order),
        _ => Some(order),
    }
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Ascending,
    Descending,
}

impl From<&crate::model::Sort> for Direction {
    fn from(sort: &crate::model::Sort) -> Direction {
        if sort.descending { Direction::Descending } else { Direction::Ascending }
    }
}

impl Direction {
    fn suffix(self) -> &'static str {
        match self {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        }
    }
}

fn index(resource: &Resource, key: &[(&Field, Direction)], names: &mut Names) -> String {
    let fields: Vec<&str> = key.iter().map(|(field, _)| field.name.as_str()).collect();
    let name = quote(&names.choose(table(resource), &fields, "idx"));
    let mut columns: Vec<String> =
        key.iter().map(|(field, direction)| format!("{}{}", quote(&field.name), direction.suffix())).collect();
    if let Some((_, direction)) = key.last().filter(|(field, _)| field.origin != Origin::Id) {
        columns.push(format!(r#""id"{}"#, direction.suffix()));
    }
    format!("CREATE INDEX {name} ON {} ({});", quote(table(resource)), columns.join(", "))
}

/// Every column but the primary key, which has all that it needs.
fn stored(resource: &Resource) -> impl Iterator<Item = &Field> {
    resource.fields.iter().filter(|field| field.origin != Origin::Id)
}

fn wants_index(field: &Field) -> bool {
    let by_origin = matches!(field.origin, Origin::Relation(_) | Origin::Timestamp);
    by_origin || field.filter || field.sort || field.index
}

/// Lists and maps are empty rather than absent.
fn required(field: &Field) -> bool {
    field.required || matches!(field.ty, Type::List(_) | Type::Map(_))
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
