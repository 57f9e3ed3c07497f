//! The service layer on one database, asked what the reference is asked.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use apigen_runtime::{
    codec::{
        batch::JsonBatch,
        json::{JsonForm, JsonInput},
    },
    cursor::CursorKey,
    descriptor::{Api, Resource},
    error::{ApiError, Code},
    etag::Precondition,
    filter::{order, rest},
    principal::Principal,
    rest::RecordJson,
    service::{Call, Computed, Done, Everything, ListArgs, Missing, Put, Service, Skip, Spelling},
    store::Store,
    value::Record,
};
use serde_json::{Map, Value as Json, json};

use crate::{
    domain::{Identity, Shape},
    lists::Query,
    step::Asked,
    world::{Handle, Reason, Refusal, Row, World},
    write::{Body, Guard, Link},
};

pub struct Subject {
    pub name: &'static str,
    service: Arc<Service>,
    /// Each with the name of the row's resource.
    ids: HashMap<Handle, (&'static str, String)>,
}

/// A row as it is shown, and its version.
pub type Shown = (Json, i64);

static SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

impl Subject {
    pub async fn new(name: &'static str, api: &'static Api, store: Arc<dyn Store>) -> Subject {
        store.migrate(api.migrations).await.unwrap();
        let key = CursorKey::new("a secret for the tests").unwrap();
        let service = Arc::new(Service::new(api, store, key).unwrap());
        Subject { name, service, ids: HashMap::new() }
    }

    pub async fn close(self) {
        self.service.store.close().await;
    }

    fn resource(&self, resource: usize) -> &'static Resource {
        self.service.api.resources[resource]
    }

    /// The row's id here, or one that no row has.
    fn id(&self, shape: &Shape, handle: Handle) -> Json {
        let id = self.ids.get(&handle).map(|(_, id)| id.clone());
        match (id, shape.id) {
            (Some(id), Identity::Number) => json!(id.parse::<i64>().expect("a number")),
            (Some(id), _) => json!(id),
            (None, Identity::Number) => json!(4711),
            (None, Identity::Text) => json!("cc"),
            (None, Identity::Uuid) => json!("0192d3c4-0000-7000-8000-000000000000"),
            (None, Identity::Prefixed) => json!(format!("{}_01h455vb4pex5vsknk084sn02q", prefix(shape))),
        }
    }

    fn key(&self, shape: &Shape, handle: Handle) -> String {
        match self.id(shape, handle) {
            Json::String(id) => id,
            id => id.to_string(),
        }
    }

    /// The id of a row that is gone may be that of another one by now.
    pub fn learn(&mut self, shape: &Shape, handle: Handle, shown: &Json) {
        let id = match &shown["id"] {
            Json::String(id) => id.clone(),
            id => id.to_string(),
        };
        self.ids.retain(|_, (owner, other)| *owner != shape.name || *other != id);
        self.ids.insert(handle, (shape.name, id));
    }

    fn body(&self, world: &World, shape: &Shape, body: &Body) -> Json {
        let mut members = Map::new();
        for (index, value) in &body.values {
            members.insert(shape.columns[*index].name.to_owned(), value.clone());
        }
        for (index, link) in &body.links {
            let parent = &shape.parents[*index];
            let target = world.shape(parent.target);
            let id = match link {
                Link::To(handle) => self.id(target, *handle),
                Link::Nowhere => self.id(target, crate::write::NOBODY),
                Link::Null => Json::Null,
            };
            members.insert(parent.field.to_owned(), id);
        }
        members.extend(body.id.clone().map(|id| ("id".to_owned(), id)));
        members.extend(body.stray.then(|| ("stray".to_owned(), json!(1))));
        Json::Object(members)
    }

    /// How a row is shown here.
    pub fn expected(&self, world: &World, handle: Handle, row: &Row) -> Shown {
        let shape = world.shape(row.resource);
        let mut members = Map::new();
        members.insert("id".to_owned(), self.id(shape, handle));
        for (column, value) in shape.columns.iter().zip(&row.values) {
            members.insert(column.name.to_owned(), value.clone());
        }
        for (parent, link) in shape.parents.iter().zip(&row.links) {
            let id = link.map(|link| self.id(world.shape(parent.target), link));
            members.insert(parent.field.to_owned(), id.unwrap_or_default());
        }
        (Json::Object(members), row.version)
    }

