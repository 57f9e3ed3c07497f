//! Paths and operations: the five of each resource, and the lists and single resources that lie below another one.

use std::collections::{BTreeSet, HashSet};

use indexmap::IndexMap;
use openapiv3::{
    Header, MediaType, Operation, Parameter, PathItem, ReferenceOr, RequestBody, Response, Responses, StatusCode,
};

use super::{bodies::Bodies, parameters::Parameters, responses, schemas};
use crate::model::{DomainError, Model, Relation, RelationKind, Resource, Returns, prose};

mod actions;
mod batch;
mod events;
mod links;
mod login;
mod long_running;
mod undelete;
mod webhooks;

/// The paths of one resource, and the parameters that they are the first to refer to.
pub struct Part {
    pub paths: IndexMap<String, ReferenceOr<PathItem>>,
    pub parameters: IndexMap<String, ReferenceOr<Parameter>>,
}

/// What operations refer to and have in common.
#[derive(Default)]
pub struct Used {
    /// Every status that any operation may answer with.
    pub statuses: BTreeSet<u16>,
    /// Of the operations' own responses.
    headers: BTreeSet<String>,
}

/// Statuses that every operation may fail with.
const ALWAYS: [u16; 3] = [500, 503, 504];

/// Gives `take` the paths of each resource, in their order.
pub fn each(model: &Model, mut take: impl FnMut(Part)) -> Used {
    let mut writer = Writer {
        model,
        bodies: Bodies::new(model),
        parameters: Parameters::default(),
        statuses: BTreeSet::new(),
        ids: model.resources.iter().flat_map(own_ids).collect(),
        paths: IndexMap::new(),
    };
    let mut headers = BTreeSet::new();
    for resource in &model.resources {
        writer.resource(resource);
        writer.relations(resource);
        let part = writer.part();
        headers.extend(part.headers());
        take(part);
    }
    writer.login();
    writer.long_running();
    let part = writer.part();
    headers.extend(part.headers());
    take(part);
    Used { statuses: writer.statuses, headers }
}

impl Part {
    /// The shared headers of its operations' own responses.
    fn headers(&self) -> impl Iterator<Item = String> {
        let operations = self.paths.values().filter_map(ReferenceOr::as_item).flat_map(PathItem::iter);
        responses::header_names(operations.flat_map(|(_, operation)| operation.responses.responses.values()))
    }
}

impl Used {
    /// The shared headers that `responses` refer to, or an operation's own.
    pub fn headers(
        &self,
        responses: &IndexMap<String, ReferenceOr<Response>>,
    ) -> IndexMap<String, ReferenceOr<Header>> {
        let names = responses::header_names(responses.values());
        responses::headers(&names.chain(self.headers.iter().cloned()).collect())
    }
}

/// Whether a resource has any operation of its own, or any below it, which then stand under its tag.
pub fn any(resource: &Resource) -> bool {
    let operations = resource.operations;
    operations.list
        || operations.get
        || operations.create
        || operations.update
        || operations.delete
        || resource.relations.iter().any(lies_below)
        || !resource.actions.is_empty()
        || !resource.events.is_empty()
}

/// Those of its operations that one below another resource might be called like.
fn own_ids(resource: &Resource) -> Vec<String> {
    let standard = [format!("list{}", resource.names.pascal_plural), format!("get{}", resource.names.pascal)];
    let watch = [&resource.names.pascal, &resource.names.pascal_plural].map(|name| format!("watch{name}"));
    let watch = watch.into_iter().filter(|_| !resource.events.is_empty());
    let actions = resource.actions.iter().map(|action| action.camel(&resource.names));
    standard.into_iter().chain(actions).chain(watch).collect()
}

fn lies_below(relation: &Relation) -> bool {
    !matches!(relation.kind, RelationKind::BelongsTo { .. })
}

/// By position of the resource: whether an answer shows it.
pub fn shown(model: &Model) -> Vec<bool> {
    let operations = model.resources.iter().map(|resource| resource.operations);
    let mut shown: Vec<bool> = operations.map(|each| each.list || each.get || each.create || each.update).collect();
    for action in model.resources.iter().flat_map(|resource| &resource.actions) {
        if let Returns::Row(id) | Returns::Rows(id) = action.returns {
            shown[id.0] = true;
        }
    }
    for (shown, _) in shown.iter_mut().zip(&model.resources).filter(|(_, resource)| !resource.events.is_empty()) {
        *shown = true;
    }
    let relations = || {
        model
            .resources
            .iter()
            .enumerate()
            .flat_map(|(owner, each)| each.relations.iter().map(move |relation| (owner, relation)))
    };
    for (_, relation) in relations().filter(|(_, each)| lies_below(each)) {
        shown[relation.target.0] = true;
    }
    // What a row shows may embed others, and these others again.
    while let Some((_, relation)) = relations().find(|(owner, each)| shown[*owner] && !shown[each.target.0]) {
        shown[relation.target.0] = true;
    }
    shown
}

