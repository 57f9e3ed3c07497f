//! From files to a numbered model: the spec, and the lock beside it.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};
use crate::lock::{self, Lock};
use crate::model::{self, Model};
use crate::spec;

/// No spec that people wrote is longer.
const LARGEST: usize = 64 << 20;

/// A spec without mistakes.
#[derive(Debug)]
pub struct Loaded {
    pub model: Model,
    /// As it is to be from now on.
    pub lock: Lock,
    /// Whether the lock differs from the one that was read.
    pub lock_changed: bool,
    pub warnings: Diagnostics,
}

/// A file's name, as messages show it, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// `specs/shop.yaml` → `specs/shop.lock`.
pub fn lock_path(spec: &Path) -> PathBuf {
    spec.with_extension("lock")
}

/// Reads a spec and the lock beside it. The outer error is trouble with the files; the inner one is what's wrong in them.
pub fn load(spec: &Path) -> anyhow::Result<Result<Loaded, Diagnostics>> {
    let bytes = std::fs::read(spec).with_context(|| format!("cannot read {}", spec.display()))?;
    if bytes.len() > LARGEST {
        bail!("{} is larger than {} MiB", spec.display(), LARGEST >> 20);
    }
    let lock_path = lock_path(spec);
    let lock_bytes = match std::fs::read(&lock_path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", lock_path.display())),
    };
    let (name, lock_name) = (spec.display().to_string(), lock_path.display().to_string());
    let lock = lock_bytes.as_deref().map(|bytes| Input { name: &lock_name, bytes });
    let mut left = LARGEST - bytes.len();
    let mut open = |name: &str| read_some(Path::new(name), &mut left);
    Ok(read_with(Input { name: &name, bytes: &bytes }, lock, &mut open))
}

/// A file of at most `left` bytes, which are then fewer.
fn read_some(path: &Path, left: &mut usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(*left).unwrap_or(u64::MAX);
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    *left = left.checked_sub(bytes.len()).ok_or(ErrorKind::FileTooLarge)?;
    Ok(bytes)
}

/// The same without touching the disk, so that nothing can be included.
pub fn read(spec: Input<'_>, lock: Option<Input<'_>>) -> Result<Loaded, Diagnostics> {
    read_with(spec, lock, &mut |_| Err(ErrorKind::NotFound.into()))
}

/// The same with included files from `open`, by their path: that of the spec's folder and theirs joined.
pub fn read_with(
    spec: Input<'_>,
    lock: Option<Input<'_>>,
    open: &mut dyn FnMut(&str) -> io::Result<Vec<u8>>,
) -> Result<Loaded, Diagnostics> {
    let mut included =
        |name: &str, out: &mut Diagnostics| open(name).map(|bytes| add(Input { name, bytes: &bytes }, out));
    let mut out = Diagnostics::default();
    let mut as_written = None;
    let model = rayon::in_place_scope(|scope| {
        scope.spawn(|_| as_written = lock.and_then(|lock| lock::as_written(lock.bytes)));
        let file = add(spec, &mut out)?;
        let typed = spec::parse(file, &mut included, &mut out)?;
        model::resolve(&typed, spec.name, &mut out)
    });
    let before = match lock {
        Some(lock) => add(lock, &mut out).and_then(|file| as_written.or_else(|| lock::parse(file, &mut out))),
        None => Some(Lock::default()),
    };
    out.sort();
    let (Some(mut model), Some(before), false) = (model, before, out.has_errors()) else { return Err(out) };
    model.proto = model::proto::shape::shape(&model);
    let mut renamed = Cow::Borrowed(&before);
    for was in model.before_renames() {
        renamed = Cow::Owned(lock::follow(&renamed, &model::proto::shape::shape(&was), &model.proto));
    }
    let after = lock::assign(&mut model.proto, &renamed);
    Ok(Loaded { model, lock_changed: lock.is_none() || after != before, lock: after, warnings: out })
}

/// Adds a file's text, or reports that it isn't one.
fn add(input: Input<'_>, out: &mut Diagnostics) -> Option<FileId> {
    match std::str::from_utf8(input.bytes) {
        Ok(text) => Some(out.add_source(input.name, text)),
        Err(error) => {
            let file = out.add_source(input.name, String::from_utf8_lossy(input.bytes));
            let start = error.valid_up_to();
            // The replacement character is three bytes long.
            let span = Span { file, start, end: start + 3 };
            out.push(
                Diagnostic::error(Code::Encoding, span, "the file is not UTF-8")
                    .label("no character")
                    .help("save it as UTF-8".to_owned()),
            );
            None
        }
    }
}
