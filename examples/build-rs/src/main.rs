//! The library server: everything in `library` comes from the spec.

use std::process::ExitCode;

use library::{
    hooks::{ApiError, BookHooks, Call},
    rows::book::NewBook,
};

mod library {
    include!(concat!(env!("OUT_DIR"), "/library.rs"));
}

struct Hooks;

impl BookHooks for Hooks {
    /// People paste titles with the blanks around them.
    async fn before_create(&self, _: &Call, new: &mut NewBook) -> Result<(), ApiError> {
        new.title = new.title.trim().to_owned();
        Ok(())
    }
}

fn main() -> ExitCode {
    library::server(Hooks).book_hooks().run()
}
