//! What an operator can set: flags with environment twins.

use std::time::Duration;

use anyhow::{bail, ensure};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    auth::id_of,
    database,
    descriptor::Auth,
    limit::{Place, Uncounted},
    store::Dialect,
};

/// The command line of a generated server.
#[derive(Debug, Parser)]
#[command(version = None, arg_required_else_help = false, args_conflicts_with_subcommands = false)]
pub struct Cli {
    #[command(flatten)]
    pub options: Options,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve REST, GraphQL and gRPC (the default)
    Serve,
    /// Bring the database to this server's schema, then stop
    Migrate {
        /// Print the SQL instead of running it
        #[arg(long)]
        print: bool,
    },
    /// Print a token for trying the server out, in development only
    Token {
        /// Whose it is: where the spec names a resource for callers, the id of a row
        #[arg(long, value_name = "ID")]
        sub: String,
        #[command(flatten)]
        grants: Grants,
    },
    /// API keys, which programs send as `X-API-Key`
    #[command(subcommand)]
    Keys(KeysCommand),
}

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it; it can't be printed again
    Create {
        /// What it is for
        #[arg(long)]
        name: String,
        /// Whom it stands for, where that is a row: its id
        #[arg(long, value_name = "ID")]
        sub: Option<String>,
        #[command(flatten)]
        grants: Grants,
    },
    /// Print all keys, without what nobody may know
    List,
    /// Make a key worthless
    Revoke {
        /// As `keys list` shows it
        id: String,
    },
}

/// What credentials permit.
#[derive(Debug, Args)]
pub struct Grants {
    /// A role of the spec; may be given again
    #[arg(long, value_name = "NAME")]
    pub role: Vec<String>,
    /// A scope, such as `orders:read`; may be given again
    #[arg(long, value_name = "NAME")]
    pub scope: Vec<String>,
    /// The id of the tenant that the caller acts for
    #[arg(long, value_name = "ID")]
    pub tenant: Option<String>,
    /// How long they are good: seconds, or `15m`, `12h`, `90d`
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub expires_in: Option<Duration>,
}

impl Grants {
    /// Roles that the spec doesn't have permit nothing, and a tenant must be one.
    pub fn check(&self, auth: &Auth) -> anyhow::Result<()> {
        let known: Vec<_> = auth.roles.iter().map(|(role, _)| *role).collect();
        for role in &self.role {
            ensure!(known.contains(&role.as_str()), "--role {role}: the spec has the roles {}", known.join(", "));
        }
        match (&self.tenant, &auth.tenant) {
            (None, _) => Ok(()),
            (Some(_), None) => bail!("--tenant: the spec has no tenants"),
            (Some(id), Some(tenant)) => match id_of(tenant.resource, id) {
                None => bail!("--tenant {id}: no {} has such an id", tenant.resource.name),
                Some(_) => Ok(()),
            },
        }
    }
}

/// `90d`, `12h`, `15m`, `3600s`, `3600`; more than nothing, and less than a hundred years.
fn lifetime(text: &str) -> Result<Duration, String> {
    let wrong = || "a number of seconds, or one with s, m, h or d behind it".to_owned();
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = digits.parse().map_err(|_| wrong())?;
    let seconds = u64::from(number) * unit;
    let allowed = 1..=100 * 365 * 24 * 60 * 60;
    if allowed.contains(&seconds) { Ok(Duration::from_secs(seconds)) } else { Err(wrong()) }
}

