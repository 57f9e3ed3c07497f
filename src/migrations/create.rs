//! What is new as SQL: whole tables, their constraints and indexes.

use askama::Template;

use super::{
    dialect::{Dialect, quote},
    schema::{Action, Column, DELETED_AT, Index, Reference, Schema, Table},
    search,
};

/// Blocks of statements, with an empty line before each.
#[derive(Template)]
#[template(path = "migration.sql.askama", escape = "none")]
struct Script<'a> {
    spec: &'a str,
    blocks: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "table.sql.askama", escape = "none")]
struct CreateTable {
    /// Quoted.
    name: String,
    /// Columns, then constraints.
    lines: Vec<String>,
    suffix: &'static str,
}

/// The whole schema in an empty database.
pub(super) fn script(spec: &str, schema: &Schema, dialect: Dialect) -> String {
    let tables: Vec<&Table> = schema.tables.iter().collect();
    file(spec, blocks(&tables, dialect))
}

/// A file of these blocks, without those that are empty.
pub(super) fn file(spec: &str, mut blocks: Vec<Vec<String>>) -> String {
    blocks.retain(|statements| !statements.is_empty());
    render(&Script { spec, blocks }) + "\n"
}

/// New tables, then foreign keys, where a table can't refer to a later one, then indexes.
pub(super) fn blocks(new: &[&Table], dialect: Dialect) -> Vec<Vec<String>> {
    let mut blocks: Vec<_> = new.iter().map(|table| vec![create_table(table, &table.name, dialect)]).collect();
    if dialect == Dialect::Postgres {
        let columns = new.iter().flat_map(|table| table.columns.iter().map(|column| (*table, column)));
        blocks.push(columns.filter_map(|(table, column)| add_foreign_key(table, column)).collect());
    }
    let indexes = new.iter().flat_map(|table| table.indexes.iter().map(move |index| (table, index)));
    blocks.push(indexes.filter_map(|(table, index)| create_index(table, index, dialect)).collect());
    blocks.extend(new.iter().map(|table| search::create(table, dialect)));
    blocks
}

/// `table` under the name `name`.
pub(super) fn create_table(table: &Table, name: &str, dialect: Dialect) -> String {
    let mut lines = aligned(&table.columns, dialect);
    lines.extend(primary_key(table));
    lines.extend(table.columns.iter().filter_map(unique));
    lines.extend(table.columns.iter().filter_map(|column| check(column, dialect)));
    if dialect == Dialect::Sqlite {
        lines.extend(table.columns.iter().filter_map(foreign_key));
    }
    render(&CreateTable { name: quote(name), lines, suffix: dialect.table_suffix() })
}

fn primary_key(table: &Table) -> Option<String> {
    let columns: Vec<_> = table.primary_key.iter().map(|column| quote(column)).collect();
    (!columns.is_empty()).then(|| format!("PRIMARY KEY ({})", columns.join(", ")))
}

fn aligned(columns: &[Column], dialect: Dialect) -> Vec<String> {
    let cells: Vec<_> =
        columns.iter().map(|column| (quote(&column.name), dialect.column_type(&column.ty), column)).collect();
    let names = cells.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or_default();
    let types = cells.iter().map(|(_, ty, _)| ty.len()).max().unwrap_or_default();
    let lines = cells.iter().map(|(name, ty, column)| {
        let line = format!("{name:names$} {ty:types$} {}", dialect.column_constraints(column));
        line.trim_end().to_owned()
    });
    lines.collect()
}

pub(super) fn unique(column: &Column) -> Option<String> {
    let name = quote(column.unique.as_deref()?);
    Some(format!("CONSTRAINT {name} UNIQUE ({})", quote(&column.name)))
}

pub(super) fn check(column: &Column, dialect: Dialect) -> Option<String> {
    let name = quote(column.check.as_deref()?);
    let conditions = dialect.conditions(column);
    (!conditions.is_empty()).then(|| format!("CONSTRAINT {name} CHECK ({})", conditions.join(" AND ")))
}

fn foreign_key(column: &Column) -> Option<String> {
    let reference = column.references.as_ref()?;
    let (name, column) = (quote(&reference.name), quote(&column.name));
    Some(format!("CONSTRAINT {name} FOREIGN KEY ({column}) {}", references(reference)))
}

/// The same as part of its column's definition.
pub(super) fn foreign_key_of_column(column: &Column) -> Option<String> {
    let reference = column.references.as_ref()?;
    let name = quote(&reference.name);
    Some(format!("CONSTRAINT {name} {}", references(reference)))
}

pub(super) fn add_foreign_key(table: &Table, column: &Column) -> Option<String> {
    Some(format!("ALTER TABLE {} ADD {};", quote(&table.name), foreign_key(column)?))
}

/// `restrict` is NO ACTION, which looks at the end of the statement: rows that the same delete takes along by `cascade`
/// don't stand in its way.
fn references(reference: &Reference) -> String {
    let action = match reference.on_delete {
        Action::Restrict => "NO ACTION",
        Action::Cascade => "CASCADE",
        Action::SetNull => "SET NULL",
    };
    format!(r#"REFERENCES {} ("id") ON DELETE {action}"#, quote(&reference.table))
}

/// Nothing, where the database has no use for it.
pub(super) fn create_index(table: &Table, index: &Index, dialect: Dialect) -> Option<String> {
    let columns = index.columns.iter().map(|column| match column.strip_prefix('-') {
        None => quote(column),
        Some(column) => match (column.strip_suffix('?'), dialect) {
            (Some(column), Dialect::Postgres) => format!("{} DESC NULLS LAST", quote(column)),
            // To SQLite what is absent is the least of all.
            (optional, _) => format!("{} DESC", quote(optional.unwrap_or(column))),
        },
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let create = if index.unique { "CREATE UNIQUE INDEX" } else { "CREATE INDEX" };
    // Among rows that stay when they are deleted, only the live ones are unique.
    let live = if index.live || index.unique && table.column(DELETED_AT).is_some() {
        format!(" WHERE {} IS NULL", quote(DELETED_AT))
    } else {
        String::new()
    };
    let sql = format!("{create} {} ON {} ({columns}){live};", quote(&index.name), quote(&table.name));
    index.is_for(dialect).then_some(sql)
}

fn render(view: &impl Template) -> String {
    view.render().unwrap_or_else(|error| unreachable!("writing to memory can't fail: {error}"))
}
