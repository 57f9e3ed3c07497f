//! Where a folder differs from the files that it should hold. Reads only.

use std::{fmt, path::Path};

use similar::TextDiff;

use super::{Files, Owner, folder::Folder, journal, manifest, manifest::Manifest};

/// One file that isn't as it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Difference {
    /// Inside the folder; the lock's own path for the lock.
    pub path: String,
    #[serde(flatten)]
    pub kind: DifferenceKind,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DifferenceKind {
    /// Other content than a run would write now, with a unified diff if both are text.
    Stale {
        diff: Option<String>,
    },
    Missing,
    /// In a folder that is wholly apigen's, and not one of its files.
    Unexpected,
}

/// What is the matter with which file, on one line.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DifferenceKind::Stale { .. } => "stale",
            DifferenceKind::Missing => "missing",
            DifferenceKind::Unexpected => "unexpected",
        };
        write!(f, "{kind}: {}", self.path)
    }
}

/// Compares apigen's files, byte by byte; the user's are the user's business.
pub fn compare(files: &Files, out: &Path) -> anyhow::Result<Vec<Difference>> {
    let mut differences = match Folder::open(out)? {
        None => files.iter().filter(|(_, _, owner)| *owner == Owner::Apigen).map(|(path, ..)| missing(path)).collect(),
        Some(folder) => compare_folder(files, &folder)?,
    };
    if let Some(beside) = &files.beside {
        let found = std::fs::read(&beside.path).ok();
        differences.extend(compare_one(&beside.path.display().to_string(), found.as_deref(), &beside.content));
    }
    Ok(differences)
}

fn compare_folder(files: &Files, folder: &Folder) -> anyhow::Result<Vec<Difference>> {
    let _lock = folder.lock();
    journal::refuse_unfinished(folder)?;
    let before = Manifest::read(folder)?;
    let mut differences = Vec::new();
    for (path, content, _) in files.iter().filter(|(_, _, owner)| *owner == Owner::Apigen) {
        differences.extend(compare_one(path, folder.read(path)?.as_deref(), content));
    }
    for top in &files.folders {
        let strangers = folder.walk(top)?.into_iter().filter(|path| !files.entries.contains_key(path));
        differences.extend(strangers.map(|path| Difference { path, kind: DifferenceKind::Unexpected }));
    }
    differences.sort_by(|a, b| a.path.cmp(&b.path));
    let manifest = files.manifest(&before, |path| manifest::hash(files.entries[path].bytes())).to_string();
    differences.extend(compare_one(manifest::PATH, folder.read(manifest::PATH)?.as_deref(), manifest.as_bytes()));
    Ok(differences)
}

fn compare_one(path: &str, found: Option<&[u8]>, wanted: &[u8]) -> Option<Difference> {
    match found {
        None => Some(missing(path)),
        Some(found) if found == wanted => None,
        Some(found) => {
            Some(Difference { path: path.to_owned(), kind: DifferenceKind::Stale { diff: diff(path, found, wanted) } })
        }
    }
}

fn missing(path: &str) -> Difference {
    Difference { path: path.to_owned(), kind: DifferenceKind::Missing }
}

/// From what is there to what should be.
fn diff(path: &str, found: &[u8], wanted: &[u8]) -> Option<String> {
    let (found, wanted) = (std::str::from_utf8(found).ok()?, std::str::from_utf8(wanted).ok()?);
    let header = (format!("a/{path}"), format!("b/{path}"));
    Some(TextDiff::from_lines(found, wanted).unified_diff().header(&header.0, &header.1).to_string())
}
