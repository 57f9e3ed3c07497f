//! `.apigen-staging`, where a run keeps what it is about to put into place and what it replaces, each file below the same
//! path as in the folder itself.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
};

use anyhow::Context as _;
use crossbeam_channel::{Receiver, SendError, Sender};

use super::folder::Folder;

/// Each waits for the disk, which serves those that wait together in one go.
const SYNCERS: usize = 32;
/// How many files are open at most: fewer than a process may have.
const OPEN: usize = 256;

/// The staging folder of a run. Unless its files are used, they are gone with this.
#[derive(Debug)]
pub(super) struct Staging {
    root: PathBuf,
    syncing: Mutex<Option<Syncing>>,
    /// Why a file couldn't be written.
    failure: Mutex<Option<anyhow::Error>>,
}

/// Written files on their way to the disk.
#[derive(Debug)]
struct Syncing {
    queue: Sender<(PathBuf, File)>,
    threads: Vec<JoinHandle<anyhow::Result<()>>>,
}

impl Staging {
    pub(super) fn new(folder: &Folder) -> Staging {
        Staging { root: root(folder), syncing: Mutex::default(), failure: Mutex::default() }
    }

    /// Writes the bytes that will go to `path`. [`Staging::finish`] tells whether they could be.
    pub(super) fn put(&self, path: &str, content: &[u8]) {
        let queue = lock(&self.syncing).get_or_insert_with(Syncing::start).queue.clone();
        let path = self.root.join(NEW).join(path);
        let staged = write(&path, content).and_then(|file| match queue.send((path.clone(), file)) {
            Ok(()) => Ok(()),
            // All syncers have failed, or there were none.
            Err(SendError((_, file))) => sync_file(&path, &file),
        });
        if let Err(error) = staged {
            lock(&self.failure).get_or_insert(error);
        }
    }

    /// Waits until all bytes are on the disk.
    pub(super) fn finish(&self) -> anyhow::Result<()> {
        let syncing = lock(&self.syncing).take();
        let synced = syncing.map_or(Ok(()), Syncing::finish);
        lock(&self.failure).take().map_or(synced, Err)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Staging {
    fn drop(&mut self) {
        let syncing = lock(&self.syncing).take();
        if let Some(syncing) = syncing {
            // Whoever wanted the files has failed, and says why.
            let _ = syncing.finish();
            let _ = sweep(&self.root);
        }
    }
}

impl Syncing {
    fn start() -> Syncing {
        let (queue, files) = crossbeam_channel::bounded(OPEN);
        let start = |_| {
            let files = files.clone();
            thread::Builder::new().spawn(move || sync_all(&files))
        };
        // Where there can't be as many, those that there are do it all.
        Syncing { queue, threads: (0..SYNCERS).map_while(|number| start(number).ok()).collect() }
    }

    fn finish(self) -> anyhow::Result<()> {
        drop(self.queue);
        // All end before an error is told, so that none writes any more.
        let outcomes: Vec<_> = self.threads.into_iter().map(JoinHandle::join).collect();
        outcomes.into_iter().try_for_each(|outcome| outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

fn sync_all(files: &Receiver<(PathBuf, File)>) -> anyhow::Result<()> {
    files.iter().try_for_each(|(path, file)| sync_file(&path, &file))
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

/// Writes a file and has it on the disk. Its folder may have to be made.
pub(super) fn write_synced(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    sync_file(path, &write(path, content)?)
}

fn write(path: &Path, content: &[u8]) -> anyhow::Result<File> {
    let write = || -> io::Result<File> {
        let mut file = in_its_folder(path, || File::create(path))?;
        file.write_all(content)?;
        Ok(file)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

fn sync_file(path: &Path, file: &File) -> anyhow::Result<()> {
    file.sync_all().with_context(|| format!("cannot write {}", path.display()))
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
