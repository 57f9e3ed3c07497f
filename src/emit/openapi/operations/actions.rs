//! Actions: a path each, below that of a row or of all rows.

use openapiv3::{Operation, PathItem, ReferenceOr, RequestBody, Response};

use super::{Writer, content, found, long_running, responses};
use crate::{
    emit::openapi::bodies,
    model::{Action, Resource, Returns, Target, prose, prose::Spelling},
};

impl<'m> Writer<'m> {
    pub(super) fn action(&mut self, resource: &'m Resource, action: &'m Action) {
        let write = if action.safe { Self::read_action } else { Self::write_action };
        let operation = write(self, resource, action);
        let operation = self.guarded(operation, resource, &action.name);
        let operation = self.mark(operation, resource.deprecation_of(&action.name));
        let (get, post) = if action.safe { (Some(operation), None) } else { (None, Some(operation)) };
        let on_item = action.target == Target::Item;
        let parameters = Vec::from_iter(on_item.then(|| self.parameters.id(&self.bodies, resource)));
        let path = action.path(&format!("/{}", self.model.api.version), &resource.names);
        self.add(path, PathItem { get, post, parameters, ..PathItem::default() });
    }

    fn write_action(&mut self, resource: &Resource, action: &Action) -> Operation {
        let on_item = action.target == Target::Item;
        let statuses: &[u16] = match (on_item, action.input.is_empty()) {
            (true, true) => &[400, 404, 406, 409, 412],
            (true, false) => &[400, 404, 406, 409, 412, 413, 415, 422],
            (false, true) => &[400, 406, 409],
            (false, false) => &[400, 406, 409, 413, 415, 422],
        };
        Operation {
            parameters: Vec::from_iter(action.conditional().then(|| self.if_match(resource))),
            request_body: self.action_body(resource, action),
            ..self.any_action(resource, action, statuses)
        }
    }

    /// What it takes stands in the query.
    fn read_action(&mut self, resource: &Resource, action: &Action) -> Operation {
        let on_item = action.target == Target::Item;
        let statuses: &[u16] = if on_item { &[400, 404, 406, 422] } else { &[400, 406, 422] };
        let inputs = action.input.iter().map(|input| self.parameters.input(&self.bodies, input)).collect();
        Operation { parameters: inputs, ..self.any_action(resource, action, statuses) }
    }

    fn any_action(&mut self, resource: &Resource, action: &Action, statuses: &[u16]) -> Operation {
        let failures = self.model.action_errors(resource, action);
        let (status, success) = self.action_success(resource, action);
        let mut description = prose::join(
            action.description.as_deref().unwrap_or_default(),
            &action.rules(self.model, resource, Spelling::Json),
        );
        let responses = self.write_responses(status, success, statuses, &failures);
        let operation = self.operation(resource, action.camel(&resource.names), action.title(resource));
        let description = (!description.is_empty()).then(|| std::mem::take(&mut description));
        Operation { description, responses, ..operation }
    }

    fn action_success(&self, resource: &Resource, action: &Action) -> (u16, Response) {
        if action.long_running {
            return (202, long_running::started());
        }
        let schema = self.model.result_name(resource, action);
        match (&action.returns, schema) {
            (Returns::Row(id), _) => (200, found(self.model.resource(*id))),
            (_, Some(schema)) => (200, responses::success("What came of it.", &[], Some(&schema))),
            (_, None) => {
                let headers: &[&str] = if action.transition.is_some() { &["ETag"] } else { &[] };
                (204, responses::success("It is done.", headers, None))
            }
        }
    }

    fn action_body(&self, resource: &Resource, action: &Action) -> Option<ReferenceOr<RequestBody>> {
        if action.input.is_empty() {
            return None;
        }
        let schema = bodies::input_name(resource, action);
        let body = content(&schema, &["application/json"]);
        Some(ReferenceOr::Item(RequestBody { required: action.needs_input(), ..body }))
    }
}
