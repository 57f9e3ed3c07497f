//! The library server: everything in `library` comes from the spec.

use std::process::ExitCode;

mod library {
    include!(concat!(env!("OUT_DIR"), "/library.rs"));
}

fn main() -> ExitCode {
    library::run()
}