    fn shown(&self, resource: usize, record: &Record) -> Shown {
        let json = RecordJson::whole(self.resource(resource), record, None);
        let Ok(Json::Object(mut members)) = serde_json::to_value(json) else { panic!("a row is an object") };
        members.retain(|name, _| !["created_at", "updated_at"].contains(&name.as_str()));
        (Json::Object(members), record.version)
    }

    pub async fn get(&self, world: &World, resource: usize, handle: Handle) -> Result<Shown, ApiError> {
        let id = self.key(world.shape(resource), handle);
        let shown = self.service.get(&call(), self.resource(resource), &id, &Everything).await?;
        Ok(self.shown(resource, &shown.record))
    }

    pub async fn undelete(&self, world: &World, resource: usize, handle: Handle) -> Result<Shown, ApiError> {
        let id = self.key(world.shape(resource), handle);
        let record = self.service.undelete(&call(), self.resource(resource), &id).await?;
        Ok(self.shown(resource, &record))
    }

    /// Of a delete, nothing.
    pub async fn write(&self, world: &World, resource: usize, asked: &Asked) -> Result<Option<Shown>, ApiError> {
        let (shape, target, service) = (world.shape(resource), self.resource(resource), &self.service);
        let input = |body: &Body| JsonInput::from_body(self.body(world, shape, body), JsonForm::Rest);
        let record = match asked {
            Asked::Create(body) => service.create(&call(), target, &input(body)).await?,
            Asked::Update(handle, body, guard) => {
                let id = self.key(shape, *handle);
                service.update(&call(), target, &id, &input(body), &precondition(*guard)).await?
            }
            Asked::Replace(handle, body, guard) => {
                let demands = (&precondition(*guard), Missing::Refuse);
                match service.put(&call(), target, &self.key(shape, *handle), &input(body), demands).await? {
                    Put::Replaced(record) | Put::Created(record) => record,
                }
            }
            Asked::Delete(handle, guard) => {
                service.delete(&call(), target, &self.key(shape, *handle), &precondition(*guard)).await?;
                return Ok(None);
            }
        };
        Ok(Some(self.shown(resource, &record)))
    }

    pub async fn batch(
        &self,
        world: &World,
        (resource, atomic): (usize, bool),
        writes: &[Asked],
    ) -> Result<Vec<Result<Option<Shown>, ApiError>>, ApiError> {
        let operations: Vec<Json> = writes.iter().map(|asked| self.operation(world, resource, asked)).collect();
        let body = json!({ "atomic": atomic, "operations": operations });
        let batch = JsonBatch { body, form: JsonForm::Rest };
        let outcomes = self.service.batch(&call(), self.resource(resource), &batch).await?;
        let shown = |done: Done| match done {
            Done::Created(record) | Done::Changed(record) => Some(self.shown(resource, &record)),
            Done::Deleted(_) => None,
        };
        Ok(outcomes.into_iter().map(|outcome| outcome.map(shown)).collect())
    }

    fn operation(&self, world: &World, resource: usize, asked: &Asked) -> Json {
        let shape = world.shape(resource);
        let tagged = |mut body: Json, handle: Handle, guard: &Guard| {
            body["id"] = self.id(shape, handle);
            if let Guard::Version(version) = guard {
                body["etag"] = json!(format!("\"v{version}\""));
            }
            body
        };
        match asked {
            Asked::Create(body) => json!({ "create": self.body(world, shape, body) }),
            Asked::Update(handle, body, guard) | Asked::Replace(handle, body, guard) => {
                json!({ "update": tagged(self.body(world, shape, body), *handle, guard) })
            }
            Asked::Delete(handle, guard) => json!({ "delete": tagged(json!({}), *handle, guard) }),
        }
    }

    /// All pages of a list, forward; and whether backward they are the same.
    pub async fn list(&self, query: &Query, total: usize) -> Result<Vec<Shown>, String> {
        let forward = self.walk(query, total, false).await?;
        if forward.len() > 1 {
            let backward = self.walk(query, total, true).await?;
            if backward != forward[..forward.len() - 1] {
                return Err(format!("backward there are {backward:?}, forward {forward:?}"));
            }
        }
        Ok(forward)
    }

