//! What reads take about what they show. Knows nothing of what else they take.

use openapiv3::{Parameter, ParameterData, ReferenceOr, StringType};

use super::{Parameters, array, data, query};
use crate::{
    emit::openapi::schemas,
    model::{Field, Model, Relation, Resource, Type},
};

/// Names behind one another.
const FURTHER: &str = "(\\.[a-z][a-z0-9_]*)*";

impl Parameters {
    /// Of a read of a resource's rows.
    pub fn of_shown(&mut self, model: &Model, resource: &Resource) -> Vec<ReferenceOr<Parameter>> {
        let name = &resource.names.pascal;
        let fields = self.refer(format_args!("{name}.fields"), || fields(model, resource));
        let embeds = !embedded(resource).is_empty();
        let expand = embeds.then(|| self.refer(format_args!("{name}.expand"), || expand(resource)));
        [fields].into_iter().chain(expand).collect()
    }
}

fn fields(model: &Model, resource: &Resource) -> Parameter {
    let mut description = "The fields to show, instead of all. The others are left out, those that are otherwise \
                           always there, too. `id` is always shown."
        .to_owned();
    let (own, embedded) = (paths(model, &resource.fields, ""), embedded(resource));
    let [first, ..] = embedded.as_slice() else { return list("fields", description, one_of(own)) };
    description += &format!(" With `expand={first}` also `{first}.id`: what to show of the embedded row.");
    let own = own.into_iter().map(|path| path.replace('.', "\\."));
    let embedded = embedded.iter().map(|name| format!("{name}{FURTHER}"));
    list("fields", description, matching(own.chain(embedded).collect()))
}

/// Each field, and behind it what it is made of.
fn paths(model: &Model, fields: &[Field], before: &str) -> Vec<String> {
    let of = |field: &Field| {
        let own = format!("{before}{}", field.name);
        let members = match &field.ty {
            Type::Object(id) => paths(model, &model.object(*id).fields, &format!("{own}.")),
            _ => Vec::new(),
        };
        [vec![own], members].concat()
    };
    fields.iter().filter(|field| field.readable()).flat_map(of).collect()
}

/// The relations that lead to one row.
fn embedded(resource: &Resource) -> Vec<&str> {
    let to_one = resource.relations.iter().filter(|relation| !relation.leads_to_many());
    to_one.map(|Relation { name, .. }| name.as_str()).collect()
}

fn expand(resource: &Resource) -> Parameter {
    let names = embedded(resource);
    let description = format!(
        "The relations along which to embed the row that they lead to, under their names: `{0}`, or `{0}.…` for one of \
         that row's own relations, at most 4 behind one another.",
        names[0]
    );
    list("expand", description, matching(names.iter().map(|name| format!("{name}{FURTHER}")).collect()))
}

fn one_of(values: Vec<String>) -> StringType {
    StringType { enumeration: values.into_iter().map(Some).collect(), ..StringType::default() }
}

fn matching(patterns: Vec<String>) -> StringType {
    StringType { pattern: Some(format!("^({})$", patterns.join("|"))), ..StringType::default() }
}

/// Some of these, with commas in between.
fn list(name: &str, description: String, items: StringType) -> Parameter {
    let items = ReferenceOr::boxed_item(schemas::plain(schemas::string(items)));
    let schema = ReferenceOr::Item(schemas::plain(array(items)));
    query(ParameterData { explode: Some(false), ..data(name.to_owned(), description, schema) })
}
