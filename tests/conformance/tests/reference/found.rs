//! What random operations have found, each by the fewest that show it.

use std::sync::Arc;

use apigen_conformance::live;
use apigen_runtime::{
    codec::{
        batch::JsonBatch,
        json::{JsonForm, JsonInput},
    },
    cursor::CursorKey,
    descriptor::Resource,
    error::{ApiError, Code},
    etag::Precondition,
    service::{Everything, Service},
    value::{Record, id_text},
};
use serde_json::{Value as Json, json};

use crate::{postgres_store, stores, subject::call};

struct Place(Arc<Service>);

impl Place {
    /// On each database.
    async fn all(resources: &str) -> Vec<Place> {
        let spec = format!("apigen: 1\napi: {{ name: found, version: v1 }}\nresources:\n{resources}");
        let api = live::api(&live::model(&spec));
        let mut places = Vec::new();
        for (_, store) in stores(postgres_store().await) {
            store.migrate(api.migrations).await.unwrap();
            let key = CursorKey::new("a secret for the tests").unwrap();
            places.push(Place(Arc::new(Service::new(api, store, key).unwrap())));
        }
        places
    }

    fn resource(&self, name: &str) -> &'static Resource {
        self.0.api.resources.iter().find(|resource| resource.name == name).expect("the spec has it")
    }

    /// The new row's id.
    async fn create(&self, name: &str, body: Json) -> String {
        let resource = self.resource(name);
        let record = self.0.create(&call(), resource, &JsonInput::from_body(body, JsonForm::Rest)).await.unwrap();
        id_text(resource.id(), record.id())
    }

    async fn version(&self, name: &str, id: &str) -> Result<i64, Code> {
        let shown = self.0.get(&call(), self.resource(name), id, &Everything).await;
        shown.map(|shown| shown.record.version).map_err(|error| error.code)
    }

    async fn update(&self, name: &str, id: &str, body: Json) -> Result<Record, ApiError> {
        let input = JsonInput::from_body(body, JsonForm::Rest);
        self.0.update(&call(), self.resource(name), id, &input, &Precondition::NONE).await
    }

    async fn delete(&self, name: &str, id: &str) -> Result<(), Code> {
        let deleted = self.0.delete(&call(), self.resource(name), id, &Precondition::NONE).await;
        deleted.map_err(|error| error.code)
    }

    async fn undelete(&self, name: &str, id: &str) -> Result<i64, ApiError> {
        self.0.undelete(&call(), self.resource(name), id).await.map(|record| record.version)
    }

    async fn batch(&self, name: &str, operations: Json) -> Result<usize, ApiError> {
        let batch = JsonBatch { body: json!({ "operations": operations }), form: JsonForm::Rest };
        self.0.batch(&call(), self.resource(name), &batch).await.map(|outcomes| outcomes.len())
    }
}

/// Places and codes of what was refused.
fn told(error: &ApiError) -> Vec<String> {
    error.violations.iter().map(|each| format!("{} {}", each.location, each.code)).collect()
}

const SHELVES: &str = "
  Shelf: { fields: { room: string } }
  Book:
    fields: { title: string }
    relations: { shelf?: { belongs_to: Shelf, on_delete: set_null }, sequel?: { belongs_to: Book, on_delete: set_null } }
    batch: { max: 5 }
  Page:
    fields: { number: int32 }
    relations: { book: { belongs_to: Book, on_delete: cascade }, mark?: { belongs_to: Page, on_delete: set_null } }
  Note:
    fields: { text: string }
    relations: { page?: { belongs_to: Page, on_delete: set_null } }
";

#[tokio::test]
async fn a_row_that_loses_its_reference_is_another_version() {
    for place in Place::all(SHELVES).await {
        let shelf = place.create("Shelf", json!({ "room": "A" })).await;
        let book = place.create("Book", json!({ "title": "one", "shelf_id": shelf })).await;
        place.delete("Shelf", &shelf).await.unwrap();
        assert_eq!(place.version("Book", &book).await, Ok(2));
        // So does one that refers to what is taken along.
        let page = place.create("Page", json!({ "number": 1, "book_id": book })).await;
        let note = place.create("Note", json!({ "text": "a", "page_id": page })).await;
        place.delete("Book", &book).await.unwrap();
        assert_eq!(place.version("Page", &page).await, Err(Code::NotFound));
        assert_eq!(place.version("Note", &note).await, Ok(2));
    }
}

