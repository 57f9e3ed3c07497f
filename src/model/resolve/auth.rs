//! `auth`: who callers are, whether they can log in, what their roles stand for.

use std::collections::HashMap;

use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Field, Resource, ResourceId, TenantClaim, Type};
use crate::names as casing;
use crate::spec::{self, Slot, Text};

impl Resolver<'_> {
    pub(super) fn auth(&mut self, resources: &[Resource]) -> Option<model::Auth> {
        let typed = self.spec.auth.as_ref()?;
        let principal = typed.principal.as_ref().and_then(|name| self.scope.resource(name, self.out));
        let tenant = typed.tenant.as_ref().and_then(|tenant| self.tenant_claim(tenant));
        let login = typed.login.as_ref().and_then(|login| self.login(login, typed, resources));
        let roles = typed.roles.iter().map(|role| self.role_of(role)).collect();
        self.check_roles(&typed.roles);
        Some(model::Auth { principal, tenant, login, roles })
    }

    fn tenant_claim(&mut self, typed: &spec::TenantClaim) -> Option<TenantClaim> {
        let help = "write `tenant: { resource: Account, claim: account_id }`";
        for (key, text) in [("resource", &typed.resource), ("claim", &typed.claim)] {
            if text.is_none() {
                self.missing(typed.span, key, "`tenant`", help);
            }
        }
        let resource = self.scope.resource(typed.resource.as_ref()?, self.out)?;
        let claim = typed.claim.as_ref()?;
        if claim.value.trim().is_empty() {
            self.error(Code::Empty, claim.span, "a claim without a name", help);
        }
        Some(TenantClaim { resource, claim: claim.value.clone() })
    }

    fn login(&mut self, typed: &spec::Login, auth: &spec::Auth, resources: &[Resource]) -> Option<model::Login> {
        let help = "write `login: { resource: User, identifier: email, secret: password }`";
        let keys = [("resource", &typed.resource), ("identifier", &typed.identifier), ("secret", &typed.secret)];
        for (key, text) in keys {
            if text.is_none() {
                self.missing(typed.span, key, "`login`", help);
            }
        }
        let name = typed.resource.as_ref()?;
        let id = self.scope.resource(name, self.out)?;
        self.check_principal_logs_in(name, auth);
        let identifier = typed.identifier.as_ref().and_then(|text| self.login_field(text, id, resources));
        let secret = typed.secret.as_ref().and_then(|text| self.login_field(text, id, resources));
        let fields = &resources[id.0].fields;
        if let (Some(index), Some(text)) = (identifier, &typed.identifier)
            && (!fields[index].unique || !matches!(fields[index].ty, Type::String | Type::Email))
        {
            let message = format!("nobody can be told from others by `{}`", text.value);
            self.error(Code::BadLogin, text.span, message, "name a `string` or `email` with `unique: true`");
        }
        if let (Some(index), Some(text)) = (secret, &typed.secret)
            && fields[index].ty != Type::Password
        {
            let message = format!("`{}` isn't a password", text.value);
            self.error(Code::BadLogin, text.span, message, "name a field of type `password`");
        }
        Some(model::Login { resource: id, identifier: identifier?, secret: secret?, roles: roles(fields) })
    }

    fn check_principal_logs_in(&mut self, name: &Text, auth: &spec::Auth) {
        let Some(principal) = &auth.principal else {
            let help = format!("add `principal: {}`", name.value);
            self.error(Code::BadLogin, name.span, "a login says who the caller is", help);
            return;
        };
        if principal.value != name.value {
            self.out.push(
                Diagnostic::error(Code::BadLogin, name.span, format!("callers aren't rows of `{}`", name.value))
                    .related(principal.span, "but of this resource")
                    .help(format!("write `resource: {}`", principal.value)),
            );
        }
    }

    fn login_field(&mut self, name: &Text, id: ResourceId, resources: &[Resource]) -> Option<usize> {
        let typed = &self.spec.resources.given()?[id.0];
        let found = resources[id.0].fields.iter().position(|field| field.name == name.value);
        let declared = typed.fields.given().into_iter().flatten();
        // One that couldn't be resolved was reported.
        let reported = typed.fields == Slot::Broken || declared.clone().any(|field| field.name.value == name.value);
        if found.is_none() && !reported {
            let help = self.out.suggest(&name.value, declared.map(|field| field.name.value.as_str()));
            let message = format!("`{}` has no field `{}`", typed.name.value, name.value);
            self.out.push(Diagnostic::error(Code::UnknownName, name.span, message).help(help));
        }
        found
    }

    fn role_of(&mut self, typed: &spec::Role) -> model::Role {
        names::check_snake(&typed.name, self.out);
        for scope in &typed.scopes {
            let fine = scope.value == "*" || scope.value.split(':').all(casing::is_snake) && scope.value.contains(':');
            if !fine {
                let help =
                    "a scope is a resource's plural and what may be done, `order_items:read`, or `\"*\"` for all";
                self.error(Code::BadAccess, scope.span, format!("`{}` is not a scope", scope.value), help);
            }
        }
        let scopes = typed.scopes.iter().map(|scope| scope.value.clone()).collect();
        model::Role { name: typed.name.value.clone(), scopes }
    }

    fn check_roles(&mut self, roles: &[spec::Role]) {
        for role in roles {
            let mut seen = HashMap::new();
            for scope in &role.scopes {
                if let Some(first) = seen.insert(&scope.value, scope.span) {
                    self.repeated(scope, first);
                }
            }
        }
    }
}

/// Where a row of callers says which roles it has.
fn roles(fields: &[Field]) -> Option<usize> {
    fields.iter().position(|field| match (field.name.as_str(), &field.ty) {
        ("role", Type::Enum(_)) => true,
        ("roles", Type::List(item)) => matches!(**item, Type::Enum(_)),
        _ => false,
    })
}
