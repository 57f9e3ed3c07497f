//! A spec of any size in the style of the shop: ten fields per resource, enums, value types, relations, filters, sorting,
//! and rules.

use std::fmt::Write as _;

/// How many resources share an enum and refer to each other.
const GROUP: usize = 10;

const HEAD: &str = "\
apigen: 1

api:
  name: synthetic
  version: v1
  title: Synthetic
  description: As large as one wants.

types:
  Address:
    description: Where a parcel goes.
    fields:
      street:  { type: string, max_length: 200 }
      city:    { type: string, max_length: 100 }
      country: { type: string, pattern: '^[A-Z]{2}$', example: DE }

";

/// The text of a spec with so many resources.
pub fn spec(resources: usize) -> String {
    let mut text = HEAD.to_owned() + "enums:\n";
    for group in 0..resources.div_ceil(GROUP) {
        line(&mut text, &format!("  State{group}:\n    description: Where a row is in its life."));
        line(&mut text, "    values: [pending, confirmed, shipped, delivered, cancelled]");
    }
    line(&mut text, "\nresources:");
    for index in 0..resources {
        text += &resource(index, resources);
    }
    text
}

fn resource(index: usize, resources: usize) -> String {
    let group = index / GROUP;
    let mut text = format!(
        "  Article{index}:
    description: One of the things that the shop sells, the {index}th of its kind.
    id: {{ prefix: a{letters} }}
    fields:
      sku:          {{ type: string, max_length: 40, unique: true, filter: true }}
      name:         {{ type: string, min_length: 2, max_length: 200, sort: true }}
      description?: string
      price:        {{ type: decimal, scale: 2, minimum: 0, filter: true, sort: true, example: '12.50' }}
      currency:     {{ type: string, pattern: '^[A-Z]{{3}}$', default: EUR }}
      stock:        {{ type: int32, minimum: 0, filter: true }}
      tags:         {{ type: list<string>, max_items: 10 }}
      state:        {{ type: State{group}, default: pending, filter: true }}
      address?:     Address
      listed_at:    {{ type: timestamp, default: now, read_only: true, sort: true, filter: true }}
",
        letters = letters(index),
    );
    text += &relations(index, resources);
    text += "    list: { sort: [-listed_at], page_size: 20, max_page_size: 100, total: true }\n";
    text
}

/// Each belongs to the first of its group, and to the one before it.
fn relations(index: usize, resources: usize) -> String {
    let first = index / GROUP * GROUP;
    let mut text = String::new();
    if index != first {
        line(&mut text, &format!("      leader: {{ belongs_to: Article{first}, on_delete: cascade }}"));
        line(&mut text, &format!("      previous?: {{ belongs_to: Article{} }}", index - 1));
    } else {
        for other in first + 1..resources.min(first + GROUP) {
            line(&mut text, &format!("      followers{other}: {{ has_many: Article{other}, inverse: leader }}"));
        }
    }
    if text.is_empty() { text } else { format!("    relations:\n{text}") }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string works");
}

/// `0` → `a`, `26` → `ba`: prefixes of ids have no digits.
fn letters(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).expect("26 letters fit"));
    if number < 26 { letter.to_string() } else { letters(number / 26) + &letter.to_string() }
}
