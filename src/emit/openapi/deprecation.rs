//! How an operation says that it will go: its mark, a sentence, and the headers that come with its answers.

use openapiv3::{Operation, ReferenceOr};

use super::{operations::Writer, responses};
use crate::model::{Deprecation, prose, prose::Spelling};

/// What the answer is once it is over.
const GONE: u16 = 410;

impl Writer<'_> {
    /// `operation`, marked as deprecated if it is.
    pub(super) fn mark(&mut self, operation: Operation, deprecation: Option<&Deprecation>) -> Operation {
        let Some(deprecation) = deprecation else { return operation };
        let said =
            prose::join(operation.description.as_deref().unwrap_or_default(), &[deprecation.sentence(Spelling::Json)]);
        let mut operation = Operation { deprecated: true, description: Some(said), ..operation };
        let names = [deprecation.since.map(|_| "Deprecation"), deprecation.sunset.map(|_| "Sunset")];
        for response in operation.responses.responses.values_mut() {
            if let ReferenceOr::Item(response) = response {
                response.headers.extend(names.iter().flatten().map(|name| responses::shared_header(name)));
            }
        }
        if deprecation.sunset.is_some() {
            self.refuse(&mut operation, &[GONE]);
        }
        operation
    }
}
