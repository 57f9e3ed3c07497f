//! Scenarios over GraphQL, spelled by the contract.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::BoxFuture;
use reqwest::Client;
use serde_json::{Value as Json, json};

use super::{
    driver::{Driver, Failure, Operation, Outcome, Reply, UNTYPED, Violation, argument, message},
    rest::text,
    scenario::{Act, Args, Batch, Link, Protocol, With},
    shape::{Schema, camel, snake},
    transcript::error_row,
};

pub struct Graphql {
    pub client: Client,
    /// `http://127.0.0.1:8080/graphql`
    pub url: String,
    pub schema: Arc<Schema>,
    /// List query by resource: `orderItems`.
    pub plurals: Arc<HashMap<String, String>>,
    /// `Bearer …`
    pub authorization: Option<String>,
}

impl Driver for Graphql {
    fn protocol(&self) -> Protocol {
        Protocol::Graphql
    }

    fn run<'a>(&'a self, operation: &'a Operation) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            match operation {
                Operation::Create(create) => {
                    self.write("create", &create.resource, None, Some(&create.input), None).await
                }
                Operation::Update(update) => {
                    let etag = update.etag.as_deref();
                    self.write("update", &update.resource, Some(&update.id), Some(&update.input), etag).await
                }
                Operation::Delete(item) => {
                    self.write("delete", &item.resource, Some(&item.id), None, item.etag.as_deref()).await
                }
                Operation::Undelete(item) => self.write("undelete", &item.resource, Some(&item.id), None, None).await,
                Operation::Act(act) => self.act(act).await,
                Operation::Link(link) => self.link("add", link).await,
                Operation::Unlink(link) => self.link("remove", link).await,
                Operation::Batch(batch) => self.batch(batch).await,
                Operation::Patch(_) => panic!("GraphQL has no JSON Patches: `only: [rest]`"),
                Operation::Import(_) => panic!("GraphQL has no streams of requests: `only: [grpc]`"),
                Operation::Replace(_) => panic!("GraphQL has no replacement: `only: [rest, grpc]`"),
                Operation::Get(get) => {
                    let field = camel(&get.resource);
                    let selection = match &get.fields {
                        Some(fields) => self.schema.chosen(&get.resource, &format!("id,etag,{fields}")),
                        None => self.selection(&get.resource, &get.with),
                    };
                    let query = format!("query($id: ID!) {{ {field}(id: $id) {selection} }}");
                    let data = self.ask(&query, json!({ "id": text(&get.id) })).await?;
                    let mut reply = self.record(&get.resource, &data[&field]);
                    followed(&mut reply.value, &get.with);
                    Ok(reply)
                }
                Operation::List(list) => {
                    let field = self.plurals[&list.resource].clone();
                    let (types, arguments, variables) = self.arguments(&list.resource, &list.args);
                    let page = self.page(&list.resource, &list.args);
                    let data = self.ask(&format!("query{types} {{ {field}{arguments} {page} }}"), variables).await?;
                    Ok(Reply::of(self.list(&list.resource, &data[&field])))
                }
                Operation::Related(related) => {
                    let (owner, field) = (camel(&related.of), camel(&related.relation));
                    let (types, arguments, mut variables) = self.arguments(&related.resource, &related.args);
                    variables["id"] = json!(text(&related.id));
                    let types = format!(
                        "($id: ID!{}",
                        types.strip_prefix('(').map_or(")".to_owned(), |rest| format!(", {rest}"))
                    );
                    let page = self.page(&related.resource, &related.args);
                    let query = format!("query{types} {{ {owner}(id: $id) {{ {field}{arguments} {page} }} }}");
                    let data = self.ask(&query, variables).await?;
                    Ok(Reply::of(self.list(&related.resource, &data[&owner][&field])))
                }
            }
        })
    }
}

