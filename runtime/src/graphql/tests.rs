//! The adapter over rows in memory.

mod fixture;
mod mutations;
mod plans;
mod queries;
mod requests;
mod served;
#[cfg(feature = "sqlite")]
mod stored;
mod unserved;
