//! Bounds on documents that don't depend on variables. They are refused as validation errors, before execution.

use apollo_compiler::{
    Name,
    collections::HashMap,
    executable::{ExecutableDocument, Selection, SelectionSet},
};

use super::{
    Options,
    response::{RequestError, Stage},
};

/// The first limit that the document breaks.
pub(crate) fn check(document: &ExecutableDocument, options: &Options) -> Result<(), RequestError> {
    aliases(document, options)?;
    let mut depths = Depths { document, fragments: HashMap::default() };
    for operation in document.operations.iter() {
        let depth = depths.of(&operation.selection_set);
        if depth > options.max_depth {
            let message = format!("the operation is {depth} fields deep, at most {} are allowed", options.max_depth);
            return Err(RequestError::new(Stage::Validation, message, operation.location(), &document.sources));
        }
    }
    Ok(())
}

/// Introspection asked for where it isn't served.
pub(crate) fn no_introspection(document: &ExecutableDocument) -> Result<(), RequestError> {
    let asked = document
        .operations
        .iter()
        .flat_map(|operation| operation.root_fields(document))
        .find(|field| matches!(field.name.as_str(), "__schema" | "__type"));
    match asked {
        None => Ok(()),
        Some(field) => {
            let message = format!("introspection isn't allowed here, but the document asks for `{}`", field.name);
            Err(RequestError::new(Stage::Validation, message, field.name.location(), &document.sources))
        }
    }
}

fn aliases(document: &ExecutableDocument, options: &Options) -> Result<(), RequestError> {
    let operations = document.operations.iter().map(|operation| &operation.selection_set);
    let fragments = document.fragments.values().map(|fragment| &fragment.selection_set);
    let count: usize = operations.chain(fragments).map(aliases_in).sum();
    if count <= options.max_aliases {
        return Ok(());
    }
    let message = format!("the document has {count} aliases, at most {} are allowed", options.max_aliases);
    Err(RequestError::new(Stage::Validation, message, None, &document.sources))
}

fn aliases_in(set: &SelectionSet) -> usize {
    let count = |selection: &Selection| match selection {
        Selection::Field(field) => usize::from(field.alias.is_some()) + aliases_in(&field.selection_set),
        Selection::InlineFragment(inline) => aliases_in(&inline.selection_set),
        Selection::FragmentSpread(_) => 0,
    };
    set.selections.iter().map(count).sum()
}

/// Depths of selection sets; each fragment is measured once.
struct Depths<'d> {
    document: &'d ExecutableDocument,
    fragments: HashMap<&'d Name, usize>,
}

impl<'d> Depths<'d> {
    fn of(&mut self, set: &'d SelectionSet) -> usize {
        set.selections.iter().map(|selection| self.of_selection(selection)).max().unwrap_or(0)
    }

    fn of_selection(&mut self, selection: &'d Selection) -> usize {
        match selection {
            // The schema is as deep as it is; apollo-compiler bounds what is asked of it.
            Selection::Field(field) if matches!(field.name.as_str(), "__schema" | "__type") => 0,
            Selection::Field(field) => 1 + self.of(&field.selection_set),
            Selection::InlineFragment(inline) => self.of(&inline.selection_set),
            Selection::FragmentSpread(spread) => self.of_fragment(&spread.fragment_name),
        }
    }

    fn of_fragment(&mut self, name: &'d Name) -> usize {
        if let Some(depth) = self.fragments.get(name) {
            return *depth;
        }
        let depth = self.document.fragments.get(name).map_or(0, |fragment| self.of(&fragment.selection_set));
        self.fragments.insert(name, depth);
        depth
    }
}