    async fn walk(&self, query: &Query, total: usize, backward: bool) -> Result<Vec<Shown>, String> {
        let resource = self.resource(query.resource);
        let mut args = self.arguments(query);
        if backward {
            let all = self.list_once(resource, &ListArgs { page_size: None, ..args.clone() }).await?;
            let mut page = all;
            while page.has_next {
                let cursor = page.cursors.of(page.records.last().expect("a page isn't empty"), false);
                page = self.list_once(resource, &ListArgs { cursor: Some(cursor), ..args.clone() }).await?;
            }
            args.cursor = Some(page.cursors.of(page.records.last().expect("a page isn't empty"), true));
        }
        let mut rows = Vec::new();
        loop {
            let page = self.list_once(resource, &args).await?;
            if page.total != Some(total as u64) || page.records.len() > query.limit as usize {
                return Err(format!("a page of {} rows, of {:?} in all", page.records.len(), page.total));
            }
            let shown: Vec<Shown> = page.records.iter().map(|record| self.shown(query.resource, record)).collect();
            let more = if backward { page.has_previous } else { page.has_next };
            let edge = if backward { page.records.first() } else { page.records.last() };
            rows = if backward { [shown, rows].concat() } else { [rows, shown].concat() };
            match edge.filter(|_| more) {
                None => return Ok(rows),
                Some(edge) => args.cursor = Some(page.cursors.of(edge, backward)),
            }
        }
    }

    async fn list_once(
        &self,
        resource: &'static Resource,
        args: &ListArgs,
    ) -> Result<apigen_runtime::service::Page, String> {
        let listing = self.service.list(&call(), resource, args).await.map_err(|error| error.to_string())?;
        Ok(listing.page)
    }

    fn arguments(&self, query: &Query) -> ListArgs {
        let resource = self.resource(query.resource);
        let name = |column: usize| resource.fields[column + 1].name;
        let filter = query.test.as_ref().map(|test| {
            let value = test.value.as_str().map_or_else(|| test.value.to_string(), str::to_owned);
            let pair = (format!("{}[{}]", name(test.column), test.operator), value);
            rest::parse(resource, &[pair]).expect("the spec lets callers filter by it")
        });
        let keys = query
            .order
            .iter()
            .map(|(column, descends)| format!("{}{}", if *descends { "-" } else { "" }, name(*column)));
        let keys = keys.collect::<Vec<_>>().join(",");
        let sort = (!keys.is_empty()).then(|| order::parse_rest(resource, &keys));
        ListArgs {
            spelling: &SPELLING,
            page_size: Some(query.limit.into()),
            cursor: None,
            backward: false,
            sort: sort.map(|sort| sort.expect("the spec lets callers sort by it")),
            filter,
            q: None,
            total: true,
            skip: Skip::Rows(0),
        }
    }
}

fn prefix(shape: &Shape) -> &'static str {
    match shape.name {
        "Apple" => "apl",
        "Brick" => "brk",
        _ => "cld",
    }
}

fn precondition(guard: Guard) -> Precondition {
    match guard {
        Guard::None => Precondition::NONE,
        Guard::Version(version) => Precondition::if_match(&format!("\"v{version}\"")),
    }
}

pub fn call() -> Call {
    Call {
        principal: Principal::Anonymous,
        request_id: "test".into(),
        deadline: Instant::now() + Duration::from_secs(60),
        computed: Computed::All,
        meter: None,
        notices: None,
    }
}

/// Whether an error tells one of the reasons that there are.
pub fn tells(error: &ApiError, refusal: &Refusal, batch: bool) -> bool {
    let told: std::collections::BTreeSet<(String, &'static str)> =
        error.violations.iter().map(|each| (each.location.to_string(), each.code)).collect();
    refusal.reasons.iter().any(|reason| match reason {
        Reason::NotFound => error.code == Code::NotFound,
        Reason::Stale => error.code == Code::EtagMismatch,
        Reason::Taken => error.code == Code::AlreadyExists,
        Reason::Blocked => error.code == Code::FailedPrecondition,
        Reason::Any => error.code.http_status() < 500,
        Reason::Invalid(wrong) => error.code == Code::ValidationFailed && (batch || told == *wrong),
    })
}
