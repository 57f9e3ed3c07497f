//! Rates and what single protocols do differently: whether the values can be read.

use super::Resolver;
use crate::diagnostic::Code;
use crate::model::{Limits, Protocols, Rate};
use crate::spec::{self, Text};

const UNITS: [(&str, u32); 4] = [("s", 1), ("min", 60), ("h", 3600), ("d", 86400)];

/// Nobody needs more, and a counter must hold it.
const MOST: u32 = 1_000_000_000;

impl Resolver<'_> {
    pub(super) fn limits(&mut self) -> Limits {
        let spec = self.spec;
        let mut rate = |text: &Option<Text>| text.as_ref().and_then(|text| self.rate(text));
        Limits { anonymous: rate(&spec.limits.anonymous), authenticated: rate(&spec.limits.authenticated) }
    }

    pub(super) fn rate(&mut self, text: &Text) -> Option<Rate> {
        let rate = text.value.split_once('/').and_then(|(count, unit)| {
            let requests = count.trim().parse().ok().filter(|count| (1..=MOST).contains(count))?;
            let (_, seconds) = UNITS.iter().find(|(word, _)| *word == unit.trim())?;
            Some(Rate { requests, seconds: *seconds })
        });
        if rate.is_none() {
            let message = format!("`{}` is not a rate", text.value);
            self.error(Code::BadRule, text.span, message, "write requests per `s`, `min`, `h` or `d`: `60/min`");
        }
        rate
    }

    pub(super) fn protocols(&mut self) -> Protocols {
        let default = Protocols::default();
        let spec::Graphql { max_depth, max_complexity, http } = &self.spec.graphql;
        let http_draft = match http.as_ref().map(|text| (text.value.as_str(), text.span)) {
            None | Some(("stable", _)) => false,
            Some(("draft", _)) => true,
            Some((other, span)) => {
                let message = format!("`{other}` is not a value for `http`");
                self.error(Code::BadRule, span, message, "write `stable` or `draft`");
                false
            }
        };
        Protocols {
            links: self.spec.rest.links.is_some(),
            json_patch: self.spec.rest.json_patch.is_some(),
            max_depth: max_depth.as_ref().and_then(|text| self.limit_of(text)).unwrap_or(default.max_depth),
            max_complexity: max_complexity
                .as_ref()
                .and_then(|text| self.limit_of(text))
                .unwrap_or(default.max_complexity),
            http_draft,
            reflection: self.spec.grpc.reflection.unwrap_or(default.reflection),
        }
    }

    fn limit_of(&mut self, text: &Text) -> Option<u32> {
        let limit = text.value.parse().ok().filter(|limit| (1..=MOST).contains(limit));
        if limit.is_none() {
            let message = format!("`{}` is not a limit", text.value);
            self.error(Code::BadRule, text.span, message, format!("write a whole number from 1 to {MOST}"));
        }
        limit
    }
}
