//! The rows that words occur in, and how well they match them: where a list's rows come from, one of its conditions, and the
//! first key of its order. Migrations make what is read here, by the names in [`search`].

use super::{Selection, Statement};
use crate::{descriptor::Type, order::Key, search, store::Dialect, value::Value};

/// What SQLite has found, with scores.
const FOUND: &str = "apigen_found";

/// The words that the rows are in order of.
fn ranked<'s>(selection: &Selection<'s>) -> Option<&'s str> {
    selection.words.filter(|_| selection.order.iter().any(|(key, _)| *key == Key::Score))
}

/// Stands in front of a statement: all that SQLite finds is looked up once, for wherever the statement needs it.
pub fn begin(statement: &mut Statement, selection: &Selection<'_>) {
    if let (Dialect::Sqlite, Some(words)) = (statement.dialect, ranked(selection)) {
        let (table, score) = (search::index_name(selection.resource.table), search::SCORE);
        let ranks = search::sqlite_ranks(selection.resource.search, words).into_iter().map(|query| {
            let number = statement.argument(Type::String, Value::Text(query));
            format!("f.rowid IN (SELECT rowid FROM \"{table}\" WHERE \"{table}\" MATCH ?{number})")
        });
        let ranks: Vec<String> = ranks.collect();
        statement.push("WITH ").name(FOUND).push(" AS MATERIALIZED (SELECT r.\"id\", ");
        measure(statement, &ranks);
        statement.push(&format!(
            " AS \"{score}\" FROM \"{table}\" AS f CROSS JOIN \"{table}_rows\" AS r ON r.\"row\" = f.rowid WHERE \"{table}\" MATCH "
        ));
        statement.value(Type::String, Value::Text(search::sqlite_query(words))).push(") ");
    }
}

/// The first of these conditions that holds, as a number: the earlier, the more.
fn measure(statement: &mut Statement, ranks: &[String]) {
    statement.push("CASE ");
    for (rank, holds) in ranks.iter().enumerate() {
        statement.push("WHEN ").push(holds).push(" THEN ").push(&(ranks.len() - rank).to_string()).push(" ");
    }
    statement.push("ELSE 0 END");
}

/// How many lists a statement reads.
pub enum Lists {
    One,
    Many,
}

/// The rows of a list as `t`, with their scores if it is in order of them.
pub fn rows(statement: &mut Statement, selection: &Selection<'_>, lists: Lists) {
    let (table, score) = (selection.resource.table, search::SCORE);
    // SQLite reads the left side of a CROSS JOIN first, and so no more than was found, where it would rather read all rows
    // of a tenant or a state. That would be once per parent: their own rows are fewer.
    let join = match lists {
        Lists::One => "CROSS JOIN",
        Lists::Many => "JOIN",
    };
    match (statement.dialect, ranked(selection)) {
        (_, None) => drop(statement.name(table).push(" AS t")),
        (Dialect::Sqlite, Some(_)) => drop(statement.push(&format!(
            "(SELECT t.*, f.\"{score}\" FROM \"{FOUND}\" AS f {join} \"{table}\" AS t ON t.\"id\" = f.\"id\") AS t"
        ))),
        (Dialect::Postgres, Some(words)) => {
            // As a query of its own the question is read once, and not for every row.
            let question = format!("(SELECT {})", postgres_query(statement, words));
            statement.push("(SELECT t.*, ");
            measure(statement, &search::postgres_ranks(selection.resource.search, "t.", &question));
            statement.push(" AS ").name(score).push(" FROM ").name(table).push(" AS t) AS t");
        }
    }
}

/// That the words occur in the row, if that isn't so of all [`rows`]. Returns whether anything was said.
pub fn condition(statement: &mut Statement, selection: &Selection<'_>, join: &str) -> bool {
    let Some(words) = selection.words else { return false };
    match statement.dialect {
        Dialect::Sqlite if ranked(selection).is_some() => return false,
        Dialect::Sqlite => {
            let table = search::index_name(selection.resource.table);
            statement.push(join).push(&format!(
                "t.\"id\" IN (SELECT r.\"id\" FROM \"{table}\" AS f JOIN \"{table}_rows\" AS r ON r.\"row\" = f.rowid \
                 WHERE \"{table}\" MATCH "
            ));
            statement.value(Type::String, Value::Text(search::sqlite_query(words))).push(")");
        }
        Dialect::Postgres => {
            let question = postgres_query(statement, words);
            statement.push(join).push(&format!("t.\"{}\" @@ {question}", search::DOCUMENT));
        }
    }
    true
}

fn postgres_query(statement: &mut Statement, words: &str) -> String {
    let number = statement.argument(Type::String, Value::Text(words.to_owned()));
    format!("plainto_tsquery('simple', ${number})")
}

/// What a list is in order of first. Instead of looking words up, PostgreSQL would walk an index of that order and hope to
/// come across enough rows that have them, were there such an index: there is none of this expression.
pub fn first_key(statement: &mut Statement, selection: &Selection<'_>, column: &str) {
    let looked_up = statement.dialect == Dialect::Postgres && selection.words.is_some();
    if looked_up && ranked(selection).is_none() {
        statement.push("greatest(").column(column).push(")");
    } else {
        statement.column(column);
    }
}
