//! What finds the rows of a table by their words: on PostgreSQL a column of them, which the database keeps up to date, and an
//! index of it; on SQLite an FTS5 table, which triggers keep up to date. The runtime knows the names.
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
        Dialect::Postgres => document(table).to_vec(),
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
        // The index goes along.
        Dialect::Postgres => {
            vec![format!("ALTER TABLE {} DROP COLUMN {};", quote(table), quote(search::DOCUMENT))]
        }
        Dialect::Sqlite => {
            let triggers = EVENTS.iter().map(|event| format!("DROP TRIGGER {};", quote(&format!("{name}_{event}"))));
            let tables = [name.clone(), format!("{name}_rows")];
            triggers.chain(tables.iter().map(|table| format!("DROP TABLE {};", quote(table)))).collect()
        }
    }
}

const EVENTS: [&str; 3] = ["insert", "update", "delete"];

fn document(table: &Table) -> [String; 2] {
    let (own, column) = (quote(&table.name), quote(search::DOCUMENT));
    let words = search::postgres_words(&table.search).join(" ||\n    ");
    let index = quote(&search::index_name(&table.name));
    [
        format!("ALTER TABLE {own} ADD COLUMN {column} TSVECTOR GENERATED ALWAYS AS (\n    {words}\n) STORED;"),
        format!("CREATE INDEX {index} ON {own} USING gin ({column});"),
    ]
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
        format!("CREATE VIRTUAL TABLE {} USING fts5 ({}, {options});", quote(&name), words(table)),
    ]
}

/// What the rows that are already there hold.
fn filled(table: &Table) -> [String; 2] {
    let (found, rows, own) = names(table);
    let (words, text) = (words(table), text(table, "t."));
    [
        format!("INSERT INTO {rows} (\"id\")\n    SELECT \"id\" FROM {own};"),
        format!(
            "INSERT INTO {found} (rowid, {words})\n    SELECT r.\"row\", {text} FROM {own} AS t JOIN {rows} AS r ON \
             r.\"id\" = t.\"id\";"
        ),
    ]
}

/// For a table that lost them by being built anew, or never had any; nothing where it isn't searched.
pub(super) fn triggers(table: &Table) -> Vec<String> {
    if table.search.is_empty() {
        return Vec::new();
    }
    let (found, rows, own) = names(table);
    let (changed, words, text) = (text(table, ""), words(table), text(table, "new."));
    let row = |row: &str| format!("(SELECT \"row\" FROM {rows} WHERE \"id\" = {row}.\"id\")");
    let insert = format!("INSERT INTO {found} (rowid, {words}) VALUES ({}, {text});", row("new"));
    let delete = format!("DELETE FROM {found} WHERE rowid = {};", row("old"));
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

/// The columns of the table of words.
fn words(table: &Table) -> String {
    table.search.iter().map(|column| search::sqlite_column(column)).collect::<Vec<_>>().join(", ")
}

/// The columns that they are from; `prefix` stands before each.
fn text(table: &Table, prefix: &str) -> String {
    table.search.iter().map(|column| format!("{prefix}{}", quote(column))).collect::<Vec<_>>().join(", ")
}

/// The table of words, that of their rows, and the one that is searched; quoted.
fn names(table: &Table) -> (String, String, String) {
    let name = search::index_name(&table.name);
    (quote(&name), quote(&format!("{name}_rows")), quote(&table.name))
}
