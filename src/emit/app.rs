//! Everything of a cargo workspace around the generated code: all manifests, the copied runtime, and the user's own crate
//! with its few first lines. Knows nothing about resources.

mod first_test;

use apigen_runtime::source::SOURCE;
use askama::Template;

use self::first_test::FirstTest;
use super::{
    Options, Runtime,
    rust::{RequiredHook, required_hooks},
    stubs,
};
use crate::{
    files::{Draft, Owner},
    model::{Limits, Model, Resource},
};

/// The user's; `copied`: the runtime is one of its members.
#[derive(Template)]
#[template(path = "app/workspace.Cargo.toml.askama", escape = "none")]
struct Workspace {
    copied: bool,
}

#[derive(Template)]
#[template(path = "app/gitignore.askama", escape = "none")]
struct GitIgnore;

#[derive(Template)]
#[template(path = "app/app.Cargo.toml.askama", escape = "none")]
struct AppManifest<'a> {
    app_crate: &'a str,
    server_crate: &'a str,
}

#[derive(Template)]
#[template(path = "app/main.rs.askama", escape = "none")]
struct Main<'a> {
    title: &'a str,
    server_module: &'a str,
    test: FirstTest,
}

#[derive(Template)]
#[template(path = "app/hooks.rs.askama", escape = "none")]
struct Hooks<'a> {
    server_module: &'a str,
    hooks: &'a [RequiredHook],
    stubs: Vec<String>,
}

#[derive(Template)]
#[template(path = "app/server.Cargo.toml.askama", escape = "none")]
struct ServerManifest<'a> {
    spec: &'a str,
    server_crate: &'a str,
    /// As a TOML string.
    runtime: String,
    /// The spec says who callers are.
    auth: bool,
    /// The spec says how often they may call.
    limits: bool,
}

#[derive(Template)]
#[template(path = "app/runtime.Cargo.toml.askama", escape = "none")]
struct RuntimeManifest {
    version: &'static str,
}

pub fn emit(model: &Model, options: &Options, files: &Draft<'_>) {
    let api = &model.api;
    let copied = options.runtime == Runtime::Copy;
    let server_module = api.server_crate.replace('-', "_");
    add(files, "Cargo.toml", Workspace { copied }, Owner::User);
    add(files, ".gitignore", GitIgnore, Owner::User);
    let app = AppManifest { app_crate: &api.app_crate, server_crate: &api.server_crate };
    add(files, "app/Cargo.toml", app, Owner::User);
    let server_module = server_module.as_str();
    let main = Main { title: first_line(&api.title), server_module, test: FirstTest::of(model) };
    add(files, "app/src/main.rs", main, Owner::User);
    let hooks = &required_hooks(model);
    add(files, stubs::CODE, Hooks { server_module, hooks, stubs: stubs::stubs(hooks) }, Owner::User);
    files.add(stubs::LIST, stubs::list(model), Owner::Apigen);
    let runtime = toml_string(&dependency_path(&options.runtime));
    let (auth, limits) = (model.auth.is_some(), is_limited(model));
    let server = ServerManifest { spec: &model.spec, server_crate: &api.server_crate, runtime, auth, limits };
    add(files, "server/Cargo.toml", server, Owner::Apigen);
    if copied {
        copy_runtime(files);
    }
}

fn is_limited(model: &Model) -> bool {
    let limited =
        |resource: &Resource| resource.limit.is_some() || resource.actions.iter().any(|action| action.limit.is_some());
    model.limits != Limits::default() || model.login().is_some() || model.resources.iter().any(limited)
}

fn copy_runtime(files: &Draft<'_>) {
    add(files, "runtime/Cargo.toml", RuntimeManifest { version: env!("CARGO_PKG_VERSION") }, Owner::Apigen);
    for (path, content) in SOURCE {
        files.add(format!("runtime/{path}"), *content, Owner::Apigen);
    }
}

fn add(files: &Draft<'_>, path: &str, template: impl Template, owner: Owner) {
    let text = template.render().unwrap_or_else(|error| unreachable!("writing {path} to memory can't fail: {error}"));
    files.add(path, text + "\n", owner);
}

/// From `server/` to the runtime.
fn dependency_path(runtime: &Runtime) -> String {
    match runtime {
        Runtime::Copy => "../runtime".to_owned(),
        Runtime::Path(path) if std::path::Path::new(path).is_absolute() => path.clone(),
        Runtime::Path(path) => format!("../{path}"),
    }
}

/// JSON's escapes are valid in TOML's basic strings.
fn toml_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What fits behind `//!`.
fn first_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default()
}
