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
/// What the plans that are kept take.
const KEPT_PLAN_BYTES: usize = 16 << 20;
/// What a plan that is kept takes at most: a larger one would leave room for few others.
const PLAN_BYTES: usize = 1 << 20;
/// Plans of one document. There are several if it has several operations, or if variables decide about their form.
const KEPT_PLANS: usize = 32;

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) executable: Valid<ExecutableDocument>,
    text: Arc<str>,
    plans: Mutex<Vec<Arc<Plan>>>,
}

impl Document {
    /// The plan that is good for such a request, if it is kept.
    pub(crate) fn plan(&self, fits: impl Fn(&Plan) -> bool) -> Option<Arc<Plan>> {
        // Looking may take long, so nobody is made to wait for it.
        let plans = self.plans().clone();
        plans.into_iter().find(|plan| fits(plan))
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
    documents: HashMap<Arc<str>, Arc<Document>>,
    /// Of the documents' text.
    bytes: usize,
    /// Of the documents' plans.
    plan_bytes: usize,
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
        let document = Document { executable, text: text.into(), plans: Mutex::default() };
        Ok(self.lock().keep(document))
    }

    /// Keeps a plan with its document, if that is kept itself.
    pub(crate) fn keep_plan(&self, document: &Document, plan: &Arc<Plan>) {
        if plan.bytes <= PLAN_BYTES {
            self.lock().keep_plan(document, plan);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// Returns the one that is kept: another request may have been faster.
    fn keep(&mut self, document: Document) -> Arc<Document> {
        if let Some(kept) = self.documents.get(&document.text) {
            return kept.clone();
        }
        if self.bytes + document.text.len() > KEPT_BYTES {
            *self = Kept::default();
        }
        self.bytes += document.text.len();
        let document = Arc::new(document);
        self.documents.insert(document.text.clone(), document.clone());
        document
    }

    fn keep_plan(&mut self, document: &Document, plan: &Arc<Plan>) {
        let mut plans = document.plans();
        // Another request may have been faster.
        if !self.has(document) || plans.iter().any(|kept| kept.equals(plan)) {
            return;
        }
        if plans.len() == KEPT_PLANS {
            self.plan_bytes -= plans.drain(..).map(|plan| plan.bytes).sum::<usize>();
        }
        if self.plan_bytes + plan.bytes > KEPT_PLAN_BYTES {
            *self = Kept::default();
            return;
        }
        self.plan_bytes += plan.bytes;
        plans.push(plan.clone());
    }

    /// Not only one of the same text.
    fn has(&self, document: &Document) -> bool {
        self.documents.get(&document.text).is_some_and(|kept| std::ptr::eq(&**kept, document))
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
