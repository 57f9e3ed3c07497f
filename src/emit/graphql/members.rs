//! What stands between the braces of types and inputs: fields with their descriptions and arguments.

use std::borrow::Cow;

use askama::Template;

use super::{
    text::{Doc, Reason},
    types,
};
use crate::model::{Deprecation, Field, Model, Resource, prose, prose::Spelling};

#[derive(Template)]
#[template(path = "graphql/members.graphql", escape = "none")]
pub struct Members {
    pub list: Vec<Member>,
}

pub struct Member {
    pub doc: Doc,
    pub name: String,
    pub arguments: Vec<Argument>,
    pub ty: String,
    pub deprecated: Option<Reason>,
}

pub struct Argument {
    pub doc: Doc,
    pub name: Cow<'static, str>,
    pub ty: String,
}

impl Members {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl FromIterator<Member> for Members {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Members {
        Members { list: members.into_iter().collect() }
    }
}

impl Member {
    pub fn new(name: impl Into<String>, ty: impl Into<String>, description: &str) -> Member {
        let doc = Doc::member(description);
        Member { doc, name: name.into(), arguments: Vec::new(), ty: ty.into(), deprecated: None }
    }

    pub fn with(mut self, arguments: impl IntoIterator<Item = Argument>) -> Member {
        self.arguments.extend(arguments);
        self
    }

    pub fn deprecated(mut self, deprecation: Option<&Deprecation>) -> Member {
        self.deprecated = Reason::of(deprecation);
        self
    }
}

impl Argument {
    pub fn new(name: impl Into<Cow<'static, str>>, ty: impl Into<String>, description: &str) -> Argument {
        Argument { doc: Doc::argument(description), name: name.into(), ty: ty.into() }
    }
}

/// A property as it is read.
pub fn output(model: &Model, owner: Option<&Resource>, field: &Field) -> Member {
    let mut sentences = field.constraints();
    sentences.extend(owner.and_then(|owner| field.readers(model, owner)));
    let description = prose::join(&field.summary(owner), &sentences);
    Member::new(&field.camel, types::output(model, field), &description).deprecated(field.deprecated.as_ref())
}

/// A property as a create sends it, or a member of a value type.
pub fn create_input(model: &Model, owner: Option<&Resource>, field: &Field) -> Member {
    let ty = types::create_input(model, field);
    let mut sentences = field.constraints();
    sentences.extend(field.handling());
    sentences.extend(owner.and_then(|owner| field.writers(model, owner)));
    sentences.extend(field.default_sentence(model, Spelling::Graphql));
    // A required input can't be deprecated (GraphQL September 2025 §3.10), so it is said in words.
    let (said, marked) =
        if ty.ends_with('!') { (field.deprecated.as_ref(), None) } else { (None, field.deprecated.as_ref()) };
    sentences.extend(said.map(|deprecation| deprecation.sentence(Spelling::Graphql)));
    Member::new(&field.camel, ty, &prose::join(&field.summary(owner), &sentences)).deprecated(marked)
}

/// A property as an update sends it.
pub fn update_input(model: &Model, owner: &Resource, field: &Field) -> Member {
    let mut sentences = field.constraints();
    sentences.extend(field.handling());
    sentences.extend(field.writers(model, owner));
    if field.required {
        sentences.push("Can't be null.".to_owned());
    }
    let description = prose::join(&field.summary(Some(owner)), &sentences);
    Member::new(&field.camel, types::update_input(model, field), &description).deprecated(field.deprecated.as_ref())
}
