//! Who may call an operation, how callers say who they are, and how often they may.

use indexmap::IndexMap;
use openapiv3::{APIKeyLocation, Operation, ReferenceOr, SecurityRequirement, SecurityScheme};

use super::{operations::Writer, responses};
use crate::model::{Model, Rate, Resource, prose};

const BEARER: &str = "bearerAuth";
const API_KEY: &str = "apiKeyAuth";

/// The ways to say who one is, any of which will do.
pub fn schemes(model: &Model) -> IndexMap<String, ReferenceOr<SecurityScheme>> {
    if model.auth.is_none() {
        return IndexMap::new();
    }
    let bearer = SecurityScheme::HTTP {
        scheme: "bearer".to_owned(),
        bearer_format: Some("JWT".to_owned()),
        description: Some("A signed token that says who the caller is (RFC 6750, RFC 9068).".to_owned()),
        extensions: IndexMap::new(),
    };
    let key = SecurityScheme::APIKey {
        location: APIKeyLocation::Header,
        name: "X-API-Key".to_owned(),
        description: Some("A key that was made for the caller.".to_owned()),
        extensions: IndexMap::new(),
    };
    let schemes = [(BEARER, bearer), (API_KEY, key)];
    schemes.into_iter().map(|(name, scheme)| (name.to_owned(), ReferenceOr::Item(scheme))).collect()
}

/// What holds for operations that don't say otherwise: without `auth`, everything is public, and says so.
pub fn default(model: &Model) -> Vec<SecurityRequirement> {
    match model.auth {
        None => Vec::new(),
        Some(_) => [BEARER, API_KEY].map(|name| IndexMap::from([(name.to_owned(), Vec::new())])).into(),
    }
}

fn limit_of(resource: &Resource, action: &str) -> Option<Rate> {
    resource.actions.iter().find(|each| each.name == action)?.limit
}

impl Writer<'_> {
    /// The same operation, with who may call it and how often. `word` is the operation or action of `resource` that it
    /// amounts to.
    pub(super) fn guarded(&mut self, mut operation: Operation, resource: &Resource, word: &str) -> Operation {
        if self.model.auth.is_some() {
            match self.model.admitted(resource, word) {
                None => operation.security = Some(Vec::new()),
                Some(sentence) => {
                    let description = operation.description.as_deref().unwrap_or_default();
                    operation.description = Some(prose::join(description, &[sentence]));
                    if resource.policy.admits_strangers(word) {
                        operation.security = Some([default(self.model), vec![IndexMap::new()]].concat());
                    }
                    self.refuse(&mut operation, &[401, 403]);
                }
            }
        }
        if self
            .model
            .limits
            .anonymous
            .or(self.model.limits.authenticated)
            .or(resource.limit)
            .or(limit_of(resource, word))
            .is_some()
        {
            self.refuse(&mut operation, &[429]);
        }
        operation
    }

    /// The same for an operation along a relation, which may say more: `sentence`.
    pub(super) fn guarded_relation(&mut self, mut operation: Operation, sentence: Option<String>) -> Operation {
        if let Some(sentence) = sentence {
            let description = operation.description.as_deref().unwrap_or_default();
            operation.description = Some(prose::join(description, &[sentence]));
            operation.security = None;
            self.refuse(&mut operation, &[401, 403]);
        }
        operation
    }

    /// The same for what is done with what actions started.
    pub(super) fn guarded_operation(&mut self, mut operation: Operation) -> Operation {
        if self.model.auth.is_some() {
            let sentence = "Only whoever started an operation sees it.";
            let description = operation.description.as_deref().unwrap_or_default();
            operation.description = Some(prose::join(description, &[sentence.to_owned()]));
            match self.model.has_public_operations() {
                true => operation.security = Some(Vec::new()),
                false => self.refuse(&mut operation, &[401]),
            }
        }
        if self.model.limits.anonymous.or(self.model.limits.authenticated).is_some() {
            self.refuse(&mut operation, &[429]);
        }
        operation
    }

    /// Adds responses by reference, in the order of their statuses.
    pub(super) fn refuse(&mut self, operation: &mut Operation, statuses: &[u16]) {
        let all = &mut operation.responses.responses;
        all.extend(statuses.iter().copied().map(responses::reference));
        all.sort_by_cached_key(|status, _| status.to_string());
        self.statuses.extend(statuses);
    }
}
