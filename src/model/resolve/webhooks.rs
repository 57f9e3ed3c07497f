//! Webhooks: whether there is anything to send, and whether the names that they need are free.

use std::collections::HashMap;

use super::{Resolver, access::rules, collisions};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{EnumId, Policy, Resource, ResourceId, webhooks};
use crate::names;
use crate::spec::{Part, Text};

impl Resolver<'_> {
    pub(super) fn check_webhooks(&mut self, resources: &[Resource]) {
        let Some(span) = self.spec.webhooks.as_ref().map(|webhooks| webhooks.span) else { return };
        if resources.iter().all(|resource| resource.events.is_empty()) {
            let help = "name some on a resource: `events: [created]`";
            self.error(Code::KeyNotApplicable, span, "`webhooks` without any events", help);
        }
        let mut seen = HashMap::new();
        for value in webhooks::events(resources).values {
            if let Some(other) = seen.insert(value.proto, value.name.clone()) {
                let message = format!("the events `{other}` and `{}` are the same name in other contracts", value.name);
                self.error(Code::NamesCollide, span, message, "rename one of them by the `event` of its action");
            }
        }
        self.check_webhook_names(resources);
    }

    /// Who may do what with endpoints: the same alternatives for all of it.
    pub(super) fn webhook_policy(&mut self) -> Policy {
        let spec = self.spec;
        let access = spec.webhooks.as_ref().and_then(|webhooks| webhooks.access.as_ref());
        let mut said = Vec::new();
        for typed in access.into_iter().flatten() {
            let of_rows = |part: &Part| matches!(part, Part::Owner(_) | Part::Via(_) | Part::When(..));
            if spec.auth.is_none() {
                let help = "add `auth:` at the top of the spec: `auth: { principal: User }`";
                self.error(Code::KeyNotApplicable, typed.span, "`access` has no meaning without `auth`", help);
            } else if typed.parts.iter().any(of_rows) {
                let help = "write a role or a scope: `role:admin`";
                self.error(Code::KeyNotApplicable, typed.span, "endpoints don't belong to a row", help);
            } else {
                said.extend(self.alternative(typed, ResourceId(0), &[], &[]));
            }
        }
        if spec.auth.is_none() {
            return Policy::default();
        }
        let own = webhooks::resource(ResourceId(0), EnumId(0));
        Policy { rules: rules(&own, &said), ..Policy::default() }
    }

    fn check_webhook_names(&mut self, resources: &[Resource]) {
        let Some(span) = self.spec.webhooks.as_ref().map(|webhooks| webhooks.span) else { return };
        let spec = self.spec;
        let own = webhooks::resource(ResourceId(0), EnumId(0));
        let mut needed = collisions::derived(&own);
        needed.extend(names::derived_from_enum(webhooks::EVENTS));
        needed.extend([webhooks::RESOURCE, webhooks::EVENTS].map(str::to_owned));
        let typed = spec.resources.given().into_iter().flatten();
        let derived = typed.zip(resources).map(|(typed, resource)| {
            let same = [resource.names.path == own.names.path, resource.names.camel_plural == own.names.camel_plural];
            let mut names = collisions::derived(resource);
            names.extend(same.contains(&true).then(|| webhooks::RESOURCE.to_owned()));
            (&typed.name, names)
        });
        let enums = spec.enums.iter().map(|item| (&item.name, names::derived_from_enum(&item.name.value)));
        let objects = spec.objects.iter().map(|item| (&item.name, names::derived_from_object(&item.name.value)));
        let taken: Vec<(&Text, Vec<String>)> = derived.chain(enums).chain(objects).collect();
        for (name, derived) in taken {
            if needed.contains(&name.value) || derived.iter().any(|name| needed.contains(name)) {
                self.out.push(
                    Diagnostic::error(Code::NamesCollide, name.span, format!("`{}` is taken by webhooks", name.value))
                        .related(span, "endpoints are a resource `Webhook`, at `/webhooks`")
                        .help("choose another name, or another `path`".to_owned()),
                );
            }
        }
    }
}
