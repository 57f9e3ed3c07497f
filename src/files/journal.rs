//! All or nothing: contents are staged beside their places, a journal says which moves are about to happen, and only then
//! is anything moved.
//!
//! ```text
//! .apigen-staging/new/…     the bytes that changes will put into place, each file by its path
//! .apigen-staging/old/…     the bytes that they replace or delete
//! .apigen-staging/journal   the changes; while it is there, a run has begun and not ended
//! .apigen-staging/undo      the same, renamed: the changes are being taken back
//! ```
//! Without either of the last two nothing has been touched, and the staging folder is litter. Applying a change, like
//! taking it back, may be done again after a crash: each looks at what is still staged.

use std::{fs, io::ErrorKind, path::Path};

use anyhow::{Context as _, bail};

use super::{
    Beside,
    folder::{self, Folder, is_inside},
    staging::{self, Staging, keep, put, sweep, write_synced},
};

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
    let staging = staging::root(folder);
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
    let staging = staging::root(folder);
    if staging.join("journal").exists() || staging.join("undo").exists() {
        bail!("a run on {} was interrupted: `apigen generate` finishes it", folder.root().display());
    }
    Ok(())
}

/// Takes back every change that was made, and sweeps up.
pub(super) fn roll_back(folder: &Folder) -> anyhow::Result<()> {
    let staging = staging::root(folder);
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
    let staging = staging::root(folder);
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

    /// Waits until the new bytes, which `staging` has, are on the disk, and keeps the old ones.
    pub(super) fn stage(&self, folder: &Folder, staging: &Staging) -> anyhow::Result<()> {
        let (new, old) = (|path: &str| staging::new(folder, path), |path: &str| staging::old(folder, path));
        let mut replaced = self.changes.iter().filter(|change| change.action != Action::Create);
        let kept = replaced.try_for_each(|change| keep(&folder.locate(&change.path)?, &old(&change.path)));
        // Whatever happened, nothing is written any more when this returns.
        staging.finish()?;
        kept?;
        let paths = || self.changes.iter().map(|change| change.path.as_str());
        for part in [new(""), old("")] {
            let folders = staging::folders(paths()).into_iter().map(|folder| part.join(folder));
            folders.filter(|folder| folder.exists()).try_for_each(|folder| sync(&folder))?;
        }
        Ok(())
    }

    pub(super) fn write(&self, folder: &Folder) -> anyhow::Result<()> {
        let staging = staging::root(folder);
        let lines: String =
            self.changes.iter().map(|change| format!("{} {}\n", change.action.word(), change.path)).collect();
        let draft = staging.join("draft");
        write_synced(&draft, format!("{HEADER}\n{lines}").as_bytes())?;
        sync(&staging)?;
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
        let new = staging::new(folder, &change.path);
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
            if !staging::new(folder, &change.path).exists() {
                remove(&place)?;
            }
            folder.prune(&change.path);
            return Ok(());
        }
        let old = staging::old(folder, &change.path);
        match old.exists() {
            true => put(&old, &place),
            false => Ok(()),
        }
    }

    /// Makes the changes to folders last.
    pub(super) fn sync(&self, folder: &Folder) -> anyhow::Result<()> {
        // The folders of a created file may be new themselves; those of a deleted one may be gone.
        let folders = staging::folders(self.changes.iter().map(|change| change.path.as_str()));
        let places = folders.into_iter().map(|path| folder.root().join(path));
        places.filter(|place| place.exists()).try_for_each(|place| sync(&place))
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