pub(super) struct Writer<'m> {
    pub(super) model: &'m Model,
    bodies: Bodies<'m>,
    parameters: Parameters,
    pub(super) statuses: BTreeSet<u16>,
    /// operationIds that are taken.
    ids: HashSet<String>,
    paths: IndexMap<String, ReferenceOr<PathItem>>,
}

impl<'m> Writer<'m> {
    /// What was added since the last time.
    fn part(&mut self) -> Part {
        Part { paths: std::mem::take(&mut self.paths), parameters: self.parameters.take() }
    }

    fn resource(&mut self, resource: &'m Resource) {
        let operations = resource.operations;
        let collection = PathItem {
            get: self.offered(operations.list, resource, "list", Writer::list),
            post: self.offered(operations.create, resource, "create", Writer::create),
            ..PathItem::default()
        };
        let item = PathItem {
            get: self.offered(operations.get, resource, "get", Writer::get),
            put: self.offered(operations.replace, resource, "replace", Writer::replace),
            patch: self.offered(operations.update, resource, "update", Writer::update),
            delete: self.offered(operations.delete, resource, "delete", Writer::delete),
            ..PathItem::default()
        };
        let path = self.path(resource);
        self.add(path.clone(), collection);
        if item.iter().next().is_some() {
            let parameters = vec![self.parameters.id(&self.bodies, resource)];
            self.add(format!("{path}/{{{}_id}}", resource.names.snake), PathItem { parameters, ..item });
        }
        self.batch(resource);
        self.undelete(resource);
        resource.actions.iter().for_each(|action| self.action(resource, action));
        self.events(resource);
    }

    fn offered(
        &mut self,
        offered: bool,
        resource: &Resource,
        word: &str,
        write: fn(&mut Self, &Resource) -> Operation,
    ) -> Option<Operation> {
        offered.then(|| {
            let operation = write(self, resource);
            let operation = self.guarded(operation, resource, word);
            self.mark(operation, resource.deprecation_of(word))
        })
    }

    fn relations(&mut self, owner: &'m Resource) {
        for relation in owner.relations.iter().filter(|relation| lies_below(relation)) {
            let path = format!("{}/{{{}_id}}/{}", self.path(owner), owner.names.snake, relation.name.replace('_', "-"));
            let (get, word) = match relation.kind {
                RelationKind::HasMany { .. } | RelationKind::ManyToMany { .. } => {
                    (self.list_related(owner, relation), "list")
                }
                _ => (self.get_related(owner, relation), "get"),
            };
            let get = self.guarded(get, self.model.resource(relation.target), word);
            let get = self.guarded_relation(get, relation.readers(self.model, owner));
            let target = self.model.resource(relation.target);
            let goes = target.deprecated.as_ref().or(owner.deprecated.as_ref());
            let get = self.mark(get, goes.filter(|_| relation.deprecated.is_none()));
            let parameters = vec![self.parameters.id(&self.bodies, owner)];
            self.add(path.clone(), PathItem { get: Some(get), parameters, ..PathItem::default() });
            self.links(owner, relation, &path);
        }
    }

    fn path(&self, resource: &Resource) -> String {
        format!("/{}/{}", self.model.api.version, resource.names.path)
    }

    fn add(&mut self, path: String, item: PathItem) {
        if item.iter().next().is_some() {
            self.paths.insert(path, ReferenceOr::Item(item));
        }
    }

    fn list(&mut self, resource: &Resource) -> Operation {
        let names = &resource.names;
        Operation {
            parameters: self.parameters.of_list(&self.bodies, resource),
            responses: self.responses(200, page(resource), &[400, 406]),
            ..self.operation(resource, format!("list{}", names.pascal_plural), format!("List {}", resource.nouns()))
        }
    }

