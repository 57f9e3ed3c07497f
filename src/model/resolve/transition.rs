//! Transitions: which field moves from where to where, and what is set along with it.

use std::collections::{HashMap, HashSet};

use super::{Resolver, number};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Change, Default, EnumId, Field, Object, Origin, Resource, Rules, Transition, Type};
use crate::spec::{self, Node, Slot, Text, Value};

/// What stands before the name of an input.
const INPUT: &str = "input.";

/// What changes are made of.
struct Given<'a> {
    typed: &'a [spec::Field],
    inputs: &'a [Field],
    resource: &'a Resource,
    objects: &'a [Object],
}

impl Resolver<'_> {
    /// Also reports inputs that the transition doesn't use, since no hook will.
    pub(super) fn transition(
        &mut self,
        action: &spec::Action,
        inputs: &[Field],
        resource: &Resource,
        objects: &[Object],
    ) -> Option<Transition> {
        let typed = action.transition.given()?;
        let given = Given { typed: action.input.given().map_or(&[], Vec::as_slice), inputs, resource, objects };
        let moved = self.moved(typed, resource);
        let steps = moved.and_then(|(field, id)| {
            let (from, to) = (self.from(typed, id), self.to(typed, id));
            Some((field, from?, to?))
        });
        let mut set = Vec::new();
        let mut used = HashSet::new();
        for (name, node) in &typed.set {
            used.extend(input_name(node));
            let field = self.set_field(name, moved.map(|(field, _)| field), resource);
            set.extend(field.and_then(|field| Some((field, self.change(field, node, &given)?))));
        }
        for input in given.typed.iter().filter(|input| !used.contains(input.name.value.as_str())) {
            let name = &input.name.value;
            let help = format!("set a field to it (`set: {{ {name}: input.{name} }}`), or remove it");
            self.error(Code::UnusedInput, input.name.span, format!("nothing uses the input `{name}`"), help);
        }
        let (field, from, to) = steps?;
        Some(Transition { field, from, to, set })
    }

    fn moved(&mut self, typed: &spec::Transition, resource: &Resource) -> Option<(usize, EnumId)> {
        let name = match &typed.field {
            Slot::Given(name) => name,
            Slot::Broken => return None,
            Slot::Absent => {
                self.missing(typed.span, "field", "a transition", "say which field moves: `field: status`");
                return None;
            }
        };
        let index = self.own_field(name, resource)?;
        let field = &resource.fields[index];
        match field.ty {
            Type::Enum(_) if field.computed => {
                let help = "write `default: VALUE, read_only: true` instead of `computed: true`";
                self.error(
                    Code::BadTransition,
                    name.span,
                    format!("`{}` is computed: no row has it", name.value),
                    help,
                );
                None
            }
            Type::Enum(id) if !field.internal => Some((index, id)),
            Type::Enum(_) => {
                let message = format!("`{}` is internal, and refusals would tell its value", name.value);
                self.error(Code::BadTransition, name.span, message, "write `read_only: true` instead of `internal`");
                None
            }
            _ => {
                let message = format!("`{}` is of type `{}`, not an enum", name.value, self.type_name(&field.ty));
                self.error(Code::BadTransition, name.span, message, "a transition moves a field between named values");
                None
            }
        }
    }

    /// Position of a field by its name.
    fn own_field(&mut self, name: &Text, resource: &Resource) -> Option<usize> {
        let found = resource.fields.iter().position(|field| field.name == name.value);
        if found.is_none() && !self.is_broken(name, resource) {
            let help = self.out.suggest(&name.value, resource.fields.iter().map(|field| field.name.as_str()));
            let message = format!("`{}` has no field `{}`", resource.names.pascal, name.value);
            self.out.push(Diagnostic::error(Code::BadTransition, name.span, message).help(help));
        }
        found
    }

    /// A field that couldn't be resolved was reported.
    fn is_broken(&self, name: &Text, resource: &Resource) -> bool {
        self.declared(&name.value, resource).is_some()
            || self.typed(resource).is_some_and(|typed| typed.fields == Slot::Broken)
    }

    fn typed(&self, resource: &Resource) -> Option<&spec::Resource> {
        let mut all = self.spec.resources.given().into_iter().flatten();
        all.find(|typed| typed.name.value == resource.names.pascal)
    }

    fn declared(&self, name: &str, resource: &Resource) -> Option<&spec::Field> {
        let fields = self.typed(resource)?.fields.given()?;
        fields.iter().find(|field| field.name.value == name)
    }

    fn from(&mut self, typed: &spec::Transition, id: EnumId) -> Option<Vec<usize>> {
        let words = match &typed.from {
            Slot::Given(words) => words,
            Slot::Broken => return None,
            Slot::Absent => {
                self.missing(typed.span, "from", "a transition", "say where it may begin: `from: [pending]`");
                return None;
            }
        };
        if words.is_empty() {
            let help = "say where it may begin: `from: [pending]`";
            self.error(Code::Empty, typed.span, "a transition from nowhere", help);
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for word in words {
            if let Some(first) = seen.insert(&word.value, word.span) {
                self.repeated(word, first);
            }
        }
        let states: Vec<Option<usize>> = words.iter().map(|word| self.state(word, id)).collect();
        states.into_iter().collect()
    }

    fn to(&mut self, typed: &spec::Transition, id: EnumId) -> Option<usize> {
        if typed.to == Slot::Absent {
            self.missing(typed.span, "to", "a transition", "say where it leads: `to: cancelled`");
        }
        self.state(typed.to.given()?, id)
    }

    fn state(&mut self, word: &Text, id: EnumId) -> Option<usize> {
        let enumeration = &self.spec.enums[id.0];
        // Without readable values anything may be right.
        let values = enumeration.values.given()?;
        let found = values.iter().position(|value| value.name.value == word.value);
        if found.is_none() {
            let names = || values.iter().map(|value| value.name.value.as_str());
            let listing = || format!("its values: {}", names().collect::<Vec<_>>().join(", "));
            let help = self.out.suggest(&word.value, names()).unwrap_or_else(listing);
            let message = format!("`{}` is not a value of enum `{}`", word.value, enumeration.name.value);
            self.out.push(Diagnostic::error(Code::BadTransition, word.span, message).help(help));
        }
        found
    }

    fn set_field(&mut self, name: &Text, moved: Option<usize>, resource: &Resource) -> Option<usize> {
        let index = self.own_field(name, resource)?;
        let field = &resource.fields[index];
        let declared = self.declared(&name.value, resource);
        let computed = declared.is_some_and(|field| !field.is_stored());
        let unfit = match field.origin {
            _ if moved == Some(index) => Some("its value is what `to` says"),
            Origin::Id => Some("a row keeps its id"),
            Origin::Timestamp => Some("the server sets it by itself"),
            _ if computed => Some("it isn't stored, but found out whenever it is read"),
            _ if field.ty == Type::Password => Some("let an update set the password"),
            Origin::Declared | Origin::Relation(_) => None,
        };
        if let Some(help) = unfit {
            self.error(Code::BadTransition, name.span, format!("`{}` can't be set here", name.value), help);
            return None;
        }
        Some(index)
    }

    fn change(&mut self, index: usize, node: &Node, given: &Given<'_>) -> Option<Change> {
        let field = &given.resource.fields[index];
        if let Some(name) = input_name(node) {
            return self.input_change(name, node, field, given);
        }
        if node.is_null() && field.ty != Type::Json {
            if field.required {
                let message = format!("`{}` can't be null", field.name);
                let help = format!("make it optional (`{}?`), or set it to a value", field.name);
                self.error(Code::BadTransition, node.span, message, help);
            }
            return Some(Change::Nothing);
        }
        match (&field.ty, &node.value) {
            (Type::Timestamp, Value::Scalar(word)) if !word.quoted && word.text == "now" => {
                Some(Change::Value(Default::Now))
            }
            (Type::Date, Value::Scalar(word)) if !word.quoted && word.text == "today" => {
                Some(Change::Value(Default::Today))
            }
            (Type::Id(_), _) => {
                let help = format!("let the caller say which row: `{}: input.x`, with `x` a `ref<…>`", field.name);
                self.error(Code::BadTransition, node.span, "a literal can't name a row", help);
                None
            }
            _ => self.literal(node, &field.ty, &field.rules, given.objects).map(Change::literal),
        }
    }

    fn input_change(&mut self, name: &str, node: &Node, field: &Field, given: &Given<'_>) -> Option<Change> {
        let Some(typed) = given.typed.iter().find(|input| input.name.value == name) else {
            let help = self.out.suggest(name, given.typed.iter().map(|input| input.name.value.as_str()));
            let help =
                help.unwrap_or_else(|| format!("declare it: `input: {{ {name}: {} }}`", self.type_name(&field.ty)));
            self.error(Code::BadTransition, node.span, format!("there is no input `{name}`"), help);
            return None;
        };
        // One of an unknown type was reported.
        let index = given.inputs.iter().position(|input| input.name == name)?;
        let input = &given.inputs[index];
        if input.ty != field.ty {
            let (has, wants) = (self.type_name(&input.ty), self.type_name(&field.ty));
            let message =
                format!("the input `{name}` is of type `{has}`, the field `{}` of type `{wants}`", field.name);
            let help = match (&input.ty, &field.ty) {
                (Type::Decimal { .. }, Type::Decimal { .. }) => "give both the same `scale` and `precision`".to_owned(),
                _ => format!("make the input a `{wants}`"),
            };
            self.unfit_input(node, typed, message, &help);
            return None;
        }
        if !input.required
            && typed.default.is_none()
            && field.required
            && !matches!(field.ty, Type::List(_) | Type::Map(_))
        {
            let message = format!("the input `{name}` may be absent, the field `{}` may not", field.name);
            self.unfit_input(node, typed, message, "remove the input's `?`, or give it a `default`");
        }
        if let Some(key) = looser(&input.rules, &field.rules, &field.ty) {
            let message = format!("the input `{name}` allows what `{key}` of the field `{}` doesn't", field.name);
            self.unfit_input(
                node,
                typed,
                message,
                &format!("remove `{key}` from the input, which then has the field's"),
            );
        }
        Some(Change::Input(index))
    }

    fn unfit_input(&mut self, node: &Node, typed: &spec::Field, message: String, help: &str) {
        self.out.push(
            Diagnostic::error(Code::BadTransition, node.span, message)
                .related(typed.name.span, "the input")
                .help(help.to_owned()),
        );
    }
}

