//! Turns the spec into `library.rs`, and keeps the contracts that clients read up to date.

fn main() -> Result<(), apigen::BuildError> {
    apigen::Builder::new("specs/library.yaml").contracts_dir("contracts").update_lock().compile()
}
