//! What is in the places where files go, found out on all processors: where nothing has changed, a run does little else.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::{Content, Files, Owner, folder::Folder, manifest};

/// One of apigen's files, and its place.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// Of what is to be there.
    pub(super) hash: String,
    pub(super) found: Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// What is to be there.
    Same,
    Other,
}

/// By path.
pub(super) fn at<'f>(files: &'f Files, folder: &Folder) -> anyhow::Result<BTreeMap<&'f str, Look>> {
    let own: Vec<_> = files.entries.iter().filter(|(_, entry)| entry.owner == Owner::Apigen).collect();
    let looks = own.into_par_iter().map(|(path, entry)| {
        let look = match &entry.content {
            Content::Here(bytes) => Look::at(path, bytes, folder)?,
            Content::Taken(look) => look.clone(),
        };
        Ok((path.as_str(), look))
    });
    // Into a list first: a map of its own per task would be merged again and again.
    Ok(looks.collect::<anyhow::Result<Vec<_>>>()?.into_iter().collect())
}

impl Look {
    pub(super) fn at(path: &str, content: &[u8], folder: &Folder) -> anyhow::Result<Look> {
        let found = match folder.holds(path, content)? {
            None => Found::Nothing,
            Some(true) => Found::Same,
            Some(false) => Found::Other,
        };
        Ok(Look { hash: manifest::hash(content), found })
    }
}
