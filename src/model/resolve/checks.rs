//! Rules over several fields: whether the names lead to fields of the row, and whether their values can be compared.

use super::Resolver;
use super::field::is_comparable;
use crate::diagnostic::Code;
use crate::model::{self, Check, Object, Operand, Origin, RelationKind, Rules, Type};
use crate::spec::{self, CheckRule, Comparison, Node, Presence, Scalar, Text, Value};

impl Resolver<'_> {
    pub(super) fn checks(
        &mut self,
        typed: &spec::Resource,
        resource: &model::Resource,
        objects: &[Object],
    ) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for check in &typed.checks {
            let found = match &check.rule {
                CheckRule::Compare { left, comparison, right } => {
                    self.comparison((left, *comparison, right), typed, resource, objects)
                }
                CheckRule::Count { presence, names } => self.presence(check, *presence, names, typed, resource),
            };
            if found.as_ref().is_some_and(|found| checks.contains(found)) {
                self.error(Code::Duplicate, check.span, "this check is written twice", "remove one of them");
            }
            checks.extend(found);
        }
        checks
    }

    fn comparison(
        &mut self,
        (left, comparison, right): (&Text, Comparison, &Text),
        typed: &spec::Resource,
        resource: &model::Resource,
        objects: &[Object],
    ) -> Option<Check> {
        let (first, second) = (column(left, resource), column(right, resource));
        let literal = |text: &Text| is_literal(&text.value) && column(text, resource).is_none();
        if literal(left) && literal(right) {
            let message = "neither side of the check is a field";
            self.error(Code::BadRule, left.span.to(right.span), message, "name a field of the resource");
            return None;
        }
        match (first, second) {
            (Some(left_field), Some(_)) => {
                let right_field = self.compared(right, comparison, typed, resource)?;
                self.compared(left, comparison, typed, resource)?;
                self.check_alike(right, left_field, right_field, resource)?;
                Some(Check::Compare { left: left_field, comparison, right: Operand::Field(right_field) })
            }
            (Some(_), None) => self.with_literal(left, comparison, right, typed, resource, objects),
            (None, Some(_)) => self.with_literal(right, comparison.mirrored(), left, typed, resource, objects),
            (None, None) => {
                for side in [left, right].into_iter().filter(|side| !literal(side)) {
                    self.compared(side, comparison, typed, resource);
                }
                None
            }
        }
    }

    fn with_literal(
        &mut self,
        name: &Text,
        comparison: Comparison,
        literal: &Text,
        typed: &spec::Resource,
        resource: &model::Resource,
        objects: &[Object],
    ) -> Option<Check> {
        let left = self.compared(name, comparison, typed, resource)?;
        let ty = &resource.fields[left].ty;
        let bare = !is_literal(&literal.value);
        if bare && !matches!(ty, Type::Enum(_)) {
            // A name that nobody has: more likely than a text without quotes.
            self.stored_field(&literal.value, literal.span, typed, resource);
            return None;
        }
        if matches!(ty, Type::Id(_)) {
            let help = "compare it with another relation";
            self.error(Code::KeyNotApplicable, literal.span, "an id can't be compared with a literal", help);
            return None;
        }
        let text = literal.value.trim_matches(['"', '\'']).to_owned();
        let scalar = Scalar { text, quoted: !bare };
        let node = Node { span: literal.span, value: Value::Scalar(scalar) };
        let value = self.literal(&node, ty, &Rules::default(), objects)?;
        Some(Check::Compare { left, comparison, right: Operand::Literal(value) })
    }

    /// A field that may stand on a side of this comparison.
    fn compared(
        &mut self,
        name: &Text,
        comparison: Comparison,
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Option<usize> {
        let index = self.stored_field(&name.value, name.span, typed, resource)?;
        let field = &resource.fields[index];
        self.check_judged(name, field)?;
        let ordered = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(field.ty, Type::Bool | Type::Uuid | Type::Id(_) | Type::Enum(_)) {
            let message = format!("`{}` of type `{}` has no order", name.value, self.type_name(&field.ty));
            self.error(Code::KeyNotApplicable, name.span, message, "compare it by `==` or `!=`");
            return None;
        }
        Some(index)
    }

    /// Whether callers have a say in it, and may hear of it.
    fn check_judged(&mut self, name: &Text, field: &model::Field) -> Option<()> {
        let help = match field.origin {
            Origin::Id | Origin::Timestamp => "the server sets it; compare fields of your own",
            _ if field.aggregate.is_some() => "it is found out from other rows, which change by themselves",
            _ if field.computed => {
                "it isn't stored, but asked of a hook whenever it is read; leave the check to a hook"
            }
            _ if field.internal => "callers would hear of it; leave it to a hook",
            _ => return Some(()),
        };
        self.error(Code::KeyNotApplicable, name.span, format!("`{}` can't be checked", name.value), help);
        None
    }

    fn check_alike(&mut self, place: &Text, left: usize, right: usize, resource: &model::Resource) -> Option<()> {
        let (left, right) = (&resource.fields[left], &resource.fields[right]);
        if left.name == right.name {
            self.error(Code::BadRule, place.span, "a field is compared with itself", "name another field");
            return None;
        }
        if family(&left.ty) == family(&right.ty) {
            return Some(());
        }
        let message = format!(
            "`{}` of type `{}` can't be compared with `{}` of type `{}`",
            left.name,
            self.type_name(&left.ty),
            right.name,
            self.type_name(&right.ty)
        );
        self.error(Code::KeyNotApplicable, place.span, message, "compare fields of one type");
        None
    }

    fn presence(
        &mut self,
        check: &spec::Check,
        presence: Presence,
        names: &[Text],
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Option<Check> {
        let word = presence.word();
        if names.len() < 2 {
            let help = format!("name two fields or more: `{word}(issue, comment)`");
            self.error(Code::BadRule, check.span, format!("`{word}` has nothing to choose from"), help);
            return None;
        }
        let fields: Vec<_> = names.iter().map(|name| self.absentable(name, word, typed, resource)).collect();
        let fields = fields.into_iter().collect::<Option<Vec<usize>>>()?;
        if let Some(again) = (1..fields.len()).find(|index| fields[..*index].contains(&fields[*index])) {
            let message = format!("`{}` is written twice", names[again].value);
            self.error(Code::Duplicate, names[again].span, message, "remove one of them");
            return None;
        }
        Some(Check::Count { presence, fields })
    }

    /// A field that may be null, so that its being there says something.
    fn absentable(
        &mut self,
        name: &Text,
        word: &str,
        typed: &spec::Resource,
        resource: &model::Resource,
    ) -> Option<usize> {
        // Those that can't be compared can still be there or not.
        let declared = resource.fields.iter().position(|field| field.name == name.value && !is_comparable(&field.ty));
        let index = declared.or_else(|| self.stored_field(&name.value, name.span, typed, resource))?;
        let field = &resource.fields[index];
        self.check_judged(name, field)?;
        if field.required || field.ty == Type::Password {
            let message = format!("`{}` is always there", name.value);
            let help = match field.ty {
                Type::List(_) | Type::Map(_) | Type::Password => "name fields of another type".to_owned(),
                _ => format!("make it optional (`{}?`), or take it out of `{word}`", name.value),
            };
            self.error(Code::Contradiction, name.span, message, help);
            return None;
        }
        Some(index)
    }
}

/// The field that a name of a check stands for.
fn column(name: &Text, resource: &model::Resource) -> Option<usize> {
    let relation = resource.relations.iter().find(|relation| relation.name == name.value);
    match relation.map(|relation| &relation.kind) {
        Some(RelationKind::BelongsTo { field, .. }) => Some(*field),
        _ => resource.fields.iter().position(|field| field.name == name.value),
    }
}

/// Whether it can't be a name: a number, a date, something in quotes.
fn is_literal(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_lowercase()) || matches!(text, "true" | "false")
}

/// Values of one family can be compared with each other.
#[derive(PartialEq)]
enum Family<'t> {
    Number,
    Text,
    Other(&'t Type),
}

fn family(ty: &Type) -> Family<'_> {
    match ty {
        Type::Int32 | Type::Int64 | Type::Float64 | Type::Decimal { .. } => Family::Number,
        Type::String | Type::Email | Type::Url => Family::Text,
        other => Family::Other(other),
    }
}
