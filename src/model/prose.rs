//! What the model says in English: the author's descriptions, completed by sentences for constraints that a contract's
//! language can't express.
//!
//! Knows nothing about how a comment is written anywhere.

use super::{
    Default, EnumValue, Field, Function, Literal, Model, Origin, Relation, RelationKind, Resource, Rules, SetBy, Type,
};

/// Which contract's names a text uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    Json,
    Graphql,
    Proto,
}

impl EnumValue {
    pub fn spelled(&self, spelling: Spelling) -> &str {
        match spelling {
            Spelling::Json => &self.name,
            Spelling::Graphql => &self.graphql,
            Spelling::Proto => &self.proto,
        }
    }
}

/// `order_items` → `order items`.
pub fn words(snake: &str) -> String {
    snake.replace('_', " ")
}

/// `unit_price` → `Unit price.`
pub fn sentence(snake: &str) -> String {
    format!("{}.", capitalised(&words(snake)))
}

pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `an order`.
pub fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) && !noun.starts_with("us") && !noun.starts_with("uni")
    {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// A description and further sentences as one text: behind a single line in the same line, behind several as a paragraph
/// of its own.
pub fn join(description: &str, sentences: &[String]) -> String {
    let description = description.trim();
    if sentences.is_empty() {
        return description.to_owned();
    }
    let more = sentences.join(" ");
    match description {
        "" => more,
        text if text.contains('\n') => format!("{text}\n\n{more}"),
        text if text.ends_with(['.', '!', '?', ':', ')']) => format!("{text} {more}"),
        text => format!("{text}. {more}"),
    }
}

impl Resource {
    /// `order item`.
    pub fn noun(&self) -> String {
        words(&self.names.snake)
    }

    /// `order items`.
    pub fn nouns(&self) -> String {
        words(&self.names.snake_plural)
    }

    /// What a list can be searched for; `sort` is the parameter that says in which order it is.
    pub fn question(&self, sort: &str) -> String {
        let names: Vec<String> = self.search.iter().map(|field| words(&self.fields[*field].name)).collect();
        let names = names.join(" or ");
        format!(
            "Words that all occur in the {names}, whole and in any case. Without `{sort}`, the best matches come first."
        )
    }

    /// Its description, or what its name says.
    pub fn summary(&self) -> String {
        self.description.clone().unwrap_or_else(|| sentence(&self.names.snake))
    }
}

impl Relation {
    /// Its description, or what its kind says.
    pub fn summary(&self, model: &Model, owner: &Resource) -> String {
        let target = model.resource(self.target);
        let own = self.description.clone().unwrap_or_else(|| match self.kind {
            RelationKind::BelongsTo { .. } => format!("The {} that {}.", words(&self.name), belongs(&owner.noun())),
            RelationKind::ManyToMany { .. } => format!("The {} of this {}.", words(&self.name), owner.noun()),
            RelationKind::HasMany { .. } => format!("The {} of this {}.", target.nouns(), owner.noun()),
            RelationKind::HasOne { .. } => format!("The {} of this {}.", target.noun(), owner.noun()),
        });
        join(&own, &Vec::from_iter(self.readers(model, owner)))
    }
}

fn belongs(noun: &str) -> String {
    format!("this {noun} belongs to")
}

impl Field {
    /// Its description, or what it is for by its origin; nothing for a plain field that the author left undescribed.
    pub fn purpose(&self, owner: Option<&Resource>) -> Option<String> {
        let own = self.description.clone();
        let Some(owner) = owner else { return own };
        own.or_else(|| match self.origin {
            Origin::Declared => self.aggregate.as_ref().map(|aggregate| {
                let relation = words(&owner.relations[aggregate.relation].name);
                match aggregate.function {
                    Function::Count => format!("How many {relation} there are."),
                    Function::Sum(_) => format!("The sum over the {relation}."),
                }
            }),
            Origin::Id => Some(format!("Identifies the {}.", owner.noun())),
            Origin::Relation(index) => {
                let name = words(&owner.relations[index].name);
                Some(format!("The id of the {name} that {}.", belongs(&owner.noun())))
            }
            Origin::Timestamp if self.name == "created_at" => Some(format!("When the {} was created.", owner.noun())),
            Origin::Timestamp => Some(format!("When the {} last changed.", owner.noun())),
        })
    }

    /// [`Field::purpose`], or what its name says.
    pub fn summary(&self, owner: Option<&Resource>) -> String {
        self.purpose(owner).unwrap_or_else(|| sentence(&self.name))
    }

    /// Everything that limits its values, for a language that can express none of it.
    pub fn constraints(&self) -> Vec<String> {
        let mut sentences = self.bounds();
        let rules = &self.rules;
        match self.ty {
            Type::List(_) | Type::Map(_) => sentences.extend(range(rules.min_items, rules.max_items, "item", "items")),
            Type::Bytes => sentences.extend(range(rules.min_length, rules.max_length, "byte", "bytes")),
            _ => sentences.extend(range(rules.min_length, rules.max_length, "character", "characters")),
        }
        sentences.extend(rules.pattern.as_ref().map(|pattern| format!("Matches `{}`.", one_line(pattern))));
        if let Type::Decimal { precision, scale } = self.ty {
            sentences.push(format!("At most {precision} digits, {scale} of them behind the point."));
        }
        if rules.unique_items {
            sentences.push("No item twice.".to_owned());
        }
        sentences
    }

    /// The limits of a number.
    pub fn bounds(&self) -> Vec<String> {
        let Rules { minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of, .. } = &self.rules;
        [
            ("At least", minimum),
            ("Greater than", exclusive_minimum),
            ("At most", maximum),
            ("Less than", exclusive_maximum),
            ("A multiple of", multiple_of),
        ]
        .into_iter()
        .filter_map(|(words, bound)| bound.as_ref().map(|bound| format!("{words} {bound}.")))
        .collect()
    }

    /// What is special about how it is set and read.
    pub fn handling(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        if self.unique && self.origin != Origin::Id {
            sentences.push("Unique.".to_owned());
        }
        match self.set_by {
            SetBy::Caller => {}
            SetBy::CallerOnCreate => sentences.push("Can't be changed later.".to_owned()),
            SetBy::Server if matches!(self.origin, Origin::Id | Origin::Timestamp) => {}
            SetBy::Server => sentences.push("Set by the server.".to_owned()),
        }
        if self.write_only || self.ty == Type::Password {
            sentences.push("Never returned.".to_owned());
        }
        sentences
    }

    /// What an absent value becomes.
    pub fn default_sentence(&self, model: &Model, spelling: Spelling) -> Option<String> {
        if self.from_principal {
            return Some("Defaults to the caller.".to_owned());
        }
        let value = match self.default.as_ref()? {
            Default::Now => return Some("Defaults to the time of the write.".to_owned()),
            Default::Today => return Some("Defaults to the date of the write (UTC).".to_owned()),
            Default::Literal(Literal::Scalar(text)) => text,
            // Empty lists and maps are what every contract takes for absent anyway.
            Default::Literal(Literal::Null | Literal::List(_) | Literal::Map(_)) => return None,
        };
        let spelled = match self.ty {
            Type::Enum(id) => model.enumeration(id).values.iter().find(|each| each.name == *value),
            _ => None,
        };
        let text = spelled.map_or(value.as_str(), |value| value.spelled(spelling));
        Some(format!("Defaults to `{}`.", one_line(text)))
    }
}

fn range(low: Option<u32>, high: Option<u32>, one: &str, many: &str) -> Option<String> {
    let unit = |count: u32| if count == 1 { one } else { many };
    match (low.filter(|&low| low > 0), high) {
        (None, None) => None,
        (Some(low), None) => Some(format!("At least {low} {}.", unit(low))),
        (None, Some(high)) => Some(format!("At most {high} {}.", unit(high))),
        (Some(low), Some(high)) if low == high => Some(format!("Exactly {low} {}.", unit(low))),
        (Some(low), Some(high)) => Some(format!("{low} to {high} {many}.")),
    }
}

/// Literals may hold line breaks; a sentence mustn't.
fn one_line(text: &str) -> String {
    text.replace('\r', "\\r").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_follow_a_description() {
        let more = ["Unique.".to_owned()];
        assert_eq!(join("", &more), "Unique.");
        assert_eq!(join("The name", &more), "The name. Unique.");
        assert_eq!(join("Which one?\n", &more), "Which one? Unique.");
        assert_eq!(join("One.\nTwo.", &more), "One.\nTwo.\n\nUnique.");
        assert_eq!(join(" Alone ", &[]), "Alone");
    }

    #[test]
    fn articles_follow_the_sound() {
        assert_eq!(
            ["order", "user", "unit", "upload", "product"].map(a),
            ["an order", "a user", "a unit", "an upload", "a product"]
        );
    }

    #[test]
    fn ranges_are_one_sentence() {
        let said = |low, high| range(low, high, "item", "items").unwrap_or_default();
        assert_eq!(said(None, None), "");
        assert_eq!(said(Some(0), Some(1)), "At most 1 item.");
        assert_eq!(said(Some(2), None), "At least 2 items.");
        assert_eq!(said(Some(2), Some(2)), "Exactly 2 items.");
        assert_eq!(said(Some(1), Some(9)), "1 to 9 items.");
    }
}
