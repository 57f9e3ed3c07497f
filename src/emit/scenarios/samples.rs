//! What a create and an update of a resource send, made up from the rules of its fields.

use serde_json::Value;

use super::{callers::Caller, checks, literal, sample, test_name};
use crate::model::{Field, Model, Origin, Resource, ResourceId, SetBy};

/// A resource of which there can be a row, as the template writes it.
pub struct Sample<'a> {
    /// `OrderItem`
    pub resource: &'a str,
    /// The function's name. `None`: it can't be read, but others need it.
    pub test: Option<String>,
    /// Raw texts of Rust.
    pub create: String,
    pub update: String,
    /// Operations that are left out, and why.
    pub without: Vec<(&'static str, String)>,
}

/// Those that can be made, and why the others can't. What needs a row of another one waits until there is a sample of that;
/// the caller and the tenant come first, because rules ask for them.
pub fn samples(model: &Model) -> (Vec<Sample<'_>>, Vec<(&str, String)>) {
    let auth = model.auth.as_ref();
    let first = [
        auth.and_then(|auth| auth.tenant.as_ref()).map(|tenant| tenant.resource),
        auth.and_then(|auth| auth.principal),
    ];
    let first = first.into_iter().flatten().map(|id| id.0);
    let order: Vec<usize> = first.chain(0..model.stored_resources().len()).collect();
    let mut found: Vec<Result<Sample<'_>, String>> =
        model.stored_resources().iter().map(|_| Err(String::new())).collect();
    let mut more = true;
    while std::mem::take(&mut more) {
        for index in &order {
            if found[*index].is_err() {
                let caller = Caller { model, has: &|id| found[id.0].is_ok() };
                let sample = made(model, &caller, &model.stored_resources()[*index]);
                more |= sample.is_ok();
                found[*index] = sample;
            }
        }
    }
    let (mut samples, mut left_out) = (Vec::new(), Vec::new());
    for (resource, sample) in model.stored_resources().iter().zip(found) {
        match sample {
            Ok(sample) => {
                if sample.test.is_none() {
                    left_out.push((sample.resource, "it isn't read, but others need its rows".to_owned()));
                }
                samples.push(sample);
            }
            Err(why) => left_out.push((resource.names.pascal.as_str(), why)),
        }
    }
    (samples, left_out)
}

fn made<'m>(model: &'m Model, caller: &Caller<'_>, resource: &'m Resource) -> Result<Sample<'m>, String> {
    if resource.require.idempotency_key {
        return Err("creates need an idempotency key".to_owned());
    }
    by_hooks(model, resource)?;
    others(model, caller, resource)?;
    caller.has_tenant_of(resource)?;
    let create = create(model, caller, resource)?;
    let unread = match resource.operations.get {
        true => goes(resource, "get").or_else(|| caller.may(resource, "get", &create).err()),
        false => Some("it can't be read".to_owned()),
    };
    if let Some(why) = unread.as_ref().filter(|_| !is_needed(model, resource)) {
        return Err(why.clone());
    }
    let update = update(model, caller, resource, &create);
    Ok(Sample {
        resource: &resource.names.pascal,
        test: unread.is_none().then(|| test_name(resource)),
        create: text(&create),
        without: without(caller, resource, (&create, &update)),
        update: text(&update),
    })
}

fn without(
    caller: &Caller<'_>,
    resource: &Resource,
    (create, update): (&Members<'_>, &Members<'_>),
) -> Vec<(&'static str, String)> {
    let offered = resource.operations;
    let operations = [
        ("create", offered.create),
        ("get", offered.get),
        ("list", offered.list),
        ("update", offered.update),
        ("delete", offered.delete),
    ];
    let refused = |word: &'static str| match caller.may(resource, word, create) {
        Err(why) => Some(why),
        Ok(()) if goes(resource, word).is_some() => goes(resource, word),
        Ok(()) if word == "update" && update.is_empty() => Some("no field that it may set can be made up".to_owned()),
        Ok(()) if word == "delete" && caller.needs(resource) => Some("the caller's own rows need it".to_owned()),
        Ok(()) => None,
    };
    operations.into_iter().filter_map(|(word, offered)| Some((word, refused(word).filter(|_| offered)?))).collect()
}

/// Whether a test would fail from some day on.
fn goes(resource: &Resource, word: &str) -> Option<String> {
    let sunset = resource.deprecation_of(word)?.sunset?;
    Some(format!("it is there until {sunset}"))
}

