//! From what was typed to what it means: names become ids, defaults are filled in, and every promise of the language is
//! checked. All mistakes are reported; what merely follows from one isn't.
//!
//! Knows nothing about YAML, nor about any target beyond the names that must not collide there.

mod access;
mod actions;
mod aggregate;
mod api;
mod auth;
mod batch;
mod checks;
mod collisions;
mod computed;
mod cycles;
mod deprecation;
mod domain_errors;
mod enums;
mod events;
mod field;
mod indexes;
mod limits;
mod literal;
mod many_to_many;
mod names;
mod number;
mod pattern;
mod relation;
mod renames;
mod require;
mod resource;
mod rules;
mod scope;
mod search;
mod soft_delete;
mod transition;
mod unserved;
mod webhooks;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::model::{self, Model, proto, renames::Renames};
use crate::spec::{Slot, Spec};
use pattern::Patterns;
use scope::Scope;

/// The only version of the language so far.
const LANGUAGE: &str = "1";

/// What all parts of this module work with.
struct Resolver<'a> {
    spec: &'a Spec,
    scope: Scope<'a>,
    patterns: Patterns,
    out: &'a mut Diagnostics,
}

/// The model without its protobuf part, which is shaped and numbered later. `name` is the spec's path as the user gave
/// it. `None`: there are errors in `out`.
pub fn resolve(spec: &Spec, name: &str, out: &mut Diagnostics) -> Option<Model> {
    let scope = Scope::new(spec, out);
    let mut resolver = Resolver { spec, scope, patterns: Patterns::default(), out };
    resolver.check_language();
    let api = resolver.api();
    let enums = resolver.enums();
    let objects = resolver.objects();
    let errors = resolver.domain_errors();
    let resources = resolver.resources(&objects);
    let auth = resolver.auth(&resources);
    let (limits, protocols) = (resolver.limits(), resolver.protocols());
    resolver.check_cycles();
    resolver.check_renames();
    resolver.check_webhooks(&resources);
    let webhooks = resolver.webhook_policy();
    if resolver.out.has_errors() {
        return None;
    }
    let api = api?;
    let mut model = Model {
        spec: name.to_owned(),
        unserved: unserved::of(&api, &resources),
        api,
        enums,
        objects,
        errors,
        auth,
        limits,
        protocols,
        resources,
        webhooks: false,
        renames: Renames::default(),
        proto: proto::File::default(),
    };
    model.renames = renames::collect(spec, &model);
    if spec.webhooks.is_some() {
        model.add_webhooks(webhooks);
        model.unserved.extend(unserved::webhooks(&model.api));
    }
    Some(model)
}

impl Resolver<'_> {
    fn check_language(&mut self) {
        match &self.spec.language {
            Slot::Given(version) if version.value == LANGUAGE => {}
            Slot::Given(version) => self.out.push(
                Diagnostic::error(
                    Code::LanguageVersion,
                    version.span,
                    format!("version `{}` of the language is not known", version.value),
                )
                .help(format!("this apigen reads `apigen: {LANGUAGE}`")),
            ),
            Slot::Absent => self.missing(self.spec.start, "apigen", "the spec", "begin the file with `apigen: 1`"),
            Slot::Broken => {}
        }
    }

    fn missing(&mut self, span: Span, key: &str, owner: &str, help: &str) {
        let message = format!("{owner} has no `{key}`");
        self.out.push(Diagnostic::error(Code::MissingKey, span, message).help(help.to_owned()));
    }

    fn error(&mut self, code: Code, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.out.push(Diagnostic::error(code, span, message).help(help.into()));
    }

    /// Value types with everything but their defaults and examples, which may need value types further down.
    fn objects(&mut self) -> Vec<model::Object> {
        let spec = self.spec;
        let mut objects: Vec<_> = spec.objects.iter().map(|object| self.object(object)).collect();
        for (typed, index) in spec.objects.iter().zip(0..) {
            let mut fields = std::mem::take(&mut objects[index].fields);
            self.literals(typed.fields.given(), &mut fields, &objects);
            objects[index].fields = fields;
        }
        objects
    }
}
