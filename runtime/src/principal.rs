//! Who calls. How credentials become this is left to those who read them; what it permits, to the service.

use std::sync::Arc;

/// Who calls. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// Nobody who could be told apart: no credentials were sent.
    Anonymous,
    Caller(Arc<Caller>),
}

/// A caller whose credentials are good. By default they may do what anybody with credentials may.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Where the spec names a resource for callers, the id of its row in the form that contracts show; otherwise any
    /// name.
    pub subject: String,
    pub roles: Vec<String>,
    /// Those of the credentials and those that the roles bring. `*` stands for all.
    pub scopes: Vec<String>,
    /// The id of the tenant that the caller acts for, in the form that contracts show.
    pub tenant: Option<String>,
}

impl Principal {
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Principal::Anonymous => None,
            Principal::Caller(caller) => Some(caller),
        }
    }
}

impl Caller {
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|own| own == role)
    }

    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|own| own == "*" || own == scope)
    }
}
