//! `auth:` as typed: who callers are, and what their roles stand for.

use super::keys::{self, Keys};
use super::tree::{Entry, Text};
use super::vocabulary;
use crate::diagnostic::{Diagnostics, Span};

#[derive(Debug, Clone, PartialEq)]
pub struct Auth {
    /// Of the key.
    pub span: Span,
    /// The resource whose id is the token's `sub`.
    pub principal: Option<Text>,
    pub tenant: Option<TenantClaim>,
    pub login: Option<Login>,
    pub roles: Vec<Role>,
}

/// `{ resource: Account, claim: account_id }`.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantClaim {
    /// Of the key.
    pub span: Span,
    pub resource: Option<Text>,
    pub claim: Option<Text>,
}

/// `{ resource: User, identifier: email, secret: password }`.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// Of the key.
    pub span: Span,
    pub resource: Option<Text>,
    pub identifier: Option<Text>,
    pub secret: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    pub name: Text,
    pub scopes: Vec<Text>,
}

pub fn read(entry: Entry, out: &mut Diagnostics) -> Option<Auth> {
    let span = entry.key.span;
    if entry.value.is_null() {
        return Some(Auth { span, principal: None, tenant: None, login: None, roles: Vec::new() });
    }
    let mut keys = Keys::read(entry.value, &vocabulary::AUTH, out)?;
    Some(Auth {
        span,
        principal: keys.take_text("principal", out),
        tenant: keys.take("tenant").and_then(|entry| tenant(entry, out)),
        login: keys.take("login").and_then(|entry| login(entry, out)),
        roles: keys::named(keys.take("roles"), out, |entry, out| {
            let name = entry.key.clone();
            Some(Role { name, scopes: keys::words(entry, out)? })
        }),
    })
}

fn tenant(entry: Entry, out: &mut Diagnostics) -> Option<TenantClaim> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::TENANT_CLAIM, out)?;
    Some(TenantClaim { span, resource: keys.take_text("resource", out), claim: keys.take_text("claim", out) })
}

fn login(entry: Entry, out: &mut Diagnostics) -> Option<Login> {
    let span = entry.key.span;
    let mut keys = Keys::read(entry.value, &vocabulary::LOGIN, out)?;
    Some(Login {
        span,
        resource: keys.take_text("resource", out),
        identifier: keys.take_text("identifier", out),
        secret: keys.take_text("secret", out),
    })
}
