//! The database of these tests, in memory. `tests/service_postgres` has another.

use std::sync::Arc;

use apigen_runtime::store::{
    Store,
    sqlite::{Options, SqliteStore},
};

/// What must live as long as the store.
pub type Kept = ();

pub async fn open() -> (Arc<dyn Store>, Kept) {
    (Arc::new(SqliteStore::open("sqlite::memory:", Options::default()).unwrap()), ())
}
