//! apigen inside a build script: the server as one file in `OUT_DIR`, made anew by the `cargo build` that follows an edit
//! of the spec. What it tells goes to cargo, as lines that cargo reads, or back to the script, as a [`BuildError`].

mod error;

use std::{
    env,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

pub use self::error::BuildError;
use crate::{
    Loaded,
    diagnostic::{Diagnostic, Diagnostics},
    emit::{self, OpenApi},
    files::{self, Difference, Files, Force},
    lock,
    migrations::{self, History, Migrations},
};

/// Turns a spec into a module of the crate whose build script calls this.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), apigen::BuildError> {
///     apigen::Builder::new("specs/shop.yaml")
///         .contracts_dir("contracts")
///         .migrations_dir("migrations")
///         .update_lock()
///         .compile()
/// }
/// ```
///
/// The module is in `OUT_DIR`, in a file that is named after the spec's `api.name`:
///
/// ```text
/// // src/main.rs
/// mod shop {
///     include!(concat!(env!("OUT_DIR"), "/shop.rs"));
/// }
///
/// fn main() -> std::process::ExitCode {
///     shop::run()
/// }
/// ```
///
/// The crate needs `apigen-runtime` in its `[dependencies]`, in the same version as `apigen` in its
/// `[build-dependencies]`. Paths are relative to the crate's folder, where cargo starts build scripts.
///
/// Cargo is told to run the script again when a file changes that was read: the spec, its lock, the snapshot of the
/// migrations, and what is checked.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `compile`"]
pub struct Builder {
    spec: PathBuf,
    out_dir: Option<PathBuf>,
    contracts: Kept,
    migrations: Kept,
    openapi: OpenApi,
    lock: LockPolicy,
}

/// Where some of the files are kept to be committed.
#[derive(Debug, Clone)]
enum Kept {
    Nowhere,
    Refresh(PathBuf),
    Check(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LockPolicy {
    Keep,
    Update,
}

impl Builder {
    /// For a spec, a YAML file. Its lock lies beside it.
    pub fn new(spec: impl Into<PathBuf>) -> Builder {
        Builder {
            spec: spec.into(),
            out_dir: None,
            contracts: Kept::Nowhere,
            migrations: Kept::Nowhere,
            openapi: OpenApi::default(),
            lock: LockPolicy::Keep,
        }
    }

    /// Keeps the OpenAPI document, the GraphQL schema, the `.proto` file and what people read of them in `folder` up to
    /// date, to be committed.
    ///
    /// The folder is apigen's: what someone edited in it is an error that names the file. It isn't watched, so what was
    /// deleted is back after the next edit of the spec.
    pub fn contracts_dir(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.contracts = Kept::Refresh(folder.into());
        self
    }

    /// Fails the build if the contracts in `folder` aren't those of the spec. Writes nothing there.
    pub fn check_contracts(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.contracts = Kept::Check(folder.into());
        self
    }

    /// Keeps the migrations in `folder`, to be committed: a change of the spec that changes tables adds a numbered step, and
    /// the server brings the databases of earlier versions up to date. Without this there is only ever the first step, which
    /// makes an empty database.
    ///
    /// The folder is apigen's; a step in it is never edited. A change that no step can follow is an error.
    pub fn migrations_dir(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.migrations = Kept::Refresh(folder.into());
        self
    }

    /// Takes the migrations from `folder`, and fails the build if a step is missing there. Writes nothing there.
    pub fn check_migrations(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.migrations = Kept::Check(folder.into());
        self
    }

    /// Writes and serves the OpenAPI document in this version, instead of 3.0.
    pub fn openapi(mut self, version: OpenApi) -> Builder {
        self.openapi = version;
        self
    }

    /// Lets a build write the lock beside the spec when a new field or enum value needs a number.
    ///
    /// Without this the build fails then, and nothing outside `OUT_DIR` changes: a number that is in use and in no
    /// committed lock would go to another field one day. Where the lock must be right already, as in CI, leave it out:
    ///
    /// ```no_run
    /// fn main() -> Result<(), apigen::BuildError> {
    ///     println!("cargo:rerun-if-env-changed=CI");
    ///     let builder = apigen::Builder::new("specs/shop.yaml");
    ///     let in_ci = std::env::var_os("CI").is_some();
    ///     if in_ci { builder.compile() } else { builder.update_lock().compile() }
    /// }
    /// ```
    pub fn update_lock(mut self) -> Builder {
        self.lock = LockPolicy::Update;
        self
    }

    /// Writes to another folder than `OUT_DIR`. `include!` needs to be told of it.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Builder {
        self.out_dir = Some(folder.into());
        self
    }

    /// Brings all files up to date; those that are as they should be keep their age.
    ///
    /// # Errors
    /// See [`BuildError`]. Return it from the script's `main`, and cargo shows it.
    pub fn compile(&self) -> Result<(), BuildError> {
        print!("{}", self.watched());
        let loaded = self.load()?;
        print!("{}", included(&loaded.warnings));
        print!("{}", warnings(&loaded.warnings));
        let lock_path = crate::lock_path(&self.spec);
        if loaded.lock_changed && self.lock == LockPolicy::Keep {
            return Err(BuildError::Lock(lock_path));
        }
        let migrations = self.follow(&loaded)?;
        self.keep(&self.contracts, || emit::contracts(&loaded.model, self.openapi), BuildError::contracts)?;
        self.keep(&self.migrations, || emit::migrations(&migrations), BuildError::migrations)?;
        let mut files = emit::include(&loaded.model, &migrations, self.openapi);
        if !loaded.lock_changed {
            files::write(&files, &self.out_folder()?, Force::Yes)?;
            return Ok(());
        }
        files.beside(&lock_path, lock::render(&loaded.lock));
        files::write(&files, &self.out_folder()?, Force::Yes)?;
        self.look_old(&lock_path)
    }

    /// Cargo would take what is younger than this run for a change since then, and run the script once more.
    fn look_old(&self, written: &Path) -> Result<(), BuildError> {
        Ok(files::set_age(written, &self.spec)?)
    }

    fn load(&self) -> Result<Loaded, BuildError> {
        crate::load(&self.spec)?.map_err(|mistakes| {
            print!("{}", included(&mistakes));
            BuildError::Spec { spec: self.spec.clone(), mistakes }
        })
    }

    fn out_folder(&self) -> anyhow::Result<PathBuf> {
        let out_dir = self.out_dir.clone().or_else(|| env::var_os("OUT_DIR").map(PathBuf::from));
        out_dir.context("OUT_DIR isn't set, as cargo sets it for build scripts: call `out_dir`")
    }

    /// The steps so far, and the one that is missing.
    fn follow(&self, loaded: &Loaded) -> Result<Migrations, BuildError> {
        let folder = match &self.migrations {
            Kept::Nowhere => return Ok(migrations::initial(&loaded.model)),
            Kept::Refresh(folder) | Kept::Check(folder) => folder,
        };
        let history = History::read_folder(folder)?;
        migrations::follow(&loaded.model, &history)
            .map_err(|refused| BuildError::Refused { folder: folder.clone(), refused })
    }

    fn keep(
        &self,
        kept: &Kept,
        files: impl FnOnce() -> Files,
        stale: fn(PathBuf, Vec<Difference>) -> BuildError,
    ) -> Result<(), BuildError> {
        match kept {
            Kept::Nowhere => Ok(()),
            Kept::Refresh(folder) => {
                let written = files::write(&files(), folder, Force::No);
                let written = written.map_err(|error| BuildError::in_folder(folder, error))?.written;
                written.iter().map(|path| folder.join(path)).try_for_each(|path| self.look_old(&path))
            }
            Kept::Check(folder) => {
                let differences = files::compare_content(&files(), folder)?;
                if differences.is_empty() { Ok(()) } else { Err(stale(folder.clone(), differences)) }
            }
        }
    }

    /// What is read, as cargo wants to hear it.
    fn watched(&self) -> String {
        let checked = [&self.contracts, &self.migrations].into_iter().filter_map(|kept| match kept {
            Kept::Check(folder) => Some(folder.clone()),
            Kept::Nowhere | Kept::Refresh(_) => None,
        });
        // It changes with each step that someone else has added.
        let snapshot = match &self.migrations {
            Kept::Refresh(folder) => Some(folder.join(migrations::SNAPSHOT)),
            Kept::Nowhere | Kept::Check(_) => None,
        };
        let paths = [self.spec.clone(), crate::lock_path(&self.spec)].into_iter().chain(checked).chain(snapshot);
        paths.map(|path| format!("cargo:rerun-if-changed={}\n", path.display())).collect()
    }
}

/// The files that the spec includes, as cargo wants to hear it. The spec itself and its lock are among them once more.
fn included(read: &Diagnostics) -> String {
    read.source_names().map(|name| format!("cargo:rerun-if-changed={name}\n")).collect()
}

/// One line each, which is all that cargo takes.
fn warnings(warnings: &Diagnostics) -> String {
    let line = |warning: &Diagnostic| {
        let source = warnings.source(warning.span.file);
        let place = source.position(warning.span.start);
        let help = warning.help.iter().map(|help| format!(" ({help})")).collect::<String>();
        let text = format!("{}:{}:{}: {}{help}", source.name, place.line, place.column, warning.message);
        format!("cargo:warning={}\n", text.replace(['\r', '\n'], " "))
    };
    warnings.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

    use tempfile::TempDir;

    use super::*;

    const SPEC: &str = "apigen: 1\napi: { name: shop, version: v1, title: Shop }\n\
                        resources:\n  Mug:\n    id: { prefix: mug }\n    fields:\n      name: string\n";

    /// A crate's folder with a spec.
    struct Place(TempDir);

    impl Place {
        fn new() -> Place {
            let place = Place(TempDir::new().unwrap());
            fs::write(place.at("shop.yaml"), SPEC).unwrap();
            place
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn builder(&self) -> Builder {
            Builder::new(self.at("shop.yaml")).out_dir(self.at("out"))
        }

        /// What a build that must fail says, without the folder's name.
        #[track_caller]
        fn refuses(&self, builder: &Builder) -> String {
            let error = builder.compile().expect_err("it must fail");
            format!("{error:?}").replace(&format!("{}/", self.0.path().display()), "")
        }

        fn edit(&self, from: &str, to: &str) {
            fs::write(self.at("shop.yaml"), SPEC.replace(from, to)).unwrap();
        }
    }

    fn age(path: &Path) -> SystemTime {
        fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap()
    }

    fn ages(folder: &Path) -> BTreeMap<PathBuf, SystemTime> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { ages(&path) } else { [(path.clone(), age(&path))].into() }).collect()
    }

    #[test]
    fn a_lock_that_would_change_stops_the_build_before_anything_is_written() {
        let place = Place::new();
        let said = place.refuses(&place.builder().contracts_dir(place.at("contracts")));
        insta::assert_snapshot!(said, @"shop.lock isn't up to date: let the build write it by `update_lock`, and commit it");
        assert!(!place.at("shop.lock").exists() && !place.at("out").exists() && !place.at("contracts").exists());
    }

    #[test]
    fn a_lock_that_is_right_is_enough() {
        let place = Place::new();
        place.builder().update_lock().compile().unwrap();
        place.builder().compile().unwrap();
        place.edit("name: string", "name: string\n      size: int32");
        assert!(matches!(place.builder().compile(), Err(BuildError::Lock(path)) if path == place.at("shop.lock")));
    }

    #[test]
    fn an_updated_lock_looks_no_younger_than_its_spec() {
        let place = Place::new();
        place.builder().update_lock().compile().unwrap();
        assert_eq!(age(&place.at("shop.lock")), age(&place.at("shop.yaml")));
    }

    #[test]
    fn files_that_stay_the_same_keep_their_age() {
        let place = Place::new();
        place.builder().update_lock().compile().unwrap();
        let before = ages(&place.at("out"));
        assert!(before.contains_key(&place.at("out/shop.rs")), "{before:?}");
        place.edit("prefix: mug", "prefix: cup");
        place.builder().compile().unwrap();
        let after = ages(&place.at("out"));
        let changed = after.iter().filter(|(path, age)| before[*path] != **age).map(|(path, _)| path);
        assert!(changed.clone().any(|path| path.ends_with("shop.rs")));
        assert!(!changed.clone().any(|path| path.ends_with("descriptor_set.bin")), "{:?}", changed.collect::<Vec<_>>());
    }

    #[test]
    fn a_wrong_spec_is_told_with_its_places() {
        let place = Place::new();
        place.edit("string", "strong");
        insta::assert_snapshot!(place.refuses(&place.builder()), @r"
        shop.yaml is rejected

        error[E0007]: unknown type `strong`
         --> shop.yaml:7:13
          |
        7 |       name: strong
          |             ^^^^^^ no resource, type or enum has this name
          |
          = help: did you mean `string`?

        1 error
        ");
    }

    #[test]
    fn contracts_that_differ_are_named() {
        let place = Place::new();
        let contracts = place.at("contracts");
        place.builder().contracts_dir(&contracts).update_lock().compile().unwrap();
        let check = place.builder().check_contracts(&contracts);
        check.compile().unwrap();
        fs::write(contracts.join("openapi.yaml"), "mine").unwrap();
        fs::remove_file(contracts.join("schema.graphql")).unwrap();
        fs::write(contracts.join("proto/other.proto"), "").unwrap();
        insta::assert_snapshot!(place.refuses(&check), @r"
        contracts is stale:
          stale: openapi.yaml
          unexpected: proto/other.proto
          missing: schema.graphql
        refresh it by `contracts_dir` in place of `check_contracts`, and commit it
        ");
    }

    #[test]
    fn what_is_served_and_what_is_committed_have_the_version_that_was_asked_for() {
        let place = Place::new();
        let builder = place.builder().openapi(OpenApi::V3_1).contracts_dir(place.at("contracts")).update_lock();
        builder.compile().unwrap();
        for path in ["contracts/openapi.yaml", "out/shop/contracts/openapi.yaml"] {
            let document = fs::read_to_string(place.at(path)).unwrap();
            assert!(document.contains("\nopenapi: \"3.1.0\"\n"), "{document}");
        }
        builder.check_contracts(place.at("contracts")).compile().unwrap();
        place.builder().check_contracts(place.at("contracts")).compile().expect_err("the default is 3.0");
    }

    #[test]
    fn contracts_that_someone_edited_are_left_alone() {
        let place = Place::new();
        let builder = place.builder().contracts_dir(place.at("contracts")).update_lock();
        builder.compile().unwrap();
        fs::write(place.at("contracts/openapi.yaml"), "mine").unwrap();
        insta::assert_snapshot!(place.refuses(&builder), @r"
        contracts: a file isn't as apigen left it:
          openapi.yaml: edited by hand
        move your changes elsewhere, and delete what is in the way
        ");
    }

    #[test]
    fn migrations_are_kept_and_grow() {
        let place = Place::new();
        let builder = place.builder().migrations_dir(place.at("migrations")).update_lock();
        builder.compile().unwrap();
        let first = fs::read_to_string(place.at("migrations/sqlite/0001_initial.sql")).unwrap();
        let before = ages(&place.at("migrations"));
        builder.compile().unwrap();
        assert_eq!(ages(&place.at("migrations")), before);

        place.edit("name: string", "name: string\n      size?: int32");
        let check = place.builder().check_migrations(place.at("migrations")).update_lock();
        insta::assert_snapshot!(place.refuses(&check), @r"
        migrations is stale:
          missing: postgres/0002_add_mugs_size.sql
          stale: schema.yaml
          missing: sqlite/0002_add_mugs_size.sql
        add what is missing by `migrations_dir` in place of `check_migrations`, and commit it
        ");
        builder.compile().unwrap();
        check.compile().unwrap();
        assert_eq!(fs::read_to_string(place.at("migrations/sqlite/0001_initial.sql")).unwrap(), first);
        let second = fs::read_to_string(place.at("migrations/postgres/0002_add_mugs_size.sql")).unwrap();
        assert!(second.contains("ADD COLUMN"), "{second}");
        assert_eq!(
            fs::read(place.at("out/shop/migrations/postgres/0002_add_mugs_size.sql")).unwrap(),
            second.as_bytes()
        );
        assert_eq!(age(&place.at("migrations/schema.yaml")), age(&place.at("shop.yaml")));
    }

    #[test]
    fn a_change_that_no_migration_can_follow_stops_the_build_before_anything_is_written() {
        let place = Place::new();
        let builder = place.builder().migrations_dir(place.at("migrations")).update_lock();
        builder.compile().unwrap();
        let before = [ages(&place.at("out")), ages(&place.at("migrations"))];
        place.edit("name: string", "label: string");
        insta::assert_snapshot!(place.refuses(&builder), @r"
        migrations: no migration can lead to the spec's tables:
          mugs.name: the spec no longer has this column; to drop or rename one isn't supported yet
          mugs.label: the rows that are already there need a value in a new column: make it optional, or give it a default
        take the change back; or, if there is no database yet whose rows matter, delete the output's folder `migrations` and generate again
        ");
        assert_eq!([ages(&place.at("out")), ages(&place.at("migrations"))], before);
    }

    #[test]
    fn a_step_that_someone_edited_is_named() {
        let place = Place::new();
        let builder = place.builder().migrations_dir(place.at("migrations")).update_lock();
        builder.compile().unwrap();
        fs::write(place.at("migrations/sqlite/0001_initial.sql"), "mine").unwrap();
        insta::assert_snapshot!(place.refuses(&builder), @"migrations/sqlite/0001_initial.sql isn't as apigen wrote it, and databases may have been made by it: restore it from version control");
    }

    #[test]
    fn cargo_hears_of_all_that_is_read_and_nothing_else() {
        let builder = Builder::new("specs/shop.yaml");
        let read = "cargo:rerun-if-changed=specs/shop.yaml\ncargo:rerun-if-changed=specs/shop.lock\n";
        assert_eq!(builder.clone().contracts_dir("contracts").watched(), read);
        let kept = format!("{read}cargo:rerun-if-changed=migrations/schema.yaml\n");
        assert_eq!(builder.clone().migrations_dir("migrations").watched(), kept);
        let checked = format!("{read}cargo:rerun-if-changed=contracts\ncargo:rerun-if-changed=migrations\n");
        assert_eq!(builder.check_contracts("contracts").check_migrations("migrations").watched(), checked);
    }

    #[test]
    fn two_specs_share_a_folder() {
        let place = Place::new();
        fs::write(place.at("cafe.yaml"), SPEC.replace("name: shop", "name: cafe")).unwrap();
        let cafe = Builder::new(place.at("cafe.yaml")).out_dir(place.at("out")).update_lock();
        place.builder().update_lock().compile().unwrap();
        cafe.compile().unwrap();
        place.builder().compile().unwrap();
        assert!(
            ["shop.rs", "shop/descriptor_set.bin", "cafe.rs", "cafe/descriptor_set.bin"]
                .iter()
                .all(|path| place.at("out").join(path).exists())
        );
    }

    #[test]
    fn outside_of_a_build_script_there_is_no_folder() {
        let place = Place::new();
        let builder = Builder::new(place.at("shop.yaml")).update_lock();
        insta::assert_snapshot!(place.refuses(&builder), @"OUT_DIR isn't set, as cargo sets it for build scripts: call `out_dir`");
    }

    #[test]
    fn a_warning_is_one_line() {
        let mut all = Diagnostics::default();
        let file = all.add_source("shop.yaml", "apigen: 1\n");
        let span = crate::diagnostic::Span { file, start: 8, end: 9 };
        let code = crate::diagnostic::Code::Encoding;
        all.push(Diagnostic::warning(code, span, "an old\nversion").help("use 2".to_owned()));
        assert_eq!(warnings(&all), "cargo:warning=shop.yaml:1:9: an old version (use 2)\n");
    }
}
