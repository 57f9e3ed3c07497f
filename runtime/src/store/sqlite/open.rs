//! From `DATABASE_URL` to a connection with all its settings, and what to tell people whose file can't be used.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, vtab::array};

/// More than the distinct statements of a large service.
const STATEMENTS: usize = 1024;

/// Where a database lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Location {
    /// Gone when the store is closed.
    Memory,
    File(PathBuf),
}

impl Location {
    /// Reads `sqlite:./data/shop.db`, `sqlite:///srv/shop.db`, `sqlite::memory:` or a plain path.
    pub(super) fn parse(url_or_path: &str) -> anyhow::Result<Location> {
        let Some(rest) = url_or_path.strip_prefix("sqlite:") else {
            return Location::from_path(url_or_path, url_or_path);
        };
        if rest.contains(['?', '#']) {
            bail!("the database URL `{url_or_path}` has options after the path; leave them out, there are none");
        }
        Location::from_path(rest.strip_prefix("//").unwrap_or(rest), url_or_path)
    }

    fn from_path(path: &str, whole: &str) -> anyhow::Result<Location> {
        match path {
            "" => bail!("the database URL `{whole}` names no file; write it as `sqlite:./data/shop.db`"),
            ":memory:" => Ok(Location::Memory),
            path => Ok(Location::File(PathBuf::from(path))),
        }
    }

    /// Opens a connection, creating file and parent folder when they aren't there.
    pub(super) fn connect(&self, busy_timeout: Duration) -> anyhow::Result<Connection> {
        match self {
            Location::Memory => {
                let connection = Connection::open_in_memory().context("opening a database in memory")?;
                configure(&connection, busy_timeout).context("setting up a database in memory")?;
                Ok(connection)
            }
            Location::File(path) => connect_file(path, busy_timeout),
        }
    }
}

fn connect_file(path: &Path, busy_timeout: Duration) -> anyhow::Result<Connection> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)
            .with_context(|| format!("creating the folder {} for the database", folder.display()))?;
    }
    // Without SQLITE_OPEN_URI: a path is a path, even if it begins with `file:`.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| explain(path, error))?;
    // SQLite quietly falls back to reading when it may not write.
    if connection.is_readonly("main").map_err(|error| explain(path, error))? {
        bail!("the database {} can't be written; check the owner and permissions of the file", path.display());
    }
    configure(&connection, busy_timeout).map_err(|error| explain(path, error))?;
    Ok(connection)
}

fn configure(connection: &Connection, busy_timeout: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(busy_timeout)?;
    // The first statement that touches the file, and so the one that finds out what is wrong with it.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // With FULL, a commit is on disk when it returns.
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a misspelt "column" is a text.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    // Otherwise a statement is planned anew whenever a value of its conditions is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    array::load_module(connection)
}

fn explain(path: &Path, error: rusqlite::Error) -> anyhow::Error {
    let path = path.display();
    let text = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            format!("{path} isn't an SQLite database; name another file, or move this one away")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!("the database {path} can't be opened; check the permissions of the file and of its folder")
        }
        Some(ErrorCode::ReadOnly) => {
            format!("the database {path} can't be written; check the permissions of the file and of its folder")
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            format!("the database {path} is locked by another process; end that process, or wait for it")
        }
        Some(ErrorCode::DatabaseCorrupt) => format!("the database {path} is damaged; restore a backup"),
        Some(ErrorCode::DiskFull) => format!("there is no space left for the database {path}"),
        _ => format!("the database {path} can't be used"),
    };
    anyhow::Error::new(error).context(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths() {
        let file = |path: &str| Location::File(PathBuf::from(path));
        assert_eq!(Location::parse("sqlite:./data/shop.db").unwrap(), file("./data/shop.db"));
        assert_eq!(Location::parse("sqlite://data/shop.db").unwrap(), file("data/shop.db"));
        assert_eq!(Location::parse("sqlite:///srv/shop.db").unwrap(), file("/srv/shop.db"));
        assert_eq!(Location::parse("/srv/shop.db").unwrap(), file("/srv/shop.db"));
        assert_eq!(Location::parse("sqlite::memory:").unwrap(), Location::Memory);
        assert!(Location::parse("sqlite:").unwrap_err().to_string().contains("names no file"));
        assert!(Location::parse("sqlite:a.db?mode=ro").unwrap_err().to_string().contains("leave them out"));
    }
}
