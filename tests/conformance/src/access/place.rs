//! A server of a spec that takes the tests' tokens, on a database that tests may write to as well.

use std::path::PathBuf;

use super::{
    caller::{AUDIENCE, ISSUER, SECRET},
    value::Dialect,
};
use crate::{command, generated::Generated, postgres, server::Server};

/// What a server keeps its rows in.
#[derive(Debug, Clone)]
pub enum Database {
    Sqlite(PathBuf),
    /// By its URL.
    Postgres(String),
}

impl Database {
    pub fn dialect(&self) -> Dialect {
        match self {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }
}

/// The server of a spec.
pub enum Program {
    /// The shop of `generated-example/`, hooks and all.
    Shop,
    Of(&'static Generated),
}

impl Program {
    pub fn contracts(&self) -> PathBuf {
        match self {
            Program::Shop => crate::server::repository().join("generated-example/contracts"),
            Program::Of(generated) => generated.folder().join("contracts"),
        }
    }

    /// On an empty database.
    pub fn start(&self, dialect: Dialect) -> (Server, Database) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (database, url) = match dialect {
            Dialect::Sqlite => {
                let file = folder.path().join("data.db");
                let url = format!("sqlite:{}", file.display());
                (Database::Sqlite(file), url)
            }
            Dialect::Postgres => {
                let url = postgres::database();
                (Database::Postgres(url.clone()), url)
            }
        };
        let mut command = match self {
            Program::Shop => command::shop(),
            Program::Of(generated) => generated.command(),
        };
        command.env("LISTEN_ADDR", "127.0.0.1:0").env("DATABASE_URL", url).env("MODE", "development");
        command.env("JWT_SECRET", SECRET).env("JWT_ISSUER", ISSUER).env("JWT_AUDIENCE", AUDIENCE);
        (Server::run(&mut command).keeping(folder), database)
    }
}

/// The databases that there are to test on.
pub fn dialects() -> Vec<Dialect> {
    let postgres = postgres::url().map(|_| Dialect::Postgres);
    [Dialect::Sqlite].into_iter().chain(postgres).collect()
}
