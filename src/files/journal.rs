//! All or nothing: contents are staged beside their places, a journal says which moves are about to happen, and only then
//! is anything moved.
//!
//! ```text
//! .apigen-staging/new/3     the bytes that change 3 will put into place
//! .apigen-staging/old/3     the bytes that it replaces or deletes
//! .apigen-staging/journal   the changes; while it is there, a run has begun and not ended
//! .apigen-staging/undo      the same, renamed: the changes are being taken back
//! ```
//! Without either of the last two nothing has been touched, and the staging folder is litter. Applying a change, like
//! taking it back, may be done again after a crash: each looks at what is still staged.

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};

use super::{
    Beside,
    folder::{self, Folder, is_inside},
};

const STAGING: &str = ".apigen-staging";
const HEADER: &str = "apigen journal 1";

/// What became of a run that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovered {
    /// Its new files are all there now.
    Finished,
    /// The files before it are all there again.
    TakenBack,
}

#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) changes: Vec<Change>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Replace,
    Delete,
}

/// Deals with what an interrupted run left behind.
pub(super) fn recover(folder: &Folder) -> anyhow::Result<Option<Recovered>> {
    let staging = folder.root().join(STAGING);
    if let Some(journal) = Journal::read(&staging.join("journal"))? {
        for index in 0..journal.changes.len() {
            journal.apply(folder, index)?;
        }
        journal.sync(folder)?;
        commit(folder)?;
        return Ok(Some(Recovered::Finished));
    }
    let undone = staging.join("undo").exists();
    roll_back(folder)?;
    Ok(undone.then_some(Recovered::TakenBack))
}

/// Says so if an interrupted run left the folder in between.
pub(super) fn refuse_unfinished(folder: &Folder) -> anyhow::Result<()> {
    let staging = folder.root().join(STAGING);
    if staging.join("journal").exists() || staging.join("undo").exists() {
        bail!("a run on {} was interrupted: `apigen generate` finishes it", folder.root().display());
    }
    Ok(())
}

/// Takes back every change that was made, and sweeps up.
pub(super) fn roll_back(folder: &Folder) -> anyhow::Result<()> {
    let staging = folder.root().join(STAGING);
    let (journal, undo) = (staging.join("journal"), staging.join("undo"));
    if journal.exists() {
        fs::rename(&journal, &undo).with_context(|| format!("cannot rename {}", journal.display()))?;
        sync(&staging)?;
    }
    if let Some(journal) = Journal::read(&undo)? {
        for index in (0..journal.changes.len()).rev() {
            journal.take_back(folder, index)?;
        }
        journal.sync(folder)?;
        remove(&undo)?;
        sync(&staging)?;
    }
    sweep(&staging)
}

/// Ends a run: the new files are what there is.
pub(super) fn commit(folder: &Folder) -> anyhow::Result<()> {
    let staging = folder.root().join(STAGING);
    remove(&staging.join("journal"))?;
    // The run has happened: that litter stays is no failure, and the next run sweeps it up.
    let _ = sync(&staging).and_then(|()| sweep(&staging));
    Ok(())
}