/// Whether rows of others must refer to one of it, or the caller must.
fn is_needed(model: &Model, resource: &Resource) -> bool {
    let is = |id: ResourceId| model.resource(id).names == resource.names;
    let tenant = model.auth.as_ref().and_then(|auth| auth.tenant.as_ref());
    let referred = model.stored_resources().iter().any(|from| {
        let fields = from.fields.iter().filter(|field| must_be_sent(from, field) || field.from_principal);
        fields.into_iter().any(|field| matches!(field.origin, Origin::Relation(way) if is(from.relations[way].target)))
    });
    referred || tenant.is_some_and(|tenant| is(tenant.resource))
}

/// Values by their fields.
pub type Members<'m> = Vec<(&'m Field, Value)>;

/// What only hooks set, they must be able to make up.
fn by_hooks(model: &Model, resource: &Resource) -> Result<(), String> {
    let computed = |field: &Field| field.computed && field.required && sample(model, field).is_none();
    match resource
        .fields
        .iter()
        .find(|field| computed(field) || field.by_hook() && sample_of_own(model, field).is_none())
    {
        Some(field) => Err(format!("a hook gives `{}`, for which no value can be made up", field.name)),
        None => Ok(()),
    }
}

fn sample_of_own(model: &Model, field: &Field) -> Option<Value> {
    sample(model, field).filter(|_| !matches!(field.origin, Origin::Relation(_)))
}

/// Rows that it must refer to, as its caller's if not by what is sent.
fn others(model: &Model, caller: &Caller<'_>, resource: &Resource) -> Result<(), String> {
    for field in resource.fields.iter().filter(|field| field.from_principal || must_be_sent(resource, field)) {
        let Origin::Relation(relation) = field.origin else { continue };
        let target = resource.relations[relation].target;
        if !(caller.has)(target) {
            return Err(format!("it belongs to {}, of which there is no sample", model.resource(target).names.pascal));
        }
    }
    Ok(())
}

/// All that must be sent, but for ids of other rows.
fn create<'m>(model: &'m Model, caller: &Caller<'_>, resource: &'m Resource) -> Result<Members<'m>, String> {
    let mut members = Vec::new();
    for field in resource.fields.iter().filter(|field| must_be_sent(resource, field)) {
        if let Some(any) = &field.access.write {
            caller.meets(resource, any, &members).map_err(|why| format!("`{}` is set only by {why}", field.name))?;
        }
        if !matches!(field.origin, Origin::Relation(_)) {
            let value = sample(model, field);
            let value = value.ok_or_else(|| format!("`{}` can't be made up: give it an `example`", field.name))?;
            members.push((field, value));
        }
    }
    checks::keep(model, resource, &mut members)?;
    Ok(members)
}

fn must_be_sent(resource: &Resource, field: &Field) -> bool {
    field.creatable() && field.required_on_create() && (field.origin != Origin::Id || !resource.id.by_server())
}

/// What a create leaves open, or else what it sent.
fn update<'m>(model: &'m Model, caller: &Caller<'_>, resource: &'m Resource, create: &Members<'m>) -> Members<'m> {
    let fields = resource.fields.iter().filter(|field| {
        let ruled = caller.is_asked_for(resource, field)
            || resource.checks.iter().any(|check| checks::names(check, resource, field));
        let open = field.origin == Origin::Declared && field.set_by == SetBy::Caller && field.updatable();
        let may = field.access.write.as_ref().is_none_or(|any| caller.meets(resource, any, create).is_ok());
        open && may && !ruled
    });
    let (required, optional): (Vec<_>, Vec<_>) = fields.partition(|field| field.required);
    let made = |fields: Vec<&'m Field>| {
        fields.into_iter().filter_map(|field| Some((field, sample(model, field)?))).collect::<Members<'m>>()
    };
    let optional = made(optional);
    if optional.is_empty() { made(required).into_iter().take(1).collect() } else { optional }
}

/// A line per member.
fn text(members: &Members<'_>) -> String {
    if members.is_empty() {
        return literal("{}");
    }
    let lines: Vec<_> =
        members.iter().map(|(field, value)| format!("            \"{}\": {value}", field.name)).collect();
    literal(&format!("{{\n{}\n        }}", lines.join(",\n")))
}
