//! Bodies of many writes in one request, and what became of each.

use openapiv3::{
    ArrayType, BooleanType, IntegerFormat, IntegerType, ObjectType, ReferenceOr, Schema, SchemaData, SchemaKind, Type,
    VariantOrUnknownOrEmpty,
};

use super::{Bodies, Purpose, closed, described};
use crate::{
    emit::openapi::schemas,
    model::{Field, Resource, prose},
};

type Named = (String, Schema);
type Property = (String, ReferenceOr<Box<Schema>>);

impl Bodies<'_> {
    pub(super) fn batch(&self, resource: &Resource) -> Vec<Named> {
        let Some(max) = resource.batch else { return Vec::new() };
        let name = &resource.names.pascal;
        let operations = resource.operations;
        let mut named = vec![
            (format!("{name}Batch"), request(resource, max)),
            (format!("{name}BatchOperation"), operation(resource)),
        ];
        named.extend(operations.update.then(|| (format!("{name}BatchUpdate"), self.batch_update(resource))));
        named.extend(operations.delete.then(|| (format!("{name}BatchDelete"), self.batch_delete(resource))));
        named.push((format!("{name}BatchResults"), results(resource)));
        named.push((format!("{name}BatchResult"), result(resource)));
        named
    }

    /// The changes of one row, beside the id that says which one.
    fn batch_update(&self, resource: &Resource) -> Schema {
        let fields: Vec<&Field> = resource.fields.iter().filter(|field| field.updatable()).collect();
        let mut object = self.object(Some(resource), &fields, vec!["id".to_owned()], Purpose::Update);
        object.properties.shift_insert(0, "id".to_owned(), self.batch_id(resource));
        object.properties.extend([etag()]);
        described(Some(format!("Changes of {}.", prose::a(&resource.noun()))), closed(object))
    }

    fn batch_delete(&self, resource: &Resource) -> Schema {
        let properties = [("id".to_owned(), self.batch_id(resource)), etag()].into_iter().collect();
        let object = ObjectType { properties, required: vec!["id".to_owned()], ..ObjectType::default() };
        described(Some(format!("Which {} to delete.", resource.noun())), closed(object))
    }

    fn batch_id(&self, resource: &Resource) -> ReferenceOr<Box<Schema>> {
        let description = Some(format!("The id of the {}.", resource.noun()));
        let data = SchemaData { description, ..SchemaData::default() };
        schemas::shape(self, &resource.fields[0].ty, &Default::default(), crate::model::reach::Direction::In).with(data)
    }
}

fn etag() -> Property {
    let text = "An `ETag`: this is refused if the row is in another version.";
    ("etag".to_owned(), property(text, schemas::string(Default::default())))
}

fn request(resource: &Resource, max: u32) -> Schema {
    let items = Some(schemas::reference(&format!("{}BatchOperation", resource.names.pascal)));
    let max_items = usize::try_from(max).ok();
    let operations = ArrayType { items, min_items: Some(1), max_items, unique_items: false };
    let atomic = Schema {
        schema_data: SchemaData {
            description: Some("Whether all of it is done, or nothing. If not, each on its own.".to_owned()),
            default: Some(true.into()),
            ..SchemaData::default()
        },
        schema_kind: SchemaKind::Type(Type::Boolean(BooleanType::default())),
    };
    let properties = [
        ("operations".to_owned(), property("What to do, in this order.", SchemaKind::Type(Type::Array(operations)))),
        ("atomic".to_owned(), ReferenceOr::boxed_item(atomic)),
    ];
    let object = ObjectType {
        properties: properties.into_iter().collect(),
        required: vec!["operations".to_owned()],
        ..ObjectType::default()
    };
    described(Some(format!("Several changes of {} at once.", resource.nouns())), closed(object))
}

/// Exactly one of its members.
fn operation(resource: &Resource) -> Schema {
    let name = &resource.names.pascal;
    let operations = resource.operations;
    let all = [
        (operations.create, "create", format!("{name}Create")),
        (operations.update, "update", format!("{name}BatchUpdate")),
        (operations.delete, "delete", format!("{name}BatchDelete")),
    ];
    let offered = all.into_iter().filter(|(offered, ..)| *offered);
    let properties = offered.map(|(_, verb, schema)| (verb.to_owned(), schemas::reference(&schema)));
    let object = ObjectType {
        properties: properties.collect(),
        min_properties: Some(1),
        max_properties: Some(1),
        ..ObjectType::default()
    };
    described(Some("What to do with one row: exactly one of the members.".to_owned()), closed(object))
}

fn results(resource: &Resource) -> Schema {
    let items = Some(schemas::reference(&format!("{}BatchResult", resource.names.pascal)));
    let results = ArrayType { items, min_items: None, max_items: None, unique_items: false };
    let results = property("One per operation, in their order.", SchemaKind::Type(Type::Array(results)));
    let object = ObjectType {
        properties: [("results".to_owned(), results)].into_iter().collect(),
        required: vec!["results".to_owned()],
        ..ObjectType::default()
    };
    described(Some("What became of each operation.".to_owned()), object)
}

fn result(resource: &Resource) -> Schema {
    let properties = [
        ("index".to_owned(), property("The position of the operation.", number())),
        ("status".to_owned(), property("The HTTP status that it would have had alone.", number())),
        ("resource".to_owned(), schemas::reference(&resource.names.pascal)),
        ("etag".to_owned(), property("The `ETag` of the row.", schemas::string(Default::default()))),
        ("error".to_owned(), schemas::reference("ApiProblem")),
    ];
    let object = ObjectType {
        properties: properties.into_iter().collect(),
        required: vec!["index".to_owned(), "status".to_owned()],
        ..ObjectType::default()
    };
    described(Some("What became of one operation: the row as it is now, or why there is none.".to_owned()), object)
}

fn number() -> SchemaKind {
    let format = VariantOrUnknownOrEmpty::Item(IntegerFormat::Int32);
    SchemaKind::Type(Type::Integer(IntegerType { format, minimum: Some(0), ..IntegerType::default() }))
}

fn property(description: &str, schema_kind: SchemaKind) -> ReferenceOr<Box<Schema>> {
    let schema_data = SchemaData { description: Some(description.to_owned()), ..SchemaData::default() };
    ReferenceOr::boxed_item(Schema { schema_data, schema_kind })
}
