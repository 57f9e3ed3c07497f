//! What a user has to write for the hooks that a spec needs: the first lines of `app/src/hooks.rs`, and what `generate`
//! shows of hooks that have come since. The list of those that there are lies in the server's folder.

use std::collections::BTreeSet;

use askama::Template;

use super::rust::{RequiredHook, required_hooks};
use crate::model::Model;

/// Where users write them, inside the output folder.
pub const CODE: &str = "app/src/hooks.rs";

/// The list, inside the output folder.
pub const LIST: &str = "server/hooks.md";

#[derive(Template)]
#[template(path = "app/stub.rs.askama", escape = "none")]
struct Stub<'a> {
    trait_name: &'a str,
    hooks: &'a [RequiredHook],
}

#[derive(Template)]
#[template(path = "app/hooks.md.askama", escape = "none")]
struct List<'a> {
    header: &'a str,
    hooks: &'a [RequiredHook],
}

/// An `impl` per trait.
pub fn stubs(hooks: &[RequiredHook]) -> Vec<String> {
    let traits = hooks.chunk_by(|one, other| one.hooks == other.hooks);
    traits.map(|hooks| rendered(&Stub { trait_name: &hooks[0].hooks, hooks })).collect()
}

/// The text of [`LIST`].
pub(super) fn list(model: &Model) -> String {
    rendered(&List { header: &super::header(model), hooks: &required_hooks(model) }) + "\n"
}

/// The hooks that a spec needs and `before`, an earlier text of [`LIST`], doesn't have.
pub fn added(model: &Model, before: &str) -> Vec<RequiredHook> {
    let listed: BTreeSet<_> = before.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`')).collect();
    required_hooks(model).into_iter().filter(|hook| !listed.contains(hook.path().as_str())).collect()
}

fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| unreachable!("writing to memory can't fail: {error}"))
}
