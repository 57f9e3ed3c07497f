//! Values as YAML in block style, written as serde_json walks through them.
//!
//! Almost every text of a document is a word, a sentence or a reference, of which it is seen at a glance how they are
//! written; serde-saphyr, which looks closer, decides about all others. It could write the whole, in the same bytes, and
//! would take a third of all the time that a run takes. Knows nothing about OpenAPI.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

/// Words that some reader takes for something else than a text (YAML 1.1, types `bool`, `null` and `float`).
const OTHERWISE: [&str; 12] = ["true", "false", "null", "nan", "inf", "-inf", "yes", "no", "on", "off", "y", "n"];
/// The longest of them.
const LONGEST: usize = 5;

/// Appends `value`, a map or a list, with each line indented by so many columns.
pub fn write(value: &impl Serialize, columns: usize, out: &mut Vec<u8>) {
    let yaml = Yaml { columns, ..Yaml::default() };
    value
        .serialize(&mut Serializer::with_formatter(out, yaml))
        .unwrap_or_else(|error| unreachable!("an OpenAPI document is always JSON: {error}"));
}

#[derive(Default)]
struct Yaml {
    /// Of the outermost collection.
    columns: usize,
    open: Vec<Collection>,
    place: Place,
    role: Role,
    /// Of the text that is being read.
    text: String,
}

/// A map or list whose end is still to come.
#[derive(Clone, Copy)]
struct Collection {
    columns: usize,
    /// Where it began.
    place: Place,
    empty: bool,
}

/// What is on the line in front of a value.
#[derive(Clone, Copy, Default, PartialEq)]
enum Place {
    #[default]
    Nothing,
    Key,
    Dash,
}

#[derive(Clone, Copy, Default)]
enum Role {
    Key,
    #[default]
    Value,
}

impl Yaml {
    fn columns(&self) -> usize {
        self.open.last().map_or(self.columns, |collection| collection.columns)
    }

    /// The items of a list stand right below its key.
    fn begin(&mut self, below_key: usize) {
        let columns = match self.place {
            Place::Nothing => self.columns,
            Place::Key => self.columns() + below_key,
            Place::Dash => self.columns() + 2,
        };
        self.open.push(Collection { columns, place: self.place, empty: true });
    }

    /// What is in front of an entry.
    fn entry(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let Some(collection) = self.open.last_mut() else { unreachable!("an entry is inside of something") };
        let is_first = std::mem::replace(&mut collection.empty, false);
        match collection.place {
            Place::Dash if is_first => return Ok(()),
            Place::Key if is_first => out.write_all(b"\n")?,
            _ => {}
        }
        indent(collection.columns, out)
    }

    fn end(&mut self, empty: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        match self.open.pop() {
            Some(Collection { empty: true, place, .. }) => {
                self.place = place;
                self.scalar(empty, out)
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, value: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        if self.place == Place::Key {
            out.write_all(b" ")?;
        }
        out.write_all(value)?;
        out.write_all(b"\n")
    }

    fn quoted(&mut self, value: &[u8], out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        out.write_all(if self.place == Place::Key { b" \"" } else { b"\"" })?;
        out.write_all(value)?;
        out.write_all(b"\"\n")
    }

    fn value(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let text = std::mem::take(&mut self.text);
        if is_plain(&text) {
            self.scalar(text.as_bytes(), out)?;
        } else if is_quoted(&text) {
            self.quoted(text.as_bytes(), out)?;
        } else {
            let entry = by_library(&BTreeMap::from([("", &text)]));
            let value = entry.strip_prefix("\"\": ").and_then(|value| value.strip_suffix('\n'));
            let mut lines = value.unwrap_or_else(|| unreachable!("a text is behind its key: {entry}")).split('\n');
            self.scalar(lines.next().unwrap_or_default().as_bytes(), out)?;
            for line in lines {
                if !line.is_empty() {
                    indent(self.columns(), out)?;
                }
                writeln!(out, "{line}")?;
            }
        }
        self.text = text;
        Ok(())
    }

    fn key(&mut self, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let marks = |byte| matches!(byte, b':' | b',' | b'[' | b']' | b'{' | b'}');
        if is_plain(&self.text) && !self.text.bytes().any(marks) {
            return out.write_all(self.text.as_bytes());
        }
        if is_quoted(&self.text) {
            return write!(out, "\"{}\"", self.text);
        }
        let entry = by_library(&BTreeMap::from([(&self.text, "")]));
        let Some(key) = entry.strip_suffix(": \"\"\n") else { unreachable!("a key is on one line: {entry}") };
        out.write_all(key.as_bytes())
    }
}

fn indent(columns: usize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    const SPACES: &[u8] = &[b' '; 64];
    let mut left = columns;
    while left > 0 {
        let some = left.min(SPACES.len());
        out.write_all(&SPACES[..some])?;
        left -= some;
    }
    Ok(())
}

/// Whether a text is certainly one without quotes.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = match bytes {
        [b'-', second, ..] => second.is_ascii_alphabetic(),
        [first, ..] => first.is_ascii_alphabetic() || matches!(first, b'/' | b'$' | b'^'),
        [] => false,
    };
    let other = bytes.len() <= LONGEST && OTHERWISE.iter().any(|word| text.eq_ignore_ascii_case(word));
    begins && !other && !bytes.ends_with(b" ") && !bytes.ends_with(b":") && has_no_marks(bytes)
}

