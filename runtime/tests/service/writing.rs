//! What a write accepts, completes and refuses.

use apigen_runtime::{
    error::{ApiError, Code},
    etag::Precondition,
    value::{Value, id_text},
};
use serde_json::{Value as Json, json};

use crate::domain::{AUTHOR, BOOK, Library, call, json};

fn violations(error: ApiError) -> Vec<String> {
    assert_eq!(error.code, Code::ValidationFailed, "{error}");
    error.violations.iter().map(|violation| format!("{} {}", violation.location, violation.code)).collect()
}

async fn refused(body: Json) -> Vec<String> {
    violations(Library::open().await.create(&BOOK, body).await.expect_err("the book is refused"))
}

#[tokio::test]
async fn defaults_fill_what_is_absent_or_null() {
    let library = Library::open().await;
    let body = json!({ "title": "dune", "shelf": null, "size": { "height": 3 }, "tags": null });
    let book = json(&library.create(&BOOK, body).await.unwrap());
    assert_eq!(book["shelf"], "front");
    assert_eq!(book["size"], json!({ "height": 3, "width": 10, "unit": null }));
    assert_eq!(book["tags"], json!([]));
    assert_eq!(book["names"], json!({}));
    assert_eq!(book["year"], Json::Null);
    assert_eq!(book["created_at"], book["updated_at"]);
    assert_eq!(book.get("pin"), None, "a password is in no output");
}

#[tokio::test]
async fn every_mistake_is_reported_at_once() {
    let body = json!({
        "title": "UPPER case and much too long",
        "year": 1.5,
        "price": "-0.01",
        "shelf": "cellar",
        "size": { "width": "wide", "depth": 1 },
        "tags": ["a", "a", "too long"],
        "names": { "de": 1, "fr": null },
        "pin": "123",
        "publisher": "x",
    });
    assert_eq!(
        refused(body).await,
        [
            "names.de INVALID_TYPE",
            "names.fr REQUIRED",
            "publisher UNKNOWN_FIELD",
            "shelf INVALID_ENUM_VALUE",
            "size.depth UNKNOWN_FIELD",
            "size.width INVALID_TYPE",
            "year INVALID_TYPE",
            "title MAX_LENGTH",
            "title PATTERN",
            "price MINIMUM",
            "price MULTIPLE_OF",
            "tags MAX_ITEMS",
            "tags UNIQUE_ITEMS",
            "tags[2] MAX_LENGTH",
            "pin MIN_LENGTH",
        ]
    );
}

#[tokio::test]
async fn long_lists_of_different_items_are_judged_quickly() {
    let tags: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
    assert_eq!(refused(json!({ "title": "dune", "tags": tags })).await[0], "tags MAX_ITEMS");
}

#[tokio::test]
async fn no_text_has_a_nul_anywhere() {
    let body = json!({
        "title": "dune", "isbn": "\0", "names": { "\0": "b" }, "tags": ["\0"], "extra": [{ "c": "\0" }],
    });
    let found = refused(body).await;
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found.iter().all(|violation| violation.ends_with(" INVALID_STRING")), "{found:?}");
    assert_eq!(refused(json!({ "title": "dune", "extra": { "\0": 1 } })).await, ["extra INVALID_STRING"]);
}

#[tokio::test]
async fn what_is_required_must_be_there() {
    assert_eq!(refused(json!({})).await, ["title REQUIRED"]);
    assert_eq!(refused(json!({ "title": null })).await, ["title REQUIRED"]);
    assert_eq!(refused(json!({ "title": "dune", "size": {} })).await, ["size.height REQUIRED"]);
    assert_eq!(refused(json!([])).await, [" INVALID_TYPE", "title REQUIRED"]);
}

