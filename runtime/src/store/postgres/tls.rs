//! Which connections are encrypted, and whom they trust, by libpq's `sslmode` and `sslrootcert`. The feature `postgres-tls`
//! brings TLS itself.

use std::path::PathBuf;

use anyhow::bail;
use tokio_postgres::config::SslMode;

#[cfg(feature = "postgres-tls")]
mod rustls;
#[cfg(feature = "postgres-tls")]
pub(super) use rustls::Connector;
#[cfg(not(feature = "postgres-tls"))]
pub(super) use tokio_postgres::NoTls as Connector;

/// What the URL asks for.
pub(super) struct Security {
    pub mode: SslMode,
    pub trust: Trust,
}

/// Whose certificate is good enough. Without a file, the system says who may sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    Anyone,
    /// Whoever has a certificate signed by one of these.
    SignedBy(Option<PathBuf>),
    /// The same, for the very host that the URL names.
    Named(Option<PathBuf>),
}

impl Security {
    pub(super) fn parse(mode: Option<&str>, root: Option<&str>) -> anyhow::Result<Security> {
        let file = root.filter(|root| *root != "system").map(PathBuf::from);
        let (mode, trust) = match mode.unwrap_or("prefer") {
            "disable" => (SslMode::Disable, Trust::Anyone),
            "prefer" => (SslMode::Prefer, Trust::Anyone),
            // As libpq does it: who names a root certificate wants it to matter.
            "require" if root.is_none() => (SslMode::Require, Trust::Anyone),
            "require" | "verify-ca" => (SslMode::Require, Trust::SignedBy(file)),
            "verify-full" => (SslMode::Require, Trust::Named(file)),
            _ => bail!("sslmode must be disable, prefer, require, verify-ca or verify-full"),
        };
        if cfg!(not(feature = "postgres-tls")) && mode == SslMode::Require {
            bail!(
                "sslmode asks for TLS, and this program was built without the feature `postgres-tls`: use \
                 sslmode=disable on a network that you trust"
            );
        }
        Ok(Security { mode, trust })
    }
}

/// What encrypts a connection.
#[cfg(feature = "postgres-tls")]
pub(super) fn connector(trust: &Trust) -> anyhow::Result<Connector> {
    Connector::new(trust)
}

/// Nothing does: `prefer` goes without.
#[cfg(not(feature = "postgres-tls"))]
pub(super) fn connector(_: &Trust) -> anyhow::Result<Connector> {
    Ok(Connector)
}
