//! A folder that a run writes to, from before the first file is made to after the last one is in its place.

use std::{fs::File, path::Path};

use anyhow::Context as _;

use super::{
    Content, Files, Force, Recovered, Report,
    folder::Folder,
    journal,
    look::{Found, Look},
    plan::Plan,
    staging::Staging,
};

/// A folder that no other run works on, in which no run is unfinished.
#[derive(Debug)]
pub struct Output {
    pub(super) folder: Folder,
    pub(super) staging: Staging,
    recovered: Option<Recovered>,
    _lock: Option<File>,
}

impl Output {
    /// Waits for another run to end, and deals with what an interrupted one left behind.
    pub fn open(out: &Path) -> anyhow::Result<Output> {
        let folder = Folder::create(out)?;
        let lock = folder.lock();
        let recovered = journal::recover(&folder).with_context(|| format!("cannot mend {}", out.display()))?;
        let staging = Staging::new(&folder);
        Ok(Output { folder, staging, recovered, _lock: lock })
    }

    /// Brings the folder up to `files`, see [`super::write`].
    pub fn write(self, files: &Files, force: Force) -> anyhow::Result<Report> {
        let (root, recovered) = (self.folder.root().to_owned(), self.recovered);
        let plan = Plan::new(files, self, force)?;
        plan.run().with_context(|| format!("cannot write to {}", root.display()))?;
        Ok(Report { recovered, ..plan.report() })
    }

    /// Compares one of apigen's files with what is in its place, and stages it unless that is the same.
    pub(super) fn take(&self, path: &str, bytes: Vec<u8>) -> Content {
        match Look::at(path, &bytes, &self.folder) {
            Ok(look) => {
                if look.found != Found::Same {
                    self.staging.put(path, &bytes);
                }
                Content::Taken(look)
            }
            // What is the matter is seen again, and told, when all files are there.
            Err(_) => Content::Here(bytes),
        }
    }
}
