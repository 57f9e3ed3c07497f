//! The set of files that one run produces, and the only place that touches the disk: [`write`] brings a folder up to the
//! set, all or nothing, and [`compare`] says where a folder differs from it.
//!
//! Every file is either apigen's (overwritten, listed with its hash in `.apigen-manifest`) or the user's (written once if
//! it is absent, never touched again). Knows nothing about what the files say.

mod compare;
mod folder;
mod journal;
mod look;
mod manifest;
mod output;
mod plan;
mod staging;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use anyhow::Context as _;

pub use self::{
    compare::{Difference, DifferenceKind, compare},
    journal::Recovered,
    output::Output,
    plan::{Edited, Plan, Step, plan},
};
use self::{folder::Folder, look::Look, manifest::Manifest};

/// Files by their paths inside the output folder, with `/` between the segments on every system.
#[derive(Debug, Clone)]
pub struct Files {
    /// Top-level folders that are wholly apigen's and that this set describes in full. What the manifest lists elsewhere
    /// belongs to runs with other targets, and stays.
    folders: BTreeSet<String>,
    settings: Option<String>,
    entries: BTreeMap<String, Entry>,
    beside: Option<Beside>,
}

#[derive(Debug, Clone)]
struct Entry {
    content: Content,
    owner: Owner,
}

#[derive(Debug, Clone)]
enum Content {
    Here(Vec<u8>),
    /// By an [`Output`], which knows what to do with it.
    Taken(Look),
}

/// Files as they are made, on any thread.
#[derive(Debug)]
pub struct Draft<'o> {
    /// Takes what is made as soon as it is there: comparing and writing files goes on while others are made, and most
    /// needn't be kept.
    output: Option<&'o Output>,
    files: Mutex<Files>,
}

/// A file outside the folder that changes with it: the lock.
#[derive(Debug, Clone)]
struct Beside {
    path: PathBuf,
    content: Vec<u8>,
}

/// Whose a file is once it is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Overwritten by every run and listed in the manifest.
    Apigen,
    /// Written if absent, never touched again.
    User,
}

/// What to do about apigen's files that someone else edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Refuse, naming them.
    No,
    /// Overwrite or delete them.
    Yes,
}

/// What a run did to the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Report {
    pub written: Vec<String>,
    pub deleted: Vec<String>,
    /// How many files were as they should be, and weren't touched.
    pub unchanged: usize,
    /// What became of an earlier run that didn't end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Recovered>,
}

impl Files {
    /// An empty set that describes `folders` in full.
    pub fn new<'a>(folders: impl IntoIterator<Item = &'a str>) -> Files {
        let folders = folders.into_iter().map(str::to_owned).collect();
        Files { folders, settings: None, entries: BTreeMap::new(), beside: None }
    }

    /// Keeps a line in the manifest for [`settings`] to read back. What would end the line becomes `?`.
    pub fn remember(&mut self, settings: impl Into<String>) {
        self.settings = Some(settings.into().replace(char::is_control, "?"));
    }

    /// Adds a file; a path is added once.
    pub fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>, owner: Owner) {
        self.insert(path.into(), Entry { content: Content::Here(content.into()), owner });
    }

    fn insert(&mut self, path: String, entry: Entry) {
        assert!(folder::is_inside(&path), "`{path}` is no path inside the output folder");
        let known = self.entries.insert(path.clone(), entry);
        assert!(known.is_none(), "`{path}` is emitted twice");
    }

    /// Names a file outside the folder that is written in the same run, last.
    pub fn beside(&mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) {
        self.beside = Some(Beside { path: path.into(), content: content.into() });
    }

    /// Path, content and owner of every file inside the folder, sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8], Owner)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry.bytes(), entry.owner))
    }

    /// The manifest of a folder that holds this set, where `before` is the folder's manifest until now, and `hash` knows
    /// the files.
    fn manifest(&self, before: &Manifest, hash: impl Fn(&str) -> String) -> Manifest {
        let mut after = Manifest { settings: self.settings.clone(), ..Manifest::default() };
        let elsewhere = before.hashes.iter().filter(|(path, _)| !self.describes(path));
        after.hashes.extend(elsewhere.map(|(path, hash)| (path.clone(), hash.clone())));
        for (path, entry) in &self.entries {
            match entry.owner {
                Owner::Apigen => after.hashes.insert(path.clone(), hash(path)),
                Owner::User => after.hashes.remove(path),
            };
        }
        after
    }

    /// Whether this set says all there is to say about the top-level folder of `path`.
    fn describes(&self, path: &str) -> bool {
        path.split_once('/').is_some_and(|(folder, _)| self.folders.contains(folder))
    }
}

