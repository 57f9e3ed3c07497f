//! What can be done with a resource, and what that is called on each protocol.

use crate::model::{Action, Model, Relation, RelationKind, Resource, login, long_running, prose};

pub struct Operation {
    pub name: String,
    /// `GET /v1/orders`.
    pub rest: String,
    /// As code, or nothing where the protocol has another way.
    pub graphql: String,
    pub grpc: String,
}

pub fn of(model: &Model, resource: &Resource) -> Vec<Operation> {
    let own = Names { resource, collection: format!("/{}/{}", model.api.version, resource.names.path) };
    let offered = resource.operations;
    let actions = resource.actions.iter().map(|action| own.action(model, action));
    let below = resource.relations.iter().flat_map(|relation| own.relation(model, relation));
    [
        offered.list.then(|| own.list()),
        offered.create.then(|| own.create()),
        offered.get.then(|| own.item("get", "GET", &resource.names.camel, "Get")),
        offered.replace.then(|| own.item("replace", "PUT", "", "Update")),
        offered.update.then(|| own.item("update", "PATCH", &own.mutation("update"), "Update")),
        offered.delete.then(|| own.item("delete", "DELETE", &own.mutation("delete"), "Delete")),
        resource.batch.is_some().then(|| own.batch()),
        resource.soft_delete.then(|| own.undelete()),
    ]
    .into_iter()
    .flatten()
    .chain(actions)
    .chain(own.watch())
    .chain(below)
    .collect()
}

/// Logging in and out, where the spec asks for it.
pub fn login(model: &Model) -> Vec<Operation> {
    let operations = model.login().map_or(&[] as &[_], |_| &login::OPERATIONS);
    let operation = |operation: &login::Operation| Operation {
        name: operation.name.to_owned(),
        rest: format!("POST {}", operation.path(&model.api.version)),
        graphql: code(operation.name),
        grpc: code(&format!("AuthService.{}", operation.method())),
    };
    operations.iter().map(operation).collect()
}

/// Watching what actions started, if any starts something.
pub fn long_running(model: &Model) -> Vec<Operation> {
    let operation = |operation: &long_running::Operation| Operation {
        name: prose::words(&crate::names::snake(operation.name)),
        rest: format!("{} {}", operation.method, operation.path(&model.api.version)),
        graphql: code(operation.graphql.and_then(|field| field.split('.').nth(1)).unwrap_or_default()),
        grpc: code(&format!("google.longrunning.Operations.{}", operation.grpc)),
    };
    model.operations().iter().map(operation).collect()
}

struct Names<'m> {
    resource: &'m Resource,
    /// The path of its list.
    collection: String,
}

impl Names<'_> {
    fn path(&self) -> String {
        format!("{}/{{{}_id}}", self.collection, self.resource.names.snake)
    }

    /// `updateOrder`.
    fn mutation(&self, verb: &str) -> String {
        format!("{verb}{}", self.resource.names.pascal)
    }

    fn method(&self, method: &str) -> String {
        format!("{}Service.{method}", self.resource.names.pascal)
    }

    fn named(&self, name: &str) -> String {
        let deprecated = self.resource.deprecation_of(name).is_some();
        if deprecated { format!("{name} (deprecated)") } else { name.to_owned() }
    }

    fn list(&self) -> Operation {
        let names = &self.resource.names;
        Operation {
            name: self.named("list"),
            rest: format!("GET {}", self.collection),
            graphql: code(&names.camel_plural),
            grpc: code(&self.method(&format!("List{}", names.pascal_plural))),
        }
    }

    fn create(&self) -> Operation {
        Operation {
            name: self.named("create"),
            rest: format!("POST {}", self.collection),
            graphql: code(&self.mutation("create")),
            grpc: code(&self.method(&self.mutation("Create"))),
        }
    }

    fn item(&self, name: &str, verb: &str, graphql: &str, method: &str) -> Operation {
        Operation {
            name: self.named(name),
            rest: format!("{verb} {}", self.path()),
            graphql: code(graphql),
            grpc: code(&self.method(&self.mutation(method))),
        }
    }

    fn batch(&self) -> Operation {
        let many = &self.resource.names.pascal_plural;
        let methods = ["BatchWrite", "Import"].map(|verb| code(&self.method(&format!("{verb}{many}"))));
        Operation {
            name: "batch".to_owned(),
            rest: format!("POST {}/batch", self.collection),
            graphql: code(&format!("batch{many}")),
            grpc: methods.join(", "),
        }
    }

    fn undelete(&self) -> Operation {
        Operation {
            name: "undelete".to_owned(),
            rest: format!("POST {}/undelete", self.path()),
            graphql: code(&self.mutation("undelete")),
            grpc: code(&self.method(&self.mutation("Undelete"))),
        }
    }

    fn action(&self, model: &Model, action: &Action) -> Operation {
        let names = &self.resource.names;
        let path = action.path(&format!("/{}", model.api.version), names);
        Operation {
            name: self.named(&action.name),
            rest: format!("{} {path}", action.http_method()),
            graphql: code(&action.camel(names)),
            grpc: code(&self.method(&action.method(names))),
        }
    }

    /// Events of all rows, and of one.
    fn watch(&self) -> Vec<Operation> {
        if self.resource.events.is_empty() {
            return Vec::new();
        }
        let names = &self.resource.names;
        let all = Operation {
            name: self.named("watch"),
            rest: format!("GET {}/events", self.collection),
            graphql: code(&format!("Subscription.{}Events", names.camel)),
            grpc: code(&self.method(&format!("Watch{}", names.pascal_plural))),
        };
        let one = Operation {
            name: self.named("watch one"),
            rest: format!("GET {}/events", self.path()),
            graphql: String::new(),
            grpc: String::new(),
        };
        vec![all, one]
    }

    /// Reading along a relation, and linking.
    fn relation(&self, model: &Model, relation: &Relation) -> Vec<Operation> {
        let path = format!("{}/{}", self.path(), relation.name.replace('_', "-"));
        let read = Operation {
            name: format!("{} {}", if relation.leads_to_many() { "list" } else { "get" }, prose::words(&relation.name)),
            rest: format!("GET {path}"),
            graphql: code(&format!("{}.{}", self.resource.names.pascal, relation.camel)),
            grpc: String::new(),
        };
        match relation.kind {
            RelationKind::BelongsTo { .. } => Vec::new(),
            _ if model.linkable(self.resource, relation) => {
                let id = other_id(self.resource, model.resource(relation.target));
                let path = format!("{path}/{{{id}}}");
                vec![read, self.link(relation, "add", "PUT", &path), self.link(relation, "remove", "DELETE", &path)]
            }
            _ => vec![read],
        }
    }

    fn link(&self, relation: &Relation, word: &str, verb: &str, path: &str) -> Operation {
        let name = format!("{}{}", self.resource.names.pascal, prose::capitalised(&relation.camel));
        Operation {
            name: format!("{word} {}", prose::words(&relation.name)),
            rest: format!("{verb} {path}"),
            graphql: code(&format!("{word}{name}")),
            grpc: code(&self.method(&format!("{}{name}", prose::capitalised(word)))),
        }
    }
}

/// Of two rows of one resource in a path, the second is the other one.
fn other_id(owner: &Resource, target: &Resource) -> String {
    let other = if owner.names == target.names { "other_" } else { "" };
    format!("{other}{}_id", target.names.snake)
}

fn code(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!("`{name}`") }
}
