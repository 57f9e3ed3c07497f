//! PostgreSQL by tokio-postgres, with prepared statements on pooled connections.

use std::time::SystemTime;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use jiff::Timestamp;
use tokio_postgres::{NoTls, Row, Statement, error::SqlState, types::Json};
use uuid::Uuid;

use crate::{
    Page, Refused,
    order::{Item, Named, Order, together},
    product::Product,
};

const SCHEMA: &str = include_str!("../../../../generated-example/migrations/postgres/0001_initial.sql");
const COLUMNS: &str = "id, sku, name, description, price, currency, stock, tags, created_at, updated_at, version";

pub struct Postgres(Pool);

impl Postgres {
    pub async fn connect(url: &str) -> anyhow::Result<Postgres> {
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(url.parse()?, NoTls, recycling)).max_size(10).build()?;
        let client = pool.get().await?;
        let known: bool = client.query_one("SELECT to_regclass('products') IS NOT NULL", &[]).await?.try_get(0)?;
        if !known {
            client.batch_execute(SCHEMA).await?;
        }
        Ok(Postgres(pool))
    }

    pub async fn get(&self, id: Uuid) -> anyhow::Result<Option<Product>> {
        let client = self.0.get().await?;
        let statement = client.prepare_cached(&format!("SELECT {COLUMNS} FROM products WHERE id = $1")).await?;
        client.query_opt(&statement, &[&id]).await?.as_ref().map(product).transpose()
    }

    pub async fn list(&self, page: Page) -> anyhow::Result<Vec<Product>> {
        let client = self.0.get().await?;
        let Page { after, stock, words, limit } = page;
        let condition = if stock.is_some() { "stock = $3 AND id > $1" } else { "id > $1" };
        let sql = match words {
            Some(_) => format!(
                "SELECT {COLUMNS} FROM products, plainto_tsquery('simple', $1) q WHERE apigen_search @@ q \
                 ORDER BY ts_rank(apigen_search, q) DESC, id LIMIT $2"
            ),
            None => format!("SELECT {COLUMNS} FROM products WHERE {condition} ORDER BY id LIMIT $2"),
        };
        let statement = client.prepare_cached(&sql).await?;
        let rows = match (words, stock) {
            (Some(words), _) => client.query(&statement, &[&words, &limit]).await?,
            (None, Some(stock)) => client.query(&statement, &[&after, &limit, &stock]).await?,
            (None, None) => client.query(&statement, &[&after, &limit]).await?,
        };
        rows.iter().map(product).collect()
    }

    /// In one statement for the orders and one for their items, which nobody changes.
    pub async fn orders(&self, limit: i64) -> anyhow::Result<Vec<Order>> {
        let client = self.0.get().await?;
        let sql = "SELECT id, status, placed_at FROM orders ORDER BY placed_at DESC, id DESC LIMIT $1";
        let rows = client.query(&client.prepare_cached(sql).await?, &[&limit]).await?;
        let orders = rows.iter().map(order).collect::<anyhow::Result<Vec<_>>>()?;
        let sql = "SELECT i.order_id, i.id, i.quantity, i.unit_price, p.sku, p.name FROM order_items i JOIN products p \
                   ON p.id = i.product_id WHERE i.order_id = ANY($1) ORDER BY i.order_id, i.id";
        let ids: Vec<Uuid> = orders.iter().map(|order| order.id).collect();
        let rows = client.query(&client.prepare_cached(sql).await?, &[&ids]).await?;
        Ok(together(orders, rows.iter().map(item).collect::<anyhow::Result<Vec<_>>>()?))
    }

    pub async fn create(&self, products: Vec<Product>) -> Result<Vec<Product>, Refused> {
        match self.insert_all(&products).await {
            Ok(()) => Ok(products),
            Err(error) => {
                let cause = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
                Err(if cause == Some(&SqlState::UNIQUE_VIOLATION) { Refused::SkuTaken } else { Refused::Failed(error) })
            }
        }
    }

    async fn insert_all(&self, products: &[Product]) -> anyhow::Result<()> {
        let mut client = self.0.get().await?;
        let sql = "INSERT INTO products (id, sku, name, description, price, currency, stock, tags, cost, created_at, \
                   updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $9)";
        let statement = client.prepare_cached(sql).await?;
        if let [product] = products {
            return insert(&client, &statement, product).await;
        }
        let transaction = client.transaction().await?;
        for product in products {
            insert(transaction.client(), &statement, product).await?;
        }
        Ok(transaction.commit().await?)
    }
}

async fn insert(client: &tokio_postgres::Client, statement: &Statement, product: &Product) -> anyhow::Result<()> {
    let Product { id, sku, name, description, price, currency, stock, .. } = product;
    let (tags, created_at) = (Json(&product.tags), SystemTime::from(product.created_at));
    client.execute(statement, &[id, sku, name, description, price, currency, stock, &tags, &created_at]).await?;
    Ok(())
}

fn order(row: &Row) -> anyhow::Result<Order> {
    Ok(Order {
        id: row.try_get(0)?,
        status: row.try_get(1)?,
        placed_at: Timestamp::try_from(row.try_get::<_, SystemTime>(2)?)?,
        items: Vec::new(),
    })
}

fn item(row: &Row) -> anyhow::Result<(Uuid, Item)> {
    let product = Named { sku: row.try_get(4)?, name: row.try_get(5)? };
    let (id, quantity, unit_price) = (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    Ok((row.try_get(0)?, Item { id, quantity, unit_price, product }))
}

fn product(row: &Row) -> anyhow::Result<Product> {
    Ok(Product {
        id: row.try_get(0)?,
        sku: row.try_get(1)?,
        name: row.try_get(2)?,
        description: row.try_get(3)?,
        price: row.try_get(4)?,
        currency: row.try_get(5)?,
        stock: row.try_get(6)?,
        tags: row.try_get::<_, Json<Vec<String>>>(7)?.0,
        created_at: Timestamp::try_from(row.try_get::<_, SystemTime>(8)?)?,
        updated_at: Timestamp::try_from(row.try_get::<_, SystemTime>(9)?)?,
        version: row.try_get(10)?,
    })
}
