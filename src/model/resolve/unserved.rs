//! What the contracts offer and the runtime doesn't serve yet.

use crate::model::{Api, Auth, Resource, Unserved, login, prose, webhooks};

pub(super) fn of(api: &Api, resources: &[Resource], auth: Option<&Auth>) -> Vec<Unserved> {
    let own = resources.iter().flat_map(|resource| of_resource(api, resource));
    let login = auth.and_then(|auth| auth.login.as_ref()).map_or(&[] as &[_], |_| &login::OPERATIONS);
    own.chain(login.iter().map(|operation| operation.unserved(&api.version))).collect()
}

fn of_resource(api: &Api, resource: &Resource) -> Vec<Unserved> {
    let batch = resource.batch.map(|_| batch(api, resource)).unwrap_or_default();
    let events = (!resource.events.is_empty()).then(|| events(api, resource));
    batch.into_iter().chain(events.into_iter().flatten()).collect()
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

fn batch(api: &Api, resource: &Resource) -> Vec<Unserved> {
    let names = &resource.names;
    let (one, many) = (&names.pascal, &names.pascal_plural);
    let write = Unserved {
        name: format!("batch{many}"),
        rest: Some(("POST", format!("/{}/{}/batch", api.version, names.path))),
        graphql: Some(format!("Mutation.batch{many}")),
        grpc: Some(format!("{one}Service/BatchWrite{many}")),
    };
    let import = resource.operations.create.then(|| Unserved {
        name: format!("import{many}"),
        rest: None,
        graphql: None,
        grpc: Some(format!("{one}Service/Import{many}")),
    });
    std::iter::once(write).chain(import).collect()
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