#[tokio::test]
async fn a_row_that_refers_to_itself_can_be_deleted_in_the_version_that_it_has() {
    for place in Place::all(SHELVES).await {
        let book = place.create("Book", json!({ "title": "one" })).await;
        place.update("Book", &book, json!({ "sequel_id": book })).await.unwrap();
        let resource = place.resource("Book");
        place.0.delete(&call(), resource, &book, &Precondition::if_match("\"v2\"")).await.unwrap();
    }
}

#[tokio::test]
async fn a_batch_changes_what_it_has_taken_out_of_a_reference() {
    for place in Place::all(SHELVES).await {
        let book = place.create("Book", json!({ "title": "two" })).await;
        let other = place.create("Book", json!({ "title": "one", "sequel_id": book })).await;
        let update = json!({ "update": { "id": other, "etag": "\"v1\"", "title": "only" } });
        place.batch("Book", json!([{ "delete": { "id": book } }, update])).await.unwrap();
        assert_eq!(place.version("Book", &other).await, Ok(3));
    }
}

#[tokio::test]
async fn a_batch_tells_of_references_to_what_it_has_deleted() {
    for place in Place::all(SHELVES).await {
        let book = place.create("Book", json!({ "title": "two" })).await;
        let create = json!({ "create": { "title": "one", "sequel_id": book } });
        let error = place.batch("Book", json!([{ "delete": { "id": book } }, create])).await.unwrap_err();
        assert_eq!(told(&error), ["operations[1].create.sequel_id NOT_FOUND"]);
        assert_eq!(place.version("Book", &book).await, Ok(1));
    }
}

const TRASH: &str = "
  Folder:
    fields: { name: string }
    soft_delete: true
  Label:
    fields: { name: string }
    soft_delete: true
  File:
    fields: { name: string }
    relations:
      folder: { belongs_to: Folder, on_delete: cascade }
      label:  { belongs_to: Label }
      copy?:  { belongs_to: File, on_delete: cascade }
    soft_delete: true
    batch: { max: 5 }
";

#[tokio::test]
async fn what_was_taken_along_comes_back_to_nothing_that_is_deleted() {
    for place in Place::all(TRASH).await {
        let folder = place.create("Folder", json!({ "name": "a" })).await;
        let label = place.create("Label", json!({ "name": "red" })).await;
        let file = place.create("File", json!({ "name": "f", "folder_id": folder, "label_id": label })).await;
        place.delete("Folder", &folder).await.unwrap();
        place.delete("Label", &label).await.unwrap();
        let error = place.undelete("Folder", &folder).await.unwrap_err();
        assert_eq!(error.code, Code::FailedPrecondition);
        assert_eq!(error.message, "a File that would come back with the Folder has a label_id that is deleted");
        assert_eq!(place.version("Folder", &folder).await, Err(Code::NotFound), "nothing has come back");
        place.undelete("Label", &label).await.unwrap();
        place.undelete("Folder", &folder).await.unwrap();
        assert_eq!(place.version("File", &file).await, Ok(3));
    }
}

#[tokio::test]
async fn what_a_batch_deletes_by_itself_doesnt_come_back_with_another() {
    for place in Place::all(TRASH).await {
        let folder = place.create("Folder", json!({ "name": "a" })).await;
        let label = place.create("Label", json!({ "name": "red" })).await;
        let file = json!({ "name": "f", "folder_id": folder, "label_id": label });
        let first = place.create("File", file.clone()).await;
        let mut copy = file;
        copy["copy_id"] = json!(first);
        let copy = place.create("File", copy).await;
        place.batch("File", json!([{ "delete": { "id": copy } }, { "delete": { "id": first } }])).await.unwrap();
        place.undelete("File", &first).await.unwrap();
        assert_eq!(place.version("File", &copy).await, Err(Code::NotFound));
    }
}
