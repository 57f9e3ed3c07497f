//! The PostgreSQL store from outside, on the server that `APIGEN_TEST_POSTGRES_URL` names: what jobs see, what they do to
//! each other, what is left when connections break.
#![cfg(feature = "postgres")]

mod database;
mod failures;
mod lifecycle;
mod migrations;
mod proxy;
mod reads;
mod round_trips;
mod support;
mod values;
mod writes;
