//! What a run will do to a folder, decided before anything in it is touched, as a list of steps. A crash between any
//! two of them leaves something that [`super::recover`] turns into the old files or the new ones.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use super::{
    Beside, Content, Files, Force, Output, Owner, Report,
    journal::{self, Action, Change, Journal},
    look::{self, Found, Look},
    manifest::{self, Manifest},
};

/// One run, decided and not yet carried out.
#[derive(Debug)]
pub struct Plan<'f> {
    output: Output,
    journal: Journal,
    /// New bytes, by path, that aren't staged yet.
    contents: Vec<(String, Cow<'f, [u8]>)>,
    beside: Option<Beside>,
    unchanged: usize,
}

/// The steps of a run, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Write new contents, as far as they aren't yet, and keep old ones in a folder of their own.
    Stage,
    /// Write down what is about to be moved: from here on a crash is made good by finishing.
    Journal,
    /// Move the new content of one change into its place, or delete.
    Apply(usize),
    /// Make sure that all moves are on the disk.
    Sync,
    /// Write the file outside the folder.
    Beside,
    /// Throw the journal away: the run has happened.
    Commit,
}

impl<'f> Plan<'f> {
    pub(super) fn new(files: &'f Files, output: Output, force: Force) -> anyhow::Result<Plan<'f>> {
        let before = Manifest::read(&output.folder)?;
        let looks = look::at(files, &output.folder)?;
        let after = files.manifest(&before, |path| looks[path].hash.clone());
        let mut plan = Plan { output, journal: Journal::default(), contents: Vec::new(), beside: None, unchanged: 0 };
        let mut conflicts = plan.retire(&before, files)?;
        conflicts.extend(plan.place(&before, files, &looks)?);
        if force == Force::No && !conflicts.is_empty() {
            return Err(Edited { conflicts }.into());
        }
        plan.place_manifest(&after)?;
        plan.beside = files.beside.clone().filter(|beside| !beside.is_current());
        Ok(plan)
    }

    /// Plans the deletion of listed files that the set no longer has; returns those that someone edited.
    fn retire(&mut self, before: &Manifest, files: &Files) -> anyhow::Result<Vec<String>> {
        let mut conflicts = Vec::new();
        for (path, hash) in &before.hashes {
            if files.entries.contains_key(path) || !files.describes(path) {
                continue;
            }
            let Some(found) = self.output.folder.read(path)? else { continue };
            if manifest::hash(&found) != *hash {
                conflicts.push(format!("{path}: no longer needed, but edited by hand"));
            }
            self.change(Action::Delete, path);
        }
        Ok(conflicts)
    }

    /// Plans what is to be written; returns the files in the way that apigen didn't write.
    fn place(
        &mut self,
        before: &Manifest,
        files: &'f Files,
        looks: &BTreeMap<&str, Look>,
    ) -> anyhow::Result<Vec<String>> {
        let mut conflicts = Vec::new();
        for (path, entry) in &files.entries {
            let found = match entry.owner {
                Owner::Apigen => looks[path.as_str()].found,
                Owner::User if self.output.folder.has(path)? => Found::Same,
                Owner::User => Found::Nothing,
            };
            let action = match found {
                Found::Same => {
                    self.unchanged += 1;
                    continue;
                }
                Found::Nothing => Action::Create,
                Found::Other => {
                    conflicts.extend(self.conflict(path, before.hashes.get(path))?);
                    Action::Replace
                }
            };
            self.change(action, path);
            if let Content::Here(bytes) = &entry.content {
                self.contents.push((path.clone(), bytes.into()));
            }
        }
        Ok(conflicts)
    }

    /// Whether what is in the way is someone's work.
    fn conflict(&self, path: &str, listed: Option<&String>) -> anyhow::Result<Option<String>> {
        let Some(listed) = listed else { return Ok(Some(format!("{path}: not written by apigen"))) };
        let found = self.output.folder.read(path)?.unwrap_or_default();
        Ok((manifest::hash(&found) != *listed).then(|| format!("{path}: edited by hand")))
    }

    fn place_manifest(&mut self, after: &Manifest) -> anyhow::Result<()> {
        let text = after.to_string().into_bytes();
        let action = match self.output.folder.holds(manifest::PATH, &text)? {
            Some(true) => return Ok(()),
            Some(false) => Action::Replace,
            None => Action::Create,
        };
        self.change(action, manifest::PATH);
        self.contents.push((manifest::PATH.to_owned(), text.into()));
        Ok(())
    }

    fn change(&mut self, action: Action, path: &str) {
        self.journal.changes.push(Change { action, path: path.to_owned() });
    }

    /// All steps, none when the folder is as it should be.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.journal.changes.is_empty() {
            steps.extend([Step::Stage, Step::Journal]);
            steps.extend((0..self.journal.changes.len()).map(Step::Apply));
            steps.push(Step::Sync);
        }
        if self.beside.is_some() {
            steps.push(Step::Beside);
        }
        if !self.journal.changes.is_empty() {
            steps.push(Step::Commit);
        }
        steps
    }

    fn stage(&self) -> anyhow::Result<()> {
        for (path, content) in &self.contents {
            self.output.staging.put(path, content);
        }
        self.journal.stage(&self.output.folder, &self.output.staging)
    }

    /// Carries out one step. The steps before it must have been.
    pub fn perform(&self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Stage => self.stage(),
            Step::Journal => self.journal.write(&self.output.folder),
            Step::Apply(index) => self.journal.apply(&self.output.folder, index),
            Step::Sync => self.journal.sync(&self.output.folder),
            Step::Beside => self.beside.as_ref().map_or(Ok(()), Beside::write),
            Step::Commit => journal::commit(&self.output.folder),
        }
    }

    /// Carries out all steps; an error takes back those that were.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let outcome = self.steps().into_iter().try_for_each(|step| self.perform(step));
        outcome.map_err(|error| match journal::roll_back(&self.output.folder) {
            Ok(()) => error.context("nothing was changed"),
            Err(second) => error.context(format!("taking back the changes failed too, the next run will ({second:#})")),
        })
    }

    pub(super) fn report(&self) -> Report {
        let named = |deleted: bool| {
            let changes = self.journal.changes.iter().filter(|change| change.path != manifest::PATH);
            changes.filter(move |change| (change.action == Action::Delete) == deleted).map(|change| change.path.clone())
        };
        let beside = self.beside.iter().map(|beside| beside.path.display().to_string());
        Report {
            written: named(false).chain(beside).collect(),
            deleted: named(true).collect(),
            unchanged: self.unchanged,
            recovered: None,
        }
    }
}

/// Decides what [`super::write`] would do, for a caller who carries out the steps.
pub fn plan<'f>(files: &'f Files, out: &std::path::Path, force: Force) -> anyhow::Result<Plan<'f>> {
    Plan::new(files, Output::open(out)?, force)
}

/// Files in the way that apigen didn't write, or that aren't as it wrote them. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// `server/src/lib.rs: edited by hand`
    conflicts: Vec<String>,
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.conflicts.len() {
            1 => f.write_str("a file isn't as apigen left it:")?,
            n => write!(f, "{n} files aren't as apigen left them:")?,
        }
        self.conflicts.iter().try_for_each(|conflict| write!(f, "\n  {conflict}"))
    }
}

impl std::error::Error for Edited {}
