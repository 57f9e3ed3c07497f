//! The manifests that apigen writes name the same crates, versions and features as this workspace, and the copied runtime
//! is all of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use apigen::{
    emit::{Options, Runtime, Target},
    files::Owner,
    migrations::History,
    model::{Api, Auth, Limits, Model, Rate},
};
use apigen_runtime::source::SOURCE;
use toml_edit::{Document, Item, Table, TableLike};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn parse(text: &str) -> Table {
    Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")).as_table().clone()
}

fn manifest(path: &str) -> Table {
    parse(&fs::read_to_string(root().join(path)).unwrap())
}

fn model() -> Model {
    let api = Api {
        name: "web_shop".to_owned(),
        version: "v1".to_owned(),
        title: "Web \"shop\"\nand more".to_owned(),
        description: None,
        contact: None,
        license: None,
        servers: Vec::new(),
        docs_url: None,
        package: "web_shop.v1".to_owned(),
        app_crate: "web-shop".to_owned(),
        server_crate: "web-shop-server".to_owned(),
    };
    Model { spec: "specs/web_shop.yaml".to_owned(), api, ..Model::default() }
}

/// Content and owner by path.
fn generated(runtime: Runtime) -> BTreeMap<String, (String, Owner)> {
    generated_of(&model(), runtime)
}

fn generated_of(model: &Model, runtime: Runtime) -> BTreeMap<String, (String, Owner)> {
    let files = apigen::generate(
        model,
        &Options { target: Target::Server, runtime, ..Options::default() },
        &History::default(),
    )
    .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    files.iter().map(|(path, content, owner)| (path.to_owned(), (text(content), owner))).collect()
}

/// A dependency as both forms of a manifest say it: version, whether default features are wanted, features.
#[derive(Debug, PartialEq)]
struct Dependency {
    version: String,
    default_features: bool,
    features: BTreeSet<String>,
    optional: bool,
}

fn dependency(item: &Item) -> Dependency {
    let table = item.as_table_like();
    let get = |key| table.and_then(|table: &dyn TableLike| table.get(key));
    Dependency {
        version: item.as_str().or_else(|| get("version")?.as_str()).expect("a version").to_owned(),
        default_features: get("default-features").and_then(Item::as_bool).unwrap_or(true),
        features: strings(get("features")),
        optional: get("optional").and_then(Item::as_bool).unwrap_or(false),
    }
}

fn strings(item: Option<&Item>) -> BTreeSet<String> {
    let values = item.and_then(Item::as_array).into_iter().flat_map(|array| array.iter());
    values.map(|value| value.as_str().expect("a string").to_owned()).collect()
}

fn workspace_dependency(name: &str) -> Dependency {
    dependency(&manifest("Cargo.toml")["workspace"]["dependencies"][name])
}

fn entries<'a>(manifest: &'a Table, table: &str) -> impl Iterator<Item = (&'a str, &'a Item)> {
    manifest[table].as_table().unwrap().iter()
}

#[test]
fn the_copied_runtime_depends_on_what_the_runtime_does() {
    let ours = manifest("runtime/Cargo.toml");
    let copied = parse(&generated(Runtime::Copy)["runtime/Cargo.toml"].0);
    let names = |manifest| entries(manifest, "dependencies").map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&copied), names(&ours));
    for (name, item) in entries(&ours, "dependencies") {
        let table = item.as_table_like().unwrap();
        let optional = table.get("optional").and_then(Item::as_bool).unwrap_or(false);
        let mut wanted = Dependency { optional, ..workspace_dependency(name) };
        wanted.features.extend(strings(table.get("features")));
        assert_eq!(dependency(&copied["dependencies"][name]), wanted, "{name}");
    }
}

#[test]
fn the_copied_runtime_has_the_runtimes_features_and_head() {
    let (workspace, ours) = (manifest("Cargo.toml"), manifest("runtime/Cargo.toml"));
    let copied = parse(&generated(Runtime::Copy)["runtime/Cargo.toml"].0);
    let features = |manifest: &Table| -> Vec<(String, BTreeSet<String>)> {
        entries(manifest, "features").map(|(name, item)| (name.to_owned(), strings(Some(item)))).collect()
    };
    assert_eq!(features(&copied), features(&ours));
    for key in ["version", "edition", "rust-version", "license"] {
        let wanted = workspace["workspace"]["package"][key].as_str();
        assert_eq!(copied["package"][key].as_str(), wanted, "{key}");
    }
}

