//! AIP-160 filter strings: `status = pending AND (total >= 10 OR note:*)`.
//!
//! The grammar as far as it is about a resource's own fields: no functions, no paths, no search for bare words. As there,
//! OR binds tighter than AND, and two conditions side by side are an AND. `*` at the ends of a text is a wildcard with `=`;
//! `:` asks whether a text contains another, whether any other value equals, and with `*` whether there is a value at all.

use super::{Budget, Filter, Operator, Target, Test, invalid};
use crate::{
    codec::text::Invalid,
    descriptor::{Id, Join, RelationKind, Resource, Type},
    error::{ApiError, Code},
    value::parse_id,
};

/// What the filter is called in REST and gRPC.
const PARAMETER: &str = "filter";
const MAX_BYTES: usize = 8 * 1024;

/// Reads a filter; blank is no condition. Every mistake is INVALID_FILTER and says at which column it is.
pub fn parse(resource: &'static Resource, text: &str) -> Result<Filter, ApiError> {
    if text.len() > MAX_BYTES {
        let message = format!("is longer than {MAX_BYTES} bytes");
        return Err(ApiError::parameter(Code::InvalidFilter, PARAMETER, "TOO_LONG", message));
    }
    let mut parser = Parser { resource, text, at: 0, budget: Budget::default() };
    parser.filter().map_err(|mistake| mistake.into_error(text))
}

/// What is wrong, and where: a byte offset.
struct Mistake {
    at: usize,
    invalid: Invalid,
}

impl Mistake {
    fn syntax(at: usize, message: impl Into<String>) -> Mistake {
        Mistake { at, invalid: invalid("SYNTAX", message) }
    }

    fn into_error(self, text: &str) -> ApiError {
        let column = text[..self.at].chars().count() + 1;
        let message = format!("column {column}: {}", self.invalid.message);
        ApiError::parameter(Code::InvalidFilter, PARAMETER, self.invalid.code, message)
            .with("column", column.to_string())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparator {
    Operator(Operator),
    Has,
}

/// Longer spellings first.
const COMPARATORS: [(&str, Comparator); 7] = [
    ("<=", Comparator::Operator(Operator::Lte)),
    (">=", Comparator::Operator(Operator::Gte)),
    ("!=", Comparator::Operator(Operator::Ne)),
    ("=", Comparator::Operator(Operator::Eq)),
    ("<", Comparator::Operator(Operator::Lt)),
    (">", Comparator::Operator(Operator::Gt)),
    (":", Comparator::Has),
];

/// The right side of a comparison.
#[derive(Default)]
struct Literal {
    at: usize,
    text: String,
    /// Where in `text` a `*` is a wildcard.
    stars: Vec<usize>,
}

impl Literal {
    fn push(&mut self, c: char) {
        if c == '*' {
            self.stars.push(self.text.len());
        }
        self.text.push(c);
    }

    fn is_star(&self) -> bool {
        self.text == "*" && !self.stars.is_empty()
    }

    /// What stands between wildcards at the ends, and which operator they make. `None` if there is one in the middle.
    fn wildcard(&self) -> Option<(Operator, &str)> {
        let last = self.text.len().saturating_sub(1);
        match self.stars.as_slice() {
            [] => Some((Operator::Eq, &self.text)),
            [first, end] if *first == 0 && *end == last => Some((Operator::Contains, &self.text[1..last])),
            [first] if *first == 0 => Some((Operator::EndsWith, &self.text[1..])),
            [end] if *end == last => Some((Operator::StartsWith, &self.text[..last])),
            _ => None,
        }
    }
}

struct Parser<'t> {
    resource: &'static Resource,
    text: &'t str,
    /// Byte offset of what is read next.
    at: usize,
    budget: Budget,
}

/// One method per rule of the grammar.
impl<'t> Parser<'t> {
    fn filter(&mut self) -> Result<Filter, Mistake> {
        self.skip_blanks();
        if self.rest().is_empty() {
            return Ok(Filter::ALL);
        }
        let filter = self.expression()?;
        match self.peek() {
            None => Ok(filter),
            Some(_) => Err(Mistake::syntax(self.at, "this `)` closes nothing")),
        }
    }

