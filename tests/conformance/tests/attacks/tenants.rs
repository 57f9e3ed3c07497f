//! Rows of another tenant, by their ids, in every place that takes one: as if they weren't there.

use apigen_conformance::{
    access::{caller::Caller, place::dialects, seed, value, world::Wish},
    corpus::{Act, Args, Create, Get, Item, List, Operation, Protocol, Related, Reply, Update, With},
};
use serde_json::{Value as Json, json};

use crate::scene::{CHAT, Scene};

/// Two workspaces, each with a channel that somebody is in, and the administrator of the second.
struct Chat {
    scene: Scene,
    eve: Caller,
    there: Json,
    /// Of the first.
    foreign: Rows,
    own: Rows,
    /// Ids of rows that aren't there at all.
    missing: Rows,
}

struct Rows {
    workspace: Json,
    user: Json,
    channel: Json,
    message: Json,
}

impl Chat {
    async fn open(dialect: value::Dialect) -> Chat {
        let mut scene = Scene::open("specs/chat.yaml", &CHAT, dialect).await;
        let (here, there) = (scene.make("Workspace", &Wish::default()), scene.make("Workspace", &Wish::default()));
        let eve = scene.caller(Some(&there), &["admin"]);
        let foreign = rows(&mut scene, &here);
        let own = rows(&mut scene, &there);
        scene.seed().await;
        let mut missing = |resource: &str| value::id(&scene.spec.resource(resource).id, scene.world.number());
        let missing = Rows {
            workspace: missing("Workspace"),
            user: missing("User"),
            channel: missing("Channel"),
            message: missing("Message"),
        };
        Chat { scene, eve, there, foreign, own, missing }
    }

    /// The same is said of the first as of the second, whatever was asked.
    async fn is_missing(&self, code: &str, foreign: Operation, missing: Operation) {
        let ids = [&self.foreign, &self.missing];
        let ids = ids.map(|rows| [&rows.workspace, &rows.user, &rows.channel, &rows.message]);
        let ids: Vec<&Json> = ids.into_iter().flatten().collect();
        for protocol in Protocol::ALL {
            let there = self.scene.refusal(&self.eve, protocol, &foreign, &ids).await;
            assert_eq!(there, self.scene.refusal(&self.eve, protocol, &missing, &ids).await, "{protocol:?}");
            assert!(there.contains(code), "{there}");
        }
    }

    async fn rows(&self, protocol: Protocol, list: &Operation) -> Result<Vec<Json>, String> {
        let reply: Reply = self.scene.ask(protocol, &self.eve, list).await?;
        Ok(reply.value["data"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect())
    }
}

fn rows(scene: &mut Scene, tenant: &Json) -> Rows {
    let wish = Wish { tenant: Some(tenant.clone()), ..Wish::default() };
    let user = scene.make("User", &wish);
    let channel = scene.make("Channel", &wish);
    let led = |values: &[(&str, &Json)]| Wish {
        values: values.iter().map(|(column, id)| ((*column).to_owned(), (*id).clone())).collect(),
        ..wish.clone()
    };
    scene.make("Membership", &led(&[("channel_id", &channel), ("user_id", &user)]));
    let message = scene.make("Message", &led(&[("channel_id", &channel), ("author_id", &user)]));
    Rows { workspace: tenant.clone(), user, channel, message }
}

fn create(resource: &str, input: Json) -> Operation {
    Operation::Create(Create { resource: resource.to_owned(), input })
}

fn list(resource: &str, conditions: Json) -> Operation {
    let args = Args { conditions: Some(conditions), ..Args::default() };
    Operation::List(List { resource: resource.to_owned(), args })
}

#[tokio::test]
async fn they_cant_be_got_changed_or_acted_on() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let get = |rows: &Rows| {
            Operation::Get(Get {
                resource: "User".to_owned(),
                id: rows.user.clone(),
                fields: None,
                with: With::default(),
            })
        };
        chat.is_missing("NOT_FOUND", get(&chat.foreign), get(&chat.missing)).await;
        // Not even what is wrong with the change is told.
        for name in ["good", ""] {
            let update = |rows: &Rows| {
                let (resource, id) = ("User".to_owned(), rows.user.clone());
                Operation::Update(Update { resource, id, input: json!({ "name": name }), etag: None })
            };
            let code = if name.is_empty() { "" } else { "NOT_FOUND" };
            chat.is_missing(code, update(&chat.foreign), update(&chat.missing)).await;
        }
        for etag in [None, Some("\"v1\""), Some("\"v2\""), Some("*")] {
            let delete = |rows: &Rows| {
                let (resource, id) = ("User".to_owned(), rows.user.clone());
                Operation::Delete(Item { resource, id, etag: etag.map(str::to_owned) })
            };
            chat.is_missing("NOT_FOUND", delete(&chat.foreign), delete(&chat.missing)).await;
        }
        let remove = |rows: &Rows| {
            Operation::Act(Act {
                resource: "Message".to_owned(),
                action: "remove".to_owned(),
                id: rows.message.clone(),
                safe: false,
                input: None,
                etag: None,
            })
        };
        chat.is_missing("NOT_FOUND", remove(&chat.foreign), remove(&chat.missing)).await;
        assert_eq!(seed::count(&chat.scene.database, "\"users\" WHERE \"version\" <> 1").await, 0);
    }
}

