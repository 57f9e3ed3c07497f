//! A trait of hooks per resource, how the runtime calls it, and the server that is made of those that users write.

use askama::Template;

use super::{Module, render};
use crate::{
    emit::rust::{RequiredHook, required_hooks_of},
    model::{Model, Resource},
};

pub(super) fn module(model: &Model) -> Module {
    let items: Vec<_> = model.resources.iter().map(|resource| hooks(model, resource)).collect();
    let own = |item: &ResourceView<'_>| Module {
        name: item.module.to_owned(),
        prefix: "",
        docs: Vec::new(),
        inner: Vec::new(),
        body: render(item),
    };
    let docs = "Your code around the writes of each resource, and what it is written with.".to_owned();
    let inner = items.iter().map(own).collect();
    Module { name: "hooks".to_owned(), prefix: "pub ", docs: vec![docs], inner, body: render(&HooksView { items }) }
}

fn hooks<'m>(model: &'m Model, resource: &'m Resource) -> ResourceView<'m> {
    let names = &resource.names;
    let operations = resource.operations;
    ResourceView {
        name: &names.pascal,
        module: &names.module,
        snake: &names.snake,
        // Other rows may bring one along, and gRPC's update can be a replacement.
        updated: operations.update || operations.replace,
        deleted: operations.delete,
        undeleted: resource.soft_delete,
        required: required_hooks_of(model, resource),
    }
}

#[derive(Template)]
#[template(path = "server/hooks.rs.askama", escape = "none")]
struct HooksView<'a> {
    items: Vec<ResourceView<'a>>,
}

#[derive(Template)]
#[template(path = "server/hooks/resource.rs.askama", escape = "none")]
struct ResourceView<'a> {
    /// `OrderItem`
    name: &'a str,
    module: &'a str,
    snake: &'a str,
    updated: bool,
    deleted: bool,
    undeleted: bool,
    required: Vec<RequiredHook>,
}

impl ResourceView<'_> {
    fn needed(&self) -> bool {
        !self.required.is_empty()
    }

    fn missing(&self) -> String {
        self.required.iter().map(RequiredHook::path).collect::<Vec<_>>().join(", ")
    }
}

impl HooksView<'_> {
    /// `: OrderHooks + UserHooks`
    fn bounds(&self) -> String {
        let needed = self.items.iter().filter(|item| item.needed()).map(|item| format!("{}Hooks", item.name));
        let needed = needed.collect::<Vec<_>>().join(" + ");
        if needed.is_empty() { needed } else { format!(": {needed}") }
    }
}
