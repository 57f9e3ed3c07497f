//! What an operator can set: flags with environment twins.

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
}

#[derive(Debug, Args)]
pub struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:8080", global = true)]
    pub listen_addr: String,

    /// `sqlite:PATH`; by default a file named after the api in ./data
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

    #[arg(long, env = "LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,

    /// What is logged: `debug`, `warn`, `info,tower_http=debug`
    #[arg(long, env = "RUST_LOG", default_value = "info", global = true)]
    pub log: String,

    /// Largest request body in bytes
    #[arg(long, env = "BODY_LIMIT", default_value_t = 1024 * 1024, global = true)]
    pub body_limit: usize,

    /// Seconds until a request is given up
    #[arg(long, env = "REQUEST_TIMEOUT", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..), global = true)]
    pub request_timeout: u64,

    /// Seconds that running requests get to finish after SIGTERM
    #[arg(long, env = "SHUTDOWN_GRACE", default_value_t = 20, global = true)]
    pub shutdown_grace: u64,

    /// Connections that read at the same time; by default one per core
    #[arg(long, env = "DB_POOL_SIZE", value_parser = clap::value_parser!(u32).range(1..=1024), global = true)]
    pub db_pool_size: Option<u32>,

    /// Print what is in force, without secrets, and stop
    #[arg(long, global = true)]
    pub print_config: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    Development,
    Production,
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

    /// Readers beside the one writer of SQLite.
    pub fn readers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(2, usize::from).max(2);
        self.db_pool_size.map_or_else(cores, |size| size as usize)
    }

    /// `NAME=value` per line; of secrets only whether they are set.
    pub fn print(&self, api: &str) -> String {
        let secret = |value: &Option<String>| if value.is_some() { "(set)" } else { "(not set)" };
        let name = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let lines = [
            ("LISTEN_ADDR", self.listen_addr.clone()),
            ("DATABASE_URL", without_password(&self.database_url(api))),
            ("MODE", name(&|| self.mode().to_possible_value())),
            ("CURSOR_KEY", secret(&self.cursor_key).to_owned()),
            ("LOG_FORMAT", name(&|| self.log_format.to_possible_value())),
            ("RUST_LOG", self.log.clone()),
            ("BODY_LIMIT", self.body_limit.to_string()),
            ("REQUEST_TIMEOUT", self.request_timeout.to_string()),
            ("SHUTDOWN_GRACE", self.shutdown_grace.to_string()),
            ("DB_POOL_SIZE", self.readers().to_string()),
        ];
        lines.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
    }
}

/// A database URL as logs may show it: without what stands between `:` and `@`, and without a parameter `password`. Read
/// by hand, since a URL with a mistake in it must hide its password too.
pub fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let shown = match rest.rsplit_once('@').map(|(login, place)| (login.split_once(':'), place)) {
        Some((Some((user, _)), place)) => format!("{user}:***@{place}"),
        _ => rest.to_owned(),
    };
    let (address, parameters) = shown.split_once('?').unwrap_or((&shown, ""));
    let hidden = |parameter: &str| match parameter.split_once('=') {
        Some((name, _)) if name.contains("password") => format!("{name}=***"),
        _ => parameter.to_owned(),
    };
    let parameters: Vec<_> = parameters.split('&').filter(|text| !text.is_empty()).map(hidden).collect();
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{address}{mark}{}", parameters.join("&"))
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
        ]);
        let printed = cli.options.print("shop");
        assert!(printed.contains("CURSOR_KEY=(set)"), "{printed}");
        assert!(printed.contains("DATABASE_URL=postgres://me:***@db/shop"), "{printed}");
        assert!(!printed.contains("horse") && !printed.contains("pw"), "{printed}");
    }

    #[test]
    fn a_url_shows_no_password_even_if_it_cannot_be_read() {
        for (url, shown) in [
            ("sqlite:./data/shop.db", "sqlite:./data/shop.db"),
            ("sqlite:///srv/a@b.db", "sqlite:///srv/a@b.db"),
            ("postgres://db/shop?sslmode=require", "postgres://db/shop?sslmode=require"),
            ("postgres://me@db/shop", "postgres://me@db/shop"),
            ("postgres://me:p/w?@db/shop", "postgres://me:***@db/shop"),
            ("postgres://db/shop?password=a@b", "postgres://db/shop?password=***"),
            ("postgres://me:p@/w@db/shop", "postgres://me:***@db/shop"),
            ("postgres://db/shop?user=me&password=pw", "postgres://db/shop?user=me&password=***"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