#[tokio::test]
async fn they_cant_be_referred_to() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let member = |workspace: &Json, channel: &Json, user: &Json| {
            create("Membership", json!({ "workspace_id": workspace, "channel_id": channel, "user_id": user }))
        };
        let Chat { own, foreign, missing, .. } = &chat;
        let places: [fn(&Rows, &Rows) -> [Json; 3]; 3] = [
            |own, other| [other.workspace.clone(), own.channel.clone(), own.user.clone()],
            |own, other| [own.workspace.clone(), other.channel.clone(), own.user.clone()],
            |own, other| [own.workspace.clone(), own.channel.clone(), other.user.clone()],
        ];
        for place in places {
            let [foreign, missing] = [foreign, missing].map(|other| {
                let [workspace, channel, user] = place(own, other);
                member(&workspace, &channel, &user)
            });
            chat.is_missing("VALIDATION_FAILED", foreign, missing).await;
        }
        let user = |workspace: &Json| {
            create("User", json!({ "email": "x@example.com", "name": "X", "workspace_id": workspace }))
        };
        chat.is_missing("VALIDATION_FAILED", user(&foreign.workspace), user(&missing.workspace)).await;
    }
}

#[tokio::test]
async fn they_are_found_by_no_filter_and_along_no_relation() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let Chat { foreign, own, missing, .. } = &chat;
        for protocol in Protocol::ALL {
            let by_id = |rows: &Rows| list("Membership", json!({ "channel_id": { "eq": rows.channel } }));
            assert_eq!(chat.rows(protocol, &by_id(own)).await.unwrap().len(), 1);
            assert_eq!(chat.rows(protocol, &by_id(foreign)).await.unwrap(), [] as [Json; 0], "{protocol:?}");
            let all = list("User", json!({ "id": { "in": [foreign.user, own.user] } }));
            assert_eq!(chat.rows(protocol, &all).await.unwrap(), std::slice::from_ref(&own.user));
            let not = list("User", json!({ "not": { "id": { "eq": own.user } } }));
            assert!(!chat.rows(protocol, &not).await.unwrap().contains(&foreign.user), "{protocol:?}");
        }
        let memberships = |rows: &Rows| {
            Operation::Related(Related {
                resource: "Membership".to_owned(),
                of: "User".to_owned(),
                id: rows.user.clone(),
                relation: "memberships".to_owned(),
                column: "user_id".to_owned(),
                inverse: None,
                args: Args::default(),
            })
        };
        for protocol in [Protocol::Rest, Protocol::Graphql] {
            let refused = [memberships(foreign), memberships(missing)];
            for operation in refused {
                assert_eq!(chat.rows(protocol, &operation).await.unwrap_err(), "NOT_FOUND");
            }
        }
        assert_eq!(chat.rows(Protocol::Grpc, &memberships(foreign)).await.unwrap(), [] as [Json; 0]);
    }
}

