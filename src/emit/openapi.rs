//! The OpenAPI document: 3.0.3, the version that every client generator reads, or the same in 3.1.0.
//!
//! Built as `openapiv3` types, so that what can be written is valid by construction. Knows nothing about the server that
//! serves it.

mod bodies;
mod deprecation;
pub mod nested;
mod operations;
mod parameters;
mod responses;
mod schemas;
mod section;
mod security;
mod v31;
mod yaml;

use openapiv3::{Components, Contact, ExternalDocumentation, Info, License, OpenAPI, Paths, ReferenceOr, Server, Tag};

use self::section::Section;
use super::OpenApi;
use crate::model::Model;

/// The text of `openapi.yaml`.
///
/// Each part becomes text as soon as it is made: as values, those of a thousand resources take ten times as much memory.
pub fn emit(model: &Model, version: OpenApi) -> String {
    // Growing to this size, the text would be copied again and again; what of it isn't written to takes no memory.
    let mut text = Vec::with_capacity(model.resources.len() * TYPICAL);
    text.extend(format!("# {}\n", super::header(model)).bytes());
    let head = text.len();
    match version {
        OpenApi::V3_0 => yaml::write(&around(model), 0, &mut text),
        OpenApi::V3_1 => yaml::write(&v31::rewrite(&around(model)), 0, &mut text),
    }
    let tail = text.split_off(place_of_paths(&text[head..]) + head);
    let mut paths = Section::new(version, 0, "paths").behind(text);
    let mut webhooks = Section::new(version, 0, "webhooks");
    let mut parameters = Section::new(version, 2, "parameters");
    let operations = || {
        operations::each(model, |part| {
            paths.add(&part.paths);
            if version == OpenApi::V3_1 {
                webhooks.add(&v31::webhooks(&part.paths));
            }
            parameters.add(&part.parameters);
        })
    };
    let schemas = || {
        let mut section = Section::new(version, 2, "schemas");
        bodies::each(model, |schemas| section.add(&schemas));
        section
    };
    let (used, schemas) = rayon::join(operations, schemas);
    let (mut responses, mut headers) = (Section::new(version, 2, "responses"), Section::new(version, 2, "headers"));
    let shared = responses::all(&used.statuses);
    headers.add(&used.headers(&shared));
    responses.add(&shared);
    let mut schemes = Section::new(version, 2, "securitySchemes");
    schemes.add(&security::schemes(model));
    let mut text = paths.or_empty();
    text.extend(webhooks.text);
    text.extend(b"components:\n");
    [schemas, responses, parameters, headers, schemes].into_iter().for_each(|section| text.extend(section.text));
    text.extend(&tail[NO_PATHS.len()..]);
    String::from_utf8(text).unwrap_or_else(|_| unreachable!("it was written from texts"))
}

/// How much a resource of ten fields takes, in bytes.
const TYPICAL: usize = 40 << 10;

const NO_PATHS: &[u8] = b"paths: {}\n";

/// In a document without paths.
fn place_of_paths(text: &[u8]) -> usize {
    // No text of an author is at the beginning of a line.
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    lines.take_while(|line| *line != NO_PATHS).map(<[u8]>::len).sum()
}

/// The document in 3.0 as a value.
pub fn document(model: &Model) -> OpenAPI {
    let (mut paths, mut components) = (Paths::default(), Components::default());
    let used = operations::each(model, |part| {
        paths.paths.extend(part.paths);
        components.parameters.extend(part.parameters);
    });
    bodies::each(model, |schemas| {
        components.schemas.extend(schemas.into_iter().map(|(name, schema)| (name, ReferenceOr::Item(schema))));
    });
    components.responses = responses::all(&used.statuses);
    components.headers = used.headers(&components.responses);
    components.security_schemes = security::schemes(model);
    OpenAPI { paths, components: Some(components), ..around(model) }
}

/// The document without paths and components.
fn around(model: &Model) -> OpenAPI {
    OpenAPI {
        openapi: "3.0.3".to_owned(),
        info: info(model),
        servers: servers(model),
        security: Some(security::default(model)),
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
    let auth = model.login().map(|_| Tag {
        name: "Auth".to_owned(),
        description: Some("Logging in and out.".to_owned()),
        ..Tag::default()
    });
    let operation = model.long_running().next().map(|_| Tag {
        name: "Operation".to_owned(),
        description: Some("What takes its time: how far it is, and what came of it.".to_owned()),
        ..Tag::default()
    });
    offered.map(tag).chain(auth).chain(operation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_parts_it_is_what_the_whole_would_be() {
        for spec in [
            "specs/shop.yaml",
            "tests/specs/every_type.yaml",
            "tests/specs/guarded.yaml",
            "specs/payments.yaml",
            "tests/specs/obstacles.yaml",
        ] {
            let path = concat!(env!("CARGO_MANIFEST_DIR"), "/").to_owned() + spec;
            let model = crate::load(path.as_ref()).expect("it can be read").expect("it is right").model;
            let document = document(&model);
            for (version, whole) in [
                (OpenApi::V3_0, yaml::by_library(&document)),
                (OpenApi::V3_1, yaml::by_library(&v31::rewrite(&document))),
            ] {
                let (parts, whole) = (emit(&model, version), format!("# {}\n{whole}", crate::emit::header(&model)));
                let mut lines = parts.lines().zip(whole.lines());
                assert_eq!(lines.find(|(part, whole)| part != whole), None, "{spec}");
                assert_eq!(parts.len(), whole.len(), "{spec}");
            }
        }
    }

    #[test]
    fn nothing_to_ask_for_is_a_document_too() {
        let model = Model::default();
        assert!(emit(&model, OpenApi::V3_0).contains("\npaths: {}\ncomponents:\n"));
    }
}