impl Journal {
    fn read(path: &Path) -> anyhow::Result<Option<Journal>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        Journal::parse(&text).map(Some).with_context(|| format!("cannot understand {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Journal> {
        let Some(lines) = text.strip_prefix(HEADER) else { bail!("it doesn't begin with `{HEADER}`") };
        let changes = lines.lines().skip(1).map(Change::parse).collect::<anyhow::Result<_>>()?;
        Ok(Journal { changes })
    }

    pub(super) fn stage(&self, folder: &Folder, contents: &[Cow<'_, [u8]>]) -> anyhow::Result<()> {
        let staging = folder.root().join(STAGING);
        sweep(&staging)?;
        for part in ["new", "old"] {
            let place = staging.join(part);
            fs::create_dir_all(&place).with_context(|| format!("cannot create {}", place.display()))?;
        }
        let changes = || self.changes.iter().enumerate();
        for (index, change) in changes().filter(|(_, change)| change.action != Action::Create) {
            keep(&folder.locate(&change.path)?, &staged(folder, "old", index))?;
        }
        let new = changes().filter(|(_, change)| change.action != Action::Delete);
        write_all(&new.map(|(index, _)| (staged(folder, "new", index), &*contents[index])).collect::<Vec<_>>())?;
        sync(&staging.join("new"))?;
        sync(&staging.join("old"))
    }

    pub(super) fn write(&self, folder: &Folder) -> anyhow::Result<()> {
        let staging = folder.root().join(STAGING);
        let lines: String =
            self.changes.iter().map(|change| format!("{} {}\n", change.action.word(), change.path)).collect();
        let draft = staging.join("draft");
        write_synced(&draft, format!("{HEADER}\n{lines}").as_bytes())?;
        sync(folder.root())?;
        let journal = staging.join("journal");
        fs::rename(&draft, &journal).with_context(|| format!("cannot create {}", journal.display()))?;
        sync(&staging)
    }

    /// Makes one change, unless it is already made.
    pub(super) fn apply(&self, folder: &Folder, index: usize) -> anyhow::Result<()> {
        let change = &self.changes[index];
        let place = folder.locate(&change.path)?;
        if change.action == Action::Delete {
            remove(&place)?;
            folder.prune(&change.path);
            return Ok(());
        }
        let new = staged(folder, "new", index);
        match new.exists() {
            true => put(&new, &place),
            false => Ok(()),
        }
    }

    /// Takes one change back, unless it was never made or is already taken back.
    fn take_back(&self, folder: &Folder, index: usize) -> anyhow::Result<()> {
        let change = &self.changes[index];
        let place = folder.locate(&change.path)?;
        if change.action == Action::Create {
            if !staged(folder, "new", index).exists() {
                remove(&place)?;
            }
            folder.prune(&change.path);
            return Ok(());
        }
        let old = staged(folder, "old", index);
        match old.exists() {
            true => put(&old, &place),
            false => Ok(()),
        }
    }

    /// Makes the changes to folders last.
    pub(super) fn sync(&self, folder: &Folder) -> anyhow::Result<()> {
        let mut parents: Vec<PathBuf> = Vec::new();
        for change in &self.changes {
            let place = folder.locate(&change.path)?;
            // The folders of a created file may be new themselves; those of a deleted one may be gone.
            parents.extend(
                place.ancestors().skip(1).take_while(|parent| parent.starts_with(folder.root())).map(PathBuf::from),
            );
        }
        parents.sort();
        parents.dedup();
        parents.iter().filter(|parent| parent.exists()).try_for_each(|parent| sync(parent))
    }
}

impl Change {
    fn parse(line: &str) -> anyhow::Result<Change> {
        let known = line.split_once(' ').and_then(|(word, path)| Some((Action::from_word(word)?, path)));
        match known.filter(|(_, path)| is_inside(path)) {
            Some((action, path)) => Ok(Change { action, path: path.to_owned() }),
            None => bail!("`{line}` is no change"),
        }
    }
}

impl Action {
    fn word(self) -> &'static str {
        match self {
            Action::Create => "create",
            Action::Replace => "replace",
            Action::Delete => "delete",
        }
    }

    fn from_word(word: &str) -> Option<Action> {
        [Action::Create, Action::Replace, Action::Delete].into_iter().find(|action| action.word() == word)
    }
}

impl Beside {
    pub(super) fn is_current(&self) -> bool {
        fs::read(&self.path).is_ok_and(|found| found == self.content)
    }

    /// Replaces the file in one move.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        let name = self.path.file_name().with_context(|| format!("{} is no file name", self.path.display()))?;
        let draft = self.path.with_file_name(format!(".{}.draft", name.to_string_lossy()));
        write_synced(&draft, &self.content)?;
        put(&draft, &self.path)?;
        match self.path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => sync(parent),
            None => sync(Path::new(".")),
        }
    }
}

fn staged(folder: &Folder, part: &str, index: usize) -> PathBuf {
    folder.root().join(STAGING).join(part).join(index.to_string())
}

/// Writes several at a time: each waits for the disk, which serves those that wait together in one go.
fn write_all(files: &[(PathBuf, &[u8])]) -> anyhow::Result<()> {
    const THREADS: usize = 32;
    let write = |part: &[(PathBuf, &[u8])]| part.iter().try_for_each(|(path, content)| write_synced(path, content));
    std::thread::scope(|scope| {
        let parts = files.chunks(files.len().div_ceil(THREADS).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || write(part))).collect();
        let outcomes: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        outcomes.into_iter().try_for_each(|outcome| outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn write_synced(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Keeps a file's bytes under a second name; as a link, so that taking back restores its time and permissions too.
fn keep(path: &Path, copy: &Path) -> anyhow::Result<()> {
    if fs::hard_link(path, copy).is_ok() {
        return Ok(());
    }
    fs::copy(path, copy)
        .and_then(|_| File::open(copy)?.sync_all())
        .with_context(|| format!("cannot keep a copy of {}", path.display()))
}

/// Moves a file into its place over whatever file is there.
fn put(from: &Path, to: &Path) -> anyhow::Result<()> {
    let moved = match fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let parent = to.parent().with_context(|| format!("{} has no folder", to.display()))?;
            fs::create_dir_all(parent).with_context(|| format!("cannot create the folder {}", parent.display()))?;
            fs::rename(from, to)
        }
        moved => moved,
    };
    moved.with_context(|| format!("cannot write {}", to.display()))
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> anyhow::Result<()> {
    folder::sync(folder).with_context(|| format!("cannot sync {}", folder.display()))
}

fn sweep(staging: &Path) -> anyhow::Result<()> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot delete {}", staging.display()))
        }
        _ => Ok(()),
    }
}
