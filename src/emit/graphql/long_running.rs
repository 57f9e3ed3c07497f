//! Operations that actions start: how to read and cancel them.

use super::{
    actions,
    members::{Argument, Member},
    shared::{Block, Union},
    text::Doc,
};
use crate::{
    model::{Model, Returns, Type, long_running},
    names,
};

pub fn query(model: &Model) -> Option<Member> {
    model.long_running().next()?;
    let description = format!("{} Null if there is none.", long_running::GET.summary);
    Some(Member::new("operation", "Operation", &description).with([id()]))
}

pub fn mutation(model: &Model) -> Option<Member> {
    model.long_running().next()?;
    let cancel = long_running::CANCEL;
    Some(Member::new(cancel.name, "CancelOperationPayload!", cancel.summary).with([id()]))
}

fn id() -> Argument {
    Argument::new("id", "ID!", "The id of the operation.")
}

/// What a payload has instead of a result.
pub fn started() -> Member {
    let description = "What was started, to be watched; null if `userErrors` says why nothing was.";
    Member::new("operation", "Operation", description)
}

pub fn types(model: &Model) -> Vec<Block> {
    if model.long_running().next().is_none() {
        return Vec::new();
    }
    let own = [
        block("Something that takes its time.", "type Operation".to_owned(), operation(model)),
        block("What became of `cancelOperation`.", "type CancelOperationPayload".to_owned(), cancelled()),
    ];
    own.into_iter().chain(results(model)).collect()
}

fn operation(model: &Model) -> Vec<Member> {
    let (action, created_at) = (long_running::ACTION, long_running::CREATED_AT);
    let mut members = vec![
        Member::new("id", "ID!", "Identifies the operation."),
        Member::new(action.0, "String!", action.1),
        Member::new("done", "Boolean!", long_running::DONE),
        Member::new(names::camel(created_at.0), "DateTime!", created_at.1),
        Member::new("error", "UserError", &format!("{} Null as long as it didn't.", long_running::ERROR)),
    ];
    if responses(model).is_some() {
        let description = format!("{} Null until then.", long_running::RESPONSE);
        members.push(Member::new("response", "OperationResponse", &description));
    }
    members
}

fn cancelled() -> Vec<Member> {
    vec![
        Member::new("operation", "Operation", "How it is now; null if `userErrors` says why it can't be cancelled."),
        Member::new("userErrors", "[UserError!]!", "What is wrong with the input."),
    ]
}

/// `ExportOrdersResult`, around what is no object by itself.
fn results(model: &Model) -> impl Iterator<Item = Block> {
    let wrapped = model.long_running().filter(|(_, action)| match &action.returns {
        Returns::Rows(_) => true,
        Returns::Value(ty) => !matches!(ty, Type::Object(_)),
        Returns::Nothing | Returns::Row(_) => false,
    });
    wrapped.filter_map(|(resource, action)| {
        let head = format!("type {}", model.result_name(resource, action)?);
        let description = format!("What comes of `{}`.", action.camel(&resource.names));
        let result = Member::new("result", actions::returned(model, action)?, long_running::RESPONSE);
        Some(block(&description, head, vec![result]))
    })
}

/// All that operations may end with.
pub fn responses(model: &Model) -> Option<Union> {
    let members = model.operation_results();
    let doc = Doc::outer("What an operation may end with: which of them follows from its `action`.");
    (!members.is_empty()).then_some(Union { doc, name: "OperationResponse", members })
}

fn block(description: &str, head: String, members: Vec<Member>) -> Block {
    Block { doc: Doc::outer(description), head, members: members.into_iter().collect() }
}
