//! Servers generated from `specs/` and `tests/specs/`, each built by the first who asks. They are committed nowhere.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use apigen::{
    emit::{Options, Runtime, stubs},
    files::{self, Files, Force, Owner},
    migrations::History,
    model::Limits,
};

use crate::server::{self, Server};

/// One of them.
pub struct Generated {
    /// Of the spec, its file and its folder: `every_type`.
    pub name: &'static str,
    /// Where the spec lies: `tests/specs`.
    specs: &'static str,
    folder: OnceLock<PathBuf>,
    program: OnceLock<PathBuf>,
}

/// All types of the language.
pub static EVERY_TYPE: Generated = Generated::of_tests("every_type");

/// All that a resource can do beyond the five operations.
pub static LIBRARY: Generated = Generated::of_tests("library");

/// Who may do what.
pub static GUARDED: Generated = Generated::of_tests("guarded");

/// Who logs in, and what of: tenants, roles, rows that stay when they are deleted.
pub static DESK: Generated = Generated::of_tests("desk");

/// How often callers may call.
pub static LIMITED: Generated = Generated::of_tests("limited");

/// What goes one day, and what has gone.
pub static FAREWELL: Generated = Generated::of_tests("farewell");

/// Names and texts that get in the way somewhere.
pub static OBSTACLES: Generated = Generated::of_tests("obstacles");

impl Generated {
    /// One of the domains that `specs/` shows.
    pub const fn domain(name: &'static str) -> Generated {
        Generated { name, specs: "specs", folder: OnceLock::new(), program: OnceLock::new() }
    }

    const fn of_tests(name: &'static str) -> Generated {
        Generated { name, specs: "tests/specs", folder: OnceLock::new(), program: OnceLock::new() }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        self.folder.get_or_init(|| generate(self.specs, self.name))
    }

    fn program(&self) -> &Path {
        self.program.get_or_init(|| server::build(&self.folder().join("Cargo.toml")))
    }

    /// Its program, built, with none of this process's settings.
    pub fn command(&self) -> Command {
        let mut command = Command::new(self.program());
        command.env_clear().stdin(Stdio::null());
        command
    }

    /// In development mode, on this database or on an empty SQLite file.
    pub fn start(&self, database: Option<&str>) -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = format!("sqlite:{}", folder.path().join("data.db").display());
        let mut command = Command::new(self.program());
        let database = database.unwrap_or(&file);
        // What a server keeps beside its database shouldn't land in the repository.
        command.current_dir(&folder);
        command.env("LISTEN_ADDR", "127.0.0.1:0").env("DATABASE_URL", database).env("MODE", "development");
        Server::run(&mut command).keeping(folder)
    }
}

fn generate(specs: &str, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
    let out = root.join("target/conformance").join(specs).join(name);
    std::fs::create_dir_all(&out).expect("a folder to generate into");
    let spec = root.join(format!("{specs}/{name}.yaml"));
    let loaded = apigen::load(&spec).expect("a readable spec").unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let mut model = loaded.model;
    if name != LIMITED.name {
        // Tests call more often than a spec would have it.
        model.limits = Limits::default();
    }
    let runtime = root.join("runtime").to_str().expect("UTF-8").to_owned();
    let options = Options { runtime: Runtime::Path(runtime), ..Options::default() };
    // Its databases are always new, so there is no history to follow.
    let files = apigen::generate(&model, &options, &History::default()).expect("nothing to be in the way");
    files::write(&files, &out, Force::Yes).expect("it is written");
    write_app(&files, &out, &root.join(format!("{specs}/{name}.hooks.rs")));
    out
}

/// What is the user's is written once, and an earlier run may have left something else. Its hooks are those beside the
/// spec, or the lines that a user begins with.
fn write_app(files: &Files, out: &Path, hooks: &Path) {
    let hooks = std::fs::read(hooks).ok();
    for (path, emitted, _) in files.iter().filter(|(.., owner)| *owner == Owner::User) {
        let content = hooks.as_deref().filter(|_| path == stubs::CODE).unwrap_or(emitted);
        let place = out.join(path);
        if std::fs::read(&place).ok().as_deref() != Some(content) {
            std::fs::write(&place, content).expect("it is written");
        }
    }
}
