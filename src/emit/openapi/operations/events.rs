//! Streams of events: of all rows, and of one.

use openapiv3::{MediaType, Operation, PathItem, Response};

use super::{Writer, responses, schemas};
use crate::model::{Resource, prose};

impl<'m> Writer<'m> {
    pub(super) fn events(&mut self, resource: &'m Resource) {
        if resource.events.is_empty() {
            return;
        }
        let (names, path) = (&resource.names, self.path(resource));
        let all = self.watch(resource, format!("watch{}", names.pascal_plural), resource.nouns());
        self.add(format!("{path}/events"), PathItem { get: Some(all), ..PathItem::default() });
        let one = self.watch(resource, format!("watch{}", names.pascal), prose::a(&resource.noun()));
        let parameters = vec![self.parameters.id(&self.bodies, resource)];
        let path = format!("{path}/{{{}_id}}/events", names.snake);
        self.add(path, PathItem { get: Some(one), parameters, ..PathItem::default() });
    }

    fn watch(&mut self, resource: &Resource, id: String, what: String) -> Operation {
        let description = "Server-sent events, for as long as the caller listens. The `data` of each is an object of this \
                           schema in one line, its `id` is the `position` and its `event` the `type`.";
        let statuses: &[u16] = if what == resource.nouns() { &[400, 406, 410] } else { &[400, 404, 406, 410] };
        let operation = Operation {
            description: Some(description.to_owned()),
            parameters: self.parameters.of_events(resource),
            responses: self.responses(200, stream(resource), statuses),
            ..self.operation(resource, id, format!("Watch {what}"))
        };
        let operation = self.guarded(operation, resource, "watch");
        self.mark(operation, resource.deprecation_of("watch"))
    }
}

fn stream(resource: &Resource) -> Response {
    let name = format!("{}Event", resource.names.pascal);
    let media = MediaType { schema: Some(schemas::reference(&name)), ..MediaType::default() };
    let mut response = responses::success("The events, one after another.", &[], None);
    response.content.insert("text/event-stream".to_owned(), media);
    response
}
