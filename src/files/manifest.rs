//! `.apigen-manifest`: which files of a folder are apigen's, with the hash that each had when it was written. The lines are
//! those of `sha256sum`, so `sha256sum -c .apigen-manifest` says what was edited; a comment above them keeps the settings
//! of the run.

use std::{collections::BTreeMap, fmt};

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};

use super::folder::{Folder, is_inside};

pub(super) const PATH: &str = ".apigen-manifest";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) settings: Option<String>,
    /// Lower-case hexadecimal SHA-256 by path.
    pub(super) hashes: BTreeMap<String, String>,
}

impl Manifest {
    /// The folder's manifest, empty where there is none.
    pub(super) fn read(folder: &Folder) -> anyhow::Result<Manifest> {
        let Some(bytes) = folder.read(PATH)? else { return Ok(Manifest::default()) };
        Manifest::parse(&bytes).with_context(|| {
            let path = folder.root().join(PATH);
            format!("cannot understand {} (without it, `apigen generate` finds out anew)", path.display())
        })
    }

    fn parse(bytes: &[u8]) -> anyhow::Result<Manifest> {
        let mut manifest = Manifest::default();
        for (index, line) in std::str::from_utf8(bytes)?.lines().enumerate() {
            if let Some(settings) = line.strip_prefix("# ") {
                manifest.settings = Some(settings.to_owned());
            } else if let Some((hash, path)) =
                line.split_once("  ").filter(|(hash, path)| is_hash(hash) && is_inside(path))
            {
                manifest.hashes.insert(path.to_owned(), hash.to_owned());
            } else {
                bail!("line {}: neither a comment nor `<sha256>  <path>`", index + 1);
            }
        }
        Ok(manifest)
    }
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(settings) = &self.settings {
            writeln!(f, "# {settings}")?;
        }
        self.hashes.iter().try_for_each(|(path, hash)| writeln!(f, "{hash}  {path}"))
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn hash(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))
}