/// `input.reason` → `reason`.
fn input_name(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) if !scalar.quoted => scalar.text.strip_prefix(INPUT),
        _ => None,
    }
}

/// The first of an input's own constraints that admits more than the field's.
fn looser(input: &Rules, field: &Rules, ty: &Type) -> Option<&'static str> {
    let less = |own: Option<u32>, other: Option<u32>| own.zip(other).is_some_and(|(own, other)| own < other);
    let numbers = |own: &Option<String>, other: &Option<String>| {
        let number = |text: &Option<String>| number::parse(ty, text.as_deref()?).ok();
        number(own).zip(number(other)).map(|(own, other)| own.compare(other))
    };
    let differ = |own: &Option<String>, other: &Option<String>| own.is_some() && other.is_some() && own != other;
    let below = |own, other| numbers(own, other).is_some_and(std::cmp::Ordering::is_lt);
    let above = |own, other| numbers(own, other).is_some_and(std::cmp::Ordering::is_gt);
    [
        ("min_length", less(input.min_length, field.min_length)),
        ("max_length", less(field.max_length, input.max_length)),
        ("min_items", less(input.min_items, field.min_items)),
        ("max_items", less(field.max_items, input.max_items)),
        ("pattern", differ(&input.pattern, &field.pattern)),
        ("minimum", below(&input.minimum, &field.minimum)),
        ("exclusive_minimum", below(&input.exclusive_minimum, &field.exclusive_minimum)),
        ("maximum", above(&input.maximum, &field.maximum)),
        ("exclusive_maximum", above(&input.exclusive_maximum, &field.exclusive_maximum)),
        ("multiple_of", differ(&input.multiple_of, &field.multiple_of)),
    ]
    .into_iter()
    .find_map(|(key, looser)| looser.then_some(key))
}