#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:8080", global = true)]
    pub listen_addr: String,

    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`; by default a file named after the api in ./data
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,

    /// `development` adds GraphiQL, the API reference page and introspection, and makes up the secrets that are missing
    #[arg(long, env = "MODE", default_value = "production", global = true)]
    pub mode: Mode,

    /// Short for --mode development
    #[arg(long, global = true)]
    pub dev: bool,

    /// Secret for cursors, at least 16 characters; `new,old` while it is being replaced
    #[arg(long, env = "CURSOR_KEY", hide_env_values = true, global = true)]
    pub cursor_key: Option<String>,

    /// Secret that tokens are signed with (HS256), at least 32 characters; `new,old` while it is being replaced
    #[arg(long, env = "JWT_SECRET", hide_env_values = true, global = true)]
    pub jwt_secret: Option<String>,

    /// Where the keys of whoever issues tokens are published: a URL, or a file (RS256, ES256, EdDSA and their like)
    #[arg(long, env = "JWT_JWKS", hide_env_values = true, global = true)]
    pub jwt_jwks: Option<String>,

    /// The claim `iss` that tokens must have
    #[arg(long, env = "JWT_ISSUER", global = true)]
    pub jwt_issuer: Option<String>,

    /// What the claim `aud` of tokens must name
    #[arg(long, env = "JWT_AUDIENCE", global = true)]
    pub jwt_audience: Option<String>,

    #[arg(long, env = "LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,

    /// What is logged: `debug`, `warn`, `info,hyper=debug`
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true)]
    pub log: String,

    /// Largest request body in bytes
    #[arg(long, env = "BODY_LIMIT", default_value_t = 1024 * 1024, global = true)]
    pub body_limit: usize,

    /// Requests served at the same time; one more is answered UNAVAILABLE
    #[arg(long, env = "MAX_CONCURRENCY", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub max_concurrency: u32,

    /// Connections of clients; one more waits until another ends
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..), global = true)]
    pub max_connections: u32,

    /// Where instances count requests together: `redis://:PASSWORD@HOST:PORT/0`; by default each counts by itself
    #[arg(long, env = "RATE_LIMIT_URL", hide_env_values = true, global = true)]
    pub rate_limit_url: Option<String>,

    /// What becomes of requests that can't be counted there: `open` lets them through, `closed` refuses them
    #[arg(long, env = "RATE_LIMIT_ON_ERROR", default_value = "open", global = true)]
    pub rate_limit_on_error: Uncounted,

    /// Proxies of your own that requests come through: so many entries at the end of `X-Forwarded-For` are believed
    #[arg(long, env = "TRUSTED_PROXIES", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=16), global = true)]
    pub trusted_proxies: u32,

    /// Seconds until a request is given up
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400), global = true)]
    pub request_timeout: u64,

    /// Seconds that running requests get to finish after SIGTERM
    #[arg(long, env = "SHUTDOWN_GRACE", default_value_t = 20, global = true)]
    pub shutdown_grace: u64,

    /// Connections to the database: by default 10 to PostgreSQL, and one per core that reads from SQLite
    #[arg(long, env = "DB_POOL_SIZE", value_parser = clap::value_parser!(u32).range(1..=1024), global = true)]
    pub db_pool_size: Option<u32>,

    /// Print what is in force, without secrets, and stop
    #[arg(long, global = true)]
    pub print_config: bool,

    /// For tests; operators can't set it
    #[arg(skip)]
    pub rates: Rates,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    Development,
    Production,
}

/// What becomes of the rates that the spec has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rates {
    #[default]
    Counted,
    /// Callers may call as often as they like.
    Ignored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

