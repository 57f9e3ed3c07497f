//! The columns of unique constraints, from the catalogue: an error names the constraint alone.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio_postgres::{Client, Error, error::DbError, types::Type};

use crate::store::StoreError;

const COLUMNS: &str = "
    SELECT attribute.attname::text
    FROM pg_index
    JOIN pg_class index ON index.oid = pg_index.indexrelid
    JOIN pg_namespace schema ON schema.oid = index.relnamespace
    CROSS JOIN LATERAL unnest(pg_index.indkey) WITH ORDINALITY AS key(number, place)
    LEFT JOIN pg_attribute attribute
        ON attribute.attrelid = pg_index.indrelid AND attribute.attnum = key.number AND key.number > 0
    WHERE schema.nspname = $1 AND index.relname = $2 AND key.place <= pg_index.indnkeyatts
    ORDER BY key.place";

/// A constraint by its schema and name.
type Key = (String, String);

/// What has been looked up so far.
#[derive(Default)]
pub(super) struct Constraints(Mutex<HashMap<Key, Vec<String>>>);

impl Constraints {
    /// The error of a broken constraint, if its columns are known.
    pub(super) fn known(&self, error: &DbError) -> Option<StoreError> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&key(error)).map(|columns| unique(error, columns.clone()))
    }

    /// Asks the catalogue. The connection mustn't be in a failed transaction.
    pub(super) async fn look_up(&self, error: &DbError, client: &Client) -> Result<StoreError, Error> {
        let key = key(error);
        let rows = client.query_typed(COLUMNS, &[(&key.0, Type::TEXT), (&key.1, Type::TEXT)]).await?;
        let columns: Option<Vec<String>> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        let columns = columns.filter(|columns| !columns.is_empty()).unwrap_or_else(|| unknown(error));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(unique(error, known.entry(key).or_insert(columns).clone()))
    }
}

fn key(error: &DbError) -> Key {
    (error.schema().unwrap_or_default().to_owned(), error.constraint().unwrap_or_default().to_owned())
}

pub(super) fn unique(error: &DbError, columns: Vec<String>) -> StoreError {
    StoreError::Unique { table: error.table().unwrap_or_default().to_owned(), columns }
}

/// An index over expressions, or one that is gone, in the words that SQLite has for it.
pub(super) fn unknown(error: &DbError) -> Vec<String> {
    vec![format!("index '{}'", error.constraint().unwrap_or_default())]
}
