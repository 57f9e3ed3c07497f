//! YAML as a tree that remembers where everything stood. Scalars keep the author's text, since only the key that they
//! belong to knows how to read them: `0.10` keeps its zero and `NO` is a country.
//!
//! Knows nothing about the spec language.

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as YamlSpan, options};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};

/// No spec needs more; beyond it a file is broken or hostile.
const DEEPEST: usize = 64;
/// Values, keys, lists and mappings of one file.
const MOST: usize = 500_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Of a list or mapping: what stands on its first line.
    pub span: Span,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
    /// Already reported.
    Broken,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    pub text: String,
    /// Tells `"null"` from `null`.
    pub quoted: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: Text,
    pub value: Node,
}

/// A piece of text and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub value: String,
    pub span: Span,
}

impl Node {
    /// `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { text, quoted: false })
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// For messages: what stands here.
    pub fn kind(&self) -> &'static str {
        match self.value {
            _ if self.is_null() => "nothing",
            Value::Scalar(_) => "a single value",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
            Value::Broken => unreachable!("a broken node was reported and isn't spoken of again"),
        }
    }
}

/// The one document of a file. `None`: there is none, or it can't be read, which is then reported.
pub fn load(file: FileId, out: &mut Diagnostics) -> Option<Node> {
    let text = out.source(file).text.clone();
    let limits = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder { file, out, stack: Vec::new(), root: None };
    for (count, event) in Parser::new_from_str_with_options(&text, limits).enumerate() {
        match event {
            Ok((_, span)) if count > MOST => {
                let span = builder.span(span);
                builder.out.push(too_many(span));
                return None;
            }
            Ok((event, span)) => builder.event(event, span),
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                let span = Span { file, start: at, end: at };
                builder.out.push(syntax_error(&error, span));
                return None;
            }
        }
    }
    builder.root
}

fn syntax_error(error: &ScanError, span: Span) -> Diagnostic {
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => {
            let message = format!("lists and mappings are nested more than {DEEPEST} levels deep");
            Diagnostic::error(Code::Syntax, span, message)
        }
        _ => Diagnostic::error(Code::Syntax, span, error.info()).help(way_out(&error.info())),
    }
}

fn too_many(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Syntax, span, format!("the file has more than {MOST} keys and values"))
        .label("the first too many")
        .help("move some of them to other files, and `include` those".to_owned())
}

/// What to do about the mistakes that are made most.
fn way_out(message: &str) -> Option<String> {
    let helps = [
        ("tab", "indent by spaces"),
        ("did not find expected ',' or", "close the `{` or `[` that stands open before this"),
    ];
    helps.into_iter().find(|(part, _)| message.contains(part)).map(|(_, help)| help.to_owned())
}

/// A list or mapping that isn't closed yet.
enum Open {
    Sequence { span: Span, items: Vec<Node> },
    Mapping { span: Span, entries: Vec<Entry>, key: Key },
}

enum Key {
    /// The next node is a key.
    Awaited,
    Read(Text),
    /// Reported; its value is dropped with it.
    Broken,
}

struct Builder<'a> {
    file: FileId,
    out: &'a mut Diagnostics,
    stack: Vec<Open>,
    root: Option<Node>,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, yaml: YamlSpan) {
        let span = self.span(yaml);
        self.refuse_properties(&event, span);
        match event {
            Event::Scalar(text, style, ..) => {
                let scalar = Scalar { text: text.into_owned(), quoted: style != ScalarStyle::Plain };
                self.add(Node { span, value: Value::Scalar(scalar) });
            }
            Event::SequenceStart(..) => self.stack.push(Open::Sequence { span, items: Vec::new() }),
            Event::MappingStart(..) => {
                self.stack.push(Open::Mapping { span, entries: Vec::new(), key: Key::Awaited });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(span, "aliases are not part of the language", "write the value out again");
                self.add(Node { span, value: Value::Broken });
            }
            _ => {}
        }
    }

    fn refuse_properties(&mut self, event: &Event<'_>, span: Span) {
        if event.anchor_id().is_some() {
            self.refuse(span, "anchors are not part of the language", "remove the `&name`");
        }
        if event.tag().is_some() {
            self.refuse(span, "tags are not part of the language", "remove the `!tag`; the key decides the type");
        }
    }

    fn refuse(&mut self, span: Span, message: &str, help: &str) {
        self.out.push(Diagnostic::error(Code::YamlFeature, span, message).help(help.to_owned()));
    }

    fn close(&mut self, end: Span) {
        let node = match self.stack.pop() {
            Some(Open::Sequence { span, items }) => {
                Node { span: self.first_line(span, end), value: Value::Sequence(items) }
            }
            Some(Open::Mapping { span, entries, .. }) => {
                Node { span: self.first_line(span, end), value: Value::Mapping(entries) }
            }
            None => unreachable!("the parser closes only what it opened"),
        };
        self.add(node);
    }

    fn add(&mut self, node: Node) {
        let open = match self.stack.pop() {
            Some(Open::Sequence { span, mut items }) => {
                items.push(node);
                Open::Sequence { span, items }
            }
            Some(Open::Mapping { span, mut entries, key }) => {
                let key = self.entry(key, node, &mut entries);
                Open::Mapping { span, entries, key }
            }
            None => return self.document(node),
        };
        self.stack.push(open);
    }

    fn document(&mut self, node: Node) {
        if self.root.is_some() {
            self.refuse(node.span, "a second document in the file", "a spec is a single YAML document");
        } else {
            self.root = Some(node);
        }
    }

    /// Takes the next node of a mapping; what comes back is what the one after it will be.
    fn entry(&mut self, key: Key, node: Node, entries: &mut Vec<Entry>) -> Key {
        match key {
            Key::Awaited => return self.key(node),
            Key::Read(key) => entries.push(Entry { value: beside(&key, node), key }),
            Key::Broken => {}
        }
        Key::Awaited
    }

    fn key(&mut self, node: Node) -> Key {
        match node.value {
            Value::Scalar(scalar) => Key::Read(Text { value: scalar.text, span: node.span }),
            Value::Broken => Key::Broken,
            _ => {
                self.refuse(node.span, "a key must be a single word", "write `key: value`");
                Key::Broken
            }
        }
    }

    fn span(&self, yaml: YamlSpan) -> Span {
        let length = self.out.source(self.file).text.len();
        let start = yaml.start.byte_offset().unwrap_or(length).min(length);
        let end = yaml.end.byte_offset().unwrap_or(length).clamp(start, length);
        Span { file: self.file, start, end }
    }

    fn first_line(&self, start: Span, end: Span) -> Span {
        let source = self.out.source(self.file);
        let line = source.line_at(start.start);
        let stop = end.end.min(line.end).max(start.start);
        let text = source.text.get(start.start..stop).unwrap_or_default();
        Span { end: start.start + text.trim_end().len(), ..start }
    }
}

/// An empty value has no place of its own: its key stands for it.
fn beside(key: &Text, node: Node) -> Node {
    let empty = matches!(&node.value, Value::Scalar(scalar) if scalar.text.is_empty() && !scalar.quoted);
    if empty { Node { span: key.span, ..node } } else { node }
}
