//! Applies a schema's migrations, each once, in order, and each in a transaction of its own, however many processes start
//! on the same file at once. What was applied is remembered in `apigen_migrations` with a checksum of its text.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context, bail, ensure};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::tx::roll_back;
use crate::descriptor::Migration;

/// How long to wait for another process that is migrating the same file.
const PATIENCE: Duration = Duration::from_secs(60);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS apigen_migrations (
    name TEXT PRIMARY KEY NOT NULL,
    checksum TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";

/// Brings the schema up to date. An error leaves the migrations before the one at fault applied.
pub(super) fn migrate(connection: &Connection, migrations: &[Migration], busy_timeout: Duration) -> anyhow::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    // Rebuilding a table drops the one that others refer to. The switch only works outside a transaction; instead, what
    // the migration leaves behind is checked before its commit.
    connection.pragma_update(None, "foreign_keys", false)?;
    let applied = apply_missing(connection, migrations);
    roll_back(connection);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.busy_timeout(busy_timeout)?;
    applied
}

fn apply_missing(connection: &Connection, migrations: &[Migration]) -> anyhow::Result<()> {
    loop {
        // What another process has applied is only certain within the lock.
        connection
            .execute_batch("BEGIN IMMEDIATE")
            .context("waiting for another process that migrates the database")?;
        connection.execute_batch(TABLE).context("creating the table apigen_migrations")?;
        let applied = read_applied(connection).context("reading the table apigen_migrations")?;
        check_applied(&applied, migrations)?;
        let next = migrations.iter().find(|migration| !applied.contains_key(migration.name));
        if let Some(migration) = next {
            apply(connection, migration).with_context(|| format!("applying the migration {}", migration.name))?;
        }
        connection.execute_batch("COMMIT").context("committing a migration")?;
        match next {
            Some(migration) => tracing::info!(migration = migration.name, "applied a migration"),
            None => return Ok(()),
        }
    }
}

fn read_applied(connection: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare("SELECT name, checksum FROM apigen_migrations")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
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

fn apply(connection: &Connection, migration: &Migration) -> anyhow::Result<()> {
    connection.execute_batch(migration.sqlite)?;
    ensure!(!connection.is_autocommit(), "it ends the transaction that it runs in; take its COMMIT or ROLLBACK out");
    check_references(connection)?;
    connection.execute(
        "INSERT INTO apigen_migrations (name, checksum, applied_at) VALUES (?1, ?2, ?3)",
        (migration.name, checksum_of(migration), jiff::Timestamp::now().as_microsecond()),
    )?;
    Ok(())
}

fn check_references(connection: &Connection) -> anyhow::Result<()> {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let mut broken = statement.query([])?;
    if let Some(row) = broken.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        bail!("it leaves rows in {table} that refer to rows of {parent} that aren't there");
    }
    Ok(())
}

fn checksum_of(migration: &Migration) -> String {
    format!("{:x}", Sha256::digest(migration.sqlite))
}