#[test]
fn the_generated_crate_names_our_versions() {
    let server = parse(&generated(Runtime::Copy)["server/Cargo.toml"].0);
    let foreign = || entries(&server, "dependencies").filter(|(name, _)| *name != "apigen-runtime");
    assert!(foreign().count() > 0);
    for (name, item) in foreign() {
        assert_eq!(dependency(item).version, workspace_dependency(name).version, "{name}");
    }
}

#[test]
fn the_users_crate_is_tested_with_our_versions() {
    let app = parse(&generated(Runtime::Copy)["app/Cargo.toml"].0);
    assert!(entries(&app, "dev-dependencies").count() > 0);
    for (name, item) in entries(&app, "dev-dependencies") {
        assert_eq!(dependency(item).version, workspace_dependency(name).version, "{name}");
    }
}

#[test]
fn the_generated_crate_passes_the_runtimes_features_on() {
    let ours = manifest("runtime/Cargo.toml");
    let server = parse(&generated(Runtime::Copy)["server/Cargo.toml"].0);
    let auth = Some(Auth { principal: None, tenant: None, login: None, roles: Vec::new() });
    let limits = Limits { anonymous: Some(Rate { requests: 1, seconds: 1 }), authenticated: None };
    let with_all = parse(&generated_of(&Model { auth, limits, ..model() }, Runtime::Copy)["server/Cargo.toml"].0);
    let mut default = strings(ours["features"].get("default"));
    assert_eq!(strings(with_all["features"].get("default")), default);
    assert!(default.remove("auth") && default.remove("redis"));
    assert_eq!(strings(server["features"].get("default")), default, "what nobody needs isn't built");
    for name in ["auth", "redis"] {
        assert!(server["features"].get(name).is_none(), "{name} would be without effect");
    }
    for name in strings(ours["features"].get("default")) {
        let passed_on = strings(with_all["features"].get(&name));
        assert!(passed_on.contains(&format!("apigen-runtime/{name}")), "{name}: {passed_on:?}");
    }
}

#[test]
fn the_embedded_source_is_all_of_it() {
    let runtime = root().join("runtime");
    let mut on_disk = BTreeMap::new();
    for top in ["src", "assets"].map(|name| runtime.join(name)) {
        visit(&runtime, &top, &mut on_disk);
    }
    let embedded: BTreeMap<String, Vec<u8>> =
        SOURCE.iter().map(|(path, content)| ((*path).to_owned(), content.to_vec())).collect();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&embedded), names(&on_disk), "runtime/src/source.rs lists every file");
    assert_eq!(embedded, on_disk);
}

fn visit(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            visit(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            found.insert(name, fs::read(&path).unwrap());
        }
    }
}

#[test]
fn the_manifests_name_the_crates_of_the_api() {
    let files = generated(Runtime::Copy);
    let app = parse(&files["app/Cargo.toml"].0);
    assert_eq!(app["package"]["name"].as_str(), Some("web-shop"));
    assert_eq!(app["dependencies"]["web-shop-server"]["path"].as_str(), Some("../server"));
    assert_eq!(parse(&files["server/Cargo.toml"].0)["package"]["name"].as_str(), Some("web-shop-server"));
    assert!(files["app/src/main.rs"].0.contains("    web_shop_server::server(hooks::Hooks)\n"));
    assert!(files["app/src/main.rs"].0.starts_with("//! The Web \"shop\" server."));
    let members = |runtime| strings(parse(&generated(runtime)["Cargo.toml"].0)["workspace"].get("members"));
    assert_eq!(members(Runtime::Copy), ["app", "server", "runtime"].map(str::to_owned).into());
    assert_eq!(members(Runtime::Path("../runtime".to_owned())), ["app", "server"].map(str::to_owned).into());
}

#[test]
fn the_runtimes_folder_survives_its_quotes() {
    for (folder, path) in [(r#"a "b" \c"#, r#"../a "b" \c"#), ("/opt/runtime", "/opt/runtime")] {
        let files = generated(Runtime::Path(folder.to_owned()));
        let server = parse(&files["server/Cargo.toml"].0);
        assert_eq!(server["dependencies"]["apigen-runtime"]["path"].as_str(), Some(path));
        assert!(!files.keys().any(|path| path.starts_with("runtime/")));
    }
}

#[test]
fn the_users_files_are_the_users() {
    let files = generated(Runtime::Copy);
    let users = files.iter().filter(|(_, (_, owner))| *owner == Owner::User).map(|(path, _)| path.as_str());
    let expected = [".gitignore", "Cargo.toml", "app/Cargo.toml", "app/src/hooks.rs", "app/src/main.rs"];
    assert_eq!(users.collect::<Vec<_>>(), expected);
}
