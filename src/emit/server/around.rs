//! Hooks around the actions of a resource that don't only read.

use crate::{
    emit::rust::input,
    model::{Action, Resource, Target},
};

/// The hooks around one action.
pub(super) struct Around {
    pub name: String,
    /// `cancelOrder`
    pub camel: String,
    /// `CancelOrderInput`, if it takes anything.
    pub input: Option<String>,
    target: Target,
    by_server: bool,
}

/// Of all actions that have any. What is done by a hook needs none inside its transaction.
pub(super) fn around(resource: &Resource) -> Vec<Around> {
    let changing = resource.actions.iter().filter(|action| !action.long_running && !action.safe);
    changing.map(|action| Around::of(resource, action)).collect()
}

impl Around {
    fn of(resource: &Resource, action: &Action) -> Around {
        Around {
            name: action.name.clone(),
            camel: action.camel(&resource.names),
            input: (!action.input.is_empty()).then(|| input(resource, action)),
            target: action.target,
            by_server: !action.is_by_hook(),
        }
    }

    pub fn on_row(&self) -> bool {
        self.target == Target::Item
    }

    pub fn on_none(&self) -> bool {
        self.target == Target::Collection
    }

    /// The server does it, by moving a row.
    pub fn moves(&self) -> bool {
        self.by_server
    }

    /// The last argument of its hooks that change nothing of it.
    pub fn read(&self) -> &'static str {
        if self.input.is_some() { ", &Input::read(&mut input)" } else { "" }
    }
}