impl Entry {
    fn bytes(&self) -> &[u8] {
        match &self.content {
            Content::Here(bytes) => bytes,
            Content::Taken(_) => unreachable!("files that an output has taken are only written to it"),
        }
    }
}

impl<'o> Draft<'o> {
    /// An empty set that will describe `folders` in full.
    pub fn new<'a>(folders: impl IntoIterator<Item = &'a str>, output: Option<&'o Output>) -> Draft<'o> {
        Draft { output, files: Mutex::new(Files::new(folders)) }
    }

    /// Adds a file; a path is added once.
    pub fn add(&self, path: impl Into<String>, content: impl Into<Vec<u8>>, owner: Owner) {
        let (path, bytes) = (path.into(), content.into());
        assert!(folder::is_inside(&path), "`{path}` is no path inside the output folder");
        let content = match self.output {
            Some(output) if owner == Owner::Apigen => output.take(&path, bytes),
            _ => Content::Here(bytes),
        };
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(path, Entry { content, owner });
    }

    /// All that was added. If an output has taken them, they can be written to that one alone.
    pub fn finish(self) -> Files {
        self.files.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings `out` up to `files`. After an error, a crash or a power cut the folder holds the old files or the new ones, never
/// some of each: at once after an error, otherwise as soon as the next run has begun.
///
/// Unchanged files aren't rewritten. What someone edited is an [`Edited`], unless `force` says otherwise. Two runs on the same folder wait for each other.
pub fn write(files: &Files, out: &Path, force: Force) -> anyhow::Result<Report> {
    Output::open(out)?.write(files, force)
}

/// Where `out` differs from `files`, whoever wrote it and whatever its manifest says.
pub fn compare_content(files: &Files, out: &Path) -> anyhow::Result<Vec<Difference>> {
    let mut differences = compare(files, out)?;
    differences.retain(|difference| difference.path != manifest::PATH);
    Ok(differences)
}

/// Makes `path` look as old as `like`, for those who go by that.
pub fn set_age(path: &Path, like: &Path) -> anyhow::Result<()> {
    let modified = std::fs::metadata(like).and_then(|metadata| metadata.modified());
    let modified = modified.with_context(|| format!("cannot tell how old {} is", like.display()))?;
    let set = std::fs::File::options().write(true).open(path).and_then(|file| file.set_modified(modified));
    set.with_context(|| format!("cannot set the age of {}", path.display()))
}

/// Finishes or takes back what an interrupted run left behind in `out`.
pub fn recover(out: &Path) -> anyhow::Result<Option<Recovered>> {
    let Some(folder) = Folder::open(out)? else { return Ok(None) };
    let _lock = folder.lock();
    journal::recover(&folder)
}

/// The bytes of one file inside `out`, `None` where nothing is. Refuses a folder in which a run was interrupted.
pub fn read(out: &Path, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(folder) = Folder::open(out)? else { return Ok(None) };
    journal::refuse_unfinished(&folder)?;
    folder.read(path)
}

/// The settings of the run that last wrote to `out`.
pub fn settings(out: &Path) -> anyhow::Result<Option<String>> {
    let Some(folder) = Folder::open(out)? else { return Ok(None) };
    Ok(Manifest::read(&folder)?.settings)
}
