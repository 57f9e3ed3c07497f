//! Products and orders, as someone would write them by hand with axum over rusqlite or tokio-postgres: the same table and indexes
//! as the generated server's, the same JSON, ETags and links, as strict about what it is sent, and nothing else (no log,
//! no deadlines, no other protocol). `DATABASE_URL` and `LISTEN_ADDR` as there.

mod api;
mod order;
mod postgres;
mod product;
mod sqlite;

use anyhow::Context;
use tokio::{net::TcpListener, signal::unix::SignalKind};
use uuid::Uuid;

use order::Order;
use product::Product;

/// Where products live.
pub enum Store {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// What is on a page: by id, behind `after`, or by relevance if it is searched for.
pub struct Page {
    pub after: Uuid,
    pub stock: Option<i32>,
    pub words: Option<String>,
    pub limit: i64,
}

/// Why a write wasn't done.
pub enum Refused {
    SkuTaken,
    Failed(anyhow::Error),
}

impl Store {
    async fn open(url: &str) -> anyhow::Result<Store> {
        Ok(match url.strip_prefix("sqlite:") {
            Some(path) => Store::Sqlite(sqlite::Sqlite::open(path)?),
            None => Store::Postgres(postgres::Postgres::connect(url).await?),
        })
    }

    pub async fn get(&self, id: Uuid) -> anyhow::Result<Option<Product>> {
        match self {
            Store::Sqlite(sqlite) => sqlite.get(id).await,
            Store::Postgres(postgres) => postgres.get(id).await,
        }
    }

    pub async fn list(&self, page: Page) -> anyhow::Result<Vec<Product>> {
        match self {
            Store::Sqlite(sqlite) => sqlite.list(page).await,
            Store::Postgres(postgres) => postgres.list(page).await,
        }
    }

    /// The last ones that were placed.
    pub async fn orders(&self, limit: i64) -> anyhow::Result<Vec<Order>> {
        match self {
            Store::Sqlite(sqlite) => sqlite.orders(limit).await,
            Store::Postgres(postgres) => postgres.orders(limit).await,
        }
    }

    /// All of them, or none.
    pub async fn create(&self, products: Vec<Product>) -> Result<Vec<Product>, Refused> {
        match self {
            Store::Sqlite(sqlite) => sqlite.create(products).await,
            Store::Postgres(postgres) => postgres.create(products).await,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let store = Store::open(&std::env::var("DATABASE_URL").context("DATABASE_URL is missing")?).await?;
    let listener = TcpListener::bind(std::env::var("LISTEN_ADDR").context("LISTEN_ADDR is missing")?).await?;
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let stop = async move { terminate.recv().await.unwrap_or_default() };
    Ok(axum::serve(listener, api::router(store)).with_graceful_shutdown(stop).await?)
}
