//! Actions that the server does by itself; those of hooks would need hooks.

use apigen::model::{self, Action, Change, Field, Model, Resource, Returns, Target, Transition, Type};
use apigen_runtime::descriptor as live;

use super::{all, fields, literal, text};

pub(super) fn of(model: &Model, resource: &Resource, beneath: &[&'static live::Resource]) -> Vec<live::Action> {
    let moves = resource.actions.iter().filter_map(|action| Some((action, action.transition.as_ref()?)));
    let action = |(action, transition): (&Action, &Transition)| live::Action {
        name: text(&action.name),
        camel: text(&action.camel(&resource.names)),
        method: text(&action.method(&resource.names)),
        path: text(&action.segment()),
        target: match action.target {
            Target::Item => live::Target::Item,
            Target::Collection => live::Target::Collection,
        },
        input: all(action.input.iter().map(|input| fields::plain(model, input))),
        references: all(action.input.iter().filter_map(|input| reference(input, beneath))),
        returns: match action.returns {
            Returns::Row(id) => live::Returns::Row(beneath[id.0]),
            _ => live::Returns::Nothing,
        },
        transition: Some(self::transition(model, resource, action, transition)),
        ..live::Action::BLANK
    };
    moves.map(action).collect()
}

fn reference(input: &Field, beneath: &[&'static live::Resource]) -> Option<(&'static str, &'static live::Resource)> {
    let mut ty = &input.ty;
    while let Type::List(item) | Type::Map(item) = ty {
        ty = item;
    }
    let Type::Id(id) = ty else { return None };
    Some((text(&input.name), beneath[id.0]))
}

fn transition(model: &Model, resource: &Resource, action: &Action, transition: &Transition) -> live::Transition {
    let field = &resource.fields[transition.field];
    let Type::Enum(id) = field.ty else { unreachable!("a transition moves an enum") };
    let value = |index: &usize| text(&model.enumeration(id).values[*index].name);
    let set = transition.set.iter().map(|(index, change)| {
        let field = &resource.fields[*index];
        (text(&field.name), self::change(model, field, action, change))
    });
    let (from, set) = (all(transition.from.iter().map(value)), all(set));
    live::Transition { field: text(&field.name), from, to: value(&transition.to), set }
}

fn change(model: &Model, field: &Field, action: &Action, change: &Change) -> live::Change {
    match change {
        Change::Input(input) => live::Change::Input(text(&action.input[*input].name)),
        Change::Nothing => live::Change::Nothing,
        Change::Value(model::Default::Now) => live::Change::Value(live::Literal::Now),
        Change::Value(model::Default::Today) => live::Change::Value(live::Literal::Today),
        Change::Value(model::Default::Literal(value)) => {
            live::Change::Value(live::Literal::Text(literal(model, field, value)))
        }
    }
}
