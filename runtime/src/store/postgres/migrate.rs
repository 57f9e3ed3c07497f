//! Applies a schema's migrations, each once, in order, and each in a transaction of its own, however many instances start
//! on the same database at once. What was applied is remembered in `apigen_migrations` with a checksum of its text.

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use sha2::{Digest, Sha256};
use tokio_postgres::{Client, types::Type};

use super::error::text;
use crate::descriptor::Migration;

/// Whoever migrates holds this lock, a number that nobody else will think of, until the end of a transaction: that works
/// through PgBouncer, and needs no cleaning up after a crash.
const BEGIN: &str = "BEGIN;
    SET LOCAL statement_timeout = 0;
    SET LOCAL lock_timeout = '60s';
    SELECT pg_advisory_xact_lock(7021386153442112101);
    SET LOCAL client_min_messages = warning;
    CREATE TABLE IF NOT EXISTS apigen_migrations (
        name TEXT PRIMARY KEY,
        checksum TEXT NOT NULL,
        applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
    )";

/// Brings the schema up to date. An error leaves the migrations before the one at fault applied, and a transaction open.
pub(super) async fn migrate(client: &Client, migrations: &[Migration]) -> anyhow::Result<()> {
    loop {
        // What another instance has applied is only certain within the lock.
        run(client, BEGIN).await.context("waiting for another instance that migrates the database")?;
        let applied = read_applied(client).await.context("reading the table apigen_migrations")?;
        check_applied(&applied, migrations)?;
        let next = migrations.iter().find(|migration| !applied.contains_key(migration.name));
        if let Some(migration) = next {
            apply(client, migration).await.with_context(|| format!("applying the migration {}", migration.name))?;
        }
        run(client, "COMMIT").await.context("committing a migration")?;
        match next {
            Some(migration) => tracing::info!(migration = migration.name, "applied a migration"),
            None => return Ok(()),
        }
    }
}

async fn run(client: &Client, sql: &str) -> anyhow::Result<()> {
    client.batch_execute(sql).await.map_err(|error| anyhow::Error::msg(text(&error)))
}

async fn read_applied(client: &Client) -> anyhow::Result<BTreeMap<String, String>> {
    let rows = client.query_typed("SELECT name, checksum FROM apigen_migrations", &[]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

fn check_applied(applied: &BTreeMap<String, String>, migrations: &[Migration]) -> anyhow::Result<()> {
    for (name, checksum) in applied {
        match migrations.iter().find(|migration| migration.name == name) {
            // What the runtime keeps for itself comes and goes with what the spec asks for; its tables stay.
            None if name.starts_with("apigen_") => {}
            None => bail!(
                "the database has the migration {name}, which this program doesn't know: a newer version has used \
                 it; run that version, or restore a backup from before"
            ),
            Some(migration) if checksum_of(migration) != *checksum => bail!(
                "the migration {name} has changed since it was applied to the database; restore its text and put the \
                 change into a new migration"
            ),
            Some(_) => {}
        }
    }
    Ok(())
}

async fn apply(client: &Client, migration: &Migration) -> anyhow::Result<()> {
    let before = transaction(client).await?;
    run(client, migration.postgres).await?;
    ensure!(
        transaction(client).await? == before,
        "it ends the transaction that it runs in; take its COMMIT or ROLLBACK out"
    );
    let remember = "INSERT INTO apigen_migrations (name, checksum) VALUES ($1, $2)";
    let checksum = checksum_of(migration);
    client.query_typed(remember, &[(&migration.name, Type::TEXT), (&checksum, Type::TEXT)]).await?;
    Ok(())
}

/// The number of the transaction that is open.
async fn transaction(client: &Client) -> anyhow::Result<i64> {
    let row = client.query_typed("SELECT txid_current()", &[]).await?.pop();
    Ok(row.context("the server doesn't tell its transaction")?.try_get(0)?)
}

fn checksum_of(migration: &Migration) -> String {
    format!("{:x}", Sha256::digest(migration.postgres))
}
