//! Which database `DATABASE_URL` means, and how it is opened for a server. Knows nothing about rows.

#[cfg(feature = "auth")]
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::{
    auth,
    descriptor::{Api, Migration},
    options::{Options, without_password},
    store::{Dialect, Store},
};

/// The database that a URL's scheme names.
pub fn dialect(url: &str) -> anyhow::Result<Dialect> {
    match url.split_once(':') {
        Some(("sqlite", _)) => Ok(Dialect::Sqlite),
        Some(("postgres" | "postgresql", _)) => Ok(Dialect::Postgres),
        // Whatever comes before the colon might be a part of a secret.
        _ => bail!("DATABASE_URL must look like sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE"),
    }
}

#[cfg(feature = "auth")]
/// The file of a database that is one.
pub fn file(url: &str) -> Option<&Path> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (path != ":memory:").then_some(Path::new(path))
}

/// All migrations of a server: the spec's, and the runtime's own for what the spec asks for.
pub fn migrations(api: &Api) -> Vec<Migration> {
    let own = api.auth.map(|_| auth::keys::MIGRATION);
    let own = own.into_iter().chain(api.login().map(|_| auth::sessions::MIGRATION));
    api.migrations.iter().copied().chain(own).collect()
}

/// Opens the database and brings its schema up to date.
pub async fn open(api: &Api, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    let store = connect(&options.database_url(api.name), options).await?;
    // Once in the life of a server.
    store.migrate(migrations(api).leak()).await.context("can't bring the database to this server's schema")?;
    Ok(store)
}

/// Whatever its schema.
async fn connect(url: &str, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    let context = || format!("can't open the database {} (set DATABASE_URL)", without_password(url));
    match dialect(url)? {
        Dialect::Sqlite => sqlite(url, options).with_context(context),
        Dialect::Postgres => postgres(url, options).await.with_context(context),
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(url: &str, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    use crate::store::sqlite::{self, SqliteStore};
    let readers = options.pool_size(Dialect::Sqlite);
    Ok(Arc::new(SqliteStore::open(url, sqlite::Options { readers, ..Default::default() })?))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &str, _: &Options) -> anyhow::Result<Arc<dyn Store>> {
    bail!("this program was built without the feature `sqlite`")
}

#[cfg(feature = "postgres")]
async fn postgres(url: &str, options: &Options) -> anyhow::Result<Arc<dyn Store>> {
    use crate::store::postgres::{self, PostgresStore};
    let options = postgres::Options {
        connections: options.pool_size(Dialect::Postgres),
        statement_timeout: options.request_timeout(),
        ..Default::default()
    };
    Ok(Arc::new(PostgresStore::connect(url, options).await?))
}

#[cfg(not(feature = "postgres"))]
async fn postgres(_: &str, _: &Options) -> anyhow::Result<Arc<dyn Store>> {
    bail!("this program was built without the feature `postgres`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "auth")]
    #[test]
    fn only_sqlite_has_a_file() {
        assert_eq!(file("sqlite:./data/shop.db"), Some(Path::new("./data/shop.db")));
        assert_eq!(file("sqlite:///srv/shop.db"), Some(Path::new("/srv/shop.db")));
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://me@db/shop"), None);
    }

    #[test]
    fn the_scheme_says_which() {
        assert_eq!(dialect("sqlite:./data/shop.db").unwrap(), Dialect::Sqlite);
        assert_eq!(dialect("postgres://me@db/shop").unwrap(), Dialect::Postgres);
        assert_eq!(dialect("postgresql://me@db/shop").unwrap(), Dialect::Postgres);
        for wrong in ["mysql://me:secret@db/shop", "shop.db", "secret:"] {
            let error = dialect(wrong).unwrap_err().to_string();
            assert!(error.starts_with("DATABASE_URL must look like") && !error.contains("secret"), "{error}");
        }
    }
}
