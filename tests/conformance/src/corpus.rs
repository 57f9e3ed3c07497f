//! The scenario corpus: what a client does, as data, and what must come of it over REST, GraphQL and gRPC alike.
//!
//! A scenario is a list of steps in REST's spelling (`scenarios/**/*.yaml`):
//!
//! ```yaml
//! - name: an order is created
//!   steps:
//!     - create: { resource: User, input: { email: ann@example.com, name: Ann, password: correct horse } }
//!       as: ann                                   # saved: $ann.id, $ann.etag, $ann.data.0.id, $ann.next
//!     - create: { resource: Order, input: { customer_id: $ann.id } }
//!       error: { code: VALIDATION_FAILED, violations: [{ at: ship_to, code: REQUIRED }] }
//!     - list: { resource: User, where: { email: { eq: ann@example.com } }, sort: -name, limit: 1, total: true }
//!       expect: { data: [{ name: Ann }], has_more: false }
//! ```
//!
//! `expect` must be contained in the answer: members that it doesn't name are free, lists must have its length. `$any`
//! stands for anything that isn't null, and a member that is expected to be null may be absent, as it is in gRPC: between
//! REST and GraphQL the two differ. Other operations: `get`, `update` (`etag` optional), `delete`, `related` (a has_many
//! list of one row, or a many_to_many with the `inverse` that leads back), `replace`, `undelete`, `link`, `unlink`, `batch`
//! (whose results are `{ row, etag }`, `{ deleted }` or `{ error: { code, violations } }`) `import` and
//! `patch` (RFC 6902). `only: [rest, grpc]` leaves a protocol out that can't express a step.
//!
//! `page` is REST's number of a page; the others pass over as many rows.
//!
//! Logging in and out are actions of `Auth`, which stands for no rows: `act: { resource: Auth, action: login, input: … }`.
//!
//! `get` takes relations to follow, `with: { customer: { resource: User }, items: { resource: OrderItem, column: order_id } }`:
//! GraphQL reads them in one query, the others by further requests, and the trees must be equal. `where` takes `and`, `or`
//! and `not`, too.
//!
//! What GraphQL's own types refuse has neither a code of ours nor violations. It agrees with any error of the others that
//! is an INVALID_ARGUMENT.
//!
//! Each protocol runs every scenario on a server of its own. What the steps came to is put into one form, ids and times are
//! replaced by placeholders, and the three transcripts must be equal.

mod clients;
mod driver;
mod graphql;
mod grpc;
mod rest;
mod runner;
mod scenario;
mod shape;
mod transcript;

pub use clients::{Clients, Contracts, LOGINS};
pub use driver::{Driver, Failure, Operation, Outcome, Reply};
pub use runner::{Database, Domain, folder, run};
pub use scenario::{Act, Args, Batch, Create, Get, Import, Item, Link, List, Protocol, Related, Update, With};
