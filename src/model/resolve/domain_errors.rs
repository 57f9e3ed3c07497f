//! `errors:` of a spec, and the lists that say where each may occur.

use std::collections::HashMap;

use super::api::value;
use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{Canonical, DomainError, ErrorId, Param, Type};
use crate::names as casing;
use crate::spec::{self, Slot, Text};

/// `google.rpc.ErrorInfo`: a reason has at most this many characters.
const NAME_LENGTH: usize = 63;

impl Resolver<'_> {
    pub(super) fn domain_errors(&mut self) -> Vec<DomainError> {
        self.spec.errors.iter().map(|typed| self.domain_error(typed)).collect()
    }

    fn domain_error(&mut self, typed: &spec::DomainError) -> DomainError {
        self.check_error_name(&typed.name);
        let params = self.params(typed);
        self.check_message(typed);
        DomainError {
            name: typed.name.value.clone(),
            rust: casing::rust_ident(&typed.name.value),
            description: value(&typed.description),
            code: self.canonical(typed).unwrap_or(Canonical::FailedPrecondition),
            message: typed.message.given().map(|text| text.value.clone()).unwrap_or_default(),
            params,
        }
    }

    fn check_error_name(&mut self, name: &Text) {
        if !casing::is_constant(&name.value) {
            let better = casing::constant(&name.value);
            let help = if casing::is_constant(&better) {
                format!("write `{better}`")
            } else {
                "words in capitals, with three characters or more: `OUT_OF_STOCK`".to_owned()
            };
            self.error(Code::NameCase, name.span, format!("`{}` is not UPPER_SNAKE_CASE", name.value), help);
        } else if casing::CATALOGUE.contains(&name.value.as_str()) {
            names::reserved(name, "every service has an error of this name already; choose another one", self.out);
        } else if name.value.len() > NAME_LENGTH {
            let message = format!("the name of an error has at most {NAME_LENGTH} characters");
            self.error(Code::NameCase, name.span, message, "choose a shorter one");
        }
    }

    fn canonical(&mut self, typed: &spec::DomainError) -> Option<Canonical> {
        let word = match &typed.code {
            Slot::Given(word) => word,
            Slot::Broken => return None,
            Slot::Absent => {
                let owner = format!("error `{}`", typed.name.value);
                self.missing(typed.name.span, "code", &owner, "say what it amounts to: `code: failed_precondition`");
                return None;
            }
        };
        let found = Canonical::ALL.into_iter().find(|code| code.word() == word.value);
        if found.is_none() {
            let words = Canonical::ALL.map(Canonical::word);
            let help =
                self.out.suggest(&word.value, words).unwrap_or_else(|| format!("there are: {}", words.join(", ")));
            self.error(Code::UnknownCode, word.span, format!("unknown code `{}`", word.value), help);
        }
        found
    }

    fn params(&mut self, typed: &spec::DomainError) -> Vec<Param> {
        let params = typed.params.given().map(Vec::as_slice).unwrap_or_default();
        params.iter().filter_map(|param| self.param(param)).collect()
    }

    fn param(&mut self, typed: &spec::Param) -> Option<Param> {
        self.check_param_name(&typed.name);
        let expression = typed.ty.given()?;
        let place = expression.name();
        if self.refuses_ref(Some(expression), "write `string`: an id is told as its text") {
            return None;
        }
        let inner = self.scope.ty(place, self.out)?;
        let ty = self.wrap(expression, inner)?;
        let several = matches!(ty, Type::List(_) | Type::Map(_) | Type::Object(_));
        if several || matches!(ty, Type::Json | Type::Bytes | Type::Password) {
            let message = format!("a param can't be of type `{}`", self.type_name(&ty));
            self.error(Code::MessageParams, place.span, message, "it stands in a sentence: use a single plain value");
        }
        let name = typed.name.value.clone();
        Some(Param { rust: casing::rust_ident(&name), name, ty })
    }

    fn check_param_name(&mut self, name: &Text) {
        match name.value.strip_suffix('?') {
            Some(bare) => {
                let message = format!("the param `{bare}` can't be optional");
                let help = "remove the `?`: whoever raises the error gives all of its params";
                self.error(Code::MessageParams, name.span, message, help);
            }
            None => {
                names::check_snake(name, self.out);
            }
        }
    }

    /// Placeholders and params must be the same.
    fn check_message(&mut self, typed: &spec::DomainError) {
        let message = match &typed.message {
            Slot::Given(message) => message,
            Slot::Broken => return,
            Slot::Absent => {
                let owner = format!("error `{}`", typed.name.value);
                return self.missing(typed.name.span, "message", &owner, "say it in words: `message: Nothing is left`");
            }
        };
        let Some(placeholders) = self.placeholders(message) else { return };
        if typed.params == Slot::Broken {
            return;
        }
        let params = typed.params.given().map(Vec::as_slice).unwrap_or_default();
        let names = || params.iter().map(|param| param.name.value.trim_end_matches('?'));
        for (name, span) in &placeholders {
            if !names().any(|param| param == *name) {
                let help = self.out.suggest(name, names());
                let help = help.unwrap_or_else(|| format!("declare it: `params: {{ {name}: string }}`"));
                self.error(Code::MessageParams, *span, format!("`{{{name}}}` is not a param"), help);
            }
        }
        for param in params {
            let name = param.name.value.trim_end_matches('?');
            if placeholders.iter().any(|(placeholder, _)| *placeholder == name) {
                continue;
            }
            let help = format!("write `{{{name}}}` in the message, or remove the param");
            self.error(Code::MessageParams, param.name.span, format!("the message doesn't use `{name}`"), help);
        }
    }

    /// The names between braces. `None`: braces that hold none, which is reported.
    fn placeholders<'t>(&mut self, message: &'t Text) -> Option<Vec<(&'t str, Span)>> {
        let text = message.value.as_str();
        // Quotes belong to the place; escapes make it longer still, and then all of it stands for the part.
        let quote = match (message.span.end - message.span.start).saturating_sub(text.len()) {
            0 => Some(0),
            2 => Some(1),
            _ => None,
        };
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(at) = text[from..].find(['{', '}']).map(|at| from + at) {
            let name = text[at..].strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
            let Some(name) = name.filter(|name| casing::is_snake(name)) else {
                let help = "braces stand around the name of a param: `{product}`";
                self.error(Code::MessageParams, message.span, "the message has a brace without a param", help);
                return None;
            };
            let span = quote.map_or(message.span, |quote| message.span.part(quote + at, name.len() + 2));
            found.push((name, span));
            from = at + name.len() + 2;
        }
        Some(found)
    }

    /// What an `errors:` list of a resource or action names.
    pub(super) fn error_list(&mut self, typed: &[Text]) -> Vec<ErrorId> {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut ids = Vec::new();
        for name in typed {
            if let Some(first) = seen.insert(&name.value, name.span) {
                self.repeated(name, first);
            } else if let Some(index) = self.spec.errors.iter().position(|error| error.name.value == name.value) {
                ids.push(ErrorId(index));
            } else {
                self.unknown_error(name);
            }
        }
        ids
    }

    fn unknown_error(&mut self, name: &Text) {
        let help = if casing::CATALOGUE.contains(&name.value.as_str()) {
            Some("every contract lists the catalogue's own errors anyway; remove it".to_owned())
        } else {
            let known = self.spec.errors.iter().map(|error| error.name.value.as_str());
            self.out.suggest(&name.value, known)
        };
        let help =
            help.unwrap_or_else(|| format!("declare it: `errors: {{ {}: {{ code: …, message: … }} }}`", name.value));
        self.out.push(
            Diagnostic::error(Code::UnknownName, name.span, format!("unknown error `{}`", name.value)).help(help),
        );
    }
}
