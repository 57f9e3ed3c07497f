//! Makes the pool behind a `postgres://` URL, and finds out whether a pooler stands in between.

use anyhow::{Context, ensure};
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::{Client, Config, Error, error::SqlState};

use super::{
    Options, Statements, error,
    tls::{self, Connector},
    url::Target,
};
use crate::store::StoreError;

/// A pool whose first connection has been tried.
pub(super) struct Opened {
    pub pool: Pool,
    pub statements: Statements,
    pub connector: Connector,
}

pub(super) async fn open(url: &str, options: &Options) -> anyhow::Result<Opened> {
    let target = Target::parse(url, options)?;
    let connector = tls::connector(&target.trust)?;
    if target.statements == Statements::Prepared {
        let pool = make_pool(target.limited(options.statement_timeout), &connector, options)?;
        if serves_one_client(&pool).await? {
            return Ok(Opened { pool, statements: Statements::Prepared, connector });
        }
        tracing::info!("behind a pooler like PgBouncer, where no statement stays prepared");
    }
    let pool = make_pool(target.config, &connector, options)?;
    check_encoding(&*pool.get().await.map_err(explain)?).await?;
    Ok(Opened { pool, statements: Statements::Unnamed, connector })
}

fn make_pool(config: Config, connector: &Connector, options: &Options) -> anyhow::Result<Pool> {
    // A closed connection is seen at once, so none needs a query to find out.
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Pool::builder(Manager::from_config(config, connector.clone(), manager_config))
        .max_size(options.connections.max(1))
        .create_timeout(Some(options.connect_timeout))
        .runtime(Runtime::Tokio1)
        .build()
        .context("making a pool of connections")
}

/// Whether a connection is one session, whose settings stay its own. A pooler that deals out sessions by the transaction
/// refuses settings of which it can't take care, or was told to drop them.
async fn serves_one_client(pool: &Pool) -> anyhow::Result<bool> {
    let client = match pool.get().await {
        Ok(client) => client,
        Err(PoolError::Backend(error)) if refuses_settings(&error) => return Ok(false),
        Err(error) => return Err(explain(error)),
    };
    check_encoding(&client).await?;
    let sql = "SELECT source FROM pg_settings WHERE name = 'statement_timeout'";
    let source = client.query_typed(sql, &[]).await?.pop().context("the server doesn't tell its settings")?;
    Ok(source.try_get::<_, &str>(0)? == "client")
}

/// PgBouncer and its kin in their various words; PostgreSQL itself knows both the parameter and the setting.
fn refuses_settings(error: &Error) -> bool {
    matches!(error.code(), Some(&(SqlState::PROTOCOL_VIOLATION | SqlState::FEATURE_NOT_SUPPORTED)))
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
