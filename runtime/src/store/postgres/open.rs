//! Reads a `postgres://` URL and makes the pool behind it.

use anyhow::{Context, bail, ensure};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime,
};
use tokio_postgres::{Client, Config, NoTls, config::SslMode};
use url::Url;

use super::{Options, Statements, error};
use crate::store::StoreError;

/// A pool whose first connection has been tried.
pub(super) async fn open(url: &str, options: &Options) -> anyhow::Result<(Pool, Statements)> {
    let (config, statements) = parse(url, options)?;
    // A closed connection is seen at once, so none needs a query to find out.
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let settings = format!("SET statement_timeout = {}", options.statement_timeout.as_millis());
    let set_up = Hook::async_fn(move |client: &mut ClientWrapper, _| {
        let settings = settings.clone();
        Box::pin(async move {
            // A pooler would give what is set to others.
            match statements {
                Statements::Prepared => client.batch_execute(&settings).await.map_err(HookError::Backend),
                Statements::Unnamed => Ok(()),
            }
        })
    });
    let pool = Pool::builder(Manager::from_config(config, NoTls, manager_config))
        .post_create(set_up)
        .max_size(options.connections.max(1))
        .create_timeout(Some(options.connect_timeout))
        .runtime(Runtime::Tokio1)
        .build()
        .context("making a pool of connections")?;
    let client = pool.get().await.map_err(explain)?;
    check_encoding(&client).await?;
    Ok((pool, statements))
}

fn explain(error: PoolError) -> anyhow::Error {
    match error {
        PoolError::Backend(error) => anyhow::Error::msg(error::text(&error)),
        PoolError::Timeout(_) => anyhow::Error::msg("the server takes too long to answer"),
        other => other.into(),
    }
}

/// Texts are compared byte by byte (`COLLATE "C"`), which is the order of code points in UTF-8 only.
async fn check_encoding(client: &Client) -> anyhow::Result<()> {
    let row = client.query_typed("SELECT current_setting('server_encoding')", &[]).await?.pop();
    let encoding: String = row.context("the server doesn't tell its encoding")?.try_get(0)?;
    ensure!(encoding == "UTF8", "the database's encoding is {encoding}; create it with ENCODING 'UTF8'");
    Ok(())
}

/// A standby, or a primary that has been told not to write, serves nobody.
pub(super) async fn check_writable(client: &Client) -> Result<(), StoreError> {
    let sql = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only')::bool";
    let unavailable = |error| StoreError::Unavailable(error::text(&error));
    let row = client.query_typed(sql, &[]).await.map_err(unavailable)?.pop();
    match row.map(|row| row.try_get(0)).transpose().map_err(unavailable)? {
        Some(false) => Ok(()),
        _ => Err(StoreError::Unavailable("the server is read-only".to_owned())),
    }
}

fn parse(url: &str, options: &Options) -> anyhow::Result<(Config, Statements)> {
    // Neither parser's message quotes the URL, which has a password in it.
    let mut url = Url::parse(url).context("it isn't a URL (percent-encode what is special in user and password)")?;
    let statements = take_statements(&mut url)?;
    let ssl_mode = url.query_pairs().find(|(name, _)| name == "sslmode").map(|(_, value)| value.into_owned());
    if let Some(mode) = ssl_mode.filter(|mode| mode.starts_with("verify")) {
        bail!("{}", no_tls(&mode));
    }
    let mut config: Config = url.as_str().parse().map_err(|error: tokio_postgres::Error| {
        let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        anyhow::Error::msg(cause)
    })?;
    if config.get_ssl_mode() == SslMode::Require {
        bail!("{}", no_tls("require"));
    }
    config.connect_timeout(options.connect_timeout);
    if config.get_application_name().is_none() {
        config.application_name("apigen");
    }
    Ok((config, statements))
}

fn no_tls(mode: &str) -> String {
    format!(
        "sslmode={mode} asks for TLS, which connections to PostgreSQL don't have yet: use sslmode=disable on a network \
         that you trust, or a local proxy that speaks TLS"
    )
}

/// Takes our own parameter out, which the driver would refuse.
fn take_statements(url: &mut Url) -> anyhow::Result<Statements> {
    let (ours, others): (Vec<_>, Vec<_>) =
        url.query_pairs().into_owned().partition(|(name, _)| name.as_str() == "pgbouncer");
    if ours.is_empty() {
        return Ok(Statements::Prepared);
    }
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    match ours[0].1.as_str() {
        "true" => Ok(Statements::Unnamed),
        "false" => Ok(Statements::Prepared),
        _ => bail!("pgbouncer must be true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        format!("{:#}", parse(url, &Options::default()).unwrap_err())
    }

    #[test]
    fn urls_say_where_and_how() {
        let parse = |url| parse(url, &Options::default()).unwrap();
        let (config, statements) = parse("postgres://me:p%23w@db:6432/shop?application_name=x&pgbouncer=true");
        assert_eq!(config.get_password(), Some("p#w".as_bytes()));
        assert_eq!((config.get_application_name(), statements), (Some("x"), Statements::Unnamed));
        let (config, statements) = parse("postgresql://db/shop?sslmode=disable");
        assert_eq!((config.get_dbname(), statements), (Some("shop"), Statements::Prepared));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        assert!(error("postgres://me:p#w@db/shop").starts_with("it isn't a URL"));
        assert!(error("postgres://me:secret@db/shop?sslmode=require").starts_with("sslmode=require asks for TLS"));
        assert!(error("postgres://me:secret@db/shop?sslmode=verify-full").starts_with("sslmode=verify-full asks"));
        assert_eq!(error("postgres://me:secret@db/shop?pgbouncer=maybe"), "pgbouncer must be true or false");
        let unknown = error("postgres://me:secret@db/shop?colour=blue");
        assert!(unknown.contains("colour") && !unknown.contains("secret"), "{unknown}");
    }
}
