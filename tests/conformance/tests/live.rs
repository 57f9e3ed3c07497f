//! Descriptors that are made in memory say what the emitted ones say.

use apigen_conformance::live;
use apigen_runtime::descriptor::{Api, Relation, Resource};

/// All of it but what is behind relations, where circles begin.
fn said(resource: &Resource) -> String {
    let relation = |relation: &Relation| {
        format!(
            "{} {} {} {:?} {:?}",
            relation.name, relation.camel, relation.target.name, relation.kind, relation.readers
        )
    };
    let relations: Vec<_> = resource.relations.iter().map(relation).collect();
    let actions = resource.actions.iter().filter(|action| action.transition.is_some());
    let actions: Vec<_> = actions
        .map(|action| format!("{} {} {:?} {:?}", action.camel, action.method, action.input, action.transition))
        .collect();
    let dependents = resource.dependents.iter();
    let dependents: Vec<_> =
        dependents.map(|each| format!("{} {} {:?}", each.resource.name, each.column, each.on_delete)).collect();
    let names = [resource.name, resource.plural, resource.snake, resource.camel_plural, resource.path, resource.table];
    let parts = [
        format!("{names:?} {:?} {:?} {:?}", resource.operations, resource.list, resource.tenant),
        format!("{:#?}", resource.fields),
        format!("{:#?}", resource.checks),
        format!("{:?} {:?} {} {:?}", resource.search, resource.nested, resource.soft_delete, resource.batch),
    ];
    [parts.to_vec(), relations, actions, dependents].concat().join("\n")
}

/// By operation: emitted code has those together that the same callers may do.
fn rules(resource: &Resource) -> Vec<String> {
    let rules = resource.access.into_iter().flatten();
    let mut rules: Vec<_> =
        rules.flat_map(|rule| rule.to.iter().map(move |to| format!("{to}: {:?}", rule.any))).collect();
    rules.sort();
    rules
}

#[test]
fn the_shop_is_the_same_in_memory() {
    let emitted: &Api = &shop_server::API;
    let live = live::api(&live::model(include_str!("../../../specs/shop.yaml")));
    assert_eq!((live.name, live.resources.len()), (emitted.name, emitted.resources.len()));
    for (live, emitted) in live.resources.iter().zip(emitted.resources) {
        assert_eq!(said(live), said(emitted), "{}", emitted.name);
        assert_eq!(rules(live), rules(emitted), "{}", emitted.name);
    }
    let scripts =
        |api: &Api| api.migrations.iter().map(|each| (each.sqlite.len(), each.postgres.len())).collect::<Vec<_>>();
    let [(sqlite, postgres)] = scripts(live)[..] else { panic!("one migration makes all tables") };
    assert!(sqlite > 500 && postgres > 500);
}
