//! `_links` of the items that REST shows, on both databases: what each caller may do with each row, and nothing else.

use apigen_conformance::{explained::Server, live};
use apigen_runtime::{principal::Principal, rest};
use axum::{
    Extension, Router,
    body::{Body, to_bytes},
    http::Request,
};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

const SPEC: &str = r#"
apigen: 1
api: { name: desk, version: v1, title: Desk, license: { name: MIT, url: "https://opensource.org/license/mit" } }
rest: { links: true }
auth: { principal: Person, roles: { chief: ["*"] } }
enums:
  State: [open, done]
resources:
  Person:
    plural: People
    id: { type: string }
    fields: { name: string }
    relations:
      tickets: { has_many: Ticket, inverse: author }
    owner: self
    access: { read: [owner, role:chief], create: public, write: role:chief }
  Ticket:
    id: { type: int64 }
    fields:
      title: string
      state: { type: State, default: open, read_only: true }
    relations:
      author: { belongs_to: Person, default: principal, read_only: true }
      notes:  { has_many: Note, inverse: ticket }
    owner: author
    batch: { max: 3 }
    actions:
      close:   { transition: { field: state, from: [open], to: done }, access: [owner] }
      re_open: { transition: { field: state, from: [done], to: open }, access: [role:chief] }
    access: { read: public, create: authenticated, write: [owner, role:chief] }
  Note:
    id: { type: int64 }
    fields: { text: string }
    relations:
      ticket: { belongs_to: Ticket }
    owner: ticket.author
    operations: [list, create]
    access: { read: [owner, role:chief], create: authenticated, write: role:chief }
"#;

struct Client(Router);

impl Client {
    fn of(server: &Server, principal: Option<Principal>) -> Client {
        let mut call = server.call.clone();
        call.principal = principal.unwrap_or(call.principal);
        Client(rest::router(server.service.clone()).layer(Extension(call)))
    }

    async fn ask(&self, request: Request<Body>) -> Json {
        let response = self.0.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    async fn get(&self, path: &str) -> Json {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        let request = Request::post(path).header("content-type", "application/json");
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }
}

fn links(item: &Json) -> Vec<&str> {
    let links = item["_links"].as_object().unwrap_or_else(|| panic!("{item} has no links"));
    links.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn an_item_links_to_what_its_caller_may_do_with_it_now() {
    for server in Server::all(live::api(&live::model(SPEC))).await {
        let chief = Client::of(&server, None);
        let own = Client::of(&server.without_roles(), None);
        let anonymous = Client::of(&server, Some(Principal::Anonymous));
        for id in ["a", "b"] {
            own.post("/v1/people", json!({ "id": id, "name": "Ada" })).await;
        }
        // What a create answers, and what an action makes of it.
        let ticket = own.post("/v1/tickets", json!({ "title": "Lamp" })).await;
        let expected = json!({
            "self": { "href": "/v1/tickets/1" },
            "author": { "href": "/v1/people/a" },
            "notes": { "href": "/v1/tickets/1/notes" },
            "close": { "href": "/v1/tickets/1/close", "method": "POST" },
        });
        assert_eq!(ticket["_links"], expected);
        let done = own.post("/v1/tickets/1/close", json!({})).await;
        assert_eq!(links(&done), ["author", "notes", "self"], "{done}");

        // The same row, to everybody else. Whose the notes are only other rows can tell.
        assert_eq!(links(&chief.get("/v1/tickets/1").await), ["author", "notes", "re_open", "self"]);
        assert_eq!(links(&anonymous.get("/v1/tickets/1").await), ["self"]);

        // On lists, in part, along relations, embedded and in batches.
        let page = anonymous.get("/v1/tickets?fields=title").await;
        assert_eq!(
            page["data"],
            json!([{ "title": "Lamp", "id": 1, "_links": { "self": { "href": "/v1/tickets/1" } } }])
        );
        let page = chief.get("/v1/tickets?fields=title&expand=author").await;
        assert_eq!(links(&page["data"][0]), ["author", "notes", "re_open", "self"], "{page}");
        assert_eq!(links(&page["data"][0]["author"]), ["self", "tickets"], "{page}");
        let page = own.get("/v1/people/a/tickets").await;
        assert_eq!(links(&page["data"][0]), ["author", "notes", "self"], "{page}");
        let batch = own.post("/v1/tickets/batch", json!({ "operations": [{ "create": { "title": "Desk" } }] })).await;
        assert_eq!(links(&batch["results"][0]["resource"]), ["author", "close", "notes", "self"], "{batch}");

        // Sent back with the row they are ignored.
        let mut sent = batch["results"][0]["resource"].clone();
        sent["title"] = json!("Desk lamp");
        let patch = Request::patch("/v1/tickets/2").header("content-type", "application/json");
        let changed = own.ask(patch.body(Body::from(sent.to_string())).unwrap()).await;
        assert_eq!((&changed["title"], links(&changed).len()), (&json!("Desk lamp"), 4), "{changed}");

        // Without a route to a row there is no link to it.
        let note = own.post("/v1/notes", json!({ "text": "Dark", "ticket_id": 1 })).await;
        assert_eq!(links(&note), ["ticket"], "{note}");
    }
}

#[tokio::test]
async fn without_the_option_there_are_none() {
    for server in Server::all(live::api(&live::model(&SPEC.replace("links: true", "json_patch: true")))).await {
        let own = Client::of(&server, None);
        own.post("/v1/people", json!({ "id": "a", "name": "Ada" })).await;
        let person = own.get("/v1/people/a").await;
        assert_eq!((&person["name"], person.get("_links")), (&json!("Ada"), None));
    }
}
