//! Fields of resources and value types, and rules over several of them.

use apigen::model::{self, Check, Field, Id, Model, Operand, Resource, SetBy, Type};
use apigen_runtime::descriptor as live;

use super::{access, all, literal, text};

pub(super) fn of_resource(model: &Model, resource: &Resource, field: &Field) -> live::Field {
    live::Field {
        readers: access::optional(model, resource, field.access.read.as_ref()),
        writers: access::optional(model, resource, field.access.write.as_ref()),
        aggregate: field.aggregate.as_ref().map(|of| &*Box::leak(Box::new(aggregate(model, resource, of)))),
        ..plain(model, field)
    }
}

/// What doesn't depend on whose it is.
pub(super) fn plain(model: &Model, field: &Field) -> live::Field {
    let default = field.default.as_ref().map(|default| match default {
        model::Default::Now => live::Literal::Now,
        model::Default::Today => live::Literal::Today,
        model::Default::Literal(value) => live::Literal::Text(literal(model, field, value)),
    });
    let set_by = match field.set_by {
        SetBy::Caller => live::SetBy::Caller,
        SetBy::CallerOnCreate => live::SetBy::CallerOnCreate,
        SetBy::Server => live::SetBy::Server,
    };
    live::Field {
        required: field.required,
        default,
        set_by,
        write_only: field.write_only,
        internal: field.internal,
        unique: field.unique,
        filter: field.filter,
        sort: field.sort,
        sensitive: field.sensitive,
        from_principal: field.from_principal,
        rules: rules(&field.rules),
        computed: field.computed,
        ..live::Field::new(text(&field.name), text(&field.camel), ty(model, &field.ty))
    }
}

fn rules(rules: &model::Rules) -> live::Rules {
    let optional = |rule: &Option<String>| rule.as_deref().map(text);
    live::Rules {
        min_length: rules.min_length,
        max_length: rules.max_length,
        pattern: optional(&rules.pattern),
        minimum: optional(&rules.minimum),
        maximum: optional(&rules.maximum),
        exclusive_minimum: optional(&rules.exclusive_minimum),
        exclusive_maximum: optional(&rules.exclusive_maximum),
        multiple_of: optional(&rules.multiple_of),
        min_items: rules.min_items,
        max_items: rules.max_items,
        unique_items: rules.unique_items,
    }
}

pub(super) fn ty(model: &Model, ty: &Type) -> live::Type {
    let item = |item: &Type| &*Box::leak(Box::new(self::ty(model, item)));
    match ty {
        Type::String => live::Type::String,
        Type::Bool => live::Type::Bool,
        Type::Int32 => live::Type::Int32,
        Type::Int64 => live::Type::Int64,
        Type::Float64 => live::Type::Float64,
        Type::Decimal { precision, scale } => live::Type::Decimal { precision: *precision, scale: *scale },
        Type::Uuid => live::Type::Uuid,
        Type::Timestamp => live::Type::Timestamp,
        Type::Date => live::Type::Date,
        Type::Duration => live::Type::Duration,
        Type::Email => live::Type::Email,
        Type::Url => live::Type::Url,
        Type::Bytes => live::Type::Bytes,
        Type::Json => live::Type::Json,
        Type::Password => live::Type::Password,
        Type::Id(resource) => live::Type::Id(id(&model.resource(*resource).id)),
        Type::Enum(of) => {
            let of = model.enumeration(*of);
            let values = all(of.values.iter().map(|value| text(&value.name)));
            live::Type::Enum(Box::leak(Box::new(live::Enum { name: text(&of.name), values })))
        }
        Type::Object(of) => {
            let of = model.object(*of);
            let fields = all(of.fields.iter().map(|field| plain(model, field)));
            live::Type::Object(Box::leak(Box::new(live::Object { name: text(&of.name), fields })))
        }
        Type::List(of) => live::Type::List(item(of)),
        Type::Map(of) => live::Type::Map(item(of)),
    }
}

pub(super) fn id(id: &Id) -> live::Id {
    match id {
        Id::Prefixed(prefix) => live::Id::Prefixed(text(prefix)),
        Id::Uuid => live::Id::Uuid,
        Id::Int64 => live::Id::Int64,
        Id::Text { .. } => live::Id::Text,
    }
}

fn aggregate(model: &Model, resource: &Resource, aggregate: &model::Aggregate) -> live::Aggregate {
    let relation = &resource.relations[aggregate.relation];
    let target = model.resource(relation.target);
    let function = match aggregate.function {
        model::Function::Count => live::Function::Count,
        model::Function::Sum(field) => live::Function::Sum(text(&target.fields[field].name)),
    };
    let condition = |(index, value): &(usize, model::Literal)| {
        let field = &target.fields[*index];
        (text(&field.name), literal(model, field, value))
    };
    live::Aggregate {
        function,
        relation: text(&relation.name),
        conditions: all(aggregate.conditions.iter().map(condition)),
    }
}

pub(super) fn check(model: &Model, resource: &Resource, check: &Check) -> live::Check {
    let name = |field: &usize| text(&resource.fields[*field].name);
    match check {
        Check::Compare { left, comparison, right } => live::Check::Compare {
            left: name(left),
            comparison: self::comparison(*comparison),
            right: match right {
                Operand::Field(field) => live::Operand::Field(name(field)),
                Operand::Literal(value) => live::Operand::Literal(literal(model, &resource.fields[*left], value)),
            },
        },
        Check::Count { presence, fields } => live::Check::Count {
            presence: match presence {
                model::Presence::ExactlyOne => live::Presence::ExactlyOne,
                model::Presence::AtLeastOne => live::Presence::AtLeastOne,
            },
            fields: all(fields.iter().map(name)),
        },
    }
}

fn comparison(comparison: model::Comparison) -> live::Comparison {
    match comparison {
        model::Comparison::Less => live::Comparison::Less,
        model::Comparison::AtMost => live::Comparison::AtMost,
        model::Comparison::Greater => live::Comparison::Greater,
        model::Comparison::AtLeast => live::Comparison::AtLeast,
        model::Comparison::Equal => live::Comparison::Equal,
        model::Comparison::NotEqual => live::Comparison::NotEqual,
    }
}
