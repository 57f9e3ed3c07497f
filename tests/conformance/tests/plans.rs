//! Every list that a spec offers, as both databases plan to read it: what the spec lets callers filter by is looked up in an
//! index, what it lets them sort by is read in order, and so are the rows along a relation in the list's own order.

use apigen_conformance::{
    explained::{Server, some},
    live,
};
use apigen_runtime::{
    descriptor::{Direction, Field, Id, Relation, RelationKind, Resource, Sort, Tenant, Type},
    error::Code,
    filter::{Compare, Filter, Test},
    service::{ListArgs, Rows, Skip, Spelling},
    store::{self, Arg, Dialect},
    value::{Record, Value},
};

static SPELLING: Spelling = Spelling { page_size: "limit", cursor: "cursor", sort: "sort", skip: "page" };

/// A page that is small beside what a row's parent has.
fn page() -> ListArgs {
    ListArgs {
        spelling: &SPELLING,
        page_size: Some(1),
        cursor: None,
        backward: false,
        sort: None,
        filter: None,
        q: None,
        total: false,
        skip: Skip::Rows(0),
    }
}

/// What a spec's callers ask of one database, and what is wrong with its plans.
struct Asked<'s> {
    server: &'s Server,
    who: &'static str,
    plans: usize,
    complaints: Vec<String>,
}

impl Asked<'_> {
    /// The steps of all that is read for a list; nothing, if the caller may not list.
    async fn plan(&mut self, resource: &'static Resource, args: ListArgs) -> Option<Vec<String>> {
        self.server.take();
        match self.server.service.list(&self.server.call, resource, &args).await {
            Ok(_) => Some(self.steps()),
            Err(error) => {
                assert_eq!(error.code, Code::PermissionDenied, "{}: {error:?}", resource.name);
                None
            }
        }
    }

    /// The same of the lists of so many rows along a relation.
    async fn plan_of(
        &mut self,
        resource: &'static Resource,
        relation: &'static Relation,
        parents: usize,
        total: bool,
    ) -> Vec<String> {
        self.server.take();
        let (service, call) = (self.server.service.clone(), self.server.call.clone());
        let parents = vec![some(&resource.fields[0]); parents];
        let read = store::read(&*self.server.service.store, self.server.call.deadline, move |tx| {
            let (service, call, parents) = (service.clone(), call.clone(), parents.clone());
            Box::pin(async move {
                let asked = Ok(ListArgs { total, ..page() });
                let asked = (&asked, &Rows::default());
                service.children_in(&call, tx, (resource, relation), &parents, asked).await
            })
        });
        read.await.unwrap();
        self.steps()
    }

    fn steps(&mut self) -> Vec<String> {
        self.plans += 1;
        self.server.steps()
    }

    fn complain(&mut self, about: &str, plan: &[String]) {
        let dialect = self.server.service.store.dialect();
        self.complaints.push(format!("{dialect:?}, {}: {about}:\n    {}\n", self.who, plan.join("\n    ")));
    }
}

/// Looks up rows of the list, not those of another table.
fn searches(step: &str) -> bool {
    step.starts_with("SEARCH t USING") || step.contains("Index Cond: ")
}

fn sorts(step: &str) -> bool {
    let step = step.trim_start_matches([' ', '-', '>']);
    step.ends_with("TEMP B-TREE FOR ORDER BY") || step == "Sort" || step == "Incremental Sort"
}

/// Reads all rows of a table, in no order. SQLite has them in the order of numbered ids anyway.
fn scans(step: &str, resource: &Resource) -> bool {
    let numbered = matches!(resource.id(), Id::Int64);
    let scanned = step.strip_prefix("SCAN ").unwrap_or_default();
    let in_order = [" INDEX ", "VIRTUAL TABLE", "rarray"].iter().any(|part| scanned.contains(part));
    let by_number = numbered && scanned == "t";
    step.contains("Seq Scan") || !scanned.is_empty() && !in_order && !by_number
}

async fn filters(asked: &mut Asked<'_>, resource: &'static Resource) {
    for (index, field) in resource.fields.iter().enumerate().filter(|(_, field)| field.filter) {
        for test in [Test::Eq(some(field)), Test::In(vec![some(field), some(field)])] {
            let filter = Some(Filter::Compare(Compare { field: index, test }));
            let Some(plan) = asked.plan(resource, ListArgs { filter, total: true, ..page() }).await else { return };
            let searched = plan.iter().any(|step| searches(step));
            if !searched || plan.iter().any(|step| scans(step, resource)) {
                asked.complain(&format!("{} by {}", resource.name, field.name), &plan);
            }
        }
    }
}