#[tokio::test]
async fn more_violations_than_listed_are_announced() {
    let names: serde_json::Map<_, _> = (0..30).map(|number| (format!("n{number}"), json!(number))).collect();
    let error = Library::open().await.create(&BOOK, json!({ "title": "dune", "names": names })).await.unwrap_err();
    assert_eq!((error.violations.len(), error.truncated), (ApiError::MAX_VIOLATIONS, true));
    assert_eq!(error.message, "more than 20 values aren't allowed");
}

#[tokio::test]
async fn a_merge_patch_changes_inside_value_types_and_maps() {
    let library = Library::open().await;
    let body = json!({ "title": "dune", "size": { "height": 3, "unit": "cm" }, "names": { "de": "x", "fr": "y" }, "tags": ["a"] });
    library.create(&BOOK, body).await.unwrap();
    let patch = json!({ "size": { "height": 4, "unit": null }, "names": { "fr": null, "it": "z" }, "tags": ["b"] });
    let book = library.update("1", patch).await.unwrap();
    assert_eq!(book.version, 2);
    let book = json(&book);
    assert_eq!(book["size"], json!({ "height": 4, "width": 10, "unit": null }));
    assert_eq!(book["names"], json!({ "de": "x", "it": "z" }));
    assert_eq!(book["tags"], json!(["b"]), "lists are replaced whole");

    let cleared = json(&library.update("1", json!({ "size": null, "names": null })).await.unwrap());
    assert_eq!((&cleared["size"], &cleared["names"]), (&Json::Null, &json!({})));
}

#[tokio::test]
async fn an_update_refuses_null_where_a_value_must_be_and_keeps_what_is_absent() {
    let library = Library::open().await;
    library.create(&BOOK, json!({ "title": "dune", "year": 1965, "isbn": "1" })).await.unwrap();
    let refused = library.update("1", json!({ "title": null, "isbn": "2", "year": null })).await.unwrap_err();
    assert_eq!(violations(refused), ["title REQUIRED", "isbn CREATE_ONLY"]);
    let book = json(&library.update("1", json!({ "year": null, "id": 7 })).await.unwrap());
    assert_eq!((&book["title"], &book["year"], &book["id"]), (&json!("dune"), &Json::Null, &json!(1)));
}

#[tokio::test]
async fn a_replacement_makes_what_is_absent_as_it_would_be_in_a_new_row() {
    let library = Library::open().await;
    let body = json!({ "title": "dune", "year": 1965, "isbn": "1", "shelf": "back", "tags": ["a"], "names": { "x": "y" },
        "size": { "height": 3, "width": 4 }, "pin": "1234" });
    let before = library.create(&BOOK, body).await.unwrap();
    let after = library.replace("1", json!({ "title": "dune two", "size": { "height": 5 }, "id": 9 })).await.unwrap();
    assert_eq!(after.version, 2);
    let (before, after) = (json(&before), json(&after));
    let mut expected = before.clone();
    expected["title"] = json!("dune two");
    expected["size"] = json!({ "height": 5, "width": 10, "unit": null });
    for (name, value) in [("year", Json::Null), ("shelf", json!("front")), ("tags", json!([])), ("names", json!({}))] {
        expected[name] = value;
    }
    expected["updated_at"] = after["updated_at"].clone();
    assert_eq!(after, expected, "what is set on create only and by the server stays");
}

