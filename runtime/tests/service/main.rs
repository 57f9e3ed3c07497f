//! The service layer on a database in memory, without any protocol: paging, validation, cursors, references.
#![cfg(feature = "sqlite")]

mod access;
mod around;
mod computed;
mod domain;
mod hooks;
mod paging;
mod rest;
mod store;
mod writing;
