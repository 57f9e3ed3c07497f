//! The OpenAPI document: 3.0.3, the version that every client generator reads, or the same in 3.1.0.
//!
//! Built as `openapiv3` types, so that what can be written is valid by construction. Knows nothing about the server that
//! serves it.

mod bodies;
mod deprecation;
pub mod examples;
mod nested;
mod operations;
mod parameters;
mod responses;
mod schemas;
mod v31;

use openapiv3::{Components, Contact, ExternalDocumentation, Info, License, OpenAPI, Server, Tag};

use serde::Serialize;

use super::OpenApi;
use crate::model::Model;

/// The text of `openapi.yaml`.
pub fn emit(model: &Model, version: OpenApi) -> String {
    let document = document(model);
    let yaml = match version {
        OpenApi::V3_0 => yaml(&document),
        OpenApi::V3_1 => yaml(&v31::rewrite(&document)),
    };
    format!("# {}\n{yaml}", super::header(model))
}

fn yaml(document: &impl Serialize) -> String {
    // Long texts stay on their line: a folded one would change all its lines with a word.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(document, options)
        .unwrap_or_else(|error| unreachable!("an OpenAPI document is always YAML: {error}"))
}

/// The document in 3.0 as a value.
pub fn document(model: &Model) -> OpenAPI {
    let operations::Operations { paths, parameters, statuses } = operations::all(model);
    let responses = responses::all(&statuses);
    let operations = paths.iter().filter_map(|(_, item)| item.as_item()).flat_map(|item| item.iter());
    let all_responses = operations.flat_map(|(_, operation)| operation.responses.responses.values());
    let headers = responses::headers(all_responses.chain(responses.values()).filter_map(|each| each.as_item()));
    OpenAPI {
        openapi: "3.0.3".to_owned(),
        info: info(model),
        servers: servers(model),
        paths,
        components: Some(Components {
            schemas: schemas::all(model),
            responses,
            parameters,
            headers,
            ..Components::default()
        }),
        // Every operation is public, and says so.
        security: Some(Vec::new()),
        tags: tags(model),
        external_docs: model
            .api
            .docs_url
            .clone()
            .map(|url| ExternalDocumentation { url, ..ExternalDocumentation::default() }),
        ..OpenAPI::default()
    }
}

fn info(model: &Model) -> Info {
    let api = &model.api;
    let contact = api.contact.clone().map(|contact| Contact {
        name: contact.name,
        url: contact.url,
        email: contact.email,
        ..Contact::default()
    });
    let license =
        api.license.clone().map(|license| License { name: license.name, url: license.url, ..License::default() });
    Info {
        title: api.title.clone(),
        description: api.description.clone(),
        contact,
        license,
        version: api.version.clone(),
        ..Info::default()
    }
}

/// Paths begin with the api's version, so a server is the root in front of it.
fn servers(model: &Model) -> Vec<Server> {
    if model.api.servers.is_empty() {
        return vec![Server { url: "/".to_owned(), ..Server::default() }];
    }
    let server = |server: &crate::model::Server| Server {
        url: server.url.clone(),
        description: server.description.clone(),
        ..Server::default()
    };
    model.api.servers.iter().map(server).collect()
}

fn tags(model: &Model) -> Vec<Tag> {
    let offered = model.resources.iter().filter(|resource| operations::any(resource));
    let tag = |resource: &crate::model::Resource| Tag {
        name: resource.names.pascal.clone(),
        description: Some(resource.summary()),
        ..Tag::default()
    };
    offered.map(tag).collect()
}
