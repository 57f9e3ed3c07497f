//! Callers of every kind, and of every resource rows of every kind.

use std::collections::BTreeMap;

use apigen_conformance::access::{
    caller::{Caller, Flaw},
    policy::Demand,
    spec::{Kind, Resource, Spec, Tenancy},
    world::{Row, Wish, World},
};
use serde_json::{Value as Json, json};

pub struct Cast<'s> {
    pub spec: &'s Spec,
    pub world: World,
    pub callers: Vec<Caller>,
    /// By resource.
    kinds: BTreeMap<&'s str, Vec<Sample>>,
    /// Rows from here on are for cells that change them.
    seeded: usize,
    /// The tenant of all callers but one.
    here: Option<Json>,
    ann: Json,
}

/// A row that stands for others of its kind.
#[derive(Clone)]
pub struct Sample {
    /// `leading to ann by author, state hidden`
    pub name: String,
    pub wish: Wish,
    /// Its position.
    pub row: usize,
}

impl<'s> Cast<'s> {
    pub fn of(spec: &'s Spec) -> Cast<'s> {
        let mut world = World::default();
        let tenants = spec.auth.as_ref().and_then(|auth| auth.tenant.as_ref());
        let mut tenant = || {
            let (tenants, _) = tenants?;
            let row = world.make(spec, spec.resource(tenants), &Wish::default());
            Some(world.rows[row].id.clone())
        };
        let (here, there) = (tenant(), tenant());
        let mut cast = Cast {
            spec,
            world,
            callers: Vec::new(),
            kinds: BTreeMap::new(),
            seeded: 0,
            here: here.clone(),
            ann: Json::Null,
        };
        cast.ann = cast.person(here.as_ref());
        cast.callers = cast.callers(there.as_ref());
        for resource in &spec.resources {
            let kinds = cast.samples(resource, there.as_ref());
            cast.kinds.insert(&resource.name, kinds);
        }
        cast.seeded = cast.world.rows.len();
        cast
    }

    /// The id of a new one who may call.
    fn person(&mut self, tenant: Option<&Json>) -> Json {
        let Some(auth) = &self.spec.auth else { return json!("whoever") };
        let wish = Wish { tenant: tenant.cloned(), ..Wish::default() };
        let row = self.world.make(self.spec, self.spec.resource(&auth.principal), &wish);
        self.world.rows[row].id.clone()
    }

    fn caller(&mut self, name: &str, tenant: Option<&Json>) -> Caller {
        let subject = Some(self.person(tenant));
        Caller { name: name.to_owned(), subject, tenant: tenant.cloned(), ..Caller::default() }
    }

    fn callers(&mut self, there: Option<&Json>) -> Vec<Caller> {
        let (spec, here) = (self.spec, self.here.clone());
        let ann = Caller {
            name: "ann".to_owned(),
            subject: Some(self.ann.clone()),
            tenant: here.clone(),
            ..Caller::default()
        };
        let stranger = self.caller("stranger", here.as_ref());
        let mut all = vec![Caller::anonymous(), stranger.clone(), ann.clone()];
        let roles: Vec<&String> = spec.auth.iter().flat_map(|auth| auth.roles.keys()).collect();
        for role in &roles {
            all.extend([stranger.clone().with_role(spec, role), ann.clone().with_role(spec, role)]);
        }
        all.extend(scopes(spec).iter().map(|scope| stranger.clone().with_scope(scope)));
        if there.is_some() {
            let eve = self.caller("eve of another tenant", there);
            all.extend(roles.iter().map(|role| eve.clone().with_role(spec, role)));
            all.extend([eve, Caller { tenant: None, name: "ann without a tenant".to_owned(), ..ann.clone() }]);
        }
        all.extend(Flaw::ALL.map(|flaw| {
            let almighty = roles.iter().fold(ann.clone(), |ann, role| ann.with_role(spec, role));
            Caller { flaw: Some(flaw), name: format!("{flaw:?} token"), ..almighty }
        }));
        all
    }

    pub fn samples_of(&self, resource: &Resource) -> &[Sample] {
        &self.kinds[&*resource.name]
    }

    pub fn row(&self, sample: &Sample) -> &Row {
        &self.world.rows[sample.row]
    }

    pub fn seeded(&self) -> &[Row] {
        &self.world.rows[..self.seeded]
    }

    pub fn brought_later(&self) -> &[Row] {
        &self.world.rows[self.seeded..]
    }

    pub fn here(&self) -> Option<&Json> {
        self.here.as_ref()
    }

    /// Another row of the same kind, and who is to it what the caller is to the first.
    pub fn another(
        &mut self,
        (resource, caller): (&Resource, &Caller),
        sample: &Sample,
        values: &[(String, Json)],
    ) -> (usize, Caller) {
        let mut caller = caller.clone();
        if resource.tenancy == Tenancy::Itself {
            // Of the caller's tenant there is one.
            return (sample.row, caller);
        }
        let mut wish = sample.wish.clone();
        wish.values.extend(values.iter().cloned());
        let itself = wish.lead.take_if(|(path, _)| path.is_empty()).is_some();
        let row = self.world.make(self.spec, resource, &wish);
        if itself && caller.subject.as_ref() == Some(&self.ann) {
            caller.subject = Some(self.world.rows[row].id.clone());
        }
        (row, caller)
    }

    /// A row of nobody in particular, one for each path by which a rule lets callers in, each in every state that a rule
    /// asks for, in both tenants; and a deleted one.
    fn samples(&mut self, resource: &'s Resource, there: Option<&Json>) -> Vec<Sample> {
        if resource.tenancy == Tenancy::Itself {
            return self
                .world
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| row.resource == resource.name)
                .take(2)
                .map(|(row, _)| Sample { name: format!("row {row}"), wish: Wish::default(), row })
                .collect();
        }
        let paths = paths(self.spec, resource);
        let leads = [None].into_iter().chain(paths.into_iter().map(Some));
        let states = states(self.spec, resource);
        let mut samples = Vec::new();
        let homes = [self.here.clone()].into_iter().chain(there.cloned().map(Some));
        let tenants: Vec<_> = homes.collect();
        for lead in leads {
            for state in &states {
                for tenant in &tenants {
                    for deleted in [false, true].into_iter().take(1 + usize::from(resource.soft_delete)) {
                        let wish = Wish {
                            tenant: tenant.clone(),
                            lead: lead.clone().map(|path| (path, self.ann.clone())),
                            values: state.clone(),
                            deleted,
                        };
                        samples.extend(self.sample(resource, wish));
                    }
                }
            }
        }
        samples
    }

