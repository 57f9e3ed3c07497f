//! Random specs that are right, from a small grammar of the language: every type, rule, relation and kind of action in
//! mixtures that no example has. Names are chosen to be hard on some target.

use fastrand::Rng;

const RESOURCES: [&str; 13] = [
    "Order",
    "Person",
    "HttpServer",
    "Match",
    "Message",
    "Box",
    "Category",
    "Option",
    "Result",
    "Package",
    "Type",
    "Code",
    "Position",
];
const OBJECTS: [&str; 3] = ["Address", "Struct", "Trait"];
const ENUMS: [&str; 3] = ["State", "Enum", "ColorOfThings"];
const VALUES: [&str; 7] = ["open", "closed", "self", "type", "true", "none", "x1"];
const FIELDS: [&str; 20] = [
    "name", "type", "match", "note", "size", "x1", "from", "select", "value", "end", "class", "fn", "is_open", "key",
    "default", "package", "http_url", "a", "group", "returns",
];
const TYPES: [&str; 15] = [
    "string",
    "bool",
    "int32",
    "int64",
    "float64",
    "decimal",
    "uuid",
    "timestamp",
    "date",
    "duration",
    "email",
    "url",
    "bytes",
    "json",
    "password",
];

/// What resources, fields and actions refer to.
struct Domain<'r> {
    rng: &'r mut Rng,
    enums: Vec<(&'static str, Vec<&'static str>)>,
    objects: Vec<&'static str>,
    resources: Vec<&'static str>,
    /// Pairs of them that are many-to-many.
    links: Vec<[usize; 2]>,
    auth: bool,
}

/// The text of a spec.
pub fn spec(rng: &mut Rng) -> String {
    let enums = some(rng, &ENUMS, 1).into_iter().map(|name| (name, some(rng, &VALUES, 2))).collect();
    let objects = some(rng, &OBJECTS, 0);
    // Of few, more domains can be tried.
    let count = rng.usize(1..=5);
    let resources = rng.choose_multiple(RESOURCES, count);
    let pairs = (0..resources.len()).flat_map(|one| (0..one).map(move |other| [one, other]));
    let links = pairs.filter(|_| rng.u8(..4) == 0).collect();
    let auth = rng.bool();
    Domain { rng, enums, objects, resources, links, auth }.text()
}

/// At least so many of them, in any order.
fn some<T: Copy>(rng: &mut Rng, all: &[T], least: usize) -> Vec<T> {
    let count = rng.usize(least..=all.len());
    rng.choose_multiple(all.iter().copied(), count)
}