impl Options {
    pub fn mode(&self) -> Mode {
        if self.dev { Mode::Development } else { self.mode }
    }

    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout)
    }

    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace)
    }

    pub fn database_url(&self, api: &str) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite:./data/{api}.db"))
    }

    pub(crate) fn rate_limit_place(&self) -> Option<Place<'_>> {
        let uncounted = self.rate_limit_on_error;
        self.rate_limit_url.as_deref().map(|url| Place { url, uncounted })
    }

    /// All connections to PostgreSQL; of SQLite those that read, beside the one that writes.
    pub fn pool_size(&self, dialect: Dialect) -> usize {
        let cores = || std::thread::available_parallelism().map_or(2, usize::from).max(2);
        match (self.db_pool_size, dialect) {
            (Some(size), _) => size as usize,
            (None, Dialect::Sqlite) => cores(),
            (None, Dialect::Postgres) => 10,
        }
    }

    /// `NAME=value` per line; of secrets only whether they are set.
    pub fn print(&self, api: &str) -> String {
        let secret = |value: &Option<String>| if value.is_some() { "(set)" } else { "(not set)" };
        let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let url = self.database_url(api);
        let pool_size = self.pool_size(database::dialect(&url).unwrap_or(Dialect::Sqlite));
        let lines = [
            ("LISTEN_ADDR", self.listen_addr.clone()),
            ("DATABASE_URL", without_password(&url)),
            ("MODE", name(&|| self.mode().to_possible_value())),
            ("CURSOR_KEY", secret(&self.cursor_key).to_owned()),
            ("JWT_SECRET", secret(&self.jwt_secret).to_owned()),
            ("JWT_JWKS", self.jwt_jwks.as_deref().map_or_else(String::new, place)),
            ("JWT_ISSUER", self.jwt_issuer.clone().unwrap_or_default()),
            ("JWT_AUDIENCE", self.jwt_audience.clone().unwrap_or_default()),
            ("LOG_FORMAT", name(&|| self.log_format.to_possible_value())),
            ("RUST_LOG", self.log.clone()),
            ("BODY_LIMIT", self.body_limit.to_string()),
            ("MAX_CONCURRENCY", self.max_concurrency.to_string()),
            ("MAX_CONNECTIONS", self.max_connections.to_string()),
            ("RATE_LIMIT_URL", self.rate_limit_url.as_deref().map_or_else(String::new, without_password)),
            ("RATE_LIMIT_ON_ERROR", name(&|| self.rate_limit_on_error.to_possible_value())),
            ("TRUSTED_PROXIES", self.trusted_proxies.to_string()),
            ("REQUEST_TIMEOUT", self.request_timeout.to_string()),
            ("SHUTDOWN_GRACE", self.shutdown_grace.to_string()),
            ("DB_POOL_SIZE", pool_size.to_string()),
        ];
        lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}

/// A file, or a URL as logs may show it.
fn place(text: &str) -> String {
    if text.contains("://") { without_password(text) } else { text.to_owned() }
}

/// A URL as logs may show it. Of what isn't a URL nothing is shown: there's no telling where its password is.
pub fn without_password(text: &str) -> String {
    let Ok(mut url) = url::Url::parse(text) else { return "(not a URL)".to_owned() };
    if url.password().is_some() {
        let _ = url.set_password(Some("***"));
    }
    if url.query_pairs().any(|(name, _)| name == "password") {
        let shown: Vec<_> = url.query_pairs().into_owned().filter(|(name, _)| name != "password").collect();
        url.query_pairs_mut().clear().extend_pairs(shown).append_pair("password", "***");
    }
    url.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_printed_configuration_has_no_secrets() {
        let cli = Cli::parse_from([
            "shop",
            "--cursor-key",
            "correct horse battery",
            "--database-url",
            "postgres://me:pw@db/shop",
            "--rate-limit-url",
            "redis://:pw@cache:6379/1",
        ]);
        let printed = cli.options.print("shop");
        assert!(printed.contains("CURSOR_KEY=(set)"), "{printed}");
        assert!(printed.contains("DATABASE_URL=postgres://me:***@db/shop"), "{printed}");
        assert!(printed.contains("RATE_LIMIT_URL=redis://:***@cache:6379/1\nRATE_LIMIT_ON_ERROR=open\n"), "{printed}");
        assert!(!printed.contains("horse") && !printed.contains("pw"), "{printed}");
        assert!(printed.contains("DB_POOL_SIZE=10"), "{printed}");
    }

    #[test]
    fn passwords_are_found_wherever_they_stand() {
        assert_eq!(without_password("sqlite:./data/shop.db"), "sqlite:./data/shop.db");
        assert_eq!(without_password("postgres://db/shop?password=pw&a=b"), "postgres://db/shop?a=b&password=***");
        assert_eq!(without_password("postgres://me:p#w@db/shop"), "(not a URL)");
    }
}
