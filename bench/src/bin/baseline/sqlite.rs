//! SQLite in the generated server's way: threads that read, and one that takes all waiting writes into one transaction.

use std::{path::Path, thread};

use anyhow::Context;
use crossbeam_channel::{Receiver, Sender, bounded};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, Row, params};
use rust_decimal::Decimal;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::{
    Page, Refused,
    order::{Item, Named, Order, together},
    product::Product,
};

const SCHEMA: &str = include_str!("../../../../generated-example/migrations/sqlite/0001_initial.sql");
const COLUMNS: &str = "id, sku, name, description, price, currency, stock, tags, created_at, updated_at, version";
const GROUP: usize = 64;

type Reply<T> = oneshot::Sender<anyhow::Result<T>>;

enum Read {
    Get(Uuid, Reply<Option<Product>>),
    List(Page, Reply<Vec<Product>>),
    Orders(i64, Reply<Vec<Order>>),
}

struct Write {
    products: Vec<Product>,
    reply: oneshot::Sender<Result<Vec<Product>, Refused>>,
}

pub struct Sqlite {
    reads: Sender<Read>,
    writes: Sender<Write>,
}

impl Sqlite {
    pub fn open(path: &str) -> anyhow::Result<Sqlite> {
        let fresh = !Path::new(path).exists();
        let writer = connect(path)?;
        if fresh {
            writer.execute_batch(SCHEMA)?;
        }
        let (reads, queue) = bounded(1024);
        for _ in 0..thread::available_parallelism().map_or(2, usize::from).max(2) {
            let (queue, connection) = (queue.clone(), connect(path)?);
            thread::spawn(move || serve_reads(&queue, &connection));
        }
        let (writes, queue) = bounded(1024);
        thread::spawn(move || serve_writes(&queue, &writer));
        Ok(Sqlite { reads, writes })
    }

    pub async fn get(&self, id: Uuid) -> anyhow::Result<Option<Product>> {
        let (reply, answer) = oneshot::channel();
        self.reads.try_send(Read::Get(id, reply)).context("too many requests")?;
        answer.await?
    }

    pub async fn list(&self, page: Page) -> anyhow::Result<Vec<Product>> {
        let (reply, answer) = oneshot::channel();
        self.reads.try_send(Read::List(page, reply)).context("too many requests")?;
        answer.await?
    }

    pub async fn orders(&self, limit: i64) -> anyhow::Result<Vec<Order>> {
        let (reply, answer) = oneshot::channel();
        self.reads.try_send(Read::Orders(limit, reply)).context("too many requests")?;
        answer.await?
    }

    pub async fn create(&self, products: Vec<Product>) -> Result<Vec<Product>, Refused> {
        let (reply, answer) = oneshot::channel();
        self.writes.try_send(Write { products, reply }).map_err(|error| Refused::Failed(error.into()))?;
        answer.await.unwrap_or_else(|error| Err(Refused::Failed(error.into())))
    }
}

fn connect(path: &str) -> anyhow::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON")?;
    Ok(connection)
}

fn serve_reads(queue: &Receiver<Read>, connection: &Connection) {
    while let Ok(read) = queue.recv() {
        match read {
            Read::Get(id, reply) => drop(reply.send(get(connection, id))),
            Read::List(page, reply) => drop(reply.send(list(connection, &page))),
            Read::Orders(limit, reply) => drop(reply.send(orders(connection, limit))),
        }
    }
}

fn get(connection: &Connection, id: Uuid) -> anyhow::Result<Option<Product>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM products WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(product).transpose()
}

