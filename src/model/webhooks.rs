//! Endpoints that events are sent to: what every contract offers to keep them, as if it were one more resource.

use super::{
    Enum, EnumId, EnumValue, Field, FieldPolicy, Id, List, Model, Operations, Origin, Policy, Require, Resource,
    ResourceId, Rules, SetBy, Type,
};
use crate::names;

/// What an endpoint is called.
pub const RESOURCE: &str = "Webhook";

/// What may be sent to one.
pub const EVENTS: &str = "WebhookEvent";

impl Model {
    /// Those that have tables and descriptors of the spec's own: all but endpoints.
    pub fn stored_resources(&self) -> &[Resource] {
        &self.resources[..self.resources.len() - usize::from(self.webhooks)]
    }

    /// Those that stored resources may have values of.
    pub fn stored_enums(&self) -> &[Enum] {
        &self.enums[..self.enums.len() - usize::from(self.webhooks)]
    }

    /// Adds endpoints to the contracts.
    pub fn add_webhooks(&mut self, policy: Policy) {
        self.webhooks = true;
        self.enums.push(events(&self.resources));
        let (id, events) = (ResourceId(self.resources.len()), EnumId(self.enums.len() - 1));
        self.resources.push(Resource { policy, ..resource(id, events) });
    }
}

/// `order.created`, of all resources.
pub fn events(resources: &[Resource]) -> Enum {
    let all = resources.iter().flat_map(|resource| resource.events.iter().map(|event| (&resource.names.snake, event)));
    let values = all.map(|(resource, event)| EnumValue {
        name: format!("{resource}.{event}"),
        ..names::enum_value(EVENTS, &format!("{resource}_{event}"))
    });
    Enum {
        name: EVENTS.to_owned(),
        constant: names::constant(EVENTS),
        description: Some("What may be sent to an endpoint.".to_owned()),
        values: values.collect(),
    }
}

/// Endpoints, as far as names go: those of the model come later.
pub fn resource(id: ResourceId, events: EnumId) -> Resource {
    let rules = Rules { min_items: Some(1), unique_items: true, ..Rules::default() };
    let secret = "Signs what is sent (Standard Webhooks). Shown once: in the answer to the registration.";
    let given_up = "When the endpoint was given up, because it took nothing for days or said that it is gone.";
    let fields = vec![
        Field { filter: true, sort: true, origin: Origin::Id, ..field("id", Type::Id(id), SetBy::Server, "") },
        field("url", Type::Url, SetBy::Caller, "Where events are sent to, by POST."),
        Field { rules, ..field("events", Type::List(Box::new(Type::Enum(events))), SetBy::Caller, "Which are sent.") },
        Field { required: false, ..field("secret", Type::String, SetBy::Server, secret) },
        Field { required: false, ..field("disabled_at", Type::Timestamp, SetBy::Server, given_up) },
        Field {
            filter: true,
            sort: true,
            origin: Origin::Timestamp,
            ..field("created_at", Type::Timestamp, SetBy::Server, "")
        },
    ];
    Resource {
        names: names::resource(RESOURCE, None, None),
        description: Some("An endpoint that events are sent to, signed as Standard Webhooks.".to_owned()),
        deprecated: None,
        deprecated_operations: Vec::new(),
        id: Id::Uuid,
        fields,
        relations: Vec::new(),
        operations: Operations { update: false, ..Operations::DEFAULT },
        list: List { sort: Vec::new(), page_size: 50, max_page_size: 1000, total: false, offset: false },
        actions: Vec::new(),
        events: Vec::new(),
        errors: Vec::new(),
        unique: Vec::new(),
        indexes: Vec::new(),
        checks: Vec::new(),
        search: Vec::new(),
        soft_delete: false,
        batch: None,
        require: Require::default(),
        policy: Policy::default(),
        limit: None,
    }
}

fn field(name: &str, ty: Type, set_by: SetBy, description: &str) -> Field {
    Field {
        name: name.to_owned(),
        camel: names::camel(name),
        origin: Origin::Declared,
        description: (!description.is_empty()).then(|| description.to_owned()),
        example: None,
        ty,
        required: true,
        default: None,
        set_by,
        write_only: false,
        internal: false,
        unique: false,
        index: false,
        filter: false,
        sort: false,
        sensitive: false,
        deprecated: None,
        rules: Rules::default(),
        aggregate: None,
        computed: false,
        access: FieldPolicy::default(),
        from_principal: false,
    }
}