#[tokio::test]
async fn a_replacement_has_to_be_whole() {
    let library = Library::open().await;
    library.create(&BOOK, json!({ "title": "dune" })).await.unwrap();
    let refused = library.replace("1", json!({ "year": 1965, "isbn": "2" })).await.unwrap_err();
    assert_eq!(violations(refused), ["title REQUIRED", "isbn CREATE_ONLY"]);
    assert_eq!(library.replace("2", json!({})).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn an_update_that_changes_nothing_writes_nothing() {
    let library = Library::open().await;
    let before = library.create(&BOOK, json!({ "title": "dune" })).await.unwrap();
    let after = library.update("1", json!({})).await.unwrap();
    assert_eq!(after, before);
    assert_eq!(library.update("2", json!({})).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn preconditions_guard_writes() {
    use apigen_runtime::codec::json::{JsonForm, JsonInput};
    let library = Library::open().await;
    library.create(&BOOK, json!({ "title": "dune" })).await.unwrap();
    let stale = Precondition::if_match("\"v2\"");
    for body in [json!({ "year": 1965 }), json!({ "size": { "height": 1 } }), json!({})] {
        let input = JsonInput::from_body(body, JsonForm::Rest);
        let refused = library.service.update(&call(), &BOOK, "1", &input, &stale).await.unwrap_err();
        assert_eq!(refused.code, Code::EtagMismatch);
        let missing = library.service.update(&call(), &BOOK, "9", &input, &stale).await.unwrap_err();
        assert_eq!(missing.code, Code::NotFound);
    }
    let refused = library.service.delete(&call(), &BOOK, "1", &stale).await.unwrap_err();
    assert_eq!(refused.code, Code::EtagMismatch);
    assert!(library.service.delete(&call(), &BOOK, "1", &Precondition::if_match("\"v1\"")).await.is_ok());
    let gone = library.service.delete(&call(), &BOOK, "1", &Precondition::NONE).await.unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
}

#[tokio::test]
async fn what_is_missing_is_told_first_then_what_is_wrong_then_what_is_stale() {
    use apigen_runtime::codec::json::{JsonForm, JsonInput};
    let library = Library::open().await;
    library.create(&BOOK, json!({ "title": "dune", "size": { "height": 1 } })).await.unwrap();
    let stale = Precondition::if_match("\"v2\"");
    // The second can't be judged without the stored row.
    for body in [json!({ "title": "UPPER" }), json!({ "title": "UPPER", "size": { "width": 2 } })] {
        let input = JsonInput::from_body(body, JsonForm::Rest);
        let code = async |id| library.service.update(&call(), &BOOK, id, &input, &stale).await.unwrap_err().code;
        assert_eq!((code("9").await, code("1").await), (Code::NotFound, Code::ValidationFailed));
    }
}

#[tokio::test]
async fn references_must_lead_somewhere_and_keep_their_targets() {
    let library = Library::open().await;
    let author = library.create(&AUTHOR, json!({ "name": "Frank" })).await.unwrap();
    let author = id_text(AUTHOR.id(), author.id());
    library.create(&BOOK, json!({ "title": "dune", "author_id": author })).await.unwrap();

    let nobody = id_text(AUTHOR.id(), &Value::Uuid(uuid::Uuid::nil()));
    let refused = library.create(&BOOK, json!({ "title": "emma", "author_id": nobody })).await.unwrap_err();
    assert_eq!(violations(refused), ["author_id NOT_FOUND"]);
    let refused = library.update("1", json!({ "author_id": nobody })).await.unwrap_err();
    assert_eq!(violations(refused), ["author_id NOT_FOUND"]);

    let refused = library.service.delete(&call(), &AUTHOR, &author, &Precondition::NONE).await.unwrap_err();
    assert_eq!(refused.code, Code::FailedPrecondition);
    assert_eq!(refused.message, "there is still a Book whose author_id is this Author");
}

#[tokio::test]
async fn a_taken_value_is_named() {
    let library = Library::open().await;
    library.create(&AUTHOR, json!({ "name": "Frank" })).await.unwrap();
    let taken = library.create(&AUTHOR, json!({ "name": "Frank" })).await.unwrap_err();
    assert_eq!(taken.code, Code::AlreadyExists);
    assert_eq!(taken.violations[0].location.to_string(), "name");
}

#[tokio::test]
async fn passwords_are_hashed_and_shown_nowhere() {
    let library = Library::open().await;
    let book = library.create(&BOOK, json!({ "title": "dune", "pin": "secret" })).await.unwrap();
    let Some(Value::Text(hash)) = book.get(&BOOK, "pin") else { panic!("a hash is stored") };
    assert!(hash.starts_with("$argon2id$"), "{hash}");
    assert!(!json(&book).to_string().contains("argon2"));
}