impl Graphql {
    async fn write(
        &self,
        verb: &str,
        resource: &str,
        id: Option<&Json>,
        input: Option<&Json>,
        etag: Option<&str>,
    ) -> Outcome {
        let field = format!("{verb}{resource}");
        let pascal = capitalised(&field);
        let input_type = format!("{pascal}Input");
        let shows = self.schema.has_field(&format!("{pascal}Payload"), &camel(resource));
        let mut variables = json!({});
        let (mut types, mut arguments) = (Vec::new(), Vec::new());
        let mut add = |name: &str, ty: &str, value: Option<Json>| {
            if let Some(value) = value {
                types.push(format!("${name}: {ty}"));
                arguments.push(format!("{name}: ${name}"));
                variables[name] = value;
            }
        };
        add("id", "ID!", id.map(|id| json!(text(id))));
        if self.schema.has_input(&input_type) {
            add("input", &format!("{input_type}!"), input.map(|input| self.schema.input(&input_type, input)));
        }
        // Fits the argument whether it is required or not.
        add("ifMatch", "String!", etag.map(|etag| json!(etag)));
        let entity = if verb == "delete" {
            "deletedId".to_owned()
        } else if !shows {
            String::new()
        } else {
            format!("{} {}", camel(resource), self.schema.selection(resource))
        };
        let query = format!(
            "mutation({}) {{ {field}({}) {{ {entity} userErrors {{ code message field }} }} }}",
            types.join(", "),
            arguments.join(", ")
        );
        let data = self.ask(&query, variables).await?;
        let payload = &data[&field];
        let errors = payload["userErrors"].as_array().expect("a list of errors");
        if !errors.is_empty() {
            return Err(user_failure(errors));
        }
        if verb == "delete" {
            assert_eq!(payload["deletedId"], json!(text(id.expect("a delete has an id"))));
            return Ok(Reply::of(Json::Null));
        }
        if !shows {
            return Ok(Reply::of(Json::Null));
        }
        Ok(self.record(resource, &payload[&camel(resource)]))
    }

    async fn act(&self, act: &Act) -> Outcome {
        let owner = if act.id.is_null() { capitalised(&self.plurals[&act.resource]) } else { act.resource.clone() };
        let field = format!("{}{owner}", camel(&act.action));
        let input_type = format!("{}Input", capitalised(&field));
        let input = act.input.as_ref().filter(|_| self.schema.has_input(&input_type));
        let given = [
            ("id", "ID!".to_owned(), Some(&act.id).filter(|id| !id.is_null()).map(|id| json!(text(id)))),
            ("input", format!("{input_type}!"), input.map(|input| self.schema.input(&input_type, input))),
            ("ifMatch", "String!".to_owned(), act.etag.as_ref().map(|etag| json!(etag))),
        ];
        let given: Vec<_> = given.into_iter().filter_map(|(name, ty, value)| Some((name, ty, value?))).collect();
        let listed = |each: &dyn Fn(&str, &str) -> String| match given.as_slice() {
            [] => String::new(),
            given => format!("({})", given.iter().map(|(name, ty, _)| each(name, ty)).collect::<Vec<_>>().join(", ")),
        };
        let (types, arguments) =
            (listed(&|name, ty| format!("${name}: {ty}")), listed(&|name, _| format!("{name}: ${name}")));
        let variables: serde_json::Map<_, _> =
            given.iter().map(|(name, _, value)| ((*name).to_owned(), value.clone())).collect();
        if act.safe {
            let selection = self.schema.selection_of("Query", &field);
            let data =
                self.ask(&format!("query{types} {{ {field}{arguments} {selection} }}"), variables.into()).await?;
            return Ok(self.shown("Query", &field, &data[&field]));
        }
        let payload = format!("{}Payload", capitalised(&field));
        let shown = self.schema.names(&payload).find(|name| *name != "userErrors");
        let entity = shown.map(|name| format!("{name} {}", self.schema.selection_of(&payload, name)));
        let errors = "userErrors { code message field }";
        let entity = entity.unwrap_or_default();
        let query = format!("mutation{types} {{ {field}{arguments} {{ {entity} {errors} }} }}");
        let data = self.ask(&query, variables.into()).await?;
        let errors = data[&field]["userErrors"].as_array().expect("a list of errors");
        match (errors.as_slice(), shown) {
            // That a logout is done is told elsewhere by there being no error.
            ([], None | Some("done")) => Ok(Reply::of(Json::Null)),
            ([], Some(name)) => Ok(self.shown(&payload, name, &data[&field][name])),
            (errors, _) => Err(user_failure(errors)),
        }
    }

