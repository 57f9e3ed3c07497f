//! What else can be done with rows than to create, read, update and delete them.

use super::{
    Default, DomainError, ErrorId, Field, Literal, Model, Rate, Resource, ResourceId, ResourceNames, Type, prose,
};
use crate::names;

#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// snake_case: `cancel`. What contracts call it follows from this and the resource's names.
    pub name: String,
    pub description: Option<String>,
    pub target: Target,
    pub input: Vec<Field>,
    pub returns: Returns,
    /// What it may end with, beside the catalogue and the errors of the resource's writes.
    pub errors: Vec<ErrorId>,
    /// Name of the event that it emits, if its resource tells of that.
    pub event: String,
    /// It only reads.
    pub safe: bool,
    /// It starts an operation, which says later what came of it.
    pub long_running: bool,
    /// What the server does by itself; otherwise a hook does it.
    pub transition: Option<Transition>,
    /// In place of those of its resource and of everything.
    pub limit: Option<Rate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One row.
    Item,
    /// All rows, or none in particular.
    Collection,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Returns {
    Nothing,
    Row(ResourceId),
    Rows(ResourceId),
    Value(Type),
}

/// A move of an enum field, and what else is set along with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// Position in [`Resource::fields`].
    pub field: usize,
    /// Positions of the enum's values.
    pub from: Vec<usize>,
    pub to: usize,
    /// Fields of the resource, and what each becomes.
    pub set: Vec<(usize, Change)>,
}

/// What a field becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Position in [`Action::input`].
    Input(usize),
    /// A literal that isn't null, or the time of the write.
    Value(Default),
    Nothing,
}

impl Action {
    /// `CancelOrder`, `PurgeOrders`.
    pub fn method(&self, names: &ResourceNames) -> String {
        let owner = match self.target {
            Target::Item => &names.pascal,
            Target::Collection => &names.pascal_plural,
        };
        format!("{}{owner}", names::pascal(&self.name))
    }

    /// `cancelOrder`: its operationId and its field of GraphQL's roots.
    pub fn camel(&self, names: &ResourceNames) -> String {
        names::camel(&self.method(names))
    }

    /// `cancel`: the last segment of its path.
    pub fn segment(&self) -> String {
        self.name.replace('_', "-")
    }

    /// `/v1/orders/{order_id}/cancel`, below `root`.
    pub fn path(&self, root: &str, names: &ResourceNames) -> String {
        let item = match self.target {
            Target::Item => format!("/{{{}_id}}", names.snake),
            Target::Collection => String::new(),
        };
        format!("{root}/{}{item}/{}", names.path, self.segment())
    }

    pub fn http_method(&self) -> &'static str {
        if self.safe { "GET" } else { "POST" }
    }

    /// Whether a hook does it, at once.
    pub fn is_by_hook(&self) -> bool {
        self.transition.is_none() && !self.long_running
    }

    /// Whether a call must bring something.
    pub fn needs_input(&self) -> bool {
        self.input.iter().any(Field::required_on_create)
    }

    /// Whether it can be made to depend on the row's version.
    pub fn conditional(&self) -> bool {
        self.target == Target::Item && !self.safe
    }

    /// Its description, or what its name says.
    pub fn summary(&self, resource: &Resource) -> String {
        self.description.clone().unwrap_or_else(|| format!("{}.", self.title(resource)))
    }

    /// `Cancel an order`.
    pub fn title(&self, resource: &Resource) -> String {
        let what = match self.target {
            Target::Item => prose::a(&resource.noun()),
            Target::Collection => resource.nouns(),
        };
        format!("{} {what}", prose::capitalised(&prose::words(&self.name)))
    }

    /// What is to be known of how it is done: `Moves `status` from `pending` or `confirmed` to `cancelled`.`
    pub fn rules(&self, model: &Model, resource: &Resource, spelling: prose::Spelling) -> Vec<String> {
        let Some(transition) = &self.transition else {
            let started = "Takes its time: the answer is an operation, to be watched.";
            return Vec::from_iter(self.long_running.then(|| started.to_owned()));
        };
        let field = &resource.fields[transition.field];
        let Type::Enum(id) = field.ty else { unreachable!("a transition moves an enum") };
        let value = |index: &usize| format!("`{}`", model.enumeration(id).values[*index].spelled(spelling));
        let from = transition.from.iter().map(value).collect::<Vec<_>>().join(" or ");
        let name = if spelling == prose::Spelling::Graphql { &field.camel } else { &field.name };
        vec![format!("Moves `{name}` from {from} to {}.", value(&transition.to))]
    }
}

impl Model {
    /// Failures of the domain that an action may end with.
    pub fn action_errors(&self, resource: &Resource, action: &Action) -> Vec<&DomainError> {
        let mut ids: Vec<ErrorId> = if action.safe { Vec::new() } else { resource.errors.clone() };
        ids.extend(action.errors.iter().filter(|id| !resource.errors.contains(id) || action.safe));
        ids.into_iter().map(|id| self.error(id)).collect()
    }

    /// The resource whose row an action shows, if it shows just one.
    pub fn returned_row(&self, action: &Action) -> Option<&Resource> {
        match action.returns {
            Returns::Row(id) => Some(self.resource(id)),
            Returns::Nothing | Returns::Rows(_) | Returns::Value(_) => None,
        }
    }
}

impl Change {
    /// As written: `null`, a literal or `now`.
    pub fn literal(literal: Literal) -> Change {
        match literal {
            Literal::Null => Change::Nothing,
            literal => Change::Value(Default::Literal(literal)),
        }
    }
}
