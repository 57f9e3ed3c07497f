//! Model → files. Each emitter knows one target and no other; none touches the disk.

pub mod app;
mod literal;
pub mod migrations;
pub mod options;
pub mod server;

pub use self::options::{Options, Runtime, Target};
use crate::{
    files::{Files, Owner},
    model::Model,
};

/// Everything that `options` ask for.
pub fn all(model: &Model, options: &Options) -> Files {
    let mut files = Files::new(options.target.folders().iter().copied());
    if options.target.has_server() {
        for (path, text) in migrations::emit(model) {
            files.add(path, text, Owner::Apigen);
        }
        app::emit(model, options, &mut files);
    }
    files
}
