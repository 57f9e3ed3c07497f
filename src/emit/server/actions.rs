//! Actions as members of their resource's descriptor.

use super::{Imports, field_line, quoted, rate, type_expression};
use crate::{
    emit::literal,
    model::{Action, Change, Default, Field, Model, Resource, Returns, Target, Transition, Type},
};

/// `actions: &[…]`, if any is served.
pub fn member(model: &Model, resource: &Resource, imports: &mut Imports) -> Option<String> {
    let served = resource.actions.iter().filter(|action| !action.long_running);
    let actions: String = served.map(|action| self::action(model, resource, action, imports)).collect();
    if actions.is_empty() {
        return None;
    }
    imports.descriptor.insert("Action");
    Some(format!("actions: &[\n{actions}    ]"))
}

fn action(model: &Model, resource: &Resource, action: &Action, imports: &mut Imports) -> String {
    let names = &resource.names;
    let input: String =
        action.input.iter().map(|input| format!("                {},\n", field_line(model, input, imports))).collect();
    let mut members = vec![
        format!("name: \"{}\"", action.name),
        format!("camel: \"{}\"", action.camel(names)),
        format!("method: \"{}\"", action.method(names)),
        format!("path: \"{}\"", action.segment()),
    ];
    if action.target == Target::Collection {
        imports.descriptor.insert("Target");
        members.push("target: Target::Collection".to_owned());
    }
    if action.safe {
        members.push("safe: true".to_owned());
    }
    if !input.is_empty() {
        members.push(format!("input: &[\n{input}            ]"));
    }
    let references = references(model, resource, action, imports);
    if !references.is_empty() {
        members.push(format!("references: &[{references}]"));
    }
    if action.returns != Returns::Nothing {
        imports.descriptor.insert("Returns");
        members.push(format!("returns: {}", returns(model, resource, &action.returns, imports)));
    }
    if let Some(transition) = &action.transition {
        let transition = self::transition(model, resource, action, transition, imports);
        members.push(format!("transition: Some({transition})"));
    }
    if action.limit.is_some() {
        imports.descriptor.insert("Rate");
        members.push(format!("limit: {}", rate(action.limit)));
    }
    let lines: String = members.iter().map(|member| format!("            {member},\n")).collect();
    format!("        Action {{\n{lines}            ..Action::BLANK\n        }},\n")
}

/// `("shelf", &SHELF)`
fn references(model: &Model, resource: &Resource, action: &Action, imports: &mut Imports) -> String {
    let reference = |input: &Field| {
        let target = &model.resource(target(&input.ty)?).names;
        if target.constant != resource.names.constant {
            imports.own_item(&format!("resources::{}", target.module), &target.constant);
        }
        Some(format!("(\"{}\", &{})", input.name, target.constant))
    };
    action.input.iter().filter_map(reference).collect::<Vec<_>>().join(", ")
}

fn returns(model: &Model, resource: &Resource, returns: &Returns, imports: &mut Imports) -> String {
    let mut shown = |id: &crate::model::ResourceId| {
        let names = &model.resource(*id).names;
        if names.constant != resource.names.constant {
            imports.own_item(&format!("resources::{}", names.module), &names.constant);
        }
        &names.constant
    };
    match returns {
        Returns::Nothing => unreachable!("what isn't returned isn't said"),
        Returns::Row(id) => format!("Returns::Row(&{})", shown(id)),
        Returns::Rows(id) => format!("Returns::Rows(&{})", shown(id)),
        Returns::Value(ty) => {
            let ty = type_expression(model, ty, imports);
            format!("Returns::Value {{ result: &Field::new(\"result\", \"result\", {ty}).read_only() }}")
        }
    }
}

fn target(ty: &Type) -> Option<crate::model::ResourceId> {
    match ty {
        Type::Id(id) => Some(*id),
        Type::List(item) | Type::Map(item) => target(item),
        _ => None,
    }
}

fn transition(
    model: &Model,
    resource: &Resource,
    action: &Action,
    transition: &Transition,
    imports: &mut Imports,
) -> String {
    imports.descriptor.insert("Transition");
    let field = &resource.fields[transition.field];
    let Type::Enum(id) = field.ty else { unreachable!("a transition moves an enum") };
    let value = |index: &usize| format!("\"{}\"", model.enumeration(id).values[*index].name);
    let from = transition.from.iter().map(value).collect::<Vec<_>>().join(", ");
    let set = transition.set.iter().map(|(field, change)| {
        let field = &resource.fields[*field];
        format!("(\"{}\", {})", field.name, self::change(model, field, action, change, imports))
    });
    let set = set.collect::<Vec<_>>().join(", ");
    let to = value(&transition.to);
    format!("Transition {{ field: \"{}\", from: &[{from}], to: {to}, set: &[{set}] }}", field.name)
}

fn change(model: &Model, field: &Field, action: &Action, change: &Change, imports: &mut Imports) -> String {
    imports.descriptor.insert("Change");
    let value = match change {
        Change::Input(input) => return format!("Change::Input(\"{}\")", action.input[*input].name),
        Change::Nothing => return "Change::Nothing".to_owned(),
        Change::Value(value) => value,
    };
    imports.descriptor.insert("Literal");
    match value {
        Default::Now => "Change::Value(Literal::Now)".to_owned(),
        Default::Today => "Change::Value(Literal::Today)".to_owned(),
        Default::Literal(value) => {
            format!("Change::Value(Literal::Text({}))", quoted(&literal::text(model, &field.ty, value)))
        }
    }
}
