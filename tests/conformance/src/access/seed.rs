//! Rows go straight into the database, past the server and its hooks.

use rusqlite::Connection;

use super::{
    spec::{Id, Kind, Resource, Spec, Tenancy},
    value::{Dialect, id_literal, instant},
    world::Row,
};
use crate::access::place::Database;

/// So many rows in one statement.
const AT_ONCE: usize = 200;

/// Inserts them in one transaction; foreign keys aren't looked at, so their order doesn't matter.
pub async fn insert(database: &Database, spec: &Spec, rows: &[Row]) {
    let dialect = database.dialect();
    let mut statements = vec![match dialect {
        Dialect::Sqlite => "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE".to_owned(),
        Dialect::Postgres => "BEGIN; SET LOCAL session_replication_role = replica".to_owned(),
    }];
    for resource in &spec.resources {
        let of_it: Vec<&Row> = rows.iter().filter(|row| row.resource == resource.name).collect();
        statements.extend(of_it.chunks(AT_ONCE).map(|rows| statement(dialect, spec, resource, rows)));
    }
    statements.push("COMMIT".to_owned());
    execute(database, &statements.join(";\n")).await;
}

/// Runs SQL of several statements.
pub async fn execute(database: &Database, sql: &str) {
    match database {
        Database::Sqlite(file) => {
            let connection = Connection::open(file).expect("the server's database");
            connection.busy_timeout(std::time::Duration::from_secs(30)).expect("a timeout");
            connection.execute_batch(sql).expect("SQL");
        }
        Database::Postgres(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a database");
            let connection = tokio::spawn(connection);
            client.batch_execute(sql).await.expect("SQL");
            drop(client);
            connection.await.expect("it ends").expect("a connection");
        }
    }
}

/// How many rows there are of what follows `SELECT count(*) FROM`.
pub async fn count(database: &Database, what: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {what}");
    match database {
        Database::Sqlite(file) => {
            let connection = Connection::open(file).expect("the server's database");
            connection.query_row(&sql, [], |row| row.get(0)).expect("a number")
        }
        Database::Postgres(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("a database");
            let connection = tokio::spawn(connection);
            let number = client.query_one(&sql, &[]).await.expect("a number").get(0);
            drop(client);
            connection.await.expect("it ends").expect("a connection");
            number
        }
    }
}

fn statement(dialect: Dialect, spec: &Spec, resource: &Resource, rows: &[&Row]) -> String {
    let columns: Vec<String> = cells(dialect, spec, resource, rows[0]).into_iter().map(|(name, _)| name).collect();
    let row = |row: &&Row| {
        let cells = cells(dialect, spec, resource, row).into_iter().map(|(_, literal)| literal);
        format!("({})", cells.collect::<Vec<_>>().join(", "))
    };
    let values = rows.iter().map(row).collect::<Vec<_>>().join(",\n");
    let numbered = resource.id == Id::Number && dialect == Dialect::Postgres;
    let overriding = if numbered { " OVERRIDING SYSTEM VALUE" } else { "" };
    format!("INSERT INTO \"{}\" (\"{}\"){overriding} VALUES\n{values}", resource.table, columns.join("\", \""))
}

/// Columns and literals.
fn cells(dialect: Dialect, spec: &Spec, resource: &Resource, row: &Row) -> Vec<(String, String)> {
    let now = instant(dialect, "2026-01-01T00:00:00Z");
    let mut cells = vec![("id".to_owned(), id_literal(dialect, &resource.id, &row.id))];
    for field in resource.fields.iter().filter(|field| field.stored) {
        cells.push((field.name.clone(), spec.literal(dialect, field, &row.values[&field.name])));
    }
    for relation in resource.relations.iter().filter(|relation| relation.kind == Kind::BelongsTo) {
        let target = &spec.resource(&relation.target).id;
        cells.push((relation.column(), id_literal(dialect, target, &row.values[&relation.column()])));
    }
    for time in ["created_at", "updated_at"] {
        cells.push((time.to_owned(), now.clone()));
    }
    if resource.soft_delete {
        cells.push(("deleted_at".to_owned(), if row.deleted { now } else { "NULL".to_owned() }));
    }
    if resource.tenancy == Tenancy::Of {
        let (tenants, _) = spec.auth.as_ref().and_then(|auth| auth.tenant.as_ref()).expect("there are tenants");
        let tenant = row.tenant.as_ref().expect("a row of a tenant");
        cells.push(("tenant_id".to_owned(), id_literal(dialect, &spec.resource(tenants).id, tenant)));
    }
    cells
}
