//! What a `postgres://` URL asks for: the driver's own parameters, and those that are ours or mean more than the driver
//! knows (`pgbouncer`, `sslmode`, `sslrootcert`). Connects nowhere.

use std::time::Duration;

use anyhow::{Context, bail};
use tokio_postgres::Config;
use url::Url;

use super::{
    Options, Statements,
    tls::{Security, Trust},
};

/// A network that swallows packets is noticed after this, even where nobody waits for an answer.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Where to connect, and how.
#[derive(Debug)]
pub(super) struct Target {
    pub config: Config,
    pub statements: Statements,
    pub trust: Trust,
}

impl Target {
    pub(super) fn parse(url: &str, options: &Options) -> anyhow::Result<Target> {
        // Neither parser's message quotes the URL, which has a password in it.
        let mut url =
            Url::parse(url).context("it isn't a URL (percent-encode what is special in user and password)")?;
        let statements = match take(&mut url, "pgbouncer").as_deref() {
            None | Some("false") => Statements::Prepared,
            Some("true") => Statements::Unnamed,
            Some(_) => bail!("pgbouncer must be true or false"),
        };
        let (mode, root) = (take(&mut url, "sslmode"), take(&mut url, "sslrootcert"));
        let Security { mode, trust } = Security::parse(mode.as_deref(), root.as_deref())?;
        let mut config: Config = url.as_str().parse().map_err(|error: tokio_postgres::Error| {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            anyhow::Error::msg(cause)
        })?;
        config.ssl_mode(mode).connect_timeout(options.connect_timeout);
        if config.get_keepalives_interval().is_none() {
            config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE / 5).keepalives_retries(3);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(KEEPALIVE);
        }
        if config.get_application_name().is_none() {
            config.application_name("apigen");
        }
        Ok(Target { config, statements, trust })
    }

    /// The same, with a limit for every statement that no job has given one.
    pub(super) fn limited(&self, timeout: Duration) -> Config {
        let limit = format!("-c statement_timeout={}", timeout.as_millis());
        let all = self.config.get_options().map(|own| format!("{limit} {own}")).unwrap_or(limit);
        let mut config = self.config.clone();
        config.options(all);
        config
    }
}

/// Takes a parameter out, which the driver would refuse.
fn take(url: &mut Url, name: &str) -> Option<String> {
    let (ours, others): (Vec<_>, Vec<_>) = url.query_pairs().into_owned().partition(|(key, _)| key == name);
    let (_, value) = ours.into_iter().next()?;
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use tokio_postgres::config::SslMode;

    use super::*;

    fn parse(url: &str) -> Target {
        Target::parse(url, &Options::default()).unwrap()
    }

    fn error(url: &str) -> String {
        format!("{:#}", Target::parse(url, &Options::default()).unwrap_err())
    }

    #[test]
    fn urls_say_where_and_how() {
        let Target { config, statements, .. } =
            parse("postgres://me:p%23w@db:6432/shop?application_name=x&pgbouncer=true");
        assert_eq!(config.get_password(), Some("p#w".as_bytes()));
        assert_eq!((config.get_application_name(), statements), (Some("x"), Statements::Unnamed));
        let Target { config, statements, .. } = parse("postgresql://db/shop?sslmode=disable");
        assert_eq!((config.get_dbname(), statements), (Some("shop"), Statements::Prepared));
    }

    #[test]
    fn sslmode_means_what_libpq_means_by_it() {
        for (query, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anyone),
            ("?sslmode=disable", SslMode::Disable, Trust::Anyone),
            ("?sslmode=prefer&sslrootcert=ca.pem", SslMode::Prefer, Trust::Anyone),
            ("?sslmode=require", SslMode::Require, Trust::Anyone),
            ("?sslmode=require&sslrootcert=ca.pem", SslMode::Require, Trust::SignedBy(Some("ca.pem".into()))),
            ("?sslmode=verify-ca&sslrootcert=ca.pem", SslMode::Require, Trust::SignedBy(Some("ca.pem".into()))),
            ("?sslmode=verify-full&sslrootcert=system", SslMode::Require, Trust::Named(None)),
            ("?sslmode=verify-full", SslMode::Require, Trust::Named(None)),
        ] {
            let target = parse(&format!("postgres://db/shop{query}"));
            assert_eq!((target.config.get_ssl_mode(), target.trust), (mode, trust), "{query}");
        }
    }

    #[test]
    fn settings_of_ones_own_win() {
        let target = parse("postgres://db/shop?options=-c%20statement_timeout=7&tcp_user_timeout=3");
        assert_eq!(target.config.get_tcp_user_timeout(), Some(&Duration::from_secs(3)));
        let limited = target.limited(Duration::from_secs(1));
        assert_eq!(limited.get_options(), Some("-c statement_timeout=1000 -c statement_timeout=7"));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        assert!(error("postgres://me:p#w@db/shop").starts_with("it isn't a URL"));
        assert_eq!(error("postgres://me:secret@db/shop?pgbouncer=maybe"), "pgbouncer must be true or false");
        let mode = error("postgres://me:secret@db/shop?sslmode=allow");
        assert_eq!(mode, "sslmode must be disable, prefer, require, verify-ca or verify-full");
        let unknown = error("postgres://me:secret@db/shop?colour=blue");
        assert!(unknown.contains("colour") && !unknown.contains("secret"), "{unknown}");
    }
}
