//! The service layer on a database in memory, without any protocol: paging, validation, cursors, references.

mod domain;
mod paging;
mod writing;