fn list(connection: &Connection, page: &Page) -> anyhow::Result<Vec<Product>> {
    let Page { after, stock, words, limit } = page;
    let condition = if stock.is_some() { "stock = ?3 AND id > ?1" } else { "id > ?1" };
    let found = "(SELECT rowid, rank FROM apigen_search_products WHERE apigen_search_products MATCH ?1 \
                 AND rank MATCH 'bm25(10, 4)' ORDER BY rank LIMIT ?2)";
    let sql = match words {
        Some(_) => format!(
            "SELECT {COLUMNS} FROM {found} f JOIN apigen_search_products_rows r ON r.\"row\" = f.rowid \
             JOIN products USING (id) ORDER BY f.rank"
        ),
        None => format!("SELECT {COLUMNS} FROM products WHERE {condition} ORDER BY id LIMIT ?2"),
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = match (words, stock) {
        // In quotes, so that nothing in it is FTS5's.
        (Some(words), _) => statement.query(params![format!("\"{}\"", words.replace('"', "\"\"")), limit])?,
        (None, Some(stock)) => statement.query(params![after.as_bytes(), limit, stock])?,
        (None, None) => statement.query(params![after.as_bytes(), limit])?,
    };
    let mut products = Vec::new();
    while let Some(row) = rows.next()? {
        products.push(product(row)?);
    }
    Ok(products)
}

/// In one snapshot.
fn orders(connection: &Connection, limit: i64) -> anyhow::Result<Vec<Order>> {
    let snapshot = connection.unchecked_transaction()?;
    let last = "FROM orders ORDER BY placed_at DESC, id DESC LIMIT ?1";
    let mut statement = snapshot.prepare_cached(&format!("SELECT id, status, placed_at {last}"))?;
    let mut rows = statement.query([limit])?;
    let mut orders = Vec::new();
    while let Some(row) = rows.next()? {
        let placed_at = Timestamp::from_microsecond(row.get(2)?)?;
        orders.push(Order { id: uuid(row, 0)?, status: row.get(1)?, placed_at, items: Vec::new() });
    }
    let mut statement = snapshot.prepare_cached(&format!(
        "SELECT i.order_id, i.id, i.quantity, i.unit_price, p.sku, p.name FROM order_items i JOIN products p \
         ON p.id = i.product_id WHERE i.order_id IN (SELECT id {last}) ORDER BY i.order_id, i.id"
    ))?;
    let mut rows = statement.query([limit])?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let product = Named { sku: row.get(4)?, name: row.get(5)? };
        let unit_price = Decimal::new(row.get(3)?, 2);
        items.push((uuid(row, 0)?, Item { id: uuid(row, 1)?, quantity: row.get(2)?, unit_price, product }));
    }
    Ok(together(orders, items))
}

fn uuid(row: &Row<'_>, column: usize) -> anyhow::Result<Uuid> {
    Ok(Uuid::from_slice(row.get_ref(column)?.as_blob()?)?)
}

fn product(row: &Row<'_>) -> anyhow::Result<Product> {
    Ok(Product {
        id: Uuid::from_bytes(row.get(0)?),
        sku: row.get(1)?,
        name: row.get(2)?,
        description: row.get(3)?,
        price: Decimal::new(row.get(4)?, 2),
        currency: row.get(5)?,
        stock: row.get(6)?,
        tags: serde_json::from_str(row.get_ref(7)?.as_str()?)?,
        created_at: Timestamp::from_microsecond(row.get(8)?)?,
        updated_at: Timestamp::from_microsecond(row.get(9)?)?,
        version: row.get(10)?,
    })
}

fn serve_writes(queue: &Receiver<Write>, connection: &Connection) {
    while let Ok(first) = queue.recv() {
        let group = std::iter::once(first).chain(queue.try_iter().take(GROUP - 1));
        if let Err(error) = write(connection, group) {
            eprintln!("a group of writes failed: {error:#}");
        }
    }
}

fn write(connection: &Connection, group: impl Iterator<Item = Write>) -> anyhow::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut done = Vec::new();
    for Write { products, reply } in group {
        let inserted = insert_all(connection, &products);
        done.push((inserted.map(|()| products), reply));
    }
    transaction.commit()?;
    done.into_iter().for_each(|(result, reply)| drop(reply.send(result)));
    Ok(())
}

fn insert_all(connection: &Connection, products: &[Product]) -> Result<(), Refused> {
    if let [product] = products {
        return insert(connection, product);
    }
    let execute = |sql| connection.execute_batch(sql).map_err(|error| Refused::Failed(error.into()));
    execute("SAVEPOINT batch")?;
    let inserted = products.iter().try_for_each(|product| insert(connection, product));
    execute(if inserted.is_ok() { "RELEASE batch" } else { "ROLLBACK TO batch; RELEASE batch" })?;
    inserted
}

fn insert(connection: &Connection, product: &Product) -> Result<(), Refused> {
    let sql = "INSERT INTO products (id, sku, name, description, price, currency, stock, tags, cost, created_at, updated_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?9)";
    let failed = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => Refused::SkuTaken,
        _ => Refused::Failed(error.into()),
    };
    let tags = serde_json::to_string(&product.tags).map_err(|error| Refused::Failed(error.into()))?;
    let price = i64::try_from(product.price.mantissa()).map_err(|error| Refused::Failed(error.into()))?;
    let mut statement = connection.prepare_cached(sql).map_err(failed)?;
    let Product { id, sku, name, description, currency, stock, created_at, .. } = product;
    let values =
        params![id.as_bytes(), sku, name, description, price, currency, stock, tags, created_at.as_microsecond()];
    statement.execute(values).map(drop).map_err(failed)
}
