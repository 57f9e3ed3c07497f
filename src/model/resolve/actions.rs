//! Actions: what they take and return, and which of their keys contradict each other.

use super::api::value;
use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Action, Change, Field, Object, Resource, ResourceId, Returns, Target, Type, prose};
use crate::names as casing;
use crate::spec::{self, Holds, Item, Slot, Text, TypeExpr};

/// What a request says of the row beside the input.
const OWN_INPUTS: [&str; 2] = ["id", "etag"];

impl Resolver<'_> {
    pub(super) fn actions(
        &mut self,
        owner: ResourceId,
        typed: &[spec::Action],
        resource: &Resource,
        objects: &[Object],
    ) -> Vec<Action> {
        typed.iter().map(|typed| self.action(owner, typed, resource, objects)).collect()
    }

    fn action(&mut self, owner: ResourceId, typed: &spec::Action, resource: &Resource, objects: &[Object]) -> Action {
        self.check_action_name(&typed.name);
        if typed.transition == Slot::Absent && casing::is_hook(&typed.name.value) {
            let help = "the hook that does it would have the name of another hook; choose another name";
            names::reserved(&typed.name, help, self.out);
        }
        let target = self.target_of(typed);
        match target {
            Target::Item => names::check_link(&typed.name, &self.spec.rest, self.out),
            Target::Collection => {
                self.check_segment(typed.name.span, &typed.name.value.replace('_', "-"), resource);
            }
        }
        let input = self.inputs(typed, target, resource);
        self.check_query(typed, &input);
        let transition = self.transition(typed, &input, resource, objects);
        let mut action = Action {
            name: typed.name.value.clone(),
            description: value(&typed.description),
            target,
            input,
            returns: self.returns(typed, owner),
            errors: self.error_list(&typed.errors),
            event: event(typed),
            safe: typed.safe.is_some(),
            long_running: typed.long_running.is_some(),
            transition,
            limit: typed.limit.as_ref().and_then(|text| self.rate(text)),
        };
        self.check_action(typed, &action, owner);
        inherit(&mut action, resource);
        self.literals(typed.input.given(), &mut action.input, objects);
        action
    }

    fn check_action_name(&mut self, name: &Text) {
        if names::check_snake(name, self.out) && casing::RESERVED_ACTIONS.contains(&name.value.as_str()) {
            names::reserved(name, "every resource has this name for something else; choose another one", self.out);
        }
    }

    fn target_of(&mut self, typed: &spec::Action) -> Target {
        let Some(word) = &typed.target else { return Target::Item };
        match word.value.as_str() {
            "item" => Target::Item,
            "collection" => Target::Collection,
            other => {
                let message = format!("unknown target `{other}`");
                self.error(Code::UnknownName, word.span, message, "an action is about an `item` or a `collection`");
                Target::Item
            }
        }
    }

    /// Without defaults and examples, which must keep the constraints that are found later.
    fn inputs(&mut self, typed: &spec::Action, target: Target, resource: &Resource) -> Vec<Field> {
        let fields = typed.input.given().map(Vec::as_slice).unwrap_or_default();
        self.check_properties(fields, &[], &[]);
        for field in fields {
            if target == Target::Item && OWN_INPUTS.contains(&field.name.value.as_str()) {
                let help = format!("every action has it already: it says which {} is meant", resource.noun());
                names::reserved(&field.name, &help, self.out);
            }
        }
        let mut inputs: Vec<_> = fields.iter().filter_map(|field| self.input_field(field)).collect();
        self.field_deprecations(fields, &[], &mut inputs);
        for input in inputs.iter_mut().filter(|input| input.description.is_none()) {
            input.description = self.about_reference(&input.ty);
        }
        inputs
    }

    /// `The id of an order.`
    fn about_reference(&self, ty: &Type) -> Option<String> {
        let (words, id) = match ty {
            Type::Id(id) => ("The id of", id),
            Type::List(item) | Type::Map(item) => match &**item {
                Type::Id(id) => ("Each the id of", id),
                _ => return None,
            },
            _ => return None,
        };
        let name = &self.spec.resources.given()?.get(id.0)?.name.value;
        Some(format!("{words} {}.", prose::a(&prose::words(&casing::snake(name)))))
    }

    /// A query string holds single values, and lists of them.
    fn check_query(&mut self, typed: &spec::Action, inputs: &[Field]) {
        let (Some(safe), Some(fields)) = (typed.safe, typed.input.given()) else { return };
        let plain = |ty: &Type| !matches!(ty, Type::Object(_) | Type::Map(_) | Type::List(_) | Type::Json);
        for input in inputs {
            let fits = match &input.ty {
                Type::List(item) => plain(item),
                ty => plain(ty),
            };
            let place = fields.iter().find(|field| field.name.value == input.name);
            if let (false, Some(place)) = (fits, place) {
                let message = format!("a query can't hold the input `{}`", input.name);
                let help = "take its parts as inputs of their own, or remove `safe`";
                self.contradict(&message, safe, place.name.span, help);
            }
        }
    }

    fn returns(&mut self, typed: &spec::Action, owner: ResourceId) -> Returns {
        let Some(expression) = typed.returns.given() else { return Returns::Row(owner) };
        let name = expression.name();
        if expression.holds == Holds::One && name.value == "none" {
            return Returns::Nothing;
        }
        let refused = self.refuses_ref(Some(expression), "an answer shows the row itself: write the resource's name");
        let found = if refused { None } else { self.returned(expression) };
        found.unwrap_or(Returns::Nothing)
    }

    fn returned(&mut self, expression: &TypeExpr) -> Option<Returns> {
        let Item::Named(name) = &expression.item else { return None };
        if self.scope.is_resource(name) {
            let id = self.scope.resource(name, self.out)?;
            return match expression.holds {
                Holds::One => Some(Returns::Row(id)),
                Holds::List => Some(Returns::Rows(id)),
                Holds::Map => {
                    let help = format!("write `list<{}>`", name.value);
                    self.error(Code::UnknownType, name.span, "a map can't hold rows", help);
                    None
                }
            };
        }
        let inner = self.scope.ty(name, self.out)?;
        let unfit = match inner {
            Type::Password => Some("nobody ever sees a password"),
            Type::Decimal { .. } => Some("wrap it in a value type, which says how many digits it has"),
            _ => None,
        };
        if let Some(help) = unfit {
            let message = format!("an action can't return `{}`", name.value);
            self.error(Code::KeyNotApplicable, name.span, message, help);
            return None;
        }
        self.wrap(expression, inner).map(Returns::Value)
    }

    fn check_action(&mut self, typed: &spec::Action, action: &Action, owner: ResourceId) {
        let transition = typed.transition.given().map(|transition| transition.span);
        if let (Some(safe), Some(moves)) = (typed.safe, transition) {
            self.contradict("a `safe` action can't have a `transition`", safe, moves, "what is safe changes nothing");
        }
        if let (Some(target), Some(moves), Target::Collection) = (&typed.target, transition, action.target) {
            let help = "a transition moves one row: remove `target`";
            self.contradict("an action on a collection can't have a `transition`", target.span, moves, help);
        }
        if let (Some(safe), Some(event)) = (typed.safe, &typed.event) {
            self.contradict("a `safe` action can't emit an event", safe, event.span, "what is safe changes nothing");
        }
        self.check_long_running(typed);
        let Some(returns) = typed.returns.given().map(|expression| expression.name()) else { return };
        if let (Some(safe), Returns::Nothing, "none") = (typed.safe, &action.returns, returns.value.as_str()) {
            let help = "say what it reads: `returns: list<Order>`";
            self.contradict("a `safe` action must return something", safe, returns.span, help);
        }
        let own = matches!(&action.returns, Returns::Nothing) || action.returns == Returns::Row(owner);
        if let (Some(moves), false) = (transition, own) {
            let help = "remove `returns`, or write `none`: nothing but the row is at hand";
            self.contradict("a transition returns its own row", returns.span, moves, help);
        }
    }

    fn check_long_running(&mut self, typed: &spec::Action) {
        let Some(long) = typed.long_running else { return };
        if let Some(safe) = typed.safe {
            let help = "remove `safe`: starting an operation changes something";
            self.contradict("a `safe` action can't be `long_running`", safe, long, help);
        }
        if let Some(transition) = typed.transition.given() {
            let help = "remove `long_running`: a transition is done at once";
            self.contradict("a `long_running` action can't have a `transition`", long, transition.span, help);
        }
    }

    fn contradict(&mut self, message: &str, one: Span, other: Span, help: &str) {
        self.out.push(
            Diagnostic::error(Code::Contradiction, one.max(other), message)
                .related(one.min(other), "the other one")
                .help(help.to_owned()),
        );
    }
}

/// Its own, or the value that its transition leads to, or its name.
fn event(typed: &spec::Action) -> String {
    let moved = typed.transition.given().and_then(|transition| transition.to.given());
    typed.event.as_ref().or(moved).unwrap_or(&typed.name).value.clone()
}

/// What an input is to become must keep that field's constraints, and says so wherever it doesn't say otherwise.
fn inherit(action: &mut Action, resource: &Resource) {
    let set = action.transition.iter().flat_map(|transition| &transition.set);
    for (field, change) in set {
        if let Change::Input(input) = change {
            action.input[*input].rules.complete(&resource.fields[*field].rules);
        }
    }
}
