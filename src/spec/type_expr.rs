//! Type expressions as typed: `string`, `list<Address>`.

use super::tree::Text;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};

#[derive(Debug, Clone, PartialEq)]
pub enum TypeExpr {
    /// A scalar, enum or value type.
    Named(Text),
    /// `list<…>`, with the name inside.
    List(Text),
    /// `map<…>`, with the name inside.
    Map(Text),
}

impl TypeExpr {
    pub fn name(&self) -> &Text {
        match self {
            TypeExpr::Named(name) | TypeExpr::List(name) | TypeExpr::Map(name) => name,
        }
    }
}

/// `None`: not a type expression, which is reported.
pub fn read(text: Text, out: &mut Diagnostics) -> Option<TypeExpr> {
    let Some((outer, rest)) = text.value.split_once('<') else { return named(text, out).map(TypeExpr::Named) };
    let Some(inner) = rest.strip_suffix('>') else {
        report(&text, "a `>` is missing", out);
        return None;
    };
    let item = part(&text, outer.len() + 1, inner);
    match outer.trim_end() {
        "list" => named(item, out).map(TypeExpr::List),
        "map" => named(item, out).map(TypeExpr::Map),
        "ref" => {
            super::keys::not_yet("ref<…>", text.span, "write a belongs_to under `relations:`", out);
            None
        }
        _ => {
            report(&text, "only `list<T>` and `map<T>` have a type inside", out);
            None
        }
    }
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