/// In the list's own order and in each that the spec offers, the first page and those behind a row with all keys and one without those that may be absent.
async fn orders(asked: &mut Asked<'_>, resource: &'static Resource) {
    let directions = [Direction::Ascending, Direction::Descending];
    let offered = resource.fields.iter().filter(|field| field.sort);
    let offered = offered.flat_map(|field| directions.map(|direction| Sort { field: field.name, direction }));
    for sort in [None].into_iter().chain(offered.map(|sort| Some(vec![sort]))) {
        for backward in [false, true] {
            let args = ListArgs { sort: sort.clone(), backward, ..page() };
            let Ok(listing) = asked.server.service.list(&asked.server.call, resource, &args).await else { return };
            let last = Record::new(resource.fields.iter().map(some).collect(), 1);
            let absent = |field: &Field| if field.required { some(field) } else { Value::Null };
            let absent = Record::new(resource.fields.iter().map(absent).collect(), 1);
            let behind = |row: &Record| Some(listing.page.cursors.of(row, backward));
            for cursor in [None, behind(&last), behind(&absent)] {
                let about = format!("{} in order of {sort:?}, behind {cursor:?}", resource.name);
                let plan = asked.plan(resource, ListArgs { cursor, ..args.clone() }).await.expect("it may be listed");
                if plan.iter().any(|step| sorts(step) || scans(step, resource)) {
                    asked.complain(&about, &plan);
                }
            }
        }
    }
}

async fn relations(asked: &mut Asked<'_>, resource: &'static Resource) {
    for relation in resource.relations {
        if matches!(relation.kind, RelationKind::BelongsTo { .. }) {
            continue;
        }
        for (parents, total) in [(1, false), (2, false), (1, true), (2, true)] {
            let plan = asked.plan_of(resource, relation, parents, total).await;
            // A parent's only row needs no order, and pairs have none but that of the ids. The rows of all parents together
            // are put in order again.
            let ordered = matches!(relation.kind, RelationKind::HasMany { .. }) && !total;
            let again = usize::from(parents > 1);
            let sorted = ordered && plan.iter().filter(|step| sorts(step)).count() > again;
            let searched = plan.iter().any(|step| searches(step));
            if sorted || !searched || plan.iter().any(|step| scans(step, relation.target)) {
                asked.complain(&format!("{}.{} of {parents}, {total}", resource.name, relation.name), &plan);
            }
        }
    }
}

/// What the databases look up themselves before a row goes that others refer to.
async fn references(asked: &mut Asked<'_>, resource: &'static Resource) {
    let own =
        |field: &'static str| resource.fields.iter().find(|own| own.name == field).expect("a relation has a field");
    let mut columns: Vec<(&str, &str, &Field)> = Vec::new();
    for relation in resource.relations {
        match relation.kind {
            RelationKind::BelongsTo { column } => columns.push((resource.table, column, own(column))),
            RelationKind::ManyToMany(join) => columns.push((join.table, join.near, &resource.fields[0])),
            RelationKind::HasMany { .. } | RelationKind::HasOne { .. } => {}
        }
    }
    for (table, column, field) in columns {
        asked.server.take();
        let (ty, value) = (field.ty, some(field));
        let sql = format!("SELECT 1 FROM \"{table}\" AS t WHERE t.\"{column}\" = ?1");
        let sql = if asked.server.service.store.dialect() == Dialect::Postgres { sql.replace('?', "$") } else { sql };
        let read = store::read(&*asked.server.service.store, asked.server.call.deadline, move |tx| {
            let (sql, value) = (sql.clone(), value.clone());
            Box::pin(async move { Ok(tx.query(&sql, &[Arg::One(ty, &value)], &[Type::Int64]).await?) })
        });
        read.await.unwrap();
        let plan = asked.steps();
        if !plan.iter().any(|step| searches(step)) {
            asked.complain(&format!("{table} by {column}"), &plan);
        }
    }
}

