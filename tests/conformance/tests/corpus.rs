//! Every scenario over REST, GraphQL and gRPC, on SQLite and PostgreSQL, with the same results and the same errors.

use apigen_conformance::{
    corpus::{Database, Domain, LOGINS, folder, run},
    generated::{EVERY_TYPE, GUARDED, LIBRARY, OBSTACLES},
    pooler::Pooler,
    postgres,
    server::Server,
    staff,
};

/// SQLite, and PostgreSQL where there is one.
fn databases(sqlite: fn() -> Server, postgres: fn() -> Server) -> Vec<Database> {
    let mut databases: Vec<Database> = vec![("SQLite", sqlite)];
    if postgres::url().is_some() {
        databases.push(("PostgreSQL", postgres));
    }
    databases
}

/// And PostgreSQL behind PgBouncer.
fn shops() -> Vec<Database> {
    let mut databases = databases(|| Server::start(&[]), || Server::start(&[("DATABASE_URL", &postgres::database())]));
    if Pooler::installed() {
        databases.push(("PgBouncer", || {
            let pooler = Pooler::start("");
            Server::start(&[("DATABASE_URL", &format!("{}?pgbouncer=true", pooler.url))]).keeping(pooler)
        }));
    }
    databases
}

#[tokio::test]
async fn the_shop_answers_alike() {
    run(&Domain {
        name: "shop".to_owned(),
        version: "v1".to_owned(),
        contracts: folder("../../generated-example/contracts"),
        scenarios: folder("scenarios/shop"),
        databases: shops(),
        authorization: Some(staff::authorization().to_owned()),
        resources: &[
            ("User", "Users", "users"),
            ("Product", "Products", "products"),
            ("Order", "Orders", "orders"),
            ("OrderItem", "OrderItems", "order-items"),
        ],
    })
    .await;
}

#[tokio::test]
async fn every_type_answers_alike() {
    run(&Domain {
        name: "every_type".to_owned(),
        version: "v2".to_owned(),
        contracts: EVERY_TYPE.folder().join("contracts"),
        scenarios: folder("scenarios/every_type"),
        databases: databases(|| EVERY_TYPE.start(None), || EVERY_TYPE.start(Some(&postgres::database()))),
        authorization: None,
        resources: &[("Thing", "Things", "things"), ("Person", "People", "people"), ("Badge", "Badges", "badges")],
    })
    .await;
}

#[tokio::test]
async fn the_library_answers_alike() {
    run(&Domain {
        name: "lending".to_owned(),
        version: "v1".to_owned(),
        contracts: LIBRARY.folder().join("contracts"),
        scenarios: folder("scenarios/library"),
        databases: databases(|| LIBRARY.start(None), || LIBRARY.start(Some(&postgres::database()))),
        authorization: None,
        resources: &[
            ("Book", "Books", "books"),
            ("Copy", "Copies", "copies"),
            ("Loan", "Loans", "loans"),
            ("Member", "Members", "members"),
            ("Card", "Cards", "cards"),
            ("Author", "Authors", "authors"),
            ("Tag", "Tags", "tags"),
            ("Shelf", "Shelves", "shelves"),
            ("Visit", "Visits", "visits"),
        ],
    })
    .await;
}

#[tokio::test]
async fn what_is_guarded_is_closed_alike() {
    run(&Domain {
        name: "guarded".to_owned(),
        version: "v1".to_owned(),
        contracts: GUARDED.folder().join("contracts"),
        scenarios: folder("scenarios/guarded"),
        databases: databases(|| GUARDED.start(None), || GUARDED.start(Some(&postgres::database()))),
        authorization: None,
        resources: &[
            ("User", "Users", "users"),
            ("Post", "Posts", "posts"),
            ("Draft", "Drafts", "drafts"),
            LOGINS,
            ("Tag", "Tags", "tags"),
            ("Order", "Orders", "orders"),
        ],
    })
    .await;
}

#[tokio::test]
async fn obstacles_answer_alike() {
    run(&Domain {
        name: "obstacles".to_owned(),
        version: "v1".to_owned(),
        contracts: OBSTACLES.folder().join("contracts"),
        scenarios: folder("scenarios/obstacles"),
        databases: databases(|| OBSTACLES.start(None), || OBSTACLES.start(Some(&postgres::database()))),
        authorization: None,
        resources: &[
            ("Struct", "Structs", "structs"),
            ("Select", "Selects", "selects"),
            ("Message", "Messages", "messages"),
            ("Fragment", "Fragments", "fragments"),
            ("Function", "Functions", "functions"),
            ("Person", "People", "people"),
            ("Child", "Children", "children"),
            ("Mouse", "Mice", "mice"),
            ("HTTPServer", "HTTPServers", "http-servers"),
            ("X", "Xes", "xes"),
            ("Z9", "Z9s", "z9s"),
            ("Class", "Classes", "classes"),
            ("Table", "Tables", "tables"),
            ("Knife", "Knives", "knives"),
        ],
    })
    .await;
}
