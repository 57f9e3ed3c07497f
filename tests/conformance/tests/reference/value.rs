//! Values that are sent, right and wrong ones, and what they become.

use std::cmp::Ordering;

use serde_json::{Value as Json, json};

/// What a column holds, with its rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One or two characters.
    Text,
    /// 0 to 3.
    Number,
    Flag,
    Colour,
    /// With two decimal places, not negative.
    Price,
    /// At most two.
    Words,
    Date,
}

/// A value as it is stored, or what is wrong with it.
pub type Judged = Result<Json, &'static str>;

impl Kind {
    pub const ALL: [Kind; 7] =
        [Kind::Text, Kind::Number, Kind::Flag, Kind::Colour, Kind::Price, Kind::Words, Kind::Date];

    pub fn ty(self) -> &'static str {
        match self {
            Kind::Text => "string, min_length: 1, max_length: 2",
            Kind::Number => "int32, minimum: 0, maximum: 3",
            Kind::Flag => "bool",
            Kind::Colour => "Colour",
            Kind::Price => "decimal, scale: 2, minimum: 0",
            Kind::Words => "list<string>, max_items: 2",
            Kind::Date => "date",
        }
    }

    pub fn default_text(self) -> &'static str {
        match self {
            Kind::Text => "d",
            Kind::Number => "2",
            Kind::Flag => "true",
            Kind::Colour => "green",
            Kind::Price => "1.50",
            Kind::Words => "[]",
            Kind::Date => "2026-01-02",
        }
    }

    pub fn default(self) -> Json {
        match self {
            Kind::Number => json!(2),
            Kind::Flag => json!(true),
            Kind::Words => json!([]),
            text => json!(text.default_text()),
        }
    }

    /// What may be sent, those that are right first.
    pub fn pool(self) -> Vec<Json> {
        match self {
            Kind::Text => {
                vec![json!("a"), json!("b"), json!("B"), json!("ä"), json!("a "), json!(""), json!("abc"), json!(1)]
            }
            Kind::Number => vec![json!(0), json!(1), json!(2), json!(3), json!(-1), json!(4), json!("1"), json!(0.5)],
            Kind::Flag => vec![json!(true), json!(false), json!("true"), json!(0)],
            Kind::Colour => vec![json!("red"), json!("green"), json!("blue"), json!("RED"), json!(1)],
            Kind::Price => {
                vec![json!("0"), json!("1.5"), json!("1.50"), json!("10"), json!("-0.01"), json!("1.005"), json!("x")]
            }
            Kind::Words => vec![json!([]), json!(["a"]), json!(["a", "a"]), json!(["a", "b", "c"]), json!("a")],
            Kind::Date => vec![json!("2026-01-02"), json!("2025-12-31"), json!("2026-02-30"), json!(1)],
        }
    }

    /// How many of the pool are right.
    pub fn right(self) -> usize {
        match self {
            Kind::Text => 5,
            Kind::Number | Kind::Price => 4,
            Kind::Flag | Kind::Date => 2,
            Kind::Colour | Kind::Words => 3,
        }
    }

    /// What becomes of a value that isn't null.
    pub fn judge(self, value: &Json) -> Judged {
        match (self, value) {
            (Kind::Text, Json::String(text)) => match text.chars().count() {
                0 => Err("MIN_LENGTH"),
                1 | 2 => Ok(value.clone()),
                _ => Err("MAX_LENGTH"),
            },
            (Kind::Number, Json::Number(number)) => match number.as_i64() {
                None => Err("INVALID_TYPE"),
                Some(..0) => Err("MINIMUM"),
                Some(4..) => Err("MAXIMUM"),
                Some(_) => Ok(value.clone()),
            },
            (Kind::Flag, Json::Bool(_)) => Ok(value.clone()),
            (Kind::Colour, Json::String(name)) if ["red", "green", "blue"].contains(&name.as_str()) => {
                Ok(value.clone())
            }
            (Kind::Colour, Json::String(_)) => Err("INVALID_ENUM_VALUE"),
            (Kind::Price, Json::String(text)) => price(text),
            (Kind::Words, Json::Array(items)) if items.len() > 2 => Err("MAX_ITEMS"),
            (Kind::Words, Json::Array(_)) => Ok(value.clone()),
            (Kind::Date, Json::String(text)) if text.ends_with("30") => Err("INVALID_DATE"),
            (Kind::Date, Json::String(_)) => Ok(value.clone()),
            _ => Err("INVALID_TYPE"),
        }
    }

    /// How lists order what is stored.
    pub fn compare(self, one: &Json, other: &Json) -> Ordering {
        match self {
            Kind::Number => one.as_i64().cmp(&other.as_i64()),
            Kind::Flag => one.as_bool().cmp(&other.as_bool()),
            Kind::Price => cents(one).cmp(&cents(other)),
            // Of UTF-8 the order of bytes is that of characters.
            Kind::Text | Kind::Colour | Kind::Date | Kind::Words => one.as_str().cmp(&other.as_str()),
        }
    }
}

fn price(text: &str) -> Judged {
    match text {
        "0" => Ok(json!("0.00")),
        "1.5" | "1.50" => Ok(json!("1.50")),
        "10" => Ok(json!("10.00")),
        "-0.01" => Err("MINIMUM"),
        _ => Err("INVALID_DECIMAL"),
    }
}

fn cents(price: &Json) -> Option<u32> {
    price.as_str()?.replace('.', "").parse().ok()
}
