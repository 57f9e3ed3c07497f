//! The methods that are served: which request fields they have, what they ask of the service, and what they reply.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use bytes::Bytes;
use heck::ToUpperCamelCase;

use super::{
    batch::{self, BatchNumbers, BatchRequest, ImportNumbers},
    draft::{NestedRow, ProtoArguments, ProtoInput},
    mask,
    numbers::{Contract, MessageId, Needed, Numbers},
    output::Encoder,
    read_mask::{Masked, READ_MASK},
    well_known,
    wire::{Malformed, Reader, Wire},
};
use crate::{
    descriptor::{Action, Api, Id, Login, Relation, RelationKind, Resource, Returns, Target, Type},
    error::{ApiError, Code},
    etag::Precondition,
    filter::{aip160, order},
    service::{Acted, Call, Exchange, Linking, ListArgs, Listing, Look, Query, Rows, Service, Shown, Skip, Spelling},
    value::{Record, Value},
};

static SPELLING: Spelling = Spelling { page_size: "page_size", cursor: "page_token", sort: "order_by", skip: "skip" };

/// An `id` has the resource's own type or is text.
pub(super) const ID: Needed<'static> = ("id", &["string", "int64"]);
/// The service by which callers log in.
pub(super) const LOGINS: &str = "AuthService";
const ETAG: Needed<'static> = ("etag", &["string"]);

/// One method of one service.
#[derive(Debug)]
pub(super) struct Method {
    /// `/shop.v1.OrderService/CreateOrder`.
    pub path: String,
    resource: &'static Resource,
    message: MessageId,
    operation: Operation,
}