    fn create(&mut self, resource: &Resource) -> Operation {
        let failures = self.model.write_errors(resource);
        let name = &resource.names.pascal;
        let created = responses::success(&format!("The new {}.", resource.noun()), &["ETag", "Location"], Some(name));
        let key = resource.require.idempotency_key.then(|| self.parameters.idempotency_key());
        Operation {
            parameters: key.into_iter().collect(),
            request_body: Some(body(&format!("{name}Create"), &["application/json"])),
            responses: self.write_responses(201, created, &[400, 406, 409, 413, 415, 422], &failures),
            callbacks: self.deliveries(resource),
            ..self.operation(resource, format!("create{name}"), format!("Create {}", prose::a(&resource.noun())))
        }
    }

    fn get(&mut self, resource: &Resource) -> Operation {
        let name = &resource.names.pascal;
        Operation {
            parameters: self.of_one(resource),
            responses: self.responses(200, found(resource), &[304, 400, 404, 406]),
            ..self.operation(resource, format!("get{name}"), format!("Get {}", prose::a(&resource.noun())))
        }
    }

    /// What reads of one row take.
    fn of_one(&mut self, resource: &Resource) -> Vec<ReferenceOr<Parameter>> {
        let shown = self.parameters.of_shown(self.model, resource);
        shown.into_iter().chain([self.parameters.if_none_match()]).collect()
    }

    fn update(&mut self, resource: &Resource) -> Operation {
        let failures = self.model.write_errors(resource);
        let name = &resource.names.pascal;
        let description =
            "Changes what is sent and keeps the rest (JSON Merge Patch, RFC 7396). Null takes the value away.";
        Operation {
            description: Some(description.to_owned()),
            parameters: vec![self.if_match(resource)],
            request_body: Some(self.patches(&format!("{name}Update"))),
            responses: self.write_responses(200, found(resource), &changes(resource, true), &failures),
            ..self.operation(resource, format!("update{name}"), format!("Update {}", prose::a(&resource.noun())))
        }
    }

    fn replace(&mut self, resource: &Resource) -> Operation {
        let name = &resource.names.pascal;
        let mut description =
            "Sets every field. What is left out is as in a new one: its default, or nothing.".to_owned();
        let failures = self.model.write_errors(resource);
        let mut responses = self.write_responses(200, found(resource), &changes(resource, true), &failures);
        let mut parameters = vec![self.if_match(resource)];
        if resource.created_by_replace() {
            description += " Creates it where there is none.";
            parameters.push(self.parameters.if_none_exists());
            let created =
                responses::success(&format!("The new {}.", resource.noun()), &["ETag", "Location"], Some(name));
            responses.responses.insert(StatusCode::Code(201), ReferenceOr::Item(created));
            self.statuses.insert(201);
        }
        Operation {
            description: Some(description),
            parameters,
            request_body: Some(body(&format!("{name}Replace"), &["application/json"])),
            responses,
            ..self.operation(resource, format!("replace{name}"), format!("Replace {}", prose::a(&resource.noun())))
        }
    }

    fn delete(&mut self, resource: &Resource) -> Operation {
        let failures = self.model.write_errors(resource);
        let name = &resource.names.pascal;
        let gone = responses::success(&format!("The {} is gone.", resource.noun()), &[], None);
        Operation {
            parameters: vec![self.if_match(resource)],
            responses: self.write_responses(204, gone, &changes(resource, false), &failures),
            ..self.operation(resource, format!("delete{name}"), format!("Delete {}", prose::a(&resource.noun())))
        }
    }

    fn if_match(&mut self, resource: &Resource) -> ReferenceOr<Parameter> {
        match resource.require.if_match {
            true => self.parameters.required_if_match(),
            false => self.parameters.if_match(),
        }
    }

    /// The forms that changes may have.
    fn patches(&self, schema: &str) -> ReferenceOr<RequestBody> {
        let mut patches = body(schema, &["application/merge-patch+json", "application/json"]);
        if let (true, ReferenceOr::Item(patches)) = (self.model.protocols.json_patch, &mut patches) {
            let media = MediaType { schema: Some(schemas::reference("ApiJsonPatch")), ..MediaType::default() };
            patches.content.insert("application/json-patch+json".to_owned(), media);
        }
        patches
    }

