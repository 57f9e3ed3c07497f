//! What was acknowledged survives the death of the process, and is on disk before it is acknowledged.

#[path = "durability/kill.rs"]
mod kill;
#[path = "durability/sync.rs"]
mod sync;
