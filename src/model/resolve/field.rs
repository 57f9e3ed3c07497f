//! Fields of resources and value types: their types and who may do what with them.

use super::api::value;
use super::{Resolver, names};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::model::{self, Origin, Rules, SetBy, Type};
use crate::names as casing;
use crate::spec::{self, Holds, Item, Slot, TypeExpr};

impl Resolver<'_> {
    pub(super) fn object(&mut self, typed: &spec::Object) -> model::Object {
        match &typed.fields {
            Slot::Absent => self.empty_object(typed),
            Slot::Given(fields) if fields.is_empty() => self.empty_object(typed),
            _ => {}
        }
        let fields = typed.fields.given().map(Vec::as_slice).unwrap_or_default();
        self.check_properties(fields, &[], &[]);
        let mut resolved: Vec<_> = fields.iter().filter_map(|field| self.object_field(field)).collect();
        self.field_deprecations(fields, &[], &mut resolved);
        model::Object {
            name: typed.name.value.clone(),
            constant: casing::constant(&typed.name.value),
            description: value(&typed.description),
            fields: resolved,
        }
    }

    fn empty_object(&mut self, typed: &spec::Object) {
        let message = format!("value type `{}` has no fields", typed.name.value);
        self.error(Code::Empty, typed.name.span, message, "write `fields: { name: string }`");
    }

    fn object_field(&mut self, typed: &spec::Field) -> Option<model::Field> {
        names::check_snake(&typed.name, self.out);
        let flags = &typed.flags;
        let whole = [
            ("read_only", flags.read_only),
            ("write_only", flags.write_only),
            ("create_only", flags.create_only),
            ("internal", flags.internal),
            ("unique", flags.unique),
            ("index", flags.index),
            ("filter", flags.filter),
            ("sort", flags.sort),
        ];
        for (key, span) in whole {
            if let Some(span) = span {
                let message = format!("`{key}` has no meaning inside a value type");
                self.error(Code::KeyNotApplicable, span, message, "a value type is stored and changed as a whole");
            }
        }
        let aggregate = typed.aggregate.given().map(|aggregate| (aggregate.key.word(), aggregate.span));
        if let Some((key, span)) = aggregate.or(flags.computed.map(|span| ("computed", span))) {
            let message = format!("`{key}` has no meaning inside a value type");
            self.error(Code::KeyNotApplicable, span, message, "make it a field of the resource itself");
            return None;
        }
        if self.refuses_ref(typed.ty.given(), "write a belongs_to under `relations:` of the resource itself") {
            return None;
        }
        let field = self.field(typed)?;
        if field.ty == Type::Password {
            let help = "make the password a field of the resource itself";
            self.error(Code::KeyNotApplicable, place(typed), "a value type can't hold a password", help);
        }
        Some(field)
    }

    pub(super) fn resource_field(&mut self, typed: &spec::Field) -> Option<model::Field> {
        names::check_property(&typed.name, self.out);
        if typed.aggregate != Slot::Absent {
            return self.aggregate_field(typed);
        }
        if typed.flags.computed.is_none() {
            self.check_contradictions(&typed.flags);
        }
        if self.refuses_ref(typed.ty.given(), "write a belongs_to under `relations:`") {
            return None;
        }
        let field = self.field(typed)?;
        if let Some(span) = typed.flags.computed {
            self.check_computed(typed, &field, span);
            return Some(field);
        }
        self.check_finding(typed, &field);
        self.check_hook(typed, &field);
        Some(field)
    }

    /// What an action takes.
    pub(super) fn input_field(&mut self, typed: &spec::Field) -> Option<model::Field> {
        names::check_snake(&typed.name, self.out);
        let field = self.field(typed)?;
        if field.ty == Type::Password {
            let help = "let an update set the password";
            self.error(Code::KeyNotApplicable, place(typed), "an action can't take a password", help);
        }
        Some(field)
    }

    /// Only actions take ids of rows as values.
    pub(super) fn refuses_ref(&mut self, expression: Option<&TypeExpr>, help: &str) -> bool {
        let Some(TypeExpr { item: Item::Ref(name), .. }) = expression else { return false };
        let message = format!("`ref<{}>` has no meaning here", name.value);
        self.error(Code::KeyNotApplicable, name.span, message, help);
        true
    }

    /// `None`: its type is unknown, which is reported.
    fn field(&mut self, typed: &spec::Field) -> Option<model::Field> {
        let ty = self.ty(typed)?;
        if typed.optional && is_collection(&ty) {
            let message = format!("`{}` can't be optional", typed.name.value);
            let help = "remove the `?`: lists and maps are never absent, but may be empty";
            self.error(Code::OptionalCollection, typed.name.span, message, help);
        }
        let rules = self.rules(typed, &ty);
        Some(model_field(typed, ty, rules))
    }

    fn ty(&mut self, typed: &spec::Field) -> Option<Type> {
        let expression = match &typed.ty {
            Slot::Given(expression) => expression,
            Slot::Broken => return None,
            Slot::Absent => {
                let owner = format!("field `{}`", typed.name.value);
                self.missing(typed.name.span, "type", &owner, "write `{ type: string }`");
                return None;
            }
        };
        let inner = match self.item_type(&expression.item)? {
            Type::Decimal { .. } => self.decimal(typed, expression.name())?,
            inner => {
                self.refuse_digits(typed, &inner);
                inner
            }
        };
        self.wrap(expression, inner)
    }

    pub(super) fn item_type(&mut self, item: &Item) -> Option<Type> {
        match item {
            Item::Named(name) => self.scope.ty(name, self.out),
            Item::Ref(name) => self.scope.resource(name, self.out).map(Type::Id),
        }
    }

    pub(super) fn wrap(&mut self, expression: &TypeExpr, inner: Type) -> Option<Type> {
        match expression.holds {
            Holds::One => Some(inner),
            Holds::List | Holds::Map if inner == Type::Password => {
                let help = "use a single `password` field";
                self.error(Code::KeyNotApplicable, expression.name().span, "lists and maps can't hold passwords", help);
                None
            }
            Holds::List => Some(Type::List(Box::new(inner))),
            Holds::Map => Some(Type::Map(Box::new(inner))),
        }
    }

    fn refuse_digits(&mut self, typed: &spec::Field, ty: &Type) {
        for (key, text) in [("scale", typed.scale.given()), ("precision", typed.precision.as_ref())] {
            if let Some(text) = text {
                let message = format!("`{key}` doesn't apply to `{}`", self.type_name(ty));
                self.error(Code::RuleNotApplicable, text.span, message, "only a `decimal` has it");
            }
        }
    }

    fn check_contradictions(&mut self, flags: &spec::Flags) {
        let pairs = [
            (("read_only", flags.read_only), ("create_only", flags.create_only)),
            (("read_only", flags.read_only), ("write_only", flags.write_only)),
            (("internal", flags.internal), ("read_only", flags.read_only)),
            (("internal", flags.internal), ("write_only", flags.write_only)),
            (("internal", flags.internal), ("create_only", flags.create_only)),
        ];
        for ((one, first), (other, second)) in pairs {
            if let (Some(first), Some(second)) = (first, second) {
                let message = format!("a field can't be both `{one}` and `{other}`");
                self.out.push(
                    Diagnostic::error(Code::Contradiction, first.max(second), message)
                        .related(first.min(second), "the other one")
                        .help("remove one of them".to_owned()),
                );
            }
        }
    }

    fn check_finding(&mut self, typed: &spec::Field, field: &model::Field) {
        let flags = &typed.flags;
        let keys = [("unique", flags.unique), ("index", flags.index), ("filter", flags.filter), ("sort", flags.sort)];
        let keys: Vec<_> = keys.into_iter().filter_map(|(key, span)| Some((key, span?))).collect();
        if !is_comparable(&field.ty) {
            for (key, span) in &keys {
                let message = format!("`{key}` doesn't apply to `{}`", self.type_name(&field.ty));
                self.error(Code::KeyNotApplicable, *span, message, "values of this type can't be compared");
            }
            return;
        }
        for (key, span) in &keys {
            if matches!(*key, "filter" | "sort") && !field.readable() {
                let message = format!("a hidden field can't have `{key}`");
                let help = "clients could find out its value by asking; remove one of the two";
                self.error(Code::Contradiction, *span, message, help);
            }
        }
        if field.filter && casing::RESERVED_PARAMETERS.contains(&field.name.as_str()) {
            let help = "lists have a query parameter of this name; choose another one or remove `filter`";
            names::reserved(&typed.name, help, self.out);
        }
    }

    /// Required, but neither the caller nor a default sets it: a hook of the field's name does.
    fn check_hook(&mut self, typed: &spec::Field, field: &model::Field) {
        let server = typed.flags.read_only.or(typed.flags.internal);
        let Some(span) = server.filter(|_| field.required && typed.default.is_none()) else { return };
        if field.ty == Type::Password {
            let help = format!("make it optional (`{}?`), or let callers set it", field.name);
            self.error(Code::Contradiction, span, "a required password that callers can't set", help);
        }
        if casing::is_hook(&field.name) {
            let help = "the hook that sets it would have the name of another hook; choose another name";
            names::reserved(&typed.name, help, self.out);
        }
    }

    /// As the author would write it.
    pub(super) fn type_name(&self, ty: &Type) -> String {
        match ty {
            Type::String => "string".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Int32 => "int32".to_owned(),
            Type::Int64 => "int64".to_owned(),
            Type::Float64 => "float64".to_owned(),
            Type::Decimal { .. } => "decimal".to_owned(),
            Type::Uuid => "uuid".to_owned(),
            Type::Timestamp => "timestamp".to_owned(),
            Type::Date => "date".to_owned(),
            Type::Duration => "duration".to_owned(),
            Type::Email => "email".to_owned(),
            Type::Url => "url".to_owned(),
            Type::Bytes => "bytes".to_owned(),
            Type::Json => "json".to_owned(),
            Type::Password => "password".to_owned(),
            Type::Id(id) => {
                let resources = self.spec.resources.given().map_or(&[][..], Vec::as_slice);
                format!("ref<{}>", resources[id.0].name.value)
            }
            Type::Enum(id) => self.spec.enums[id.0].name.value.clone(),
            Type::Object(id) => self.spec.objects[id.0].name.value.clone(),
            Type::List(item) => format!("list<{}>", self.type_name(item)),
            Type::Map(item) => format!("map<{}>", self.type_name(item)),
        }
    }
}