/// The operations, each with the numbers of its request's and its response's fields.
#[derive(Debug)]
enum Operation {
    List(ListNumbers),
    Get { id: u32, read_mask: u32, reply: u32 },
    Create { numbers: CreateNumbers, reply: u32 },
    Update { numbers: UpdateNumbers, reply: u32 },
    Delete(DeleteNumbers),
    Batch(BatchNumbers),
    Import(ImportNumbers),
    Undelete { id: u32, reply: u32 },
    Act { action: &'static Action, id: Option<u32>, etag: Option<u32>, input: MessageId, reply: Reply },
    Link { relation: &'static Relation, linking: Linking, id: u32, others: u32 },
    Exchange { exchange: Exchange, input: MessageId, reply: MessageId },
}

/// What an action's response shows.
#[derive(Debug)]
enum Reply {
    Nothing,
    /// One row or several, in the field of this number.
    Rows(u32, MessageId),
    Value(MessageId),
}

/// The fields of a create's request.
#[derive(Debug)]
pub(super) struct CreateNumbers {
    pub resource: u32,
    pub nested: Vec<NestedNumber>,
}

#[derive(Debug)]
pub(super) struct UpdateNumbers {
    pub resource: u32,
    pub update_mask: u32,
    pub etag: u32,
}

#[derive(Debug)]
pub(super) struct DeleteNumbers {
    pub id: u32,
    pub etag: u32,
}

/// A field of a create request with rows of a relation.
#[derive(Debug)]
pub(super) struct NestedNumber {
    number: u32,
    relation: &'static Relation,
    message: MessageId,
}

#[derive(Debug)]
struct ListNumbers {
    page_size: u32,
    page_token: u32,
    filter: u32,
    order_by: u32,
    read_mask: u32,
    /// Only where the spec offers totals.
    include_total: Option<u32>,
    /// Only where rows can be searched.
    q: Option<u32>,
    /// Only where pages have numbers.
    skip: Option<u32>,
    items: u32,
    next_page_token: u32,
    previous_page_token: u32,
    total_size: Option<u32>,
}

/// The messages of resources, by their names.
pub(super) type Messages = HashMap<&'static str, MessageId>;

/// Every method of an api, held against its contract.
pub(super) fn of(api: &'static Api, contract: &mut Contract) -> anyhow::Result<Vec<Method>> {
    let mut methods = Vec::new();
    let mut messages = HashMap::new();
    for resource in api.resources {
        messages.insert(resource.name, contract.resource(resource)?);
    }
    for resource in api.resources {
        let message = messages[resource.name];
        for (verb, operation) in operations(api, resource, &messages, contract)? {
            let path = format!("{}.{}Service/{verb}", api.package, resource.name);
            contract.needs_method(&path)?;
            methods.push(Method { path: format!("/{path}"), resource, message, operation });
        }
    }
    if let Some(login) = api.login() {
        let message = messages[login.resource.name];
        for exchange in Exchange::ALL {
            let (path, operation) = self::exchange(api, login, exchange, contract)?;
            methods.push(Method { path, resource: login.resource, message, operation });
        }
    }
    Ok(methods)
}

/// A method of the service of logins.
fn exchange(
    api: &Api,
    login: &Login,
    exchange: Exchange,
    contract: &mut Contract,
) -> anyhow::Result<(String, Operation)> {
    let verb = exchange.name().to_upper_camel_case();
    let path = format!("{}.{LOGINS}/{verb}", api.package);
    contract.needs_method(&path)?;
    let shown = match exchange.result().ty {
        Type::Object(tokens) => tokens.fields,
        _ => &[],
    };
    let (input, _) = contract.arguments(&format!("{verb}Request"), exchange.input(login), &[])?;
    let (reply, _) = contract.arguments(&format!("{verb}Response"), shown, &[])?;
    Ok((format!("/{path}"), Operation::Exchange { exchange, input, reply }))
}

fn operations(
    api: &Api,
    resource: &'static Resource,
    messages: &Messages,
    contract: &mut Contract,
) -> anyhow::Result<Vec<(String, Operation)>> {
    let Resource { name, plural, operations, .. } = resource;
    let message = format!("{}.{name}", api.package);
    let single: [&str; 1] = [&message];
    let reply: [Needed<'_>; 1] = [(resource.snake, &single)];
    let mut found = Vec::new();
    if operations.list {
        found.push((format!("List{plural}"), Operation::List(list_numbers(&message, resource, contract)?)));
    }
    if operations.get {
        let request = contract.wrapper(&format!("Get{name}Request"), &[ID, READ_MASK])?;
        let reply = contract.wrapper(&format!("Get{name}Response"), &reply)?[0];
        found.push((format!("Get{name}"), Operation::Get { id: request[0], read_mask: request[1], reply }));
    }
    if operations.create {
        let numbers = create_numbers(api, resource, messages, contract)?;
        let reply = contract.wrapper(&format!("Create{name}Response"), &reply)?[0];
        found.push((format!("Create{name}"), Operation::Create { numbers, reply }));
    }
    if operations.update {
        let numbers = update_numbers(api, resource, contract)?;
        let reply = contract.wrapper(&format!("Update{name}Response"), &reply)?[0];
        found.push((format!("Update{name}"), Operation::Update { numbers, reply }));
    }
    if operations.delete {
        let numbers = delete_numbers(resource, contract)?;
        contract.wrapper(&format!("Delete{name}Response"), &[])?;
        found.push((format!("Delete{name}"), Operation::Delete(numbers)));
    }
    if resource.batch.is_some() {
        let numbers = batch::batch_numbers(api, resource, messages, contract)?;
        found.push((format!("BatchWrite{plural}"), Operation::Batch(numbers)));
        if operations.create {
            let numbers = batch::import_numbers(api, resource, contract)?;
            found.push((format!("Import{plural}"), Operation::Import(numbers)));
        }
    }
    if resource.soft_delete {
        let id = contract.wrapper(&format!("Undelete{name}Request"), &[ID])?[0];
        let reply = contract.wrapper(&format!("Undelete{name}Response"), &reply)?[0];
        found.push((format!("Undelete{name}"), Operation::Undelete { id, reply }));
    }
    for action in resource.actions {
        let own: Vec<Needed<'_>> = (action.target == Target::Item).then_some(ID).into_iter().collect();
        let own: Vec<_> = own.into_iter().chain(action.conditional().then_some(ETAG)).collect();
        let (input, numbers) = contract.arguments(&format!("{}Request", action.method), action.input, &own)?;
        let (id, etag) = (numbers.first().copied(), numbers.get(1).copied());
        let reply = action_reply(api, action, messages, contract)?;
        found.push((action.method.to_owned(), Operation::Act { action, id, etag, input, reply }));
    }
    for relation in resource.relations.iter().filter(|relation| relation.linkable()) {
        let ids = format!("{}_ids", relation.target.snake);
        for (verb, linking) in [("Add", Linking::Add), ("Remove", Linking::Remove)] {
            let method = format!("{verb}{name}{}", relation.camel.to_upper_camel_case());
            let fields = [ID, (ids.as_str(), &["repeated string", "repeated int64"])];
            let numbers = contract.wrapper(&format!("{method}Request"), &fields)?;
            contract.wrapper(&format!("{method}Response"), &[])?;
            found.push((method, Operation::Link { relation, linking, id: numbers[0], others: numbers[1] }));
        }
    }
    Ok(found)
}

fn action_reply(
    api: &Api,
    action: &'static Action,
    messages: &Messages,
    contract: &mut Contract,
) -> anyhow::Result<Reply> {
    let name = format!("{}Response", action.method);
    let (field, shown, resource) = match &action.returns {
        Returns::Nothing => return contract.wrapper(&name, &[]).map(|_| Reply::Nothing),
        Returns::Value { result } => {
            return Ok(Reply::Value(contract.arguments(&name, std::slice::from_ref(*result), &[])?.0));
        }
        Returns::Row(resource) => (resource.snake, format!("{}.{}", api.package, resource.name), resource),
        Returns::Rows(resource) => {
            (resource.snake_plural, format!("repeated {}.{}", api.package, resource.name), resource)
        }
    };
    let number = contract.wrapper(&name, &[(field, &[&shown])])?[0];
    Ok(Reply::Rows(number, messages[resource.name]))
}

pub(super) fn create_numbers(
    api: &Api,
    resource: &'static Resource,
    messages: &Messages,
    contract: &Contract,
) -> anyhow::Result<CreateNumbers> {
    let nested: Vec<&'static Relation> = resource.nested().collect();
    let names = std::iter::once((resource.snake, format!("{}.{}", api.package, resource.name)));
    let types: Vec<(&str, String)> = names.chain(nested.iter().map(|relation| nested_type(api, relation))).collect();
    let types: Vec<(&str, [&str; 1])> = types.iter().map(|(name, ty)| (*name, [ty.as_str()])).collect();
    let needed: Vec<Needed<'_>> = types.iter().map(|(name, ty)| (*name, ty.as_slice())).collect();
    let numbers = contract.wrapper(&format!("Create{}Request", resource.name), &needed)?;
    let nested = nested.into_iter().zip(&numbers[1..]).map(|(relation, number)| NestedNumber {
        number: *number,
        relation,
        message: messages[relation.target.name],
    });
    Ok(CreateNumbers { resource: numbers[0], nested: nested.collect() })
}

pub(super) fn update_numbers(api: &Api, resource: &Resource, contract: &Contract) -> anyhow::Result<UpdateNumbers> {
    let message = format!("{}.{}", api.package, resource.name);
    let fields: [Needed<'_>; 3] =
        [(resource.snake, &[&message]), (mask::PARAMETER, &["google.protobuf.FieldMask"]), ETAG];
    let numbers = contract.wrapper(&format!("Update{}Request", resource.name), &fields)?;
    Ok(UpdateNumbers { resource: numbers[0], update_mask: numbers[1], etag: numbers[2] })
}

pub(super) fn delete_numbers(resource: &Resource, contract: &Contract) -> anyhow::Result<DeleteNumbers> {
    let numbers = contract.wrapper(&format!("Delete{}Request", resource.name), &[ID, ETAG])?;
    Ok(DeleteNumbers { id: numbers[0], etag: numbers[1] })
}

fn nested_type(api: &Api, relation: &Relation) -> (&'static str, String) {
    let message = format!("{}.{}", api.package, relation.target.name);
    match relation.kind {
        RelationKind::HasOne { .. } => (relation.name, message),
        _ => (relation.name, format!("repeated {message}")),
    }
}

fn list_numbers(message: &str, resource: &Resource, contract: &Contract) -> anyhow::Result<ListNumbers> {
    let repeated = format!("repeated {message}");
    let items: [&str; 1] = [&repeated];
    let mut request: Vec<Needed<'_>> = vec![
        (SPELLING.page_size, &["int32"]),
        (SPELLING.cursor, &["string"]),
        ("filter", &["string"]),
        (SPELLING.sort, &["string"]),
        READ_MASK,
    ];
    let mut response: Vec<Needed<'_>> =
        vec![(resource.snake_plural, &items), ("next_page_token", &["string"]), ("previous_page_token", &["string"])];
    if resource.list.total {
        request.push(("include_total", &["bool"]));
        response.push(("total_size", &["int64", "int32"]));
    }
    if !resource.search.is_empty() {
        request.push(("q", &["string"]));
    }
    if resource.list.offset {
        request.push((SPELLING.skip, &["int32"]));
    }
    let names: Vec<&str> = request.iter().map(|(name, _)| *name).collect();
    let request = contract.wrapper(&format!("List{}Request", resource.plural), &request)?;
    let response = contract.wrapper(&format!("List{}Response", resource.plural), &response)?;
    let optional = |name| names.iter().position(|each| *each == name).map(|index| request[index]);
    Ok(ListNumbers {
        page_size: request[0],
        page_token: request[1],
        filter: request[2],
        order_by: request[3],
        read_mask: request[4],
        include_total: optional("include_total"),
        q: optional("q"),
        skip: optional(SPELLING.skip),
        items: response[0],
        next_page_token: response[1],
        previous_page_token: response[2],
        total_size: response.get(3).copied(),
    })
}

impl Method {
    /// What creates a row of each message of a stream.
    pub fn import(&self) -> Option<(&ImportNumbers, (&'static Resource, MessageId))> {
        match &self.operation {
            Operation::Import(numbers) => Some((numbers, (self.resource, self.message))),
            _ => None,
        }
    }

    /// Answers one request message with one response message.
    pub async fn run(
        &self,
        service: &Arc<Service>,
        numbers: &Numbers,
        call: &Call,
        request: &[u8],
    ) -> Result<Bytes, ApiError> {
        match &self.operation {
            Operation::List(list) => {
                let asked = ListRequest { numbers: list, bytes: request };
                let listing = service.list(call, self.resource, &asked).await?;
                Ok(list.write(numbers, self.message, &listing))
            }
            Operation::Get { id, read_mask, reply } => {
                let id = read_id(request, *id)?;
                let look = Masked { number: *read_mask, bytes: request };
                let Shown { record, rows, .. } = service.get(call, self.resource, &id, &look).await?;
                let mut encoder = Encoder::new(numbers, 512);
                encoder.shown(*reply, self.message, (&record, rows.fields.as_ref()));
                Ok(encoder.finish())
            }
            Operation::Create { numbers: CreateNumbers { resource, nested }, reply } => {
                let nested = read_nested(request, nested)?;
                let bytes = Cow::Owned(Request::read(request, *resource, None, None)?.resource);
                let input = ProtoInput { numbers, message: self.message, bytes, mask: Vec::new(), nested };
                let record = service.create(call, self.resource, &input).await?;
                Ok(self.reply(numbers, *reply, &record))
            }
            Operation::Update { numbers: UpdateNumbers { resource, update_mask, etag }, reply } => {
                let Request { resource: bytes, mask, etag } =
                    Request::read(request, *resource, Some(*update_mask), Some(*etag))?;
                let id = self.own_id(numbers, &bytes)?;
                let precondition = precondition(&etag);
                let (message, bytes) = (self.message, Cow::Borrowed(bytes.as_slice()));
                let input = |mask| ProtoInput { numbers, message, bytes: bytes.clone(), mask, nested: Vec::new() };
                let record = if mask::replaces(&mask) {
                    service.replace(call, self.resource, &id, &input(Vec::new()), &precondition).await?
                } else {
                    service.update(call, self.resource, &id, &input(mask), &precondition).await?
                };
                Ok(self.reply(numbers, *reply, &record))
            }
            Operation::Link { relation, linking, id, others } => {
                let others = read_ids(request, *others, relation.target.id())?;
                let id = read_id(request, *id)?;
                service.link(call, (self.resource, relation), &id, &others, *linking).await?;
                Ok(Bytes::new())
            }
            Operation::Act { action, id, etag, input, reply } => {
                let etag = etag.map(|etag| read_text(request, etag)).transpose()?.unwrap_or_default();
                let id = id.map(|id| read_id(request, id)).transpose()?.unwrap_or_default();
                let arguments = ProtoArguments { numbers, message: *input, bytes: request };
                let precondition = precondition(&etag);
                let acted = service.act(call, (self.resource, action), &id, &arguments, &precondition).await?;
                Ok(reply.write(numbers, &acted))
            }
            Operation::Exchange { exchange, input, reply } => {
                let arguments = ProtoArguments { numbers, message: *input, bytes: request };
                let mut encoder = Encoder::new(numbers, 512);
                if let Value::Object(tokens) = service.exchange(call, *exchange, &arguments).await? {
                    encoder.values(*reply, &tokens);
                }
                Ok(encoder.finish())
            }
            Operation::Undelete { id, reply } => {
                let id = read_id(request, *id)?;
                let record = service.undelete(call, self.resource, &id).await?;
                Ok(self.reply(numbers, *reply, &record))
            }
            Operation::Batch(batch) => {
                let asked = BatchRequest { numbers, batch, message: self.message, bytes: request };
                let outcomes = service.batch(call, self.resource, &asked).await?;
                Ok(batch.write(numbers, self.message, &outcomes))
            }
            Operation::Import(_) => unreachable!("{} takes a stream", self.path),
            Operation::Delete(DeleteNumbers { id, etag }) => {
                let etag = read_text(request, *etag)?;
                let id = read_id(request, *id)?;
                service.delete(call, self.resource, &id, &precondition(&etag)).await?;
                Ok(Bytes::new())
            }
        }
    }

    fn reply(&self, numbers: &Numbers, number: u32, record: &Record) -> Bytes {
        let mut encoder = Encoder::new(numbers, 512);
        encoder.record(number, self.message, record);
        encoder.finish()
    }

    /// The id within the resource of an update says which one is meant.
    fn own_id(&self, numbers: &Numbers, resource: &[u8]) -> Result<String, ApiError> {
        find_id(resource, id_number(numbers, self.message))?
            .ok_or_else(|| missing(&format!("{}.id", self.resource.snake)))
    }
}

/// The number of the id within a resource.
pub(super) fn id_number(numbers: &Numbers, resource: MessageId) -> u32 {
    let slot = numbers.message(resource).slots.first().and_then(Option::as_ref);
    slot.map_or_else(|| unreachable!("every resource shows its id"), |slot| slot.number)
}

impl Reply {
    fn write(&self, numbers: &Numbers, acted: &Acted) -> Bytes {
        let mut encoder = Encoder::new(numbers, 512);
        match (self, acted) {
            (Reply::Nothing, _) => {}
            (Reply::Rows(number, message), Acted::Row(record)) => encoder.record(*number, *message, record),
            (Reply::Rows(number, message), Acted::Rows(records)) => {
                records.iter().for_each(|record| encoder.record(*number, *message, record));
            }
            (Reply::Value(message), Acted::Value(value)) => encoder.values(*message, std::slice::from_ref(value)),
            (reply, acted) => unreachable!("{reply:?} isn't {acted:?}"),
        }
        encoder.finish()
    }
}

/// A list's request, unread.
struct ListRequest<'a> {
    numbers: &'a ListNumbers,
    bytes: &'a [u8],
}

impl Look for ListRequest<'_> {
    fn rows(&self, resource: &'static Resource) -> Result<Option<Rows>, ApiError> {
        Masked { number: self.numbers.read_mask, bytes: self.bytes }.rows(resource)
    }
}

impl Query for ListRequest<'_> {
    fn read(&self, resource: &'static Resource) -> Result<ListArgs, ApiError> {
        self.numbers.read(resource, self.bytes)
    }
}

impl ListNumbers {
    fn read(&self, resource: &'static Resource, request: &[u8]) -> Result<ListArgs, ApiError> {
        let mut args = ListArgs {
            spelling: &SPELLING,
            page_size: None,
            cursor: None,
            // A page token says by itself in which direction it reads.
            backward: false,
            sort: None,
            filter: None,
            q: None,
            total: false,
            skip: Skip::Rows(0),
        };
        let (mut filter, mut order_by) = ("", "");
        let mut reader = Reader::new(request);
        while let Some((number, wire)) = reader.next()? {
            match number {
                n if n == self.page_size => args.page_size = Some(i64::from(wire.varint()? as i32)),
                n if n == self.page_token => args.cursor = Some(wire.text()?.to_owned()),
                n if n == self.filter => filter = wire.text()?,
                n if n == self.order_by => order_by = wire.text()?,
                n if Some(n) == self.include_total => args.total = wire.varint()? != 0,
                n if Some(n) == self.q => args.q = Some(wire.text()?.to_owned()),
                n if Some(n) == self.skip => args.skip = Skip::Rows(i64::from(wire.varint()? as i32)),
                _ => {}
            }
        }
        // AIP-158: zero is the same as nothing.
        args.page_size = args.page_size.filter(|size| *size != 0);
        args.cursor = args.cursor.filter(|token| !token.is_empty());
        args.sort = Some(order::parse_aip132(resource, order_by)?).filter(|sort| !sort.is_empty());
        if !filter.trim().is_empty() {
            args.filter = Some(aip160::parse(resource, filter)?);
        }
        Ok(args)
    }