    fn expression(&mut self) -> Result<Filter, Mistake> {
        let mut parts = Vec::new();
        loop {
            self.sequence(&mut parts)?;
            if !self.keyword("AND") {
                return Ok(Filter::and(parts));
            }
        }
    }

    /// At least one factor; those that follow without AND are meant the same way.
    fn sequence(&mut self, parts: &mut Vec<Filter>) -> Result<(), Mistake> {
        loop {
            parts.push(self.factor()?);
            if matches!(self.peek(), None | Some(')')) || self.at_keyword("AND") {
                return Ok(());
            }
        }
    }

    fn factor(&mut self) -> Result<Filter, Mistake> {
        let mut parts = vec![self.term()?];
        while self.keyword("OR") {
            parts.push(self.term()?);
        }
        Ok(Filter::or(parts))
    }

    fn term(&mut self) -> Result<Filter, Mistake> {
        if self.keyword("NOT") || self.take("-") {
            return Ok(Filter::Not(Box::new(self.simple()?)));
        }
        self.simple()
    }

    fn simple(&mut self) -> Result<Filter, Mistake> {
        self.skip_blanks();
        let open = self.at;
        if !self.take("(") {
            return self.restriction();
        }
        self.budget.enter().map_err(|invalid| Mistake { at: open, invalid })?;
        let inner = self.expression()?;
        self.budget.leave();
        if !self.take(")") {
            return Err(Mistake::syntax(open, "this `(` is never closed"));
        }
        Ok(inner)
    }

    fn restriction(&mut self) -> Result<Filter, Mistake> {
        self.skip_blanks();
        let start = self.at;
        self.budget.take(1).map_err(|invalid| Mistake { at: start, invalid })?;
        let name = self.name()?;
        self.skip_blanks();
        let after = self.at;
        let comparator = self.comparator(name)?;
        if let Some((join, id)) = linked(self.resource, name) {
            return self.link(join, id, comparator, after);
        }
        let target = Target::find(self.resource, |field| field.name == name).ok_or_else(|| Mistake {
            at: start,
            invalid: invalid("UNKNOWN_FIELD", format!("there is no field `{name}` to filter by")),
        })?;
        let literal = self.literal()?;
        compare(target, comparator, &literal).map_err(|(place, invalid)| Mistake {
            at: match place {
                Place::Comparator => after,
                Place::Literal => literal.at,
            },
            invalid,
        })
    }

    /// `tags:"tag_…"`: the row is put together with that one.
    fn link(&mut self, join: Join, id: Id, comparator: Comparator, at: usize) -> Result<Filter, Mistake> {
        let literal = self.literal()?;
        if !matches!(comparator, Comparator::Has) || !literal.stars.is_empty() {
            let message = "a relation of many can only be asked for one row: `tags:\"…\"`";
            return Err(Mistake { at, invalid: invalid("UNSUPPORTED_OPERATOR", message) });
        }
        // What can't be an id is nobody's.
        Ok(parse_id(id, &literal.text).map_or(Filter::Or(Vec::new()), |id| Filter::Linked(join, id)))
    }

    fn name(&mut self) -> Result<&'t str, Mistake> {
        let start = self.at;
        let rest = self.rest();
        let name = &rest[..rest.find(|c: char| !is_word(c)).unwrap_or(rest.len())];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || matches!(name, "AND" | "OR" | "NOT") {
            return Err(Mistake::syntax(start, "expected the name of a field"));
        }
        self.at += name.len();
        match self.rest().chars().next() {
            Some('.') => Err(Mistake::syntax(start, format!("paths into `{name}` aren't supported"))),
            Some('(') => Err(Mistake::syntax(start, format!("functions such as `{name}` aren't supported"))),
            _ => Ok(name),
        }
    }

    fn comparator(&mut self, name: &str) -> Result<Comparator, Mistake> {
        COMPARATORS
            .iter()
            .find(|(spelling, _)| self.take(spelling))
            .map(|(_, comparator)| *comparator)
            .ok_or_else(|| Mistake::syntax(self.at, format!("expected one of = != < <= > >= : after `{name}`")))
    }

