//! What somebody tries who means harm, over REST, GraphQL and gRPC: forged tokens, fields that aren't theirs to set, rows
//! of other tenants, texts that mean something to a database, headers within values.

#[path = "attacks/assignment.rs"]
mod assignment;
#[path = "attacks/fields.rs"]
mod fields;
#[path = "attacks/headers.rs"]
mod headers;
#[path = "attacks/injection.rs"]
mod injection;
#[path = "attacks/keys.rs"]
mod keys;
#[path = "attacks/order.rs"]
mod order;
#[path = "attacks/scene.rs"]
mod scene;
#[path = "attacks/tenants.rs"]
mod tenants;
#[path = "attacks/tokens.rs"]
mod tokens;
