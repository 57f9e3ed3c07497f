//! What the contracts offer and the runtime doesn't serve yet.

use crate::model::{Action, Api, Resource, Unserved, long_running, prose, webhooks};

pub(super) fn of(api: &Api, resources: &[Resource]) -> Vec<Unserved> {
    let own = resources.iter().flat_map(|resource| of_resource(api, resource));
    own.chain(operations(api, resources)).collect()
}

/// What there is to be done with what actions start.
fn operations(api: &Api, resources: &[Resource]) -> Vec<Unserved> {
    if resources.iter().all(|resource| resource.long_running().next().is_none()) {
        return Vec::new();
    }
    long_running::OPERATIONS.iter().map(|operation| operation.unserved(&api.version)).collect()
}

fn of_resource(api: &Api, resource: &Resource) -> Vec<Unserved> {
    let events = (!resource.events.is_empty()).then(|| events(api, resource));
    let started = resource.long_running().map(|action| self::action(api, resource, action));
    started.chain(events.into_iter().flatten()).collect()
}

/// Streams of all rows' events, and of one row's, which only REST keeps apart.
fn events(api: &Api, resource: &Resource) -> [Unserved; 2] {
    let names = &resource.names;
    let path = format!("/{}/{}", api.version, names.path);
    let one = Unserved {
        name: format!("watch{}", names.pascal),
        rest: Some(("GET", format!("{path}/{{{}_id}}/events", names.snake))),
        graphql: None,
        grpc: None,
    };
    let many = Unserved {
        name: format!("watch{}", names.pascal_plural),
        rest: Some(("GET", format!("{path}/events"))),
        graphql: Some(format!("Subscription.{}Events", names.camel)),
        grpc: Some(format!("{}Service/Watch{}", names.pascal, names.pascal_plural)),
    };
    [many, one]
}

/// What takes its time.
fn action(api: &Api, resource: &Resource, action: &Action) -> Unserved {
    let names = &resource.names;
    let camel = action.camel(names);
    Unserved {
        rest: Some((action.http_method(), action.path(&format!("/{}", api.version), names))),
        graphql: Some(format!("Mutation.{camel}")),
        grpc: Some(format!("{}Service/{}", names.pascal, action.method(names))),
        name: camel,
    }
}

/// What there is to be done with endpoints.
pub(super) fn webhooks(api: &Api) -> Vec<Unserved> {
    let names = crate::names::resource(webhooks::RESOURCE, None, None);
    let (path, one, many) = (format!("/{}/{}", api.version, names.path), &names.pascal, &names.pascal_plural);
    let item = format!("{path}/{{{}_id}}", names.snake);
    let all = [
        (format!("list{many}"), "GET", path.clone(), format!("Query.{}", names.camel_plural)),
        (format!("create{one}"), "POST", path, format!("Mutation.create{one}")),
        (format!("get{one}"), "GET", item.clone(), format!("Query.{}", names.camel)),
        (format!("delete{one}"), "DELETE", item, format!("Mutation.delete{one}")),
    ];
    let unserved = all.map(|(name, method, path, graphql)| Unserved {
        rest: Some((method, path)),
        graphql: Some(graphql),
        grpc: Some(format!("{one}Service/{}", prose::capitalised(&name))),
        name,
    });
    unserved.into()
}
