use std::process::ExitCode;

fn main() -> ExitCode {
    apigen::cli::run(std::env::args_os())
}
