use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run makes millions of small texts on all processors, which the system's allocator is a third of all the time with.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    apigen::cli::run(std::env::args_os())
}
