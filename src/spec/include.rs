//! `include:`: other files whose enums, types and resources count as if they stood in the spec, after its own.
//!
//! An included file may include others. Each file is read once, however many name it, in the order in which a reader
//! comes to it: the spec, its first included file, what that one includes, and so on. Paths are relative to the file that
//! they stand in and may lead anywhere. Knows nothing about where the texts of files come from.

use std::collections::HashMap;
use std::io;

use super::keys::{self, Keys};
use super::tree::{self, Entry, Text};
use super::{Slot, Spec, defaults::Defaults, domain_error, read_enum, read_object, read_resource, vocabulary};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};

/// Adds the file of this name to the diagnostics' sources. `None`: it isn't text, which is reported.
pub type Open<'o> = &'o mut dyn FnMut(&str, &mut Diagnostics) -> io::Result<Option<FileId>>;

/// The paths of an `include:`, as typed.
pub fn read(entry: Option<Entry>, out: &mut Diagnostics) -> Vec<Text> {
    entry.and_then(|entry| keys::words(entry, out)).unwrap_or_default()
}

/// Adds to `spec` what the files hold that `paths` of `file` lead to.
pub fn merge(
    spec: &mut Spec,
    file: FileId,
    paths: Vec<Text>,
    defaults: &Defaults,
    open: Open<'_>,
    out: &mut Diagnostics,
) {
    let name = out.source(file).name.clone();
    let mut including = Including { spec, defaults, open, out, read: HashMap::new(), path: vec![name] };
    including.all(&paths);
}

struct Including<'a, 'o> {
    spec: &'a mut Spec,
    defaults: &'a Defaults,
    open: Open<'o>,
    out: &'a mut Diagnostics,
    /// Where each file was first named.
    read: HashMap<String, Span>,
    /// From the spec to the file that is being read.
    path: Vec<String>,
}

/// No one nests more, and each level is a stack frame.
const DEEPEST: usize = 32;

impl Including<'_, '_> {
    fn all(&mut self, paths: &[Text]) {
        let mut here: HashMap<String, Span> = HashMap::new();
        for path in paths {
            let Some(name) = self.resolve(path) else { continue };
            if let Some(first) = here.insert(name.clone(), path.span) {
                keys::duplicate(path, first, self.out);
            } else if self.path.contains(&name) {
                self.cycle(path, &name);
            } else if !self.read.contains_key(&name) {
                self.read.insert(name.clone(), path.span);
                self.one(path, name);
            }
        }
    }

    /// Relative to the file that it stands in, without steps back and forth.
    fn resolve(&mut self, path: &Text) -> Option<String> {
        let text = &path.value;
        if text.is_empty() || text.starts_with('/') || text.contains(['\\', '\0', ':']) {
            self.refuse(path, format!("`{text}` is not a relative path"), "write it as `parts/orders.yaml`");
            return None;
        }
        let folder = self.path.last().and_then(|name| name.rsplit_once('/')).map_or("", |(folder, _)| folder);
        Some(join(folder, text))
    }

    fn cycle(&mut self, path: &Text, name: &str) {
        let from = self.path.iter().position(|each| each == name).unwrap_or_default();
        let steps: String = self.path[from..].iter().map(|step| format!("{step} → ")).collect();
        let help = "a file is read once, so none has to include those that it is included by";
        self.refuse(path, format!("`{name}` includes itself: {steps}{name}"), help);
    }

    fn one(&mut self, path: &Text, name: String) {
        if self.path.len() > DEEPEST {
            let message = format!("files are included more than {DEEPEST} levels deep");
            return self.refuse(path, message, "include them from the spec itself");
        }
        let file = match (self.open)(&name, self.out) {
            Ok(file) => file,
            Err(error) => {
                let help = format!("paths are relative to the file that they stand in: this one is `{name}`");
                return self.refuse(path, format!("cannot read `{}`: {}", path.value, reason(&error)), &help);
            }
        };
        let Some(root) = file.and_then(|file| tree::load(file, self.out)) else { return };
        let Some(mut keys) = Keys::read(root, &vocabulary::INCLUDED, self.out) else { return };
        self.add(&mut keys);
        let paths = read(keys.take("include"), self.out);
        self.path.push(name);
        self.all(&paths);
        self.path.pop();
    }

    /// Whatever a file may hold beside `include`.
    fn add(&mut self, keys: &mut Keys) {
        let (spec, out) = (&mut *self.spec, &mut *self.out);
        append(&mut spec.enums, keys::named(keys.take("enums"), out, read_enum), |item| &item.name, out);
        append(&mut spec.objects, keys::named(keys.take("types"), out, read_object), |item| &item.name, out);
        append(&mut spec.errors, keys::named(keys.take("errors"), out, domain_error::read), |item| &item.name, out);
        let Some(resources) = keys.take("resources") else { return };
        let read = |entry, out: &mut Diagnostics| read_resource(entry, self.defaults, out);
        let more = keys::named(Some(resources), out, read);
        match &mut spec.resources {
            Slot::Given(resources) => append(resources, more, |item| &item.name, out),
            Slot::Absent => spec.resources = Slot::Given(more),
            Slot::Broken => {}
        }
    }

    fn refuse(&mut self, path: &Text, message: String, help: &str) {
        self.out.push(Diagnostic::error(Code::Include, path.span, message).help(help.to_owned()));
    }
}

/// `items` and `more`, without those of a name that is there already, which are reported.
fn append<T>(items: &mut Vec<T>, more: Vec<T>, name: impl Fn(&T) -> &Text, out: &mut Diagnostics) {
    let mut seen: HashMap<String, Span> = items.iter().map(|item| owned(name(item))).collect();
    for item in more {
        let (key, span) = owned(name(&item));
        match seen.get(&key) {
            Some(first) => keys::duplicate(name(&item), *first, out),
            None => {
                seen.insert(key, span);
                items.push(item);
            }
        }
    }
}

fn owned(name: &Text) -> (String, Span) {
    (name.value.clone(), name.span)
}

/// `specs/parts`, `../orders.yaml` → `specs/orders.yaml`.
fn join(folder: &str, path: &str) -> String {
    let absolute = folder.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in folder.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("{}{}", if absolute { "/" } else { "" }, steps.join("/"))
}

/// Without the number that an operating system gives it.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::FileTooLarge => "all files together are too large".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_are_relative_to_their_file() {
        assert_eq!(join("specs", "parts/a.yaml"), "specs/parts/a.yaml");
        assert_eq!(join("specs/parts", "../b.yaml"), "specs/b.yaml");
        assert_eq!(join("", "./a.yaml"), "a.yaml");
        assert_eq!(join("specs", "../../a.yaml"), "../a.yaml");
        assert_eq!(join("/srv/specs", "../a.yaml"), "/srv/a.yaml");
    }
}
