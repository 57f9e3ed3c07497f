//! Documents, parsed and valid, kept by their text together with the plans of their operations, so that a repeated one
//! costs a look-up.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use apollo_compiler::{
    ExecutableDocument, ast,
    executable::Operation,
    introspection,
    parser::Parser,
    validation::{Valid, WithErrors},
};

use super::{
    Options, limits,
    plan::Plan,
    response::{RequestError, Stage},
    schema::Schema,
};

/// Bytes of text whose documents are kept. A parsed document takes some twenty times as much.
const KEPT_BYTES: usize = 1 << 20;
/// Fields whose plans are kept. One takes some hundred bytes.
const KEPT_FIELDS: usize = 100_000;
/// Of one document. There are several if it has several operations, or if variables decide about their form.
const KEPT_PLANS: usize = 32;

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) executable: Valid<ExecutableDocument>,
    plans: Mutex<Vec<Arc<Plan>>>,
}

impl Document {
    /// The plan that is good for such a request, if it is kept.
    pub(crate) fn plan(&self, fits: impl Fn(&Plan) -> bool) -> Option<Arc<Plan>> {
        self.plans().iter().find(|plan| fits(plan)).cloned()
    }

    fn plans(&self) -> MutexGuard<'_, Vec<Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The documents of late. Cleared when full: rebuilding is cheap, and there is no order to maintain.
#[derive(Default)]
pub(crate) struct Documents {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    documents: HashMap<String, Arc<Document>>,
    bytes: usize,
    /// Of plans.
    fields: usize,
}

impl Documents {
    pub(crate) fn get(
        &self,
        schema: &Schema,
        options: &Options,
        text: &str,
    ) -> Result<Arc<Document>, Vec<RequestError>> {
        if let Some(document) = self.lock().documents.get(text) {
            return Ok(document.clone());
        }
        let executable = prepare(schema, options, text)?;
        let document = Arc::new(Document { executable, plans: Mutex::default() });
        self.lock().keep(text, &document);
        Ok(document)
    }

    /// Keeps a plan with its document, unless it is so large that few others would be left.
    pub(crate) fn keep_plan(&self, document: &Document, plan: &Arc<Plan>) {
        if plan.fields > KEPT_FIELDS / 10 {
            return;
        }
        self.lock().make_room(plan.fields);
        let mut plans = document.plans();
        if plans.len() == KEPT_PLANS {
            plans.clear();
        }
        plans.push(plan.clone());
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, text: &str, document: &Arc<Document>) {
        if self.bytes + text.len() > KEPT_BYTES {
            *self = Kept::default();
        }
        if self.documents.insert(text.to_owned(), document.clone()).is_none() {
            self.bytes += text.len();
        }
    }

    fn make_room(&mut self, fields: usize) {
        if self.fields + fields > KEPT_FIELDS {
            *self = Kept::default();
        }
        self.fields += fields;
    }
}

fn prepare(schema: &Schema, options: &Options, text: &str) -> Result<Valid<ExecutableDocument>, Vec<RequestError>> {
    let syntax = parse(options, text)?;
    let invalid = |invalid: WithErrors<_>| RequestError::all(Stage::Validation, &invalid.errors);
    // In two steps, since a field that doesn't exist would make its selection empty, which would be told as well.
    let document = syntax.to_executable(&schema.sdl).map_err(invalid)?.validate(&schema.sdl).map_err(invalid)?;
    limits::check(&document, options).map_err(|error| vec![error])?;
    for operation in document.operations.iter() {
        introspection_depth(&document, operation).map_err(|error| vec![error])?;
    }
    if !options.development {
        limits::no_introspection(&document).map_err(|error| vec![error])?;
    }
    Ok(document)
}

fn parse(options: &Options, text: &str) -> Result<ast::Document, Vec<RequestError>> {
    if text.len() > options.max_document_bytes {
        let message = format!("the document has more than {} bytes", options.max_document_bytes);
        return Err(vec![RequestError { stage: Stage::Validation, message, locations: Vec::new() }]);
    }
    let mut parser = Parser::new().token_limit(options.max_tokens);
    let parsed = parser.parse_ast(text, "document.graphql");
    let too_long = parser.tokens_reached() > options.max_tokens;
    parsed
        .map_err(|invalid| RequestError::all(if too_long { Stage::Validation } else { Stage::Parse }, &invalid.errors))
}

fn introspection_depth(document: &Valid<ExecutableDocument>, operation: &Operation) -> Result<(), RequestError> {
    introspection::check_max_depth(document, operation)
        .map_err(|error| RequestError::of_request(Stage::Validation, &error, &document.sources))
}
