//! What reads take about what they show. Knows nothing of what else they take.

use openapiv3::{Parameter, ParameterData, ReferenceOr, StringType};

use super::{Parameters, array, data, query};
use crate::{
    emit::openapi::schemas,
    model::{Field, Model, Resource, Type},
};

impl Parameters {
    /// Of a read of a resource's rows.
    pub fn of_shown(&mut self, model: &Model, resource: &Resource) -> Vec<ReferenceOr<Parameter>> {
        vec![self.refer(format_args!("{}.fields", resource.names.pascal), || fields(model, resource))]
    }
}

fn fields(model: &Model, resource: &Resource) -> Parameter {
    let description = "The fields to show, instead of all. The others are left out, those that are otherwise always \
                       there, too. `id` is always shown.";
    list("fields", description, paths(model, &resource.fields, ""))
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

/// Some of these, with commas in between.
fn list(name: &str, description: &str, items: Vec<String>) -> Parameter {
    let items = StringType { enumeration: items.into_iter().map(Some).collect(), ..StringType::default() };
    let items = ReferenceOr::boxed_item(schemas::plain(schemas::string(items)));
    let schema = ReferenceOr::Item(schemas::plain(array(items)));
    query(ParameterData { explode: Some(false), ..data(name.to_owned(), description.to_owned(), schema) })
}
