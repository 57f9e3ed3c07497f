//! `_links` of an item: where to go from it. What leads on from a row is the service's to say.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::query::segment;
use crate::{
    descriptor::Resource,
    service::{Call, Service, Way},
    value::{Record, Value, id_text},
};

/// Who is shown rows with their links.
#[derive(Clone, Copy)]
pub struct Ways<'a> {
    service: &'a Service,
    call: &'a Call,
}

impl<'a> Ways<'a> {
    /// `None`: the spec asks for no links.
    pub fn of(service: &'a Service, call: &'a Call) -> Option<Ways<'a>> {
        service.api.protocols.links.then_some(Ways { service, call })
    }

    pub fn from(self, resource: &'static Resource, record: &'a Record) -> LinksJson<'a> {
        LinksJson { ways: self, resource, record }
    }
}

pub struct LinksJson<'a> {
    ways: Ways<'a>,
    resource: &'static Resource,
    record: &'a Record,
}

#[derive(serde::Serialize)]
struct LinkJson {
    href: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
}

impl LinksJson<'_> {
    fn item(&self, resource: &Resource, id: &Value) -> String {
        let id = segment(&id_text(resource.id(), id));
        format!("/{}/{}/{id}", self.ways.service.api.version, resource.path)
    }

    fn link(&self, way: Way) -> (&'static str, LinkJson) {
        let own = || self.item(self.resource, self.record.id());
        let get = |href| LinkJson { href, method: None };
        match way {
            Way::Itself => ("self", get(own())),
            Way::To(relation, column) => (relation.name, get(self.item(relation.target, &self.record.values[column]))),
            Way::Along(relation) => (relation.name, get(format!("{}/{}", own(), relation.name.replace('_', "-")))),
            Way::Act(action) => {
                let method = (!action.safe).then_some("POST");
                (action.name, LinkJson { href: format!("{}/{}", own(), action.path), method })
            }
        }
    }
}

impl Serialize for LinksJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ways = self.ways.service.ways(self.ways.call, self.resource, self.record);
        let mut map = serializer.serialize_map(Some(ways.len()))?;
        for way in ways {
            let (name, link) = self.link(way);
            map.serialize_entry(name, &link)?;
        }
        map.end()
    }
}
