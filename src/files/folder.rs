//! The output folder: paths that stay inside it, and reading, walking, locking and syncing below it.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, ErrorKind, Read},
    path::{Component, Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use anyhow::{Context as _, bail};

/// An existing folder, by its canonical path.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// Folders below it that were found to be some: thousands of files lie in a few.
    known: RwLock<HashSet<PathBuf>>,
}

/// Whether a path from the manifest, the journal or an emitter leads to a place inside the folder, as far as its text says.
pub(super) fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\\', '\n', '\r'])
        && Path::new(path).components().all(|component| matches!(component, Component::Normal(_)))
}

impl Folder {
    pub(super) fn create(path: &Path) -> anyhow::Result<Folder> {
        if let Some(folder) = Folder::open(path)? {
            return Ok(folder);
        }
        fs::create_dir_all(path).with_context(|| format!("cannot create the folder {}", path.display()))?;
        Folder::open(path)?.with_context(|| format!("{} vanished", path.display()))
    }

    /// `None` where nothing is.
    pub(super) fn open(path: &Path) -> anyhow::Result<Option<Folder>> {
        let root = match path.canonicalize() {
            Ok(root) => root,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot open {}", path.display())),
        };
        if !root.is_dir() {
            bail!("{} is not a folder", path.display());
        }
        Ok(Some(Folder { root, known: RwLock::default() }))
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Waits until no other run works on this folder, and keeps others waiting until the handle is dropped.
    ///
    /// `None` where the file system has no locks, as some network ones don't: running alone is then the user's business,
    /// as it is with cargo.
    pub(super) fn lock(&self) -> Option<File> {
        let file = lock_file(&self.root).ok()?;
        file.lock().ok()?;
        Some(file)
    }

    /// Where `path` lies on the disk. Its folders need not exist, but none may be a file, or a link to the outside.
    pub(super) fn locate(&self, path: &str) -> anyhow::Result<PathBuf> {
        let place = self.root.join(path);
        let folder = place.parent().unwrap_or(&self.root);
        if !self.known.read().unwrap_or_else(PoisonError::into_inner).contains(folder) {
            self.check_folders(path)?;
        }
        Ok(place)
    }

    fn check_folders(&self, path: &str) -> anyhow::Result<()> {
        let mut place = self.root.clone();
        let mut segments = path.split('/').peekable();
        while let Some(segment) = segments.next().filter(|_| segments.peek().is_some()) {
            place.push(segment);
            if self.check_folder(&place)? {
                self.known.write().unwrap_or_else(PoisonError::into_inner).insert(place.clone());
            }
        }
        Ok(())
    }

    /// Whether it is there already.
    fn check_folder(&self, place: &Path) -> anyhow::Result<bool> {
        let metadata = match fs::symlink_metadata(place) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", place.display())),
        };
        if metadata.is_symlink() {
            let target = place.canonicalize().with_context(|| format!("cannot follow {}", place.display()))?;
            if !target.starts_with(&self.root) {
                bail!("{} is a link that leads out of {}", place.display(), self.root.display());
            }
        }
        if !metadata.is_dir() && !place.is_dir() {
            bail!("{} is a file where a folder must go", place.display());
        }
        Ok(true)
    }

    /// The bytes of a file, `None` where nothing is.
    pub(super) fn read(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let Some((place, _)) = self.find(path)? else { return Ok(None) };
        fs::read(&place).map(Some).with_context(|| format!("cannot read {}", place.display()))
    }

    /// Whether a file has this content, `None` where nothing is. Reads no further than to the first difference.
    pub(super) fn holds(&self, path: &str, content: &[u8]) -> anyhow::Result<Option<bool>> {
        let Some((place, length)) = self.find(path)? else { return Ok(None) };
        if usize::try_from(length) != Ok(content.len()) {
            return Ok(Some(false));
        }
        let same = || -> io::Result<bool> { is_read(&mut File::open(&place)?, content) };
        same().map(Some).with_context(|| format!("cannot read {}", place.display()))
    }

    /// The place and the length of a file, `None` where nothing is.
    fn find(&self, path: &str) -> anyhow::Result<Option<(PathBuf, u64)>> {
        let place = self.locate(path)?;
        let metadata = match fs::symlink_metadata(&place) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot look at {}", place.display())),
        };
        if !metadata.is_file() {
            let what = if metadata.is_dir() { "a folder" } else { "a link or device" };
            bail!("{} is {what} where a file must go", place.display());
        }
        Ok(Some((place, metadata.len())))
    }

    /// Whether anything at all has this path, a broken link included. Where the user's links lead is the user's business.
    pub(super) fn has(&self, path: &str) -> anyhow::Result<bool> {
        Ok(self.root.join(path).exists() || fs::symlink_metadata(self.locate(path)?).is_ok())
    }

    /// Every file below a top-level folder, `target` folders left out, links not followed.
    pub(super) fn walk(&self, folder: &str) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(folder) = waiting.pop() {
            let place = self.root.join(&folder);
            if !fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_dir()) {
                continue;
            }
            for entry in fs::read_dir(&place).with_context(|| format!("cannot list {}", place.display()))? {
                let entry = entry?;
                let name = entry.file_name();
                let path = format!("{folder}/{}", name.to_string_lossy());
                match entry.file_type()?.is_dir() {
                    true if name != "target" => waiting.push(path),
                    true => {}
                    false => found.push(path),
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// Removes the folders that led to `path` as far as they are empty.
    pub(super) fn prune(&self, path: &str) {
        let mut folder = Path::new(path);
        while let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            // Fails on the first that isn't empty, which is where to stop.
            if fs::remove_dir(self.root.join(parent)).is_err() {
                return;
            }
            folder = parent;
        }
    }
}

/// Whether `reader` gives these bytes, and no more.
fn is_read(reader: &mut impl Read, mut content: &[u8]) -> io::Result<bool> {
    // No more than it takes: most files are small.
    let mut buffer = vec![0; content.len().clamp(1, 1 << 15)];
    loop {
        let length = reader.read(&mut buffer)?;
        if length == 0 {
            return Ok(content.is_empty());
        }
        match content.strip_prefix(&buffer[..length]) {
            Some(rest) => content = rest,
            None => return Ok(false),
        }
    }
}

/// The folder itself is what gets locked, so that no lock file stays behind among the user's.
#[cfg(unix)]
fn lock_file(root: &Path) -> io::Result<File> {
    File::open(root)
}

/// Where folders can't be locked.
#[cfg(not(unix))]
fn lock_file(root: &Path) -> io::Result<File> {
    File::options().write(true).create(true).truncate(false).open(root.join(".apigen-lock"))
}

/// Makes creations, renames and removals in a folder last.
#[cfg(unix)]
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere folders can't be opened, and the file system's own journal has to do.
#[cfg(not(unix))]
pub(super) fn sync(_folder: &Path) -> io::Result<()> {
    Ok(())
}
