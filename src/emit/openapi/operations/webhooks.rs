//! What is sent to an endpoint once it is registered: Standard Webhooks.

use indexmap::IndexMap;
use openapiv3::{Callback, Operation, PathItem, ReferenceOr, Response, Responses, StatusCode};

use super::{Writer, body};
use crate::model::{Resource, webhooks};

/// Where the registration says that it wants them.
const URL: &str = "{$request.body#/url}";

impl Writer<'_> {
    /// By the resource that they are about; none but the one for endpoints has any.
    pub(super) fn deliveries(&mut self, resource: &Resource) -> IndexMap<String, Callback> {
        if !self.model.webhooks || resource.names.pascal != webhooks::RESOURCE {
            return IndexMap::new();
        }
        let about = self.model.resources.iter().filter(|resource| !resource.events.is_empty());
        about.map(|resource| (resource.names.camel.clone(), self.delivery(resource))).collect()
    }

    fn delivery(&mut self, resource: &Resource) -> Callback {
        let answers = [
            (StatusCode::Range(2), "Any 2xx: the endpoint has it."),
            (StatusCode::Code(410), "The endpoint is gone: nothing more is sent."),
            (StatusCode::Range(4), "Any other 4xx: it is sent again."),
            (StatusCode::Range(5), "Any 5xx: it is sent again."),
        ];
        let responses = answers.into_iter().map(|(status, description)| {
            (status, ReferenceOr::Item(Response { description: description.to_owned(), ..Response::default() }))
        });
        let responses = responses.collect();
        let description = "Sent again, for some days, until the answer is a 2xx; redirects aren't followed, and after a \
                           410 nothing more is sent.";
        let post = Operation {
            summary: Some(format!("Something happened to {}", crate::model::prose::a(&resource.noun()))),
            description: Some(description.to_owned()),
            parameters: self.parameters.of_deliveries(),
            request_body: Some(body(&format!("{}Webhook", resource.names.pascal), &["application/json"])),
            responses: Responses { responses, ..Responses::default() },
            ..Operation::default()
        };
        [(URL.to_owned(), PathItem { post: Some(post), ..PathItem::default() })].into_iter().collect()
    }
}