    async fn batch(&self, batch: &Batch) -> Outcome {
        let Batch { resource, operations, atomic } = batch;
        let field = format!("batch{}", capitalised(&self.plurals[resource]));
        let mut input =
            json!({ "operations": operations.iter().map(|each| self.step(resource, each)).collect::<Vec<_>>() });
        if let Some(atomic) = atomic {
            input["atomic"] = json!(atomic);
        }
        let row = camel(resource);
        let errors = "userErrors { code message field }";
        let query = format!(
            "mutation($input: {}Input!) {{ {field}(input: $input) {{ results {{ index {row} {} deletedId {errors} }} \
             {errors} }} }}",
            capitalised(&field),
            self.schema.selection(resource)
        );
        let data = self.ask(&query, json!({ "input": input })).await?;
        let payload = &data[&field];
        let errors = payload["userErrors"].as_array().expect("a list of errors");
        let results = payload["results"].as_array().expect("a list of results");
        if !errors.is_empty() {
            assert!(results.is_empty(), "nothing was done: {payload}");
            return Err(user_failure(errors));
        }
        let result = |(index, result): (usize, &Json)| {
            assert_eq!(result["index"], json!(index));
            let errors = result["userErrors"].as_array().expect("a list of errors");
            match (&result[&row], &result["deletedId"]) {
                (Json::Null, Json::Null) => {
                    let failure = user_failure(errors);
                    let message = errors[0]["message"].as_str().map(str::to_owned);
                    json!({ "error": Failure { message, ..failure }.of_one() })
                }
                (Json::Null, Json::String(id)) => {
                    json!({ "deleted": id.parse::<i64>().map_or_else(|_| json!(id), Json::from) })
                }
                (shown, _) => {
                    let Reply { value, etag } = self.record(resource, shown);
                    json!({ "row": value, "etag": etag })
                }
            }
        };
        Ok(Reply::of(json!({ "results": results.iter().enumerate().map(result).collect::<Vec<_>>() })))
    }

    /// One operation of a batch, which in REST has the row's members beside its id.
    fn step(&self, resource: &str, operation: &Json) -> Json {
        let member = |(verb, value): (&String, &Json)| {
            let Json::Object(members) = value else { return (verb.clone(), value.clone()) };
            if verb == "create" {
                return (verb.clone(), self.schema.input(&format!("Create{resource}Input"), value));
            }
            let mut members = members.clone();
            let mut step = serde_json::Map::new();
            step.extend(members.remove("id").map(|id| ("id".to_owned(), json!(text(&id)))));
            step.extend(members.remove("etag").map(|etag| ("ifMatch".to_owned(), etag)));
            if verb == "update" {
                let input = self.schema.input(&format!("Update{resource}Input"), &members.into());
                step.insert("input".to_owned(), input);
            }
            (verb.clone(), step.into())
        };
        operation.as_object().into_iter().flatten().map(member).collect::<serde_json::Map<_, _>>().into()
    }

    /// A field of an object: a row, several of them, or something else.
    fn shown(&self, object: &str, field: &str, value: &Json) -> Reply {
        match (self.schema.row(object, field), value) {
            (Some(resource), Json::Array(rows)) => {
                Reply::of(rows.iter().map(|row| self.record(resource, row).value).collect())
            }
            (Some(resource), value) => self.record(resource, value),
            (None, value) => Reply::of(self.schema.member(object, field, value)),
        }
    }

    async fn link(&self, verb: &str, link: &Link) -> Outcome {
        let field = format!("{verb}{}{}", link.resource, heck::ToUpperCamelCase::to_upper_camel_case(&*link.relation));
        let argument = format!("{}Ids", camel(&link.target));
        let owner = camel(&link.resource);
        let query = format!(
            "mutation($id: ID!, $ids: [ID!]!) {{ {field}(id: $id, {argument}: $ids) {{ {owner} {{ id }} \
             userErrors {{ code message field }} }} }}"
        );
        let ids: Vec<String> = link.ids.iter().map(text).collect();
        let data = self.ask(&query, json!({ "id": text(&link.id), "ids": ids })).await?;
        let payload = &data[&field];
        match payload["userErrors"].as_array().map(Vec::as_slice) {
            Some([]) => {
                assert_eq!(payload[&owner]["id"], json!(text(&link.id)));
                Ok(Reply::of(Json::Null))
            }
            errors => Err(user_failure(errors.expect("a list of errors"))),
        }
    }

