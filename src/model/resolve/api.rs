//! `api:`.

use super::Resolver;
use super::literal::is_url;
use crate::diagnostic::{Code, Span};
use crate::model::{Api, Contact, License, Server};
use crate::names;
use crate::spec::{self, Slot, Text};

impl Resolver<'_> {
    pub(super) fn api(&mut self) -> Option<Api> {
        let spec = self.spec;
        let api = match &spec.api {
            Slot::Given(api) => api,
            Slot::Broken => return None,
            Slot::Absent => {
                self.missing(spec.start, "api", "the spec", "write `api: { name: shop, version: v1 }`");
                return None;
            }
        };
        let name = self.api_name(api);
        let version = self.api_version(api);
        let contact = api.contact.as_ref().map(|contact| self.contact(contact));
        let license = api.license.as_ref().and_then(|license| self.license(license));
        let servers = api.servers.iter().filter_map(|server| self.server(server)).collect();
        let docs_url = self.url(api.docs_url.as_ref());
        let (name, version) = (name?, version?);
        Some(Api {
            title: value(&api.title).unwrap_or_else(|| names::title(&name)),
            description: value(&api.description),
            contact,
            license,
            servers,
            docs_url,
            package: format!("{name}.{version}"),
            app_crate: names::kebab(&name),
            server_crate: format!("{}-server", names::kebab(&name)),
            name,
            version,
        })
    }

    fn api_name(&mut self, api: &spec::Api) -> Option<String> {
        let name = self.required(&api.name, api.span, "name", "`api`", "it names the crate and the proto package")?;
        if !names::is_snake(&name.value) {
            let message = format!("`{}` is not an API name", name.value);
            self.error(Code::BadApiName, name.span, message, "use snake_case: `shop`, `order_book`");
        } else if names::reserved_crate(&name.value) {
            let message = format!("no crate can be named `{}`", name.value);
            self.error(Code::BadApiName, name.span, message, format!("for example `{}_api`", name.value));
        }
        Some(name.value.clone())
    }

    fn api_version(&mut self, api: &spec::Api) -> Option<String> {
        let version = self.required(&api.version, api.span, "version", "`api`", "write `version: v1`")?;
        let number = version.value.strip_prefix('v').and_then(|digits| {
            let number: u32 = digits.parse().ok()?;
            (number > 0 && number.to_string() == digits).then_some(number)
        });
        if number.is_none() {
            let message = format!("`{}` is not an API version", version.value);
            self.error(Code::BadApiName, version.span, message, "write `v` and a whole number from 1: `v1`");
        }
        Some(version.value.clone())
    }

    fn required<'s>(
        &mut self,
        slot: &'s Slot<Text>,
        owner: Span,
        key: &str,
        noun: &str,
        help: &str,
    ) -> Option<&'s Text> {
        if *slot == Slot::Absent {
            self.missing(owner, key, noun, help);
        }
        slot.given()
    }

    fn contact(&mut self, contact: &spec::Contact) -> Contact {
        Contact { name: value(&contact.name), url: self.url(contact.url.as_ref()), email: value(&contact.email) }
    }

    fn license(&mut self, license: &spec::License) -> Option<License> {
        let name = self.required(&license.name, license.span, "name", "`license`", "write `license: { name: MIT }`")?;
        Some(License { name: name.value.clone(), url: self.url(license.url.as_ref()) })
    }

    fn server(&mut self, server: &spec::Server) -> Option<Server> {
        let url = self.required(&server.url, server.span, "url", "a server", "write `{ url: https://… }`")?;
        let url = self.url(Some(url))?;
        Some(Server { url, description: value(&server.description) })
    }

    fn url(&mut self, url: Option<&Text>) -> Option<String> {
        let url = url?;
        if !is_url(&url.value) {
            let message = format!("`{}` is not a URL", url.value);
            self.error(Code::BadLiteral, url.span, message, "write it out: `https://example.com/path`");
        }
        Some(url.value.clone())
    }
}

pub(super) fn value(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.value.trim_end().to_owned())
}
