//! What `tests/service` expects of the service layer, on PostgreSQL.
#![cfg(all(feature = "sqlite", feature = "postgres"))]

#[path = "../service/access.rs"]
mod access;
#[path = "../service/around.rs"]
mod around;
#[path = "../service/computed.rs"]
mod computed;
#[path = "../postgres_store/database.rs"]
mod database;
#[path = "../service/domain.rs"]
mod domain;
#[path = "../service/hooks.rs"]
mod hooks;
#[path = "../service/paging.rs"]
mod paging;
mod rerun;
mod store;
#[path = "../service/writing.rs"]
mod writing;
