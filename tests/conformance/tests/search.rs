//! Lists that are searched, on both databases: the best matches first, page by page, whatever leads to the list.
//!
//! Rows of which an earlier field has all words match better, on both databases alike.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use apigen_conformance::{explained::Server, live, postgres as database};
use apigen_runtime::{
    cursor::CursorKey,
    descriptor::{Direction, Sort},
    principal::Principal,
    rest,
    service::{Call, Computed, ListArgs, Rows, Service, Skip, Spelling},
    store::{
        self, Dialect, Store,
        postgres::{self, PostgresStore},
        sqlite::{self, SqliteStore},
    },
    value::{Record, Value, parse_id},
};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

const SPEC: &str = "
apigen: 1
api: { name: library, version: v1 }
resources:
  Shelf:
    fields: { room: string }
    relations: { books: { has_many: Book, inverse: shelf } }
  Book:
    fields:
      title: { type: string, sort: true }
      summary?: string
      year: { type: int32, default: 2000, filter: true }
      tag_count: { count: tags }
    relations: { shelf?: { belongs_to: Shelf }, tags: { many_to_many: Tag } }
    list: { sort: [title], total: true, offset: true }
    search: [title, summary]
    batch: { max: 30 }
  Tag:
    fields: { name: string }
    relations: { books: { many_to_many: Book } }
  Word:
    fields: { rank: string, rowid: string, plain?: string, fourth?: string, fifth?: string }
    search: [rank, rowid, plain, fourth, fifth]
";

fn call() -> Call {
    let deadline = Instant::now() + Duration::from_secs(600);
    Call {
        principal: Principal::Anonymous,
        request_id: "test".into(),
        deadline,
        computed: Computed::All,
        meter: None,
        notices: None,
    }
}

/// A library on one database.
struct Library {
    service: Arc<Service>,
    router: Router,
}

impl Library {
    async fn all() -> Vec<Library> {
        let sqlite = SqliteStore::open("sqlite::memory:", sqlite::Options::default()).unwrap();
        let mut libraries = vec![Library::on(Arc::new(sqlite)).await];
        if database::url().is_some() {
            let store = PostgresStore::connect(&database::database(), postgres::Options::default()).await;
            libraries.push(Library::on(Arc::new(store.unwrap())).await);
        }
        libraries
    }

    async fn on(store: Arc<dyn Store>) -> Library {
        let api = live::api(&live::model(SPEC));
        store.migrate(api.migrations).await.unwrap();
        let key = CursorKey::new("a secret for the tests").unwrap();
        let service = Arc::new(Service::new(api, store, key).unwrap());
        let router = rest::router(service.clone()).layer(Extension(call()));
        Library { service, router }
    }