/// No control character, nothing that needs more than a byte, no `: ` or ` #`.
fn has_no_marks(bytes: &[u8]) -> bool {
    let mut before = b' ';
    bytes.iter().all(|byte| {
        let before = std::mem::replace(&mut before, *byte);
        matches!(byte, b' '..=b'~') && !matches!((before, byte), (b':', b' ') | (b' ', b'#'))
    })
}

/// Whether a text is certainly one in quotes, without anything to escape: a reference or a status.
fn is_quoted(text: &str) -> bool {
    let simple = |byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (text.starts_with("#/") && text.bytes().all(simple)) || digits(text)
}

pub(super) fn by_library(value: &impl Serialize) -> String {
    // Long texts stay on their line: a folded one would change all its lines with a word.
    let options = serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX };
    serde_saphyr::to_string_with_options(value, options)
        .unwrap_or_else(|error| unreachable!("an OpenAPI document is always YAML: {error}"))
}

/// A number, which is a value or part of a key.
macro_rules! number {
    ($($name:ident: $type:ty),*) => {$(
        fn $name<W: ?Sized + Write>(&mut self, out: &mut W, value: $type) -> io::Result<()> {
            match self.role {
                Role::Key => self.text += &value.to_string(),
                Role::Value => self.scalar(value.to_string().as_bytes(), out)?,
            }
            Ok(())
        }
    )*};
}

impl Formatter for Yaml {
    number!(write_u16: u16, write_u32: u32, write_u64: u64, write_i32: i32, write_i64: i64);

    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        let number = serde_saphyr::to_string(&value).unwrap_or_else(|_| unreachable!("a number is always YAML"));
        self.scalar(number.trim_end().as_bytes(), out)
    }

    fn write_null<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.scalar(b"null", out)
    }

    fn write_bool<W: ?Sized + Write>(&mut self, out: &mut W, value: bool) -> io::Result<()> {
        self.scalar(if value { b"true" } else { b"false" }, out)
    }

    fn begin_string<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.text.clear();
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, _: &mut W, fragment: &str) -> io::Result<()> {
        self.text.push_str(fragment);
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        self.text.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        Ok(())
    }

    fn end_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        match self.role {
            Role::Key => self.key(out),
            Role::Value => self.value(out),
        }
    }

    fn begin_object<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.begin(2);
        Ok(())
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, _: bool) -> io::Result<()> {
        self.role = Role::Key;
        self.entry(out)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        (self.place, self.role) = (Place::Key, Role::Value);
        out.write_all(b":")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(b"{}", out)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.begin(0);
        Ok(())
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, _: bool) -> io::Result<()> {
        self.entry(out)?;
        self.place = Place::Dash;
        out.write_all(b"- ")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(b"[]", out)
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::{Value, json};

    use super::*;

    /// As text, which serde-saphyr would write in the same way.
    fn check(value: &Value) -> String {
        let mut out = Vec::new();
        write(value, 0, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, by_library(value));
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), *value);
        text
    }

    #[test]
    fn collections() {
        let lists = json!([[1, [2]], [], {}, {"a": [], "b": {}, "c": [{"d": 1, "e": [2]}]}]);
        assert_snapshot!(check(&json!({"lists": lists, "numbers": [0.5, -3, 1e300], "others": [null, true]})));
    }

    #[test]
    fn texts() {
        let words = [
            "",
            "a",
            "y",
            "On",
            "NULL",
            "1",
            "200",
            "-a",
            "-inf",
            "$ref",
            "^a#b$",
            "0x1f",
            "12:30",
            "2026-01-01",
            "~",
            "-",
            "a: b",
            "a:",
            "a #b",
            "a ",
            "#/a b",
        ];
        let more = [
            "#/\"",
            "\u{7}",
            "é",
            "a\tb",
            "\n",
            "a\nb",
            "a\nb\n",
            "a\n\n  b\n\n",
            "  a\nb",
            "'",
            "[",
            "/v1/{a}",
            "<<",
            "---",
        ];
        for text in words.into_iter().chain(more) {
            check(&json!({"in": {"a": text, "list": [text, [text], {"b": text}]}}));
            check(&json!([{"a": {text: {text: 1}}}]));
        }
    }

    #[test]
    fn as_far_to_the_right_as_it_has_to_be() {
        let mut out = Vec::new();
        write(&json!({"a": [{"b": "c\nd"}]}), 4, &mut out);
        assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