pub(super) fn model_field(typed: &spec::Field, ty: Type, rules: Rules) -> model::Field {
    let flags = &typed.flags;
    let set_by = match (flags.read_only.or(flags.internal).or(flags.computed), flags.create_only) {
        (Some(_), _) => SetBy::Server,
        (None, Some(_)) => SetBy::CallerOnCreate,
        (None, None) => SetBy::Caller,
    };
    model::Field {
        name: typed.name.value.clone(),
        camel: casing::camel(&typed.name.value),
        origin: Origin::Declared,
        description: value(&typed.description),
        example: None,
        required: !typed.optional,
        default: None,
        set_by,
        write_only: flags.write_only.is_some() || ty == Type::Password,
        internal: flags.internal.is_some(),
        unique: flags.unique.is_some(),
        index: flags.index.is_some(),
        filter: flags.filter.is_some(),
        sort: flags.sort.is_some(),
        sensitive: flags.sensitive.is_some() || ty == Type::Password,
        deprecated: None,
        ty,
        rules,
        aggregate: None,
        computed: flags.computed.is_some(),
        access: model::FieldPolicy::default(),
        from_principal: false,
    }
}

fn place(typed: &spec::Field) -> Span {
    typed.ty.given().map_or(typed.name.span, |expression| expression.name().span)
}

fn is_collection(ty: &Type) -> bool {
    matches!(ty, Type::List(_) | Type::Map(_))
}

/// Whether values can be told apart and put in order, by both databases alike.
pub(super) fn is_comparable(ty: &Type) -> bool {
    !matches!(ty, Type::List(_) | Type::Map(_) | Type::Json | Type::Object(_) | Type::Bytes | Type::Password)
}
