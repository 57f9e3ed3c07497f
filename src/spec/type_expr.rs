//! Type expressions as typed: `string`, `list<Address>`, `ref<Order>`.

use super::tree::Text;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

#[derive(Debug, Clone, PartialEq)]
pub struct TypeExpr {
    pub holds: Holds,
    pub item: Item,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    One,
    /// `list<…>`
    List,
    /// `map<…>`
    Map,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A scalar, enum or value type.
    Named(Text),
    /// `ref<…>`: the id of a resource of this name.
    Ref(Text),
}

impl TypeExpr {
    pub fn name(&self) -> &Text {
        match &self.item {
            Item::Named(name) | Item::Ref(name) => name,
        }
    }
}

/// `None`: not a type expression, which is reported.
pub fn read(text: Text, out: &mut Diagnostics) -> Option<TypeExpr> {
    let one = |item| TypeExpr { holds: Holds::One, item };
    let Some((outer, inner)) = wrapped(&text, out)? else { return named(text, out).map(Item::Named).map(one) };
    let holds = match outer {
        "list" => Holds::List,
        "map" => Holds::Map,
        "ref" => return named(inner, out).map(Item::Ref).map(one),
        _ => {
            report(&text, "only `list<T>`, `map<T>` and `ref<T>` have a type inside", out);
            return None;
        }
    };
    let item = match wrapped(&inner, out)? {
        Some(("ref", name)) => Item::Ref(named(name, out)?),
        _ => Item::Named(named(inner, out)?),
    };
    Some(TypeExpr { holds, item })
}

/// What stands before and between `<` and `>`, if they are there. `None`: only one of them is, which is reported.
fn wrapped<'t>(text: &'t Text, out: &mut Diagnostics) -> Option<Option<(&'t str, Text)>> {
    let Some((outer, rest)) = text.value.split_once('<') else { return Some(None) };
    let Some(inner) = rest.strip_suffix('>') else {
        report(text, "a `>` is missing", out);
        return None;
    };
    Some(Some((outer.trim_end(), part(text, outer.len() + 1, inner))))
}

fn named(text: Text, out: &mut Diagnostics) -> Option<Text> {
    if text.value.contains('<') {
        report(&text, "a list or map can't hold another one; wrap it in a value type", out);
        return None;
    }
    if let Some(bare) = text.value.strip_suffix('?') {
        report(&text, &format!("the `?` belongs to the field's name: `name?: {bare}`"), out);
        return None;
    }
    Some(text)
}

fn report(text: &Text, help: &str, out: &mut Diagnostics) {
    let message = format!("`{}` is not a type", text.value);
    out.push(Diagnostic::error(Code::UnknownType, text.span, message).help(help.to_owned()));
}

/// The trimmed piece of `text` that begins at byte `from`. Escapes make a text shorter than its place in the file; then
/// the whole place stands for the piece.
fn part(text: &Text, from: usize, piece: &str) -> Text {
    let name = piece.trim();
    let from = from + (piece.len() - piece.trim_start().len());
    let plain = text.span.end - text.span.start == text.value.len();
    let span = if plain { text.span.part(from, name.len()) } else { text.span };
    Text { value: name.to_owned(), span }
}