#[tokio::test]
async fn they_are_no_nodes() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let authorization = chat.eve.authorization(&chat.scene.spec);
        for (foreign, own) in [
            (&chat.foreign.user, &chat.own.user),
            (&chat.foreign.channel, &chat.own.channel),
            (&chat.foreign.workspace, &chat.there),
        ] {
            let query = format!("{{ node(id: {foreign}) {{ id }} nodes(ids: [{foreign}, {own}]) {{ id }} }}");
            let answer = chat.scene.clients.query(&query, authorization.as_deref()).await;
            let seen = json!({ "id": own });
            assert_eq!(answer["data"], json!({ "node": null, "nodes": [null, seen] }), "{answer}");
        }
    }
}

#[tokio::test]
async fn what_is_unique_tells_nothing_of_them() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let taken = &chat.scene.world.row("User", &chat.foreign.user).unwrap().values["email"];
        let named = &chat.scene.world.row("Channel", &chat.foreign.channel).unwrap().values["name"];
        for (number, protocol) in Protocol::ALL.into_iter().enumerate() {
            let user = create("User", json!({ "email": taken, "name": "X", "workspace_id": chat.there }));
            let channel = create("Channel", json!({ "name": named, "workspace_id": chat.there }));
            for operation in [user, channel] {
                let done = chat.scene.ask(protocol, &chat.eve, &operation).await;
                // The second time it is one's own that has it.
                let expected = if number == 0 { None } else { Some("ALREADY_EXISTS".to_owned()) };
                assert_eq!(done.err(), expected, "{protocol:?}");
            }
        }
    }
}

#[tokio::test]
async fn cursors_and_etags_are_good_for_nothing_else() {
    for dialect in dialects() {
        let chat = Chat::open(dialect).await;
        let page = |resource: &str, cursor: Option<String>| {
            let args = Args { limit: Some(1), cursor, ..Args::default() };
            Operation::List(List { resource: resource.to_owned(), args })
        };
        let scene = &chat.scene;
        let ann = Caller {
            tenant: Some(chat.foreign.workspace.clone()),
            subject: Some(chat.foreign.user.clone()),
            ..chat.eve.clone()
        };
        for protocol in Protocol::ALL {
            let first = scene.ask(protocol, &ann, &page("User", None)).await.unwrap().value;
            let cursor = first["next"].as_str().unwrap().to_owned();
            assert!(scene.ask(protocol, &ann, &page("User", Some(cursor.clone()))).await.is_ok());
            let stolen = scene.ask(protocol, &chat.eve, &page("User", Some(cursor.clone()))).await;
            assert_eq!(stolen.unwrap_err(), "INVALID_PAGE_TOKEN");
            let elsewhere = scene.ask(protocol, &ann, &page("Membership", Some(cursor.clone()))).await;
            assert_eq!(elsewhere.unwrap_err(), "INVALID_PAGE_TOKEN");
            for place in 0..cursor.len() {
                let other = if cursor.as_bytes()[place] == b'A' { "B" } else { "A" };
                let mut forged = cursor.clone();
                forged.replace_range(place..=place, other);
                // The last letter may have bits that mean nothing.
                let answer = scene.ask(protocol, &ann, &page("User", Some(forged.clone()))).await;
                let same = place + 1 == cursor.len() && answer.is_ok();
                assert!(same || answer.is_err_and(|code| code == "INVALID_PAGE_TOKEN"), "{protocol:?} {forged}");
            }
            for etag in
                ["\"v2\"", "\"v0\"", "\"v-1\"", "\"v99999999999999999999\"", "\"\"", "\"v1' OR 1=1 --\"", "W/\"v1\""]
            {
                let (resource, id) = ("User".to_owned(), chat.own.user.clone());
                let delete = Operation::Delete(Item { resource, id, etag: Some(etag.to_owned()) });
                let code = scene.ask(protocol, &chat.eve, &delete).await.unwrap_err();
                assert_eq!(code, "ETAG_MISMATCH", "{protocol:?} {etag}");
            }
        }
    }
}