impl Domain<'_> {
    fn maybe(&mut self, text: &str) -> String {
        if self.rng.bool() { text.to_owned() } else { String::new() }
    }

    fn text(&mut self) -> String {
        let mut text = "apigen: 1\napi: { name: fuzz, version: v1, title: Fuzz }\nenums:\n".to_owned();
        for (name, values) in &self.enums {
            text += &format!("  {name}: [{}]\n", quoted(values));
        }
        if !self.objects.is_empty() {
            text += "types:\n";
        }
        for name in self.objects.clone() {
            text += &format!("  {name}:\n    fields:\n");
            for field in some(self.rng, &FIELDS, 1) {
                // An object can't be inside of itself, and no password inside of an object.
                let ty = self.rng.choice(&TYPES[..14]).copied().unwrap_or("string");
                let optional = self.maybe("?");
                text += &format!("      {field}{optional}: {{ type: {ty}{} }}\n", scale(ty));
            }
        }
        text += "errors:\n  OUT_OF_LUCK: { code: failed_precondition, message: \"No luck, {who}\", params: { who: string } }\n";
        let first = self.resources[0];
        if self.auth {
            text += &format!("auth:\n  principal: {first}\n  roles: {{ admin: ['*'], reader: [a:read] }}\n");
            text += "limits: { anonymous: 60/min }\n";
        }
        text += "resources:\n";
        for (index, name) in self.resources.clone().into_iter().enumerate() {
            text += &self.resource(index, name);
        }
        text
    }

    fn resource(&mut self, index: usize, name: &'static str) -> String {
        let mut text = format!("  {name}:\n");
        let id = ["", "    id: uuid\n", "    id: { type: int64 }\n", "    id: { prefix: PREFIX }\n"];
        let prefix = char::from(b'a' + u8::try_from(index).unwrap_or_default()).to_string();
        text += &self.rng.choice(id).unwrap_or_default().replace("PREFIX", &format!("{prefix}x"));
        let mut names = some(self.rng, &FIELDS, 3);
        let (enumeration, values) = self.rng.choice(&self.enums).cloned().unwrap_or_default();
        // What a transition changes, and what a search and a check are about.
        let (state, found, low) = (names.remove(0), names.remove(0), names.remove(0));
        text += "    fields:\n";
        text += &format!(
            "      {state}: {{ type: {enumeration}, default: {:?}, read_only: true, filter: true }}\n",
            values[0]
        );
        text += &format!(
            "      {found}: {{ type: string, max_length: 100{} }}\n",
            self.maybe(", filter: true, sort: true")
        );
        text += &format!("      {low}: {{ type: int32, minimum: 0{} }}\n", self.maybe(", unique: true"));
        for field in &names {
            text += &self.field(field);
        }
        text += &self.relations(index);
        text += &self.maybe("    description: \"It's: one #of\\n\\n- `many`\"\n");
        text += &self.maybe("    timestamps: false\n");
        text += &self.maybe("    operations: [list, get, create, update, replace, delete]\n");
        text += &self.maybe("    list: { page_size: 5, max_page_size: 50, total: true, offset: true }\n");
        text += &self.maybe(&format!("    search: [{found}]\n"));
        text += &self.maybe(&format!("    indexes: [[{found}, -{low}]]\n"));
        text += &self.maybe("    batch: { max: 10 }\n");
        text += &self.maybe(&format!("    checks: [{low} < 100]\n"));
        text += &self.maybe("    require: [if_match]\n");
        text += &self.maybe("    errors: [OUT_OF_LUCK]\n");
        let (actions, events) = self.actions(state, values[0], values[1]);
        text += &actions;
        text += &self.maybe(&format!("    events: [created, deleted{events}]\n"));
        if self.auth {
            text += &self.maybe("    access: { read: public, write: [role:admin, scope:a:write] }\n");
            text += &self.maybe("    limit: 10/s\n");
        }
        text
    }

    fn field(&mut self, name: &str) -> String {
        let ty = self.field_type();
        let inner = ty.trim_start_matches("list<").trim_start_matches("map<").trim_end_matches('>');
        let single = inner == ty;
        let optional = if single && ty != "password" { self.maybe("?") } else { String::new() };
        let mut keys = scale(inner).to_owned();
        match ty.as_str() {
            "string" => keys += &self.maybe(", min_length: 1, max_length: 40, pattern: '^[A-Z]: #'"),
            "int32" | "int64" => keys += &self.maybe(", minimum: -5, maximum: 70"),
            "bool" => keys += &self.maybe(", default: true"),
            "timestamp" => keys += &self.maybe(", default: now"),
            _ if ty.starts_with("list<") => keys += &self.maybe(", max_items: 3"),
            _ => {}
        }
        let ordered = ["string", "int32", "int64", "decimal", "timestamp", "date", "email"].contains(&ty.as_str());
        keys += &if ordered { self.maybe(", filter: true") } else { String::new() };
        keys += &if ordered { self.maybe(", sort: true") } else { String::new() };
        keys += &self.maybe(", description: 'What: is #it?'");
        keys += &if ty == "password" { String::new() } else { self.maybe(", create_only: true") };
        format!("      {name}{optional}: {{ type: {ty}{keys} }}\n")
    }

    fn field_type(&mut self) -> String {
        let named = self.enums.iter().map(|(name, _)| *name).chain(self.objects.iter().copied());
        let all: Vec<&str> = named.chain(TYPES).collect();
        let ty = self.rng.choice(all).unwrap_or("string");
        match self.rng.u8(..6) {
            0 if ty != "password" => format!("list<{ty}>"),
            1 if ty != "password" => format!("map<{ty}>"),
            _ => ty.to_owned(),
        }
    }

    /// To resources above, to itself, and to any.
    fn relations(&mut self, index: usize) -> String {
        let mut text = String::new();
        for other in 0..index {
            let (name, optional) = (self.resources[other], self.maybe("?"));
            let deletion = if optional.is_empty() { "cascade" } else { "set_null" };
            if self.rng.u8(..4) == 0 {
                text += &format!("      of{other}{optional}: {{ belongs_to: {name}, on_delete: {deletion} }}\n");
            }
        }
        for pair in self.links.iter().filter(|pair| pair.contains(&index)) {
            let other = pair[0] + pair[1] - index;
            let name = self.resources[other];
            text += &format!("      many{other}: {{ many_to_many: {name}, inverse: many{index} }}\n");
        }
        if self.rng.bool() {
            let own = self.resources[index];
            text += &format!(
                "      parent?: {{ belongs_to: {own} }}\n      children: {{ has_many: {own}, inverse: parent }}\n"
            );
        }
        if text.is_empty() { text } else { format!("    relations:\n{text}") }
    }

    /// And the events that they bring.
    fn actions(&mut self, state: &str, from: &str, to: &str) -> (String, String) {
        let mut text = format!(
            "    actions:\n      go_on:\n        transition: {{ field: {state}, from: [{from:?}], to: {to:?} }}\n"
        );
        text += "        event: went_on\n";
        if self.rng.bool() {
            text += "      look_up:\n        target: collection\n        safe: true\n        input:\n          what?: string\n";
            text += "        returns: list<string>\n";
        }
        (text, self.maybe(", went_on"))
    }
}

fn quoted(values: &[&str]) -> String {
    values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ")
}

fn scale(ty: &str) -> &'static str {
    if ty == "decimal" { ", scale: 2" } else { "" }
}
