//! What finds the rows of a table by their words: an index of an expression on PostgreSQL; on SQLite an FTS5 table, which
//! triggers keep up to date. The runtime asks for the same expression, and knows the names.
//!
//! FTS5 numbers rows, and a row of ours has no number that VACUUM leaves alone, so `…_rows` gives it one.

use apigen_runtime::search;

use super::{
    dialect::{Dialect, quote},
    schema::{ID, Table},
};

/// For a new table; nothing where it isn't searched.
pub(super) fn create(table: &Table, dialect: Dialect) -> Vec<String> {
    if table.search.is_empty() {
        return Vec::new();
    }
    match dialect {
        Dialect::Postgres => vec![index(table)],
        Dialect::Sqlite => tables(table).into_iter().chain(triggers(table)).collect(),
    }
}

/// For a table that may have rows.
pub(super) fn add(table: &Table, dialect: Dialect) -> Vec<String> {
    match dialect {
        Dialect::Postgres => create(table, dialect),
        Dialect::Sqlite => tables(table).into_iter().chain(filled(table)).chain(triggers(table)).collect(),
    }
}

/// `table`: its name.
pub(super) fn drop(table: &str, dialect: Dialect) -> Vec<String> {
    let name = search::index_name(table);
    match dialect {
        Dialect::Postgres => vec![format!("DROP INDEX {};", quote(&name))],
        Dialect::Sqlite => {
            let triggers = EVENTS.iter().map(|event| format!("DROP TRIGGER {};", quote(&format!("{name}_{event}"))));
            let tables = [name.clone(), format!("{name}_rows")];
            triggers.chain(tables.iter().map(|table| format!("DROP TABLE {};", quote(table)))).collect()
        }
    }
}

const EVENTS: [&str; 3] = ["insert", "update", "delete"];

fn columns(table: &Table) -> Vec<&str> {
    table.search.iter().map(String::as_str).collect()
}

fn index(table: &Table) -> String {
    let document = search::postgres_document(&columns(table), "");
    let name = quote(&search::index_name(&table.name));
    format!("CREATE INDEX {name} ON {} USING gin ({document});", quote(&table.name))
}

fn tables(table: &Table) -> [String; 2] {
    let name = search::index_name(&table.name);
    let ty = table.column(ID).map_or("BLOB".to_owned(), |id| Dialect::Sqlite.column_type(&id.ty));
    let options = "content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0'";
    [
        format!(
            "CREATE TABLE {} (\n    \"row\" INTEGER PRIMARY KEY,\n    \"id\"  {ty} NOT NULL UNIQUE\n) STRICT;",
            quote(&format!("{name}_rows"))
        ),
        format!("CREATE VIRTUAL TABLE {} USING fts5 (\"words\", {options});", quote(&name)),
    ]
}

/// What the rows that are already there hold.
fn filled(table: &Table) -> [String; 2] {
    let (words, rows, own) = names(table);
    let text = search::text(&columns(table), "t.");
    [
        format!("INSERT INTO {rows} (\"id\")\n    SELECT \"id\" FROM {own};"),
        format!(
            "INSERT INTO {words} (rowid, \"words\")\n    SELECT r.\"row\", {text} FROM {own} AS t JOIN {rows} AS r ON \
             r.\"id\" = t.\"id\";"
        ),
    ]
}

/// For a table that lost them by being built anew, or never had any; nothing where it isn't searched.
pub(super) fn triggers(table: &Table) -> Vec<String> {
    if table.search.is_empty() {
        return Vec::new();
    }
    let (words, rows, own) = names(table);
    let text = search::text(&columns(table), "new.");
    let changed = columns(table).into_iter().map(quote).collect::<Vec<_>>().join(", ");
    let row = |row: &str| format!("(SELECT \"row\" FROM {rows} WHERE \"id\" = {row}.\"id\")");
    let insert = format!("INSERT INTO {words} (rowid, \"words\") VALUES ({}, {text});", row("new"));
    let delete = format!("DELETE FROM {words} WHERE rowid = {};", row("old"));
    let bodies = [
        ("INSERT".to_owned(), vec![format!("INSERT INTO {rows} (\"id\") VALUES (new.\"id\");"), insert.clone()]),
        (format!("UPDATE OF {changed}"), vec![delete.clone(), insert]),
        ("DELETE".to_owned(), vec![delete, format!("DELETE FROM {rows} WHERE \"id\" = old.\"id\";")]),
    ];
    let trigger = |(event, (when, statements)): (&&str, (String, Vec<String>))| {
        let name = quote(&format!("{}_{event}", search::index_name(&table.name)));
        let body: String = statements.iter().map(|statement| format!("    {statement}\n")).collect();
        format!("CREATE TRIGGER {name} AFTER {when} ON {own} BEGIN\n{body}END;")
    };
    EVENTS.iter().zip(bodies).map(trigger).collect()
}

/// The table of words, that of their rows, and the one that is searched; quoted.
fn names(table: &Table) -> (String, String, String) {
    let name = search::index_name(&table.name);
    (quote(&name), quote(&format!("{name}_rows")), quote(&table.name))
}