    fn literal(&mut self) -> Result<Literal, Mistake> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.bare(),
        }
    }

    /// A backslash makes the next character stand for itself.
    fn quoted(&mut self, quote: char) -> Result<Literal, Mistake> {
        let mut literal = Literal { at: self.at, ..Literal::default() };
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                '\\' => literal.text.extend(chars.next().map(|(_, escaped)| escaped)),
                c if c == quote => {
                    self.at += offset + c.len_utf8();
                    return Ok(literal);
                }
                c => literal.push(c),
            }
        }
        Err(Mistake::syntax(literal.at, "this quotation mark is never closed"))
    }

    fn bare(&mut self) -> Result<Literal, Mistake> {
        let mut literal = Literal { at: self.at, ..Literal::default() };
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "()=<>!,\"'".contains(c)).unwrap_or(rest.len());
        rest[..end].chars().for_each(|c| literal.push(c));
        self.at += end;
        match literal.text.as_str() {
            "" | "AND" | "OR" | "NOT" => Err(Mistake::syntax(literal.at, "expected a value")),
            "null" => Err(Mistake::syntax(literal.at, "null isn't a value; `field:*` asks whether there is one")),
            _ => Ok(literal),
        }
    }
}

/// Looking at the text.
impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.rest().chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn at_keyword(&mut self, keyword: &str) -> bool {
        self.skip_blanks();
        self.rest().strip_prefix(keyword).is_some_and(|rest| !rest.starts_with(is_word))
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.at += keyword.len();
        }
        found
    }
}

