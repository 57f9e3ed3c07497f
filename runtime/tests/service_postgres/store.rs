//! A database of PostgreSQL for each test. Where no server is named, which is said, one in memory takes its place.

use std::sync::Arc;

use apigen_runtime::store::{
    Store,
    postgres::{self, PostgresStore},
    sqlite::{self, SqliteStore},
};

use crate::database::Database;

/// What must live as long as the store.
pub type Kept = Option<Database>;

pub async fn open() -> (Arc<dyn Store>, Kept) {
    let Some(database) = Database::create().await else {
        let store = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).unwrap();
        return (Arc::new(store), None);
    };
    let options = postgres::Options { connections: 2, ..Default::default() };
    (Arc::new(PostgresStore::connect(&database.url(), options).await.unwrap()), Some(database))
}
