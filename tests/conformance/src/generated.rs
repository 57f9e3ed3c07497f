//! A second server, generated from `tests/specs/every_type.yaml` and built by the first who asks. It is committed nowhere.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use apigen::{
    emit::{Options, Runtime, Target},
    files::{self, Force},
    migrations::History,
};

use crate::server::{self, Server};

/// Where it lies.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository");
        let out = root.join("target/conformance/every_type");
        std::fs::create_dir_all(&out).expect("a folder to generate into");
        let spec = root.join("tests/specs/every_type.yaml");
        let loaded = apigen::load(&spec).expect("a readable spec").unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let runtime = root.join("runtime").to_str().expect("UTF-8").to_owned();
        let options = Options { target: Target::All, runtime: Runtime::Path(runtime) };
        // Its databases are always new, so there is no history to follow.
        let files = apigen::generate(&loaded.model, &options, &History::default()).expect("nothing to be in the way");
        files::write(&files, &out, Force::Yes).expect("it is written");
        out
    })
}

/// In development mode, on an empty database.
pub fn start() -> Server {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(server::build(&self::folder().join("Cargo.toml")));
    command
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("DATABASE_URL", format!("sqlite:{}", folder.path().join("every_type.db").display()))
        .env("MODE", "development");
    Server::run(&mut command).keeping(folder)
}
