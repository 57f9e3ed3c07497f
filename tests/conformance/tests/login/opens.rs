//! What tokens open: what the row that logged in may do, in its tenant, with its roles.

use apigen_conformance::{
    access::{
        caller::{AUDIENCE, ISSUER, now},
        value::Dialect,
    },
    corpus::{Operation, Protocol},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use crate::desk::{Desk, Tokens, create, desks, operation, refused};

/// Header and claims of an access token.
fn parts(tokens: &Tokens) -> [Json; 2] {
    let mut parts = tokens.access["Bearer ".len()..].split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    [(); 2].map(|()| serde_json::from_slice(&parts.next().unwrap()).unwrap())
}

#[tokio::test]
async fn tokens_say_who_has_logged_in() {
    let desk = Desk::open(Dialect::Sqlite).await;
    let id = desk.hire("cleo@desk.example", "clerk").await;
    let first = desk.login(Protocol::Rest, "cleo@desk.example").await;
    let second = desk.refresh(Protocol::Rest, &first).await.unwrap();
    let [header, claims] = parts(&first);
    assert_eq!(header, json!({ "alg": "HS256", "typ": "at+jwt" }));
    let names: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["aud", "exp", "firm_id", "iat", "iss", "jti", "roles", "sid", "sub"]);
    assert_eq!((&claims["sub"], &claims["firm_id"], &claims["roles"]), (&id, &desk.firm, &json!(["clerk"])));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!(AUDIENCE)));
    let time = |name: &str| claims[name].as_u64().unwrap();
    assert_eq!(time("exp") - time("iat"), 15 * 60);
    assert!(now().abs_diff(time("iat")) < 60);
    let [_, others] = parts(&second);
    assert_eq!(others["sid"], claims["sid"], "it is the same session");
    assert_ne!(others["jti"], claims["jti"]);
}

#[tokio::test]
async fn roles_and_tenants_are_those_of_the_row() {
    for (desk, protocol) in desks().await {
        for (email, role) in
            [("gus@desk.example", "guest"), ("cleo@desk.example", "clerk"), ("cho@desk.example", "chief")]
        {
            desk.hire(email, role).await;
        }
        desk.hire_elsewhere("eve@desk.example").await.unwrap();
        let (guest, clerk) =
            (desk.login(protocol, "gus@desk.example").await, desk.login(protocol, "cleo@desk.example").await);
        let (chief, eve) =
            (desk.login(protocol, "cho@desk.example").await, desk.login(protocol, "eve@desk.example").await);

        let ticket = create("Ticket", json!({ "title": "a", "firm_id": desk.firm }));
        let ticket = desk.ask(protocol, Some(&guest.access), &ticket).await.expect("whoever has logged in may do it");
        assert_eq!(desk.list(protocol, &guest, "Ticket").await, refused("PERMISSION_DENIED"), "`guest` is no role");
        assert_eq!(desk.list(protocol, &clerk, "Ticket").await.unwrap(), std::slice::from_ref(&ticket));
        let delete = Operation::Delete(operation(json!({ "resource": "Ticket", "id": ticket["id"] })));
        let denied = desk.ask(protocol, Some(&clerk.access), &delete).await.unwrap_err();
        assert_eq!(denied.code, "PERMISSION_DENIED");
        desk.ask(protocol, Some(&chief.access), &delete).await.expect("a chief may do it");

        assert_eq!(desk.list(protocol, &chief, "Person").await.unwrap().len(), 3);
        let own = desk.list(protocol, &eve, "Person").await.unwrap();
        assert_eq!(own.iter().map(|row| &row["email"]).collect::<Vec<_>>(), ["eve@desk.example"]);
        let firms = desk.list(protocol, &eve, "Firm").await.unwrap();
        assert_eq!(firms.iter().map(|row| &row["id"]).collect::<Vec<_>>(), [&desk.firm_elsewhere]);
    }
}

#[tokio::test]
async fn who_logs_in_is_one_row_among_all_tenants() {
    for (desk, protocol) in desks().await {
        desk.hire("ann@desk.example", "guest").await;
        assert_eq!(desk.hire_elsewhere("ann@desk.example").await, refused("ALREADY_EXISTS"));
        desk.login(protocol, "ann@desk.example").await;
    }
}

#[tokio::test]
async fn roles_are_read_anew_by_a_refresh() {
    for (desk, protocol) in desks().await {
        let id = desk.hire("gus@desk.example", "guest").await;
        let guest = desk.login(protocol, "gus@desk.example").await;
        assert_eq!(desk.list(protocol, &guest, "Ticket").await, refused("PERMISSION_DENIED"));
        let promoted = json!({ "resource": "Person", "id": id, "input": { "role": "clerk" } });
        desk.arrange(&Operation::Update(operation(promoted))).await;
        let clerk = desk.refresh(protocol, &guest).await.unwrap();
        assert_eq!(desk.list(protocol, &clerk, "Ticket").await, Ok(vec![]));
    }
}
