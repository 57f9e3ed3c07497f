//! Logging in, going on and logging out, over REST, GraphQL and gRPC, on SQLite and PostgreSQL: what tokens open, until
//! when, how often anybody may try, and what nobody is told.

#[path = "login/desk.rs"]
mod desk;
#[path = "login/ends.rs"]
mod ends;
#[path = "login/limits.rs"]
mod limits;
#[path = "login/opens.rs"]
mod opens;
#[path = "login/secrets.rs"]
mod secrets;