    /// `None`: there can't be one.
    fn sample(&mut self, resource: &Resource, wish: Wish) -> Option<Sample> {
        let name = describe(&wish, self.here.as_ref());
        let itself = wish.lead.as_ref().is_some_and(|(path, _)| path.is_empty());
        let row = if itself {
            // She is there already, once, and not deleted.
            let own = self.world.rows.iter().position(|row| row.resource == resource.name && row.id == self.ann);
            own.filter(|_| !wish.deleted && wish.tenant == self.here)?
        } else {
            self.world.make(self.spec, resource, &wish)
        };
        Some(Sample { name, wish, row })
    }
}

fn describe(wish: &Wish, here: Option<&Json>) -> String {
    let lead = wish.lead.as_ref().map(|(path, _)| match path.as_slice() {
        [] => "of herself".to_owned(),
        path => format!("leading to ann by {}", path.join(".")),
    });
    let states = wish.values.iter().map(|(field, value)| format!("{field} {value}"));
    let deleted = wish.deleted.then(|| "deleted".to_owned());
    let foreign = (wish.tenant.as_ref() != here).then(|| "of the other tenant".to_owned());
    let parts = lead.into_iter().chain(states).chain(deleted).chain(foreign);
    format!("({})", parts.collect::<Vec<_>>().join(", "))
}

/// All that rules of the resource follow to the caller.
pub fn paths(spec: &Spec, resource: &Resource) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for demand in resource.all_rules(spec).into_iter().flatten().flatten() {
        match demand {
            Demand::Path(path) if !paths.contains(&path) => paths.push(path),
            _ => {}
        }
    }
    paths
}

/// Every combination of being in a state that a rule asks for, and of not being in it.
fn states(spec: &Spec, resource: &Resource) -> Vec<Vec<(String, Json)>> {
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for demand in resource.all_rules(spec).into_iter().flatten().flatten() {
        if let Demand::When(field, values) = demand {
            fields.entry(field).or_default().extend(values);
        }
    }
    let mut all = vec![Vec::new()];
    for (name, values) in fields {
        let field = resource.fields.iter().find(|field| field.name == name).expect("a field of the resource");
        let known = spec.enums.get(&field.ty);
        let other =
            known.map_or("something else", |all| all.iter().find(|each| !values.contains(each)).expect("another"));
        let each = |state: &Vec<(String, Json)>| {
            let with = |value: &str| state.iter().cloned().chain([(name.clone(), json!(value))]).collect();
            [with(&values[0]), with(other)]
        };
        all = all.iter().flat_map(each).collect();
    }
    all
}

/// All that a rule of the spec names.
fn scopes(spec: &Spec) -> Vec<String> {
    let mut scopes = Vec::new();
    for demand in spec.resources.iter().flat_map(|resource| resource.all_rules(spec)).flatten().flatten() {
        match demand {
            Demand::Scope(scope) if !scopes.contains(&scope) => scopes.push(scope),
            _ => {}
        }
    }
    scopes
}

/// Whether callers can say where a relation of a new row leads.
pub fn can_be_led(resource: &Resource, path: &[String]) -> bool {
    path.first().is_some_and(|first| {
        let relation = resource.relation(first);
        relation.kind == Kind::BelongsTo && !relation.is("read_only")
    })
}