    fn write(&self, numbers: &Numbers, message: MessageId, Listing { page, rows, .. }: &Listing) -> Bytes {
        let mut encoder = Encoder::new(numbers, 64 + 384 * page.records.len());
        for record in &page.records {
            encoder.shown(self.items, message, (record, rows.fields.as_ref()));
        }
        if let Some(last) = page.records.last().filter(|_| page.has_next) {
            encoder.text(self.next_page_token, &page.cursors.of(last, false));
        }
        if let Some(first) = page.records.first().filter(|_| page.has_previous) {
            encoder.text(self.previous_page_token, &page.cursors.of(first, true));
        }
        if let (Some(number), Some(total)) = (self.total_size, page.total) {
            encoder.int(number, total);
        }
        encoder.finish()
    }
}

/// A create or update request, its resource still encoded.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub resource: Vec<u8>,
    pub mask: Vec<String>,
    pub etag: String,
}

impl Request {
    pub fn read(bytes: &[u8], resource: u32, mask: Option<u32>, etag: Option<u32>) -> Result<Request, Malformed> {
        let mut request = Request::default();
        let mut reader = Reader::new(bytes);
        while let Some((number, wire)) = reader.next()? {
            match Some(number) {
                // The parts of a message that is sent in parts are simply joined.
                n if n == Some(resource) => request.resource.extend_from_slice(wire.bytes()?),
                n if n == mask => request.mask.extend(well_known::field_mask(wire.bytes()?)?),
                n if n == etag => request.etag = wire.text()?.to_owned(),
                _ => {}
            }
        }
        Ok(request)
    }
}