    /// Everything of a row, and of the rows along its relations.
    fn selection(&self, resource: &str, with: &With) -> String {
        let along = with.0.iter().map(|(name, along)| {
            let inner = self.selection(&along.resource, &along.with);
            match along.column {
                Some(_) => format!(" {} {{ nodes {inner} }}", camel(name)),
                None => format!(" {} {inner}", camel(name)),
            }
        });
        let own = self.schema.selection(resource);
        format!("{}{} }}", own.trim_end_matches('}').trim_end(), along.collect::<String>())
    }

    fn record(&self, resource: &str, value: &Json) -> Reply {
        let mut value = self.schema.output(resource, value);
        let etag = value["etag"].as_str().expect("a record has an etag").to_owned();
        value.as_object_mut().expect("a record").remove("etag");
        Reply { value, etag: Some(etag) }
    }

    fn page(&self, resource: &str, args: &Args) -> String {
        let total = if args.total { "totalCount" } else { "" };
        let row = match &args.fields {
            Some(fields) => self.schema.chosen(resource, &format!("id,etag,{fields}")),
            None => self.schema.selection(resource),
        };
        let page = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }";
        format!("{{ nodes {row} {page} {total} }}")
    }

    fn list(&self, resource: &str, connection: &Json) -> Json {
        let nodes = connection["nodes"].as_array().expect("nodes");
        let page = &connection["pageInfo"];
        let cursor = |there: &str, cursor: &str| if page[there] == true { page[cursor].clone() } else { Json::Null };
        let mut value = json!({
            "data": nodes.iter().map(|node| self.record(resource, node).value).collect::<Vec<_>>(),
            "has_more": page["hasNextPage"],
            "next": cursor("hasNextPage", "endCursor"),
            "prev": cursor("hasPreviousPage", "startCursor"),
        });
        if let Some(total) = connection.get("totalCount") {
            value["total"] = total.clone();
        }
        value
    }

    /// `($first: Int)`, `(first: $first)`, and the variables; empty texts where there are no arguments.
    fn arguments(&self, resource: &str, args: &Args) -> (String, String, Json) {
        let (size, cursor) = if args.backward { ("last", "before") } else { ("first", "after") };
        let condition = format!("{resource}Where");
        let order = format!("[{resource}OrderBy!]");
        let given = [
            (size, "Int".to_owned(), args.limit.map(Json::from)),
            (cursor, "String".to_owned(), args.cursor.clone().map(Json::from)),
            ("q", "String".to_owned(), args.q.clone().map(Json::from)),
            ("skip", "Int".to_owned(), args.skip().map(Json::from)),
            ("where", condition.clone(), args.conditions.as_ref().map(|where_| self.conditions(&condition, where_))),
            ("orderBy", order, args.sort.as_deref().map(order_by)),
        ];
        let given: Vec<_> = given.into_iter().filter_map(|(name, ty, value)| Some((name, ty, value?))).collect();
        let variables =
            given.iter().map(|(name, _, value)| ((*name).to_owned(), value.clone())).collect::<serde_json::Map<_, _>>();
        if given.is_empty() {
            return (String::new(), String::new(), json!({}));
        }
        let types = given.iter().map(|(name, ty, _)| format!("${name}: {ty}")).collect::<Vec<_>>().join(", ");
        let names = given.iter().map(|(name, ..)| format!("{name}: ${name}")).collect::<Vec<_>>().join(", ");
        (format!("({types})"), format!("({names})"), variables.into())
    }

    /// Fields and operators are in snake_case, like all of a scenario.
    fn conditions(&self, input: &str, conditions: &Json) -> Json {
        self.schema.input(input, conditions)
    }

    async fn ask(&self, query: &str, variables: Json) -> Result<Json, Failure> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.client.post(&self.url).json(&body);
        let request = self.authorization.iter().fold(request, |request, value| request.header("authorization", value));
        let response = request.send().await.expect("the server answers");
        let status = response.status().as_u16();
        let mut answer: Json = response.json().await.expect("JSON");
        // Only credentials that aren't good are refused before GraphQL is asked.
        let expected =
            if answer.get("data").is_none() { &answer["errors"][0]["extensions"]["status"] } else { &json!(200) };
        assert!(status == 200 || json!(status) == *expected, "application/json is answered by 200: {body}");
        match answer["errors"].as_array() {
            None => Ok(answer["data"].take()),
            Some(errors) => {
                assert_eq!(errors.len(), 1, "one thing was asked: {answer}\n{body}");
                Err(failure(&errors[0]))
            }
        }
    }
}

