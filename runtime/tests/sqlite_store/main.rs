//! The SQLite store from outside: what jobs see, what neighbours in one group do to each other, what a failure leaves.
#![cfg(feature = "sqlite")]

mod groups;
mod lifecycle;
mod migrations;
mod reads;
mod support;
mod values;