/// A has_one is sent once, or in parts, which are joined.
pub(super) fn read_nested(request: &[u8], nested: &[NestedNumber]) -> Result<Vec<NestedRow>, Malformed> {
    let mut rows: Vec<NestedRow> = Vec::new();
    let mut reader = Reader::new(request);
    while let Some((number, wire)) = reader.next()? {
        let Some(field) = nested.iter().find(|field| field.number == number) else { continue };
        let (relation, message, bytes) = (field.relation.name, field.message, wire.bytes()?);
        let has_one = matches!(field.relation.kind, RelationKind::HasOne { .. });
        match rows.iter_mut().find(|row| has_one && row.relation == relation) {
            Some(row) => row.bytes.extend_from_slice(bytes),
            None => rows.push(NestedRow { relation, message, bytes: bytes.to_vec() }),
        }
    }
    Ok(rows)
}

/// An empty etag asks for nothing.
pub(super) fn precondition(etag: &str) -> Precondition {
    if etag.is_empty() { Precondition::NONE } else { Precondition::if_match(etag) }
}

fn read_id(request: &[u8], id: u32) -> Result<String, ApiError> {
    find_id(request, id)?.ok_or_else(|| missing("id"))
}

pub(super) fn find_id(message: &[u8], id: u32) -> Result<Option<String>, Malformed> {
    let mut found = None;
    let mut reader = Reader::new(message);
    while let Some((number, wire)) = reader.next()? {
        if number == id {
            found = Some(match wire {
                Wire::Varint(number) => number.cast_signed().to_string(),
                wire => wire.text()?.to_owned(),
            });
        }
    }
    Ok(found.filter(|id| !id.is_empty()))
}

/// All ids of a repeated field, packed or not.
fn read_ids(message: &[u8], wanted: u32, id: Id) -> Result<Vec<String>, Malformed> {
    let mut found = Vec::new();
    let mut reader = Reader::new(message);
    while let Some((number, wire)) = reader.next()? {
        match wire {
            _ if number != wanted => {}
            Wire::Varint(number) => found.push(number.cast_signed().to_string()),
            Wire::Bytes(packed) if id == Id::Int64 => {
                let mut numbers = Reader::new(packed);
                while let Some(number) = numbers.next_varint()? {
                    found.push(number.cast_signed().to_string());
                }
            }
            wire => found.push(wire.text()?.to_owned()),
        }
    }
    Ok(found)
}

pub(super) fn read_text(message: &[u8], wanted: u32) -> Result<String, Malformed> {
    let mut found = "";
    let mut reader = Reader::new(message);
    while let Some((number, wire)) = reader.next()? {
        if number == wanted {
            found = wire.text()?;
        }
    }
    Ok(found.to_owned())
}

fn missing(parameter: &str) -> ApiError {
    ApiError::parameter(Code::ValidationFailed, parameter, "REQUIRED", "is required")
}
