//! What the contracts offer and the runtime doesn't serve yet.

use crate::model::{Api, Resource, Unserved};

pub(super) fn of(api: &Api, resources: &[Resource]) -> Vec<Unserved> {
    resources.iter().filter(|resource| resource.batch.is_some()).flat_map(|resource| batch(api, resource)).collect()
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
