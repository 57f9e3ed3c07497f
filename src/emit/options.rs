//! What a run is asked to emit, and its one-line form, by which `check` knows later what to expect of a folder.

use std::{fmt, str::FromStr};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub target: Target,
    pub runtime: Runtime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// OpenAPI document, GraphQL schema and .proto file
    Contracts,
    /// Rust server with its migrations, for contracts that are already there
    Server,
    /// Both
    All,
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
        Options { target: Target::All, runtime: Runtime::Copy }
    }
}

impl Options {
    /// What a folder holds after this run, if it held `before` until now: contracts alone leave a server in place.
    pub fn joined_with(&self, before: &Options) -> Options {
        let runtime = if self.target.has_server() { &self.runtime } else { &before.runtime };
        let target = if self.target == before.target { self.target } else { Target::All };
        Options { target, runtime: runtime.clone() }
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

    fn word(self) -> &'static str {
        match self {
            Target::Contracts => "contracts",
            Target::Server => "server",
            Target::All => "all",
        }
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--target {}", self.target.word())?;
        match &self.runtime {
            Runtime::Copy => write!(f, " --runtime copy"),
            Runtime::Path(path) => write!(f, " --runtime path:{path}"),
        }
    }
}

impl FromStr for Options {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> anyhow::Result<Options> {
        let parts = line.strip_prefix("--target ").and_then(|rest| rest.split_once(" --runtime "));
        let read = parts.and_then(|(target, runtime)| {
            let target = [Target::Contracts, Target::Server, Target::All].into_iter().find(|t| t.word() == target)?;
            Some(Options { target, runtime: runtime.parse().ok()? })
        });
        read.ok_or_else(|| anyhow::anyhow!("`{line}` doesn't say what was generated"))
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
