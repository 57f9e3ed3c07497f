//! A trait of hooks per resource, how the runtime calls it, and the server that is made of those that users write.

use askama::Template;
use rayon::prelude::*;

use super::{
    Module,
    around::{Around, around},
    render,
};
use crate::{
    emit::rust::{Purpose, RequiredHook, required_hooks_of},
    model::{Model, Resource, Returns},
};

pub(super) fn module(model: &Model) -> Module {
    let items: Vec<_> = model.stored_resources().par_iter().map(|resource| hooks(model, resource)).collect();
    let own = |item: &ResourceView<'_>| Module {
        name: item.module.to_owned(),
        prefix: "",
        docs: Vec::new(),
        inner: Vec::new(),
        body: render(item),
    };
    let docs =
        "Your code around the writes of each resource and in its actions, and what it is written with.".to_owned();
    let inner = items.par_iter().map(own).collect();
    let view = HooksView { items, auth: model.auth.is_some() };
    Module { name: "hooks".to_owned(), prefix: "pub ", docs: vec![docs], inner, body: render(&view) }
}

fn hooks<'m>(model: &'m Model, resource: &'m Resource) -> ResourceView<'m> {
    let names = &resource.names;
    let operations = resource.operations;
    let required = required_hooks_of(model, resource);
    let actions = |purpose| {
        let hooks = required.iter().filter(move |hook| hook.purpose == purpose);
        hooks.map(|hook| Act::new(resource, hook)).collect::<Vec<_>>()
    };
    let (on_row, on_none) = (actions(Purpose::ActOnRow), actions(Purpose::Act));
    let around = around(resource);
    let fields = |purpose| required.iter().filter(move |hook| hook.purpose == purpose).cloned().collect();
    ResourceView {
        name: &names.pascal,
        module: &names.module,
        snake: &names.snake,
        // Other rows may bring one along, and gRPC's update can be a replacement.
        updated: operations.update || operations.replace,
        deleted: operations.delete,
        undeleted: resource.soft_delete,
        uses: uses(&around, &[&on_row, &on_none]),
        fields: fields(Purpose::Field),
        computed: fields(Purpose::Compute),
        on_row,
        on_none,
        around,
        required,
    }
}

fn uses(around: &[Around], acts: &[&[Act]]) -> &'static str {
    let none = around.is_empty() && acts.iter().all(|acts| acts.is_empty());
    let reads = around.iter().any(|act| act.input.is_some()) || acts.iter().any(|acts| reads(acts));
    match (none, reads) {
        (true, _) => "Typed",
        (false, false) => "{Cells, Typed}",
        (false, true) => "{Cells, Input, Typed}",
    }
}

fn reads(acts: &[Act]) -> bool {
    acts.iter().any(|act| !act.input.is_empty())
}

/// How the hook of an action is called.
struct Act {
    name: String,
    method: String,
    /// Its last argument, if it takes any.
    input: &'static str,
    /// What makes of its answer what the runtime knows.
    value: &'static str,
}

impl Act {
    fn new(resource: &Resource, hook: &RequiredHook) -> Act {
        let action = resource.actions.iter().find(|action| action.name == hook.name);
        let action = action.unwrap_or_else(|| unreachable!("{} is the hook of an action", hook.path()));
        let value = match action.returns {
            Returns::Nothing => "|()| hooks::Value::Null",
            Returns::Row(_) => "|row| hooks::Native::value(row.id)",
            Returns::Rows(_) => "|rows| hooks::Native::value(rows.into_iter().map(|row| row.id).collect::<Vec<_>>())",
            Returns::Value(_) => "hooks::Native::value",
        };
        let input = if action.input.is_empty() { "" } else { ", Input::read(&mut input)" };
        Act { name: hook.name.clone(), method: hook.method.clone(), input, value }
    }
}

#[derive(Template)]
#[template(path = "server/hooks.rs.askama", escape = "none")]
struct HooksView<'a> {
    items: Vec<ResourceView<'a>>,
    /// The spec says who callers are.
    auth: bool,
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
    /// Items of the runtime.
    uses: &'static str,
    required: Vec<RequiredHook>,
    fields: Vec<RequiredHook>,
    computed: Vec<RequiredHook>,
    on_row: Vec<Act>,
    on_none: Vec<Act>,
    around: Vec<Around>,
}

impl ResourceView<'_> {
    /// `mut input`, if any of them takes some.
    fn input(&self, acts: &[Act]) -> &'static str {
        if reads(acts) { "mut input" } else { "_" }
    }

    fn any(&self, which: fn(&Around) -> bool) -> bool {
        self.around.iter().any(which)
    }

    /// Their last argument, which they give back.
    fn passed(&self, which: fn(&Around) -> bool) -> &'static str {
        if self.takes(which) { "mut input" } else { "input" }
    }

    /// The same where they don't.
    fn taken(&self, which: fn(&Around) -> bool) -> &'static str {
        if self.takes(which) { "mut input" } else { "_" }
    }

    fn takes(&self, which: fn(&Around) -> bool) -> bool {
        self.around.iter().any(|act| which(act) && act.input.is_some())
    }

    fn needed(&self) -> bool {
        !self.required.is_empty()
    }

    fn missing(&self) -> String {
        self.required.iter().map(RequiredHook::path).collect::<Vec<_>>().join(", ")
    }
}

impl HooksView<'_> {
    fn all_needed(&self) -> bool {
        self.items.iter().all(ResourceView::needed)
    }

    /// `: OrderHooks + UserHooks`
    fn bounds(&self) -> String {
        let needed = self.items.iter().filter(|item| item.needed()).map(|item| format!("{}Hooks", item.name));
        let needed = needed.collect::<Vec<_>>().join(" + ");
        if needed.is_empty() { needed } else { format!(": {needed}") }
    }
}