    async fn ask(&self, method: &str, path: &str, body: Json) -> (u16, Json) {
        let request = Request::builder().method(method).uri(format!("/v1/{path}"));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> Json {
        let (status, body) = self.ask("GET", path, Json::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// The new row's id.
    async fn create(&self, path: &str, body: Json) -> String {
        let (status, body) = self.ask("POST", path, body).await;
        assert_eq!(status, 201, "{path}: {body}");
        body["id"].as_str().unwrap().to_owned()
    }

    async fn book(&self, title: &str, summary: &str) -> String {
        self.create("books", json!({ "title": title, "summary": summary })).await
    }

    async fn titles(&self, path: &str) -> Vec<String> {
        titles(&self.get(path).await)
    }

    /// Books of which many match as well as others, on three shelves and under two tags.
    async fn filled() -> Vec<(Library, Vec<String>)> {
        let mut filled = Vec::new();
        for library in Library::all().await {
            let mut tags = Vec::new();
            for name in ["red", "blue"] {
                tags.push(library.create("tags", json!({ "name": name })).await);
            }
            let mut shelves = Vec::new();
            for room in ["A", "B", "C"] {
                shelves.push(library.create("shelves", json!({ "room": room })).await);
            }
            let book = |number: usize| {
                let title = format!("{} number {}", ["Owl", "Owl owl", "Bird"][number % 3], (number * 7) % 30);
                let summary = ["of owls", "an owl in the night", ""][(number / 3) % 3];
                let year = 2000 + number % 2;
                let shelf = &shelves[number % 2];
                json!({ "create": { "title": title, "summary": summary, "year": year, "shelf_id": shelf } })
            };
            let books: Vec<Json> = (0..30).map(book).collect();
            let (status, done) = library.ask("POST", "books/batch", json!({ "operations": books })).await;
            assert_eq!(status, 200, "{done}");
            for (number, result) in done["results"].as_array().unwrap().iter().take(12).enumerate() {
                let book = result["resource"]["id"].as_str().unwrap();
                let link = format!("tags/{}/books/{book}", tags[number % 2]);
                assert_eq!(library.ask("PUT", &link, Json::Null).await.0, 204);
            }
            let lists = ["books", "books?year=2001"].map(str::to_owned).into_iter();
            let lists = lists.chain(shelves.iter().map(|shelf| format!("shelves/{shelf}/books")));
            let lists = lists.chain(tags.iter().map(|tag| format!("tags/{tag}/books"))).collect();
            filled.push((library, lists));
        }
        filled
    }
}

fn titles(page: &Json) -> Vec<String> {
    let rows = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
    rows.iter().map(|row| row["title"].as_str().unwrap().to_owned()).collect()
}

fn with(list: &str, query: &str) -> String {
    format!("{list}{}{query}", if list.contains('?') { "&" } else { "?" })
}

#[tokio::test]
async fn the_best_matches_come_first() {
    for library in Library::all().await {
        library.book("A bird of the night", "It may be an owl").await;
        library.book("B owl of the night", "It may be a bird").await;
        library.book("C owl of an owl", "It may be an owl").await;
        library.book("D bird of the day", "It may be a crow").await;
        assert_eq!(
            library.titles("books?q=owl").await,
            ["B owl of the night", "C owl of an owl", "A bird of the night"]
        );
        // The words may be in several fields.
        assert_eq!(library.titles("books?q=bird+OWL&sort=title").await, ["A bird of the night", "B owl of the night"]);
        // Whatever is in one field comes before what is spread over several.
        library.book("Z", "A bird and an owl").await;
        assert_eq!(library.titles("books?q=bird+owl").await[..2], ["Z", "A bird of the night"]);
        // What has no words asks for nothing.
        assert_eq!(library.titles("books?q=--&limit=1").await, ["A bird of the night"]);
    }
}

#[tokio::test]
async fn what_matches_equally_well_is_in_the_order_of_the_list() {
    for library in Library::all().await {
        for title in ["C crow", "A crow", "B crow", "D owl"] {
            library.book(title, "").await;
        }
        assert_eq!(library.titles("books?q=crow").await, ["A crow", "B crow", "C crow"]);
    }
}

#[tokio::test]
async fn an_order_of_ones_own_is_the_only_one() {
    for library in Library::all().await {
        for title in ["C owl", "A owl owl owl", "B owl owl"] {
            library.book(title, "").await;
        }
        assert_eq!(library.titles("books?q=owl&sort=-title").await, ["C owl", "B owl owl", "A owl owl owl"]);
        assert_eq!(library.titles("books?q=owl&sort=title&limit=1&page=2").await, ["B owl owl"]);
    }
}

#[tokio::test]
async fn pages_lead_through_all_matches_in_both_directions() {
    for (library, lists) in Library::filled().await {
        for list in lists {
            let search = with(&list, "q=owl&fields=title");
            let whole = library.get(&with(&search, "total=true&limit=100")).await;
            let titles_of_all = titles(&whole);
            assert_eq!(whole["total"], json!(titles_of_all.len()), "{list}");
            for limit in [1, 2, 5] {
                let page = with(&search, &format!("limit={limit}"));
                let (mut forward, mut cursor) = (Vec::new(), String::new());
                loop {
                    let read = library.get(&format!("{page}{cursor}")).await;
                    forward.extend(titles(&read));
                    let Some(next) = read["next_cursor"].as_str() else { break };
                    cursor = format!("&cursor={next}");
                }
                assert_eq!(forward, titles_of_all, "{list} by {limit}");
                let mut backward = Vec::new();
                loop {
                    let read = library.get(&format!("{page}{cursor}")).await;
                    backward.splice(0..0, titles(&read));
                    let Some(previous) = read["prev_cursor"].as_str() else { break };
                    cursor = format!("&cursor={previous}");
                }
                assert_eq!(backward, titles_of_all, "{list} by {limit}");
            }
            if !list.contains('/') {
                let second = library.titles(&with(&search, "limit=4&page=2")).await;
                assert_eq!(second, titles_of_all[4..8], "{list}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_written_elsewhere_moves_no_pages() {
    for library in Library::all().await {
        for title in ["A owl", "B owl", "C owl"] {
            library.book(title, "").await;
        }
        let crow = library.book("Crow", "of many words about crows").await;
        let first = library.get("books?q=owl&limit=1").await;
        let next = format!("books?q=owl&limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(library.titles(&next).await, ["B owl"]);
        library.book("Bird", "").await;
        assert_eq!(library.titles(&next).await, ["B owl"]);
        assert_eq!(library.ask("DELETE", &format!("books/{crow}"), Json::Null).await.0, 204);
        assert_eq!(library.titles(&next).await, ["B owl"]);
    }
}

#[tokio::test]
async fn a_cursor_is_of_the_order_that_its_list_has() {
    for library in Library::all().await {
        for title in ["Owl", "Owl owl", "An owl"] {
            library.book(title, "").await;
        }
        let cursor = async |list: &str| library.get(list).await["next_cursor"].as_str().unwrap().to_owned();
        let ranked = cursor("books?q=owl&limit=2").await;
        let sorted = cursor("books?q=owl&sort=title&limit=2").await;
        for (list, own, other) in
            [("books?q=owl&limit=2", &ranked, &sorted), ("books?q=owl&limit=2&sort=title", &sorted, &ranked)]
        {
            library.get(&format!("{list}&cursor={own}")).await;
            assert_eq!(library.ask("GET", &format!("{list}&cursor={other}"), Json::Null).await.0, 400, "{list}");
        }
        for list in ["books?q=bird&limit=2", "books?limit=2"] {
            assert_eq!(library.ask("GET", &format!("{list}&cursor={ranked}"), Json::Null).await.0, 400, "{list}");
        }
    }
}

#[tokio::test]
async fn lists_of_several_rows_are_read_together_as_each_alone() {
    for (library, lists) in Library::filled().await {
        for (path, relation) in [("shelves", "books"), ("tags", "books")] {
            let resource = *library.service.api.resources.iter().find(|each| each.path == path).unwrap();
            let relation = resource.relation(relation).unwrap();
            let of = |list: &&String| list.starts_with(path);
            let ids: Vec<_> = lists.iter().filter(of).map(|list| list.split('/').nth(1).unwrap()).collect();
            let parents: Vec<Value> = ids.iter().map(|id| parse_id(resource.id(), id).unwrap()).collect();
            for (backward, part) in [(false, "limit=3"), (true, "limit=100")] {
                let (service, parents) = (library.service.clone(), parents.clone());
                let read = store::read(&*library.service.store, call().deadline, move |tx| {
                    let (service, parents) = (service.clone(), parents.clone());
                    Box::pin(async move {
                        let asked = Ok(ListArgs { q: Some("owl".to_owned()), backward, total: true, ..first_three() });
                        let asked = (&asked, &Rows::default());
                        service.children_in(&call(), tx, (resource, relation), &parents, asked).await
                    })
                });
                for (id, page) in ids.iter().zip(read.await.unwrap()) {
                    let alone = library.get(&format!("{path}/{id}/books?q=owl&{part}&total=true")).await;
                    let title = |record: &_| relation.target.field_index("title").map(|index| text(record, index));
                    let together: Vec<_> = page.records.iter().filter_map(title).collect();
                    let alone_titles = titles(&alone);
                    let expected = if backward { alone_titles.len().saturating_sub(3) } else { 0 };
                    assert_eq!(together, alone_titles[expected..], "{path}/{id}");
                    assert_eq!(json!(page.total), alone["total"], "{path}/{id}");
                }
            }
        }
    }
}

static SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

fn first_three() -> ListArgs {
    ListArgs {
        spelling: &SPELLING,
        page_size: Some(3),
        cursor: None,
        backward: false,
        sort: None,
        filter: None,
        q: None,
        total: false,
        skip: Skip::Rows(0),
    }
}

fn text(record: &Record, index: usize) -> String {
    match &record.values[index] {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?} is no text"),
    }
}

#[tokio::test]
async fn what_is_changed_or_gone_matches_as_it_is_now() {
    for library in Library::all().await {
        let one = library.book("One owl", "").await;
        let two = library.book("Two birds", "of which one is an owl").await;
        library.book("Three crows", "").await;
        assert_eq!(library.titles("books?q=owl").await, ["One owl", "Two birds"]);
        library.ask("PATCH", &format!("books/{one}"), json!({ "title": "One bird", "summary": "was an owl" })).await;
        library
            .ask("PATCH", &format!("books/{two}"), json!({ "title": "Two owls, owl and owl", "summary": null }))
            .await;
        assert_eq!(library.titles("books?q=owl").await, ["Two owls, owl and owl", "One bird"]);
        assert_eq!(library.ask("DELETE", &format!("books/{two}"), Json::Null).await.0, 204);
        assert_eq!(library.titles("books?q=owl").await, ["One bird"]);
    }
}

/// Names that FTS5 has itself, and more fields than there are weights.
#[tokio::test]
async fn any_fields_can_be_searched() {
    for library in Library::all().await {
        let word = |first: &str, fifth: &str| json!({ "rank": first, "rowid": "x", "plain": "y", "fifth": fifth });
        let fifth = library.create("words", word("crow", "owl")).await;
        let first = library.create("words", word("owl", "crow")).await;
        let found = library.get("words?q=OWL").await;
        let ids: Vec<_> = found["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [first, fifth]);
    }
}

const TABLES: &str = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'books'";

/// Though PostgreSQL plans without knowing which words are asked for, as it does for a statement that it has had often.
#[tokio::test]
async fn only_rows_with_the_words_are_read() {
    if database::url().is_none() {
        return;
    }
    let url = database::database();
    let store = async || Arc::new(PostgresStore::connect(&url, postgres::Options::default()).await.unwrap());
    Library::on(store().await).await.service.store.close().await;
    database::ask(
        &url,
        "INSERT INTO books (id, title, summary, year, created_at, updated_at) SELECT gen_random_uuid(), \
         'Book ' || n, 'Of kind ' || n % 100, n % 5, now(), now() FROM generate_series(1, 5000) AS n",
    );
    database::ask(&url, "ANALYZE books");
    let generic = "ALTER DATABASE %I SET plan_cache_mode = force_generic_plan";
    database::ask(&url, &format!("DO $$ BEGIN EXECUTE format('{generic}', current_database()); END $$"));
    for list in
        ["books?q=4711", "books?q=4711&sort=title", "books?q=4711&sort=-title&total=true", "books?q=4711&year=1"]
    {
        let library = Library::on(store().await).await;
        let before = database::ask(&url, TABLES);
        assert_eq!(library.titles(&with(list, "limit=20")).await, ["Book 4711"]);
        // Sessions tell what they have read when they end.
        library.service.store.close().await;
        let read =
            || database::ask(&url, TABLES).trim().parse::<i64>().unwrap() - before.trim().parse::<i64>().unwrap();
        let told = Instant::now() + Duration::from_secs(10);
        while read() == 0 && Instant::now() < told {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!((1..=3).contains(&read()), "{list}: {} rows", read());
    }
}

#[tokio::test]
async fn sqlite_looks_words_up() {
    for shop in
        Server::all(&shop_server::API).await.iter().filter(|shop| shop.service.store.dialect() == Dialect::Sqlite)
    {
        let products = shop_server::API.resources.iter().find(|resource| resource.name == "Product").unwrap();
        for sort in [None, Some(vec![Sort { field: "name", direction: Direction::Ascending }])] {
            for total in [false, true] {
                let args = ListArgs { q: Some("blue mug".to_owned()), sort: sort.clone(), total, ..first_three() };
                shop.take();
                shop.service.list(&shop.call, products, &args).await.unwrap();
                for statement in shop.take() {
                    let plan = &statement.plan;
                    assert!(plan.iter().any(|step| step.contains("VIRTUAL TABLE INDEX")), "{plan:#?}");
                    assert!(plan.iter().any(|step| step.starts_with("SEARCH t USING")), "{plan:#?}");
                }
            }
        }
    }
}
