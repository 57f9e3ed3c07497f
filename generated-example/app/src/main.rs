//! The Shop server. This file is yours: apigen wrote it once and won't touch it again.

mod hooks;

use std::process::ExitCode;

fn main() -> ExitCode {
    shop_server::server(hooks::Hooks).run()
}