    fn list_related(&mut self, owner: &Resource, relation: &Relation) -> Operation {
        let target = self.model.resource(relation.target);
        let id = self.related_id("list", owner, relation);
        let summary = format!("List the {} of {}", prose::words(&relation.name), prose::a(&owner.noun()));
        Operation {
            description: about_relation(relation),
            deprecated: relation.deprecated.is_some(),
            parameters: self.parameters.of_list(&self.bodies, target),
            responses: self.responses(200, page(target), &[400, 404, 406]),
            ..self.operation(owner, id, summary)
        }
    }

    fn get_related(&mut self, owner: &Resource, relation: &Relation) -> Operation {
        let target = self.model.resource(relation.target);
        let id = self.related_id("get", owner, relation);
        let summary = format!("Get the {} of {}", prose::words(&relation.name), prose::a(&owner.noun()));
        Operation {
            description: about_relation(relation),
            deprecated: relation.deprecated.is_some(),
            parameters: self.of_one(target),
            responses: self.responses(200, found(target), &[304, 400, 404, 406]),
            ..self.operation(owner, id, summary)
        }
    }

    /// `listUserOrders`, or `listOrdersOfUser` where a resource `UserOrder` has taken that.
    fn related_id(&self, verb: &str, owner: &Resource, relation: &Relation) -> String {
        let (owner, name) = (&owner.names.pascal, prose::capitalised(&relation.camel));
        let short = format!("{verb}{owner}{name}");
        if self.ids.contains(&short) { format!("{verb}{name}Of{owner}") } else { short }
    }

    fn operation(&mut self, tagged: &Resource, id: String, summary: String) -> Operation {
        self.ids.insert(id.clone());
        Operation {
            tags: vec![tagged.names.pascal.clone()],
            summary: Some(summary),
            operation_id: Some(id),
            ..Operation::default()
        }
    }

    /// The same with failures of the domain, each under the status that its code amounts to.
    fn write_responses(
        &mut self,
        status: u16,
        success: Response,
        others: &[u16],
        failures: &[&DomainError],
    ) -> Responses {
        let mut all = self.responses(status, success, others);
        let statuses: BTreeSet<u16> = failures.iter().map(|error| error.code.http_status()).collect();
        for status in statuses {
            let of_status = failures.iter().filter(|error| error.code.http_status() == status);
            let lines: Vec<String> = of_status.map(|error| error.line()).collect();
            let response = responses::with_errors(status, &lines);
            all.responses.insert(StatusCode::Code(status), ReferenceOr::Item(response));
        }
        all
    }

    fn responses(&mut self, status: u16, success: Response, others: &[u16]) -> Responses {
        let others = others.iter().chain(&ALWAYS).copied();
        self.statuses.insert(status);
        self.statuses.extend(others.clone());
        let success = (StatusCode::Code(status), ReferenceOr::Item(success));
        let responses = [success].into_iter().chain(others.map(responses::reference)).collect();
        Responses { responses, ..Responses::default() }
    }
}

/// The author's words, and what is to be known of a deprecation.
fn about_relation(relation: &Relation) -> Option<String> {
    let own = relation.description.clone();
    let Some(deprecation) = &relation.deprecated else { return own };
    Some(prose::join(&own.unwrap_or_default(), &[deprecation.sentence(prose::Spelling::Json)]))
}

/// What a change of a row may fail with; those that bring a body have more to go wrong.
fn changes(resource: &Resource, with_body: bool) -> Vec<u16> {
    let body: &[u16] = if with_body { &[413, 415, 422] } else { &[] };
    let required: &[u16] = if resource.require.if_match { &[428] } else { &[] };
    [&[400, 404, 406, 409, 412], body, required].concat()
}

fn page(resource: &Resource) -> Response {
    let description = format!("One page of {}.", resource.nouns());
    responses::success(&description, &["Link"], Some(&format!("{}List", resource.names.pascal)))
}

fn found(resource: &Resource) -> Response {
    responses::success(&format!("The {}.", resource.noun()), &["ETag"], Some(&resource.names.pascal))
}

fn body(schema: &str, media_types: &[&str]) -> ReferenceOr<RequestBody> {
    ReferenceOr::Item(RequestBody { required: true, ..content(schema, media_types) })
}

/// A body that may be left out.
fn content(schema: &str, media_types: &[&str]) -> RequestBody {
    let media = |name: &&str| {
        ((*name).to_owned(), MediaType { schema: Some(schemas::reference(schema)), ..MediaType::default() })
    };
    RequestBody { content: media_types.iter().map(media).collect(), ..RequestBody::default() }
}
