//! `.apigen-staging`, where a run keeps what it is about to put into place and what it replaces, each file below the same
//! path as in the folder itself.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use anyhow::Context as _;
use crossbeam_channel::{Receiver, Sender};

use super::folder::Folder;

/// Each waits for the disk, which serves those that wait together in one go.
const WRITERS: usize = 32;

/// The staging folder of a run. Unless its files are used, they are gone with this.
#[derive(Debug)]
pub(super) struct Staging {
    root: PathBuf,
    writers: Mutex<Option<Writers>>,
}

/// Files on their way to the disk.
#[derive(Debug)]
struct Writers {
    queue: Sender<(PathBuf, Vec<u8>)>,
    threads: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Staging {
    pub(super) fn new(folder: &Folder) -> Staging {
        Staging { root: root(folder), writers: Mutex::default() }
    }

    /// Has the bytes written that will go to `path`. [`Staging::finish`] tells whether they could be.
    pub(super) fn put(&self, path: &str, content: impl Into<Vec<u8>>) {
        let mut writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        let file = (self.root.join(NEW).join(path), content.into());
        // It fails once all writers have: the first error is the one to be told.
        let _ = writers.get_or_insert_with(Writers::start).queue.send(file);
    }

    /// Waits until all bytes are on the disk.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner).take();
        writers.map_or(Ok(()), Writers::finish)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let writers = self.writers.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writers) = writers {
            // Whoever wanted the files has failed, and says why.
            let _ = writers.finish();
            let _ = sweep(&self.root);
        }
    }
}

impl Writers {
    fn start() -> Writers {
        let (queue, files) = crossbeam_channel::unbounded();
        let start = |_| {
            let files = files.clone();
            thread::spawn(move || write_all(&files))
        };
        Writers { queue, threads: (0..WRITERS).map(start).collect() }
    }

    fn finish(self) -> anyhow::Result<()> {
        drop(self.queue);
        // All end before an error is told, so that none writes any more.
        let outcomes: Vec<_> = self.threads.into_iter().map(JoinHandle::join).collect();
        outcomes.into_iter().try_for_each(|outcome| outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

fn write_all(files: &Receiver<(PathBuf, Vec<u8>)>) -> anyhow::Result<()> {
    files.iter().try_for_each(|(path, content)| write_synced(&path, &content))
}

const NEW: &str = "new";
const OLD: &str = "old";

pub(super) fn root(folder: &Folder) -> PathBuf {
    folder.root().join(".apigen-staging")
}

/// Where the bytes wait that are to go to `path`.
pub(super) fn new(folder: &Folder, path: &str) -> PathBuf {
    root(folder).join(NEW).join(path)
}

/// Where the bytes are kept that were at `path`.
pub(super) fn old(folder: &Folder, path: &str) -> PathBuf {
    root(folder).join(OLD).join(path)
}

/// Writes a file whose folder may have to be made.
pub(super) fn write_synced(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = in_its_folder(path, || File::create(path))?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Moves a file into its place over whatever file is there.
pub(super) fn put(from: &Path, to: &Path) -> anyhow::Result<()> {
    in_its_folder(to, || fs::rename(from, to)).with_context(|| format!("cannot write {}", to.display()))
}

/// Keeps a file's bytes under a second name; as a link, so that taking back restores its time and permissions too.
pub(super) fn keep(path: &Path, copy: &Path) -> anyhow::Result<()> {
    if in_its_folder(copy, || fs::hard_link(path, copy)).is_ok() {
        return Ok(());
    }
    in_its_folder(copy, || fs::copy(path, copy))
        .and_then(|_| File::open(copy)?.sync_all())
        .with_context(|| format!("cannot keep a copy of {}", path.display()))
}

/// Tries again with the folder of `path`, if it takes that.
fn in_its_folder<T>(path: &Path, attempt: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match (attempt(), path.parent()) {
        (Err(error), Some(parent)) if error.kind() == ErrorKind::NotFound => {
            fs::create_dir_all(parent)?;
            attempt()
        }
        (outcome, _) => outcome,
    }
}

pub(super) fn sweep(staging: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", staging.display()))
        }
        _ => Ok(()),
    }
}

/// The folders that lead to files, each once, the outermost being the empty path.
pub(super) fn folders<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<&'p Path> {
    let mut folders: Vec<_> = paths.flat_map(|path| Path::new(path).ancestors().skip(1)).collect();
    folders.sort();
    folders.dedup();
    folders
}
