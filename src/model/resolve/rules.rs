//! Constraints: whether each applies to its field's type, and whether they leave anything to choose.

use super::Resolver;
use super::number::{self, Number};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Rules, Type};
use crate::spec::{self, Rule, RuleKey, Text};

/// A scaled decimal of this many digits fits in a 64-bit integer, which is how SQLite keeps it.
pub const MAX_PRECISION: u8 = 18;

impl Resolver<'_> {
    /// `decimal` with its field's `scale` and `precision`.
    pub(super) fn decimal(&mut self, typed: &spec::Field, name: &Text) -> Option<Type> {
        if typed.scale == spec::Slot::Absent {
            let help = "say how many digits follow the point: `{ type: decimal, scale: 2 }`";
            self.missing(name.span, "scale", "a decimal", help);
        }
        let precision = match &typed.precision {
            Some(text) => self.digits(text, "precision", 1, MAX_PRECISION)?,
            None => MAX_PRECISION,
        };
        let scale = self.digits(typed.scale.given()?, "scale", 0, precision)?;
        Some(Type::Decimal { precision, scale })
    }

    fn digits(&mut self, text: &Text, key: &str, least: u8, most: u8) -> Option<u8> {
        let number = text.value.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            let message = format!("`{}` is not a {key}", text.value);
            self.error(Code::BadRule, text.span, message, format!("write a whole number from {least} to {most}"));
        }
        number
    }

    pub(super) fn rules(&mut self, typed: &spec::Field, ty: &Type) -> Rules {
        let mut rules = Rules::default();
        for rule in &typed.rules {
            if applies(rule.key, ty) {
                self.rule(rule, ty, &mut rules);
            } else {
                self.not_applicable(rule, ty);
            }
        }
        // No value could keep rules that contradict each other.
        if self.check_ranges(&typed.rules, ty) { rules } else { Rules::default() }
    }

    fn not_applicable(&mut self, rule: &Rule, ty: &Type) {
        let (key, name) = (rule.key.word(), self.type_name(ty));
        let help = match (ty, rule.key) {
            (Type::List(_), RuleKey::MinLength | RuleKey::MaxLength) => "did you mean `min_items` or `max_items`?",
            (Type::List(_) | Type::Map(_), RuleKey::Pattern | RuleKey::Minimum | RuleKey::Maximum) => {
                "to constrain what is inside, wrap it in a value type"
            }
            (Type::String, RuleKey::Minimum | RuleKey::Maximum) => "did you mean `min_length` or `max_length`?",
            _ if number::is_numeric(ty) => "numbers have `minimum`, `maximum` and `multiple_of`",
            _ => "remove it",
        };
        let message = format!("`{key}` doesn't apply to `{name}`");
        self.error(Code::RuleNotApplicable, rule.span, message, help);
    }

    fn rule(&mut self, rule: &Rule, ty: &Type, rules: &mut Rules) {
        let text = || Some(rule.value.value.clone());
        match rule.key {
            RuleKey::MinLength => rules.min_length = self.count(rule),
            RuleKey::MaxLength => rules.max_length = self.count(rule),
            RuleKey::MinItems => rules.min_items = self.count(rule),
            RuleKey::MaxItems => rules.max_items = self.count(rule),
            RuleKey::UniqueItems => rules.unique_items = self.truth(rule),
            RuleKey::Pattern => {
                self.check_pattern(&rule.value);
                rules.pattern = text();
            }
            RuleKey::Minimum | RuleKey::Maximum | RuleKey::ExclusiveMinimum | RuleKey::ExclusiveMaximum => {
                self.check_number(rule, ty);
                *bound(rule.key, rules) = text();
            }
            RuleKey::MultipleOf => {
                self.check_step(rule, ty);
                rules.multiple_of = text();
            }
        }
    }

    fn count(&mut self, rule: &Rule) -> Option<u32> {
        let count = rule.value.value.parse().ok();
        if count.is_none() {
            self.bad_rule(rule, "write a whole number from 0");
        }
        count
    }

    fn truth(&mut self, rule: &Rule) -> bool {
        if !matches!(rule.value.value.as_str(), "true" | "false") {
            self.bad_rule(rule, "write `true` or `false`");
        }
        rule.value.value == "true"
    }

    pub(super) fn check_pattern(&mut self, pattern: &Text) {
        if let Err(reason) = self.patterns.get(&pattern.value) {
            self.out.push(
                Diagnostic::error(Code::BadPattern, pattern.span, "the pattern doesn't compile")
                    .label(reason)
                    .help("patterns are regular expressions without look-around and back-references".to_owned()),
            );
        }
    }

    fn check_number(&mut self, rule: &Rule, ty: &Type) -> Option<Number> {
        match number::parse(ty, &rule.value.value) {
            Ok(number) => Some(number),
            Err(expected) => {
                self.bad_rule(rule, &format!("`{}` needs {expected}", self.type_name(ty)));
                None
            }
        }
    }

    fn check_step(&mut self, rule: &Rule, ty: &Type) {
        if self.check_number(rule, ty).is_some_and(|step| !step.is_positive()) {
            self.bad_rule(rule, "it must be more than 0");
        }
    }

    fn bad_rule(&mut self, rule: &Rule, help: &str) {
        let message = format!("`{}` is not a value for `{}`", rule.value.value, rule.key.word());
        self.error(Code::BadRule, rule.value.span, message, help);
    }

    /// Whether there can be a value.
    fn check_ranges(&mut self, rules: &[Rule], ty: &Type) -> bool {
        let mut possible = true;
        for (low, high) in [(RuleKey::MinLength, RuleKey::MaxLength), (RuleKey::MinItems, RuleKey::MaxItems)] {
            if let (Some((low, least)), Some((high, most))) = (counted(rules, low), counted(rules, high))
                && least > most
            {
                possible = false;
                self.impossible(low, high);
            }
        }
        let lows = [RuleKey::Minimum, RuleKey::ExclusiveMinimum];
        for (low, high) in lows
            .into_iter()
            .flat_map(|low| [RuleKey::Maximum, RuleKey::ExclusiveMaximum].into_iter().map(move |high| (low, high)))
        {
            let exclusive = low == RuleKey::ExclusiveMinimum || high == RuleKey::ExclusiveMaximum;
            if let (Some((low, least)), Some((high, most))) = (numbered(rules, low, ty), numbered(rules, high, ty)) {
                let order = least.compare(most);
                if order.is_gt() || exclusive && order.is_eq() {
                    possible = false;
                    self.impossible(low, high);
                }
            }
        }
        possible
    }

    fn impossible(&mut self, low: &Rule, high: &Rule) {
        let (low_text, high_text) = (&low.value.value, &high.value.value);
        let message =
            format!("no value has both `{}: {low_text}` and `{}: {high_text}`", low.key.word(), high.key.word());
        let (first, second) = if low.span < high.span { (low, high) } else { (high, low) };
        self.out.push(
            Diagnostic::error(Code::ImpossibleRange, second.value.span, message).related(first.value.span, "and this"),
        );
    }
}