fn linked(resource: &'static Resource, name: &str) -> Option<(Join, Id)> {
    let relation = resource.relation(name)?;
    match relation.kind {
        RelationKind::ManyToMany(join) => Some((join, relation.target.id())),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

enum Place {
    Comparator,
    Literal,
}

fn compare(target: Target, comparator: Comparator, literal: &Literal) -> Result<Filter, (Place, Invalid)> {
    let (operator, text) = match comparator {
        _ if literal.is_star() && matches!(comparator, Comparator::Has | Comparator::Operator(Operator::Eq)) => {
            return Ok(target.compare(Test::IsNull(false)));
        }
        Comparator::Has if is_text(target) && literal.stars.is_empty() => (Operator::Contains, literal.text.as_str()),
        Comparator::Has | Comparator::Operator(Operator::Eq) if is_text(target) => {
            literal.wildcard().ok_or_else(|| {
                let message = "`*` can stand at the beginning and at the end only; `\\*` is the character itself";
                (Place::Literal, invalid("SYNTAX", message))
            })?
        }
        Comparator::Operator(_) if is_text(target) && !literal.stars.is_empty() => {
            let message = "`*` is for = and : only; in quotes, `\\*` is the character itself";
            return Err((Place::Literal, invalid("UNSUPPORTED_OPERATOR", message)));
        }
        Comparator::Has => (Operator::Eq, literal.text.as_str()),
        Comparator::Operator(operator) => (operator, literal.text.as_str()),
    };
    if !target.allows(operator) {
        let message = format!("`{}` can't be compared in this way", target.field.name);
        return Err((Place::Comparator, invalid("UNSUPPORTED_OPERATOR", message)));
    }
    let value = match target.field.ty {
        Type::Duration => target.value(operator, &duration(text)),
        _ => target.value(operator, text),
    };
    let value = value
        .map_err(|wrong| (Place::Literal, invalid(wrong.code, format!("{} {}", target.field.name, wrong.message))))?;
    Ok(target.compare(operator.test(value)))
}

fn is_text(target: Target) -> bool {
    target.allows(Operator::Contains)
}

/// AIP-160 writes durations as seconds, `20s`; the ISO form of the other protocols is fine too.
fn duration(text: &str) -> String {
    let seconds = text.strip_suffix('s').filter(|seconds| seconds.ends_with(|c: char| c.is_ascii_digit()));
    match seconds.map(|seconds| (seconds.strip_prefix('-'), seconds)) {
        Some((Some(seconds), _)) => format!("-PT{seconds}S"),
        Some((None, seconds)) => format!("PT{seconds}S"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Random, TASK, outcome};
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(outcome(parse(&TASK, text)), expected, "{text}");
    }

    /// A mistake at a column.
    #[track_caller]
    fn refuse(text: &str, code: &str, column: usize, message: &str) {
        check(text, &format!("{code} INVALID_FILTER: filter: column {column}: {message}"));
    }

    #[test]
    fn or_binds_tighter_than_and() {
        check("", "()");
        check(" \n", "()");
        check("count=1", "count eq 1");
        check("count = 1 AND urgent = true OR count>2", "(count eq 1 & (urgent eq true | count gt 2))");
        check("count = 1 OR urgent = true AND count>2", "((count eq 1 | urgent eq true) & count gt 2)");
        check("count = 1 urgent = true OR count < 0", "(count eq 1 & (urgent eq true | count lt 0))");
        check("count = 1 urgent = true AND count < 0", "(count eq 1 & urgent eq true & count lt 0)");
        check("(count = 1 AND urgent = true) OR count < 0", "((count eq 1 & urgent eq true) | count lt 0)");
        check("NOT count = 1 AND -urgent:true", "(!count eq 1 & !urgent eq true)");
        check("NOT (count = 1 OR count = 2)", "!(count eq 1 | count eq 2)");
        check("-(count = 1)(count=2)", "(!count eq 1 & count eq 2)");
        check("((count=1))", "count eq 1");
    }

    #[test]
    fn values_are_bare_or_quoted() {
        check("count>=-3 AND count<=+4 AND count!=5", "(count gte -3 & count lte 4 & count ne 5)");
        check("title = it", "title eq it");
        check("title = ORDER", "title eq ORDER");
        check(r#"title = "a \"b\" \\ 'c' AND (""#, r#"title eq a "b" \ 'c' AND ("#);
        check(r#"title = 'say "\'"'"#, r#"title eq say "'""#);
        check("title = \"null\"", "title eq null");
        check("title=''", "title eq ");
        check("due_at > 2026-01-31T12:00:00.5+01:00", "due_at gt 2026-01-31T11:00:00.500000Z");
        check("due_at > '2026-01-31T12:00:00Z'", "due_at gt 2026-01-31T12:00:00.000000Z");
        check("due != 2026-01-31", "due ne 2026-01-31");
        check(
            "effort = 20s OR effort = -1.5s OR effort = PT1M",
            "(effort eq PT20S | effort eq -PT1.5S | effort eq PT1M)",
        );
        check("price < 1.5", "price lt 1.50");
        check("weight = 1e-3", "weight eq 0.001");
        check("state != in_progress", "state ne in_progress");
        check("owner_id = usr_01h2xcejqtf2nbrexx3vqjhp41", "owner_id eq usr_01h2xcejqtf2nbrexx3vqjhp41");
    }

    #[test]
    fn stars_are_wildcards_at_the_ends() {
        check("title = foo*", "title starts_with foo");
        check("title = \"*foo\"", "title ends_with foo");
        check("title = '*f o*'", "title contains f o");
        check(r"title = '\*'", "title eq *");
        check(r"title = '*\**'", "title contains *");
        check("title = **", "title contains ");
        check("title = *", "title is_null false");
        check("title:foo", "title contains foo");
        check("title:foo*", "title starts_with foo");
        check("note:*", "note is_null false");
        check("NOT count:*", "!count is_null false");
        check("count:5", "count eq 5");
        let middle = "`*` can stand at the beginning and at the end only; `\\*` is the character itself";
        refuse("title = a*b", "SYNTAX", 9, middle);
        let other = "`*` is for = and : only; in quotes, `\\*` is the character itself";
        refuse("title != a*", "UNSUPPORTED_OPERATOR", 10, other);
        refuse("title < *", "UNSUPPORTED_OPERATOR", 9, other);
        refuse("state = o*", "INVALID_ENUM_VALUE", 9, "state must be one of open, in_progress, done");
    }

    #[test]
    fn mistakes_name_their_column() {
        refuse("é", "SYNTAX", 1, "expected the name of a field");
        refuse("title = é AND", "SYNTAX", 14, "expected the name of a field");
        refuse("AND count = 1", "SYNTAX", 1, "expected the name of a field");
        refuse("count = 1 OR", "SYNTAX", 13, "expected the name of a field");
        refuse("NOT", "SYNTAX", 4, "expected the name of a field");
        refuse("--count = 1", "SYNTAX", 2, "expected the name of a field");
        refuse("'title' = a", "SYNTAX", 1, "expected the name of a field");
        refuse("()", "SYNTAX", 2, "expected the name of a field");
        refuse("(count = 1", "SYNTAX", 1, "this `(` is never closed");
        refuse("count = 1)", "SYNTAX", 10, "this `)` closes nothing");
        refuse("count", "SYNTAX", 6, "expected one of = != < <= > >= : after `count`");
        refuse("count 1", "SYNTAX", 7, "expected one of = != < <= > >= : after `count`");
        refuse("count =", "SYNTAX", 8, "expected a value");
        refuse("count == 1", "SYNTAX", 8, "expected a value");
        refuse("count = (1 OR 2)", "SYNTAX", 9, "expected a value");
        refuse("count = AND", "SYNTAX", 9, "expected a value");
        refuse("note = null", "SYNTAX", 8, "null isn't a value; `field:*` asks whether there is one");
        refuse("title = 'ab", "SYNTAX", 9, "this quotation mark is never closed");
        refuse("title = 'ab\\", "SYNTAX", 9, "this quotation mark is never closed");
        refuse("title.length = 1", "SYNTAX", 1, "paths into `title` aren't supported");
        refuse("urgent = true AND now() > 1", "SYNTAX", 19, "functions such as `now` aren't supported");
        refuse("count = 1 AND x = 1", "UNKNOWN_FIELD", 15, "there is no field `x` to filter by");
        refuse("plain = a", "UNKNOWN_FIELD", 1, "there is no field `plain` to filter by");
        refuse("secret = a", "UNKNOWN_FIELD", 1, "there is no field `secret` to filter by");
        refuse("urgent > true", "UNSUPPORTED_OPERATOR", 8, "`urgent` can't be compared in this way");
        refuse("urgent = 1", "INVALID_BOOLEAN", 10, "urgent must be true or false");
        refuse("urgent = ' '", "INVALID_BOOLEAN", 10, "urgent must be true or false");
    }

    #[test]
    fn size_is_limited() {
        let nested = |depth| format!("{}count=1{}", "(".repeat(depth), ")".repeat(depth));
        check(&nested(32), "count eq 1");
        refuse(&nested(33), "TOO_DEEP", 33, "is nested more than 32 levels deep");
        refuse(&nested(4_000), "TOO_DEEP", 33, "is nested more than 32 levels deep");
        assert!(parse(&TASK, &"count=1 ".repeat(100)).is_ok());
        refuse(&"count=1 ".repeat(101), "TOO_MANY_TERMS", 801, "has more than 100 terms");
        check(&" ".repeat(8193), "TOO_LONG INVALID_FILTER: filter: is longer than 8192 bytes");
    }

    #[test]
    fn no_input_panics() {
        let text = r#"NOT (title = "é\"*" OR effort<-20s) AND -note:* state != 'done' due_at >= 2026-01-31T12:00:00Z"#;
        let chars: Vec<char> = text.chars().collect();
        for end in 0..chars.len() {
            let _ = parse(&TASK, &chars[..end].iter().collect::<String>());
            let _ = parse(&TASK, &chars[end..].iter().collect::<String>());
        }
        let mut random = Random::new(9);
        let others =
            ['(', ')', '"', '\'', '\\', '*', '=', '!', '<', ' ', '-', 's', '.', ':', 'é', '\0', '\u{3000}', '9'];
        for _ in 0..20_000 {
            let mut mutant = chars.clone();
            for _ in 0..=random.below(4) {
                let at = random.below(mutant.len());
                match random.below(3) {
                    0 => mutant[at] = *random.pick(&others),
                    1 => mutant.insert(at, *random.pick(&others)),
                    _ => drop(mutant.remove(at)),
                }
            }
            let _ = parse(&TASK, &mutant.iter().collect::<String>());
        }
    }
}
