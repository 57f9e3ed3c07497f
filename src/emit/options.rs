//! What a run is asked to emit.

use std::{fmt, str::FromStr};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub target: Target,
    pub openapi: OpenApi,
    pub runtime: Runtime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// OpenAPI document, GraphQL schema and .proto file, and what people read of them
    Contracts,
    /// Rust server with its migrations, for contracts that are already there
    Server,
    /// Both
    All,
}

/// The version of the OpenAPI document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OpenApi {
    /// 3.0.3, which every client generator reads
    #[default]
    #[value(name = "3.0")]
    V3_0,
    /// 3.1.0, whose schemas are JSON Schema 2020-12
    #[value(name = "3.1")]
    V3_1,
}

/// Where the generated crate finds what all generated servers share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Runtime {
    /// In the output, as `runtime/`.
    Copy,
    /// In a folder of its own: absolute, or relative to the output folder.
    Path(String),
}

impl Default for Options {
    fn default() -> Options {
        Options { target: Target::All, openapi: OpenApi::default(), runtime: Runtime::Copy }
    }
}

impl Target {
    /// The top-level folders that it fills.
    pub fn folders(self) -> &'static [&'static str] {
        match self {
            Target::Contracts => &["contracts"],
            Target::Server => &["migrations", "runtime", "server"],
            Target::All => &["contracts", "migrations", "runtime", "server"],
        }
    }

    pub fn has_contracts(self) -> bool {
        self != Target::Server
    }

    pub fn has_server(self) -> bool {
        self != Target::Contracts
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Runtime::Copy => f.write_str("copy"),
            Runtime::Path(path) => write!(f, "path:{path}"),
        }
    }
}

impl FromStr for Runtime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Runtime, &'static str> {
        match text.strip_prefix("path:") {
            Some("") => Err("the folder is missing after `path:`"),
            Some(path) if path.contains(char::is_control) => Err("control characters in the folder's name"),
            Some(path) => Ok(Runtime::Path(path.to_owned())),
            None if text == "copy" => Ok(Runtime::Copy),
            None => Err("neither `copy` nor `path:DIR`"),
        }
    }
}
