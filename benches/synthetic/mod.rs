//! A spec of any size with everything that the language has. Its resources come in tens, each of which is a library, a shop,
//! a chat and some devices, and all are in the workspace that two more resources make.

const HEAD: &str = include_str!("head.yaml");
const SHARED: &str = include_str!("shared.yaml");
const ENUMS: &str = include_str!("enums.yaml");
const TEN: &str = include_str!("ten.yaml");

/// The text of a spec with so many resources, a multiple of ten, and the two.
pub fn spec(resources: usize) -> String {
    let of_all = |text: &str| -> String { (0..resources / 10).map(|number| numbered(text, number)).collect() };
    format!("{HEAD}\nenums:\n{}\nresources:\n{SHARED}{}", of_all(ENUMS), of_all(TEN))
}

/// Names get the number, prefixes of ids, which have no digits, letters.
fn numbered(text: &str, number: usize) -> String {
    "\n".to_owned() + &text.replace("{n}", &number.to_string()).replace("{l}", &letters(number))
}

/// `0` → `a`, `26` → `ba`.
fn letters(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).expect("26 letters fit"));
    if number < 26 { letter.to_string() } else { letters(number / 26) + &letter.to_string() }
}