/// Letter by letter: an acronym keeps its capitals.
fn capitalised(name: &str) -> String {
    let (first, others) = name.split_at(name.len().min(1));
    first.to_uppercase() + others
}

/// Rows along relations as REST shows them: no connection around them, no etag inside.
fn followed(row: &mut Json, with: &With) {
    for (name, along) in &with.0 {
        if along.column.is_some() {
            row[name] = row[name]["nodes"].take();
        }
        let rows = match &mut row[name] {
            Json::Array(rows) => rows.iter_mut().collect(),
            one => vec![one],
        };
        for row in rows {
            row.as_object_mut().expect("a row").remove("etag").expect("a row has an etag");
            followed(row, &along.with);
        }
    }
}

/// `-price,name` → `[{field: PRICE, direction: DESC}, {field: NAME}]`
fn order_by(sort: &str) -> Json {
    let key = |key: &str| match key.strip_prefix('-') {
        Some(field) => json!({ "field": field.to_uppercase(), "direction": "DESC" }),
        None => json!({ "field": key.to_uppercase() }),
    };
    sort.split(',').map(key).collect()
}

fn failure(error: &Json) -> Failure {
    let extensions = &error["extensions"];
    let code = extensions["code"].as_str().unwrap_or_else(|| panic!("an error without a code: {error}")).to_owned();
    assert!(!code.starts_with("GRAPHQL_"), "the schema served isn't the contract: {error}");
    if code != UNTYPED {
        let row = error_row(&code);
        assert_eq!(extensions["status"], json!(row.http), "{error}");
        assert_eq!(extensions["retryable"], json!(row.retryable), "{error}");
    }
    let violation = |item: &Json| Violation {
        at: place(item),
        code: Some(item["code"].as_str().expect("a code").to_owned()),
        message: item["detail"].as_str().unwrap_or_else(|| panic!("a violation without a message: {item}")).to_owned(),
    };
    Failure {
        code,
        message: Some(message(error["message"].as_str().expect("a message"))),
        violations: extensions["errors"].as_array().into_iter().flatten().map(violation).collect(),
    }
}

fn place(item: &Json) -> String {
    match (&item["argument"], &item["parameter"], &item["field"]) {
        (Json::String(name), ..) | (_, Json::String(name), _) => argument(name),
        (.., Json::Array(path)) => dotted(path),
        _ => panic!("a violation without a place: {item}"),
    }
}

fn user_failure(errors: &[Json]) -> Failure {
    let code = errors[0]["code"].as_str().expect("a code").to_owned();
    assert!(errors.iter().all(|error| error["code"] == json!(code)), "{errors:?}");
    error_row(&code);
    let violation = |error: &Json| {
        let path = error["field"].as_array()?;
        Some(Violation { at: dotted(path), code: None, message: error["message"].as_str()?.to_owned() })
    };
    Failure { code, message: None, violations: errors.iter().filter_map(violation).collect() }
}

/// `["shipTo", "country"]` → `ship_to.country`
fn dotted(path: &[Json]) -> String {
    let mut dotted = String::new();
    let path: Vec<&str> = path.iter().map(|segment| segment.as_str().expect("a path of strings")).collect();
    // In REST the members of an update stand beside its id.
    let within = matches!(path.as_slice(), ["operations", _, "update", "input", ..]);
    for (_, segment) in path.into_iter().enumerate().filter(|(depth, _)| !(within && *depth == 3)) {
        match segment.parse::<usize>() {
            Ok(index) => dotted += &format!("[{index}]"),
            Err(_) if dotted.is_empty() => dotted += &snake(segment),
            Err(_) => dotted += &format!(".{}", snake(segment)),
        }
    }
    dotted
}