/// Of what others have, nothing is read.
async fn own_rows(asked: &mut Asked<'_>, resource: &'static Resource) {
    let Some(plan) = asked.plan(resource, page()).await else { return };
    let reordered = plan.iter().any(|step| sorts(step) || scans(step, resource));
    if reordered && !plan.iter().any(|step| searches(step)) {
        asked.complain(&format!("{} of one's own", resource.name), &plan);
    }
}

async fn check(spec: &str) {
    let api = live::api(&live::model(spec));
    for server in Server::planning(api).await {
        let mut asked = Asked { server: &server, who: "with every role", plans: 0, complaints: Vec::new() };
        for resource in api.resources {
            references(&mut asked, resource).await;
            relations(&mut asked, resource).await;
            if resource.operations.list {
                filters(&mut asked, resource).await;
            }
            // A tenant's list of tenants has one row.
            if resource.operations.list && !matches!(resource.tenant, Some(Tenant::Itself)) {
                orders(&mut asked, resource).await;
            }
        }
        assert!(asked.plans > 40, "{}", asked.plans);
        let mut complaints = asked.complaints;
        let server = server.without_roles();
        let mut asked = Asked { server: &server, who: "without a role", plans: 0, complaints: Vec::new() };
        for resource in api.resources.iter().filter(|resource| resource.operations.list) {
            filters(&mut asked, resource).await;
            own_rows(&mut asked, resource).await;
        }
        complaints.extend(asked.complaints);
        assert!(complaints.is_empty(), "{}", complaints.concat());
    }
}

#[tokio::test]
async fn the_shop_reads_by_indexes() {
    check(include_str!("../../../specs/shop.yaml")).await;
}

#[tokio::test]
async fn the_library_with_pairs_and_deleted_rows_reads_by_indexes() {
    check(include_str!("../../../specs/library.yaml")).await;
}

#[tokio::test]
async fn the_network_with_many_ways_to_a_row_reads_by_indexes() {
    check(include_str!("../../../specs/social.yaml")).await;
}

#[tokio::test]
async fn the_chat_with_tenants_reads_by_indexes() {
    check(include_str!("../../../specs/chat.yaml")).await;
}

#[tokio::test]
async fn the_bank_with_numbered_entries_reads_by_indexes() {
    check(include_str!("../../../specs/payments.yaml")).await;
}

#[tokio::test]
async fn every_type_that_can_be_sorted_by_is_read_by_indexes() {
    check(include_str!("../../specs/every_type.yaml")).await;
}

#[tokio::test]
async fn every_kind_of_relation_is_read_by_indexes() {
    check(include_str!("../../specs/library.yaml")).await;
}

#[tokio::test]
async fn what_not_everybody_may_read_is_read_by_indexes() {
    check(include_str!("../../specs/guarded.yaml")).await;
}

#[tokio::test]
async fn callers_and_deleted_rows_of_tenants_are_read_by_indexes() {
    check(include_str!("../../specs/desk.yaml")).await;
}

#[tokio::test]
async fn what_no_index_is_good_for_is_told_apart() {
    for server in Server::planning(&shop_server::API).await {
        let users = shop_server::API.resources.iter().find(|resource| resource.name == "User").unwrap();
        let test = Test::Contains("a".to_owned());
        let filter = Some(Filter::Compare(Compare { field: users.field_index("email").unwrap(), test }));
        let mut asked = Asked { server: &server, who: "with every role", plans: 0, complaints: Vec::new() };
        let plan = asked.plan(users, ListArgs { filter, total: true, ..page() }).await.unwrap();
        assert!(!plan.iter().any(|step| searches(step)), "{plan:#?}");
    }
}

/// What everybody may see is no way to look rows up: a page of it would take all of it, and sort it.
#[tokio::test]
async fn a_page_of_what_everybody_sees_is_read_in_order() {
    let api = live::api(&live::model(include_str!("../../../specs/social.yaml")));
    let posts = api.resources.iter().find(|resource| resource.name == "Post").unwrap();
    for server in Server::planning(api).await {
        let server = server.without_roles();
        let mut asked = Asked { server: &server, who: "without a role", plans: 0, complaints: Vec::new() };
        let plan = asked.plan(posts, page()).await.unwrap();
        assert!(!plan.iter().any(|step| sorts(step)), "{plan:#?}");
    }
}
