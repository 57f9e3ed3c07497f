//! What is in the places where files go, found out on all processors: where nothing has changed, a run does little else.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use super::{Files, Owner, folder::Folder, manifest};

/// One of apigen's files, and its place.
#[derive(Debug)]
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
    let own: Vec<_> = files.iter().filter(|(.., owner)| *owner == Owner::Apigen).collect();
    let next = AtomicUsize::new(0);
    let some = || -> anyhow::Result<Vec<(&str, Look)>> {
        let mut looks = Vec::new();
        while let Some((path, content, _)) = own.get(next.fetch_add(1, Ordering::Relaxed)) {
            looks.push((*path, Look::at(path, content, folder)?));
        }
        Ok(looks)
    };
    thread::scope(|scope| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (1..processors).map(|_| scope.spawn(some)).collect();
        let mut looks: BTreeMap<_, _> = some()?.into_iter().collect();
        for thread in threads {
            looks.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(looks)
    })
}

impl Look {
    fn at(path: &str, content: &[u8], folder: &Folder) -> anyhow::Result<Look> {
        let found = match folder.holds(path, content)? {
            None => Found::Nothing,
            Some(true) => Found::Same,
            Some(false) => Found::Other,
        };
        Ok(Look { hash: manifest::hash(content), found })
    }
}
