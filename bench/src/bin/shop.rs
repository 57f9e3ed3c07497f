//! The generated server of `specs/shop.yaml`, as its `app/` has it.

use std::process::ExitCode;

fn main() -> ExitCode {
    shop_server::run()
}
