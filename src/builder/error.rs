//! Why a build stops, in words that fit into what cargo shows of a script that failed.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::{
    diagnostic::Diagnostics,
    files::{Difference, Edited},
    migrations::Refused,
};

/// Why a build stops. `Debug` is as readable as `Display`, since that is what `main` prints.
pub enum BuildError {
    /// The spec, or its lock, is wrong.
    Spec { spec: PathBuf, mistakes: Diagnostics },
    /// This lock would change, and [`Builder::update_lock`] wasn't called.
    Lock(PathBuf),
    /// The contracts in a folder aren't those of the spec.
    Contracts { folder: PathBuf, differences: Vec<Difference> },
    /// The migrations in a folder don't lead to the spec.
    Migrations { folder: PathBuf, differences: Vec<Difference> },
    /// No migration can follow those in a folder to the spec.
    Refused { folder: PathBuf, refused: Refused },
    /// Someone edited what is in a folder, where it is to be refreshed.
    Edited { folder: PathBuf, edited: Edited },
    /// Files that can't be read or written.
    Files(anyhow::Error),
}

impl BuildError {
    pub(super) fn contracts(folder: PathBuf, differences: Vec<Difference>) -> BuildError {
        BuildError::Contracts { folder, differences }
    }

    pub(super) fn migrations(folder: PathBuf, differences: Vec<Difference>) -> BuildError {
        BuildError::Migrations { folder, differences }
    }

    /// Why `folder` couldn't be written.
    pub(super) fn in_folder(folder: &Path, error: anyhow::Error) -> BuildError {
        match error.downcast() {
            Ok(edited) => BuildError::Edited { folder: folder.to_owned(), edited },
            Err(other) => BuildError::Files(other),
        }
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Spec { spec, mistakes } => write!(f, "{} is rejected\n\n{mistakes}", spec.display()),
            BuildError::Lock(path) => {
                write!(f, "{} isn't up to date: let the build write it by `update_lock`, and commit it", path.display())
            }
            BuildError::Contracts { folder, differences } => {
                stale(f, folder, differences)?;
                f.write_str("refresh it by `contracts_dir` in place of `check_contracts`, and commit it")
            }
            BuildError::Migrations { folder, differences } => {
                stale(f, folder, differences)?;
                f.write_str("add what is missing by `migrations_dir` in place of `check_migrations`, and commit it")
            }
            BuildError::Refused { folder, refused } => write!(f, "{}: {refused}", folder.display()),
            BuildError::Edited { folder, edited } => {
                write!(f, "{}: {edited}\nmove your changes elsewhere, and delete what is in the way", folder.display())
            }
            BuildError::Files(error) => write!(f, "{error:#}"),
        }
    }
}

fn stale(f: &mut fmt::Formatter<'_>, folder: &Path, differences: &[Difference]) -> fmt::Result {
    writeln!(f, "{} is stale:", folder.display())?;
    differences.iter().try_for_each(|difference| writeln!(f, "  {difference}"))
}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for BuildError {}

impl From<anyhow::Error> for BuildError {
    fn from(error: anyhow::Error) -> BuildError {
        BuildError::Files(error)
    }
}