fn applies(key: RuleKey, ty: &Type) -> bool {
    match key {
        RuleKey::MinLength | RuleKey::MaxLength | RuleKey::Pattern => {
            matches!(ty, Type::String | Type::Email | Type::Url | Type::Password)
        }
        RuleKey::MinItems | RuleKey::MaxItems | RuleKey::UniqueItems => matches!(ty, Type::List(_)),
        _ => number::is_numeric(ty),
    }
}

fn bound(key: RuleKey, rules: &mut Rules) -> &mut Option<String> {
    match key {
        RuleKey::Minimum => &mut rules.minimum,
        RuleKey::Maximum => &mut rules.maximum,
        RuleKey::ExclusiveMinimum => &mut rules.exclusive_minimum,
        RuleKey::ExclusiveMaximum => &mut rules.exclusive_maximum,
        _ => unreachable!("only the four bounds are bounds"),
    }
}

fn counted(rules: &[Rule], key: RuleKey) -> Option<(&Rule, u32)> {
    let rule = rules.iter().find(|rule| rule.key == key)?;
    Some((rule, rule.value.value.parse().ok()?))
}

fn numbered<'r>(rules: &'r [Rule], key: RuleKey, ty: &Type) -> Option<(&'r Rule, Number)> {
    let rule = rules.iter().find(|rule| rule.key == key && applies(key, ty))?;
    Some((rule, number::parse(ty, &rule.value.value).ok()?))
}
