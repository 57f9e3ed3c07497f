//! Texts and places in them.

use std::ops::Range;

/// Which of the texts of a run: the spec, its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// A piece of a text, in bytes; ordered by file and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub file: FileId,
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The piece of this one that begins `from` bytes in and is `len` bytes long.
    pub fn part(self, from: usize, len: usize) -> Span {
        Span { file: self.file, start: self.start + from, end: self.start + from + len }
    }

    /// From where this begins to where `last`, further on in the same text, ends.
    pub fn to(self, last: Span) -> Span {
        Span { end: last.end, ..self }
    }
}

/// From 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// As messages show it: the path that the user gave.
    pub name: String,
    pub text: String,
    line_starts: Vec<usize>,
}

impl Source {
    pub fn new(name: String, text: String) -> Source {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(index, _)| index + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Source { name, text, line_starts }
    }

    pub fn position(&self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_of(offset);
        let column = self.text[self.line_starts[line]..offset].chars().count() + 1;
        Position { line: line + 1, column }
    }

    /// Where a position is, or the nearest place before it that the text has.
    pub fn offset(&self, position: Position) -> usize {
        let Some(start) = self.line_starts.get(position.line.saturating_sub(1)) else { return self.text.len() };
        let line = self.line_at(*start);
        let mut places = self.text[line.clone()].char_indices().map(|(offset, _)| line.start + offset);
        places.nth(position.column.saturating_sub(1)).unwrap_or(line.end)
    }

    /// The bytes of the line around `offset`, without its line break.
    pub fn line_at(&self, offset: usize) -> Range<usize> {
        let line = self.line_of(self.floor(offset));
        let start = self.line_starts[line];
        let end = self.line_starts.get(line + 1).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) - 1
    }

    /// The nearest place at or before `offset` where a character begins.
    pub fn floor(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|place| self.text.is_char_boundary(*place)).unwrap_or(0)
    }
}
