//! Turns the spec into `library.rs`, and keeps the contracts that clients read and the migrations of databases up to date.

fn main() -> Result<(), apigen::BuildError> {
    apigen::Builder::new("specs/library.yaml")
        .contracts_dir("contracts")
        .migrations_dir("migrations")
        .update_lock()
        .compile()
}
