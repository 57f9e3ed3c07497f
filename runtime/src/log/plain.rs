//! The parts of a log line that every request has, in the form that tracing-subscriber gives them, at half of what they
//! cost there: it paints each with colours, even where there are none, and judges each letter of a text.

use std::fmt;

use jiff::Timestamp;
use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::{RecordFields, VisitOutput},
    fmt::{
        FormatFields,
        format::{DefaultVisitor, Writer},
        time::FormatTime,
    },
};

/// The time, to the microsecond.
pub struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        write!(writer, "{:.6}", Timestamp::now())
    }
}

/// `name=value` for each field, without colours.
pub struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = Line { writer, is_empty: true, result: Ok(()) };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'w> {
    writer: Writer<'w>,
    is_empty: bool,
    result: fmt::Result,
}

impl Line<'_> {
    fn field(&mut self, name: &str, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let begin = if self.is_empty { "" } else { " " };
        self.is_empty = false;
        let name = [begin, name, "="].iter().try_for_each(|part| self.writer.write_str(part));
        self.result = self.result.and(name).and_then(|()| value(&mut self.writer));
    }

    fn by_library(&mut self, record: impl FnOnce(&mut DefaultVisitor<'_>)) {
        let mut line = DefaultVisitor::new(self.writer.by_ref(), self.is_empty);
        record(&mut line);
        self.result = self.result.and(line.finish());
        self.is_empty = false;
    }
}

impl Visit for Line<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field.name(), |writer| write!(writer, "{value}"));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field.name(), |writer| write!(writer, "{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'));
        if is_plain && field.name() != "message" {
            self.field(field.name(), |writer| ["\"", value, "\""].iter().try_for_each(|part| writer.write_str(part)));
        } else {
            self.by_library(|line| line.record_str(field, value));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.by_library(|line| line.record_debug(field, value));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Log, lock, tests::Output};
    use super::*;

    /// What both ways of writing make of the same line.
    fn lines(log: impl Fn()) -> [String; 2] {
        let start = || tracing_subscriber::fmt().without_time().with_ansi(false).with_target(false);
        let [ours, theirs] = [Output::default(), Output::default()];
        let write = |output: &Output| Log::to(output.clone()).unwrap();
        let (our_log, their_log) = (write(&ours), write(&theirs));
        let subscriber = start().fmt_fields(Fields).with_writer(our_log.clone()).finish();
        tracing::subscriber::with_default(subscriber, &log);
        tracing::subscriber::with_default(start().with_writer(their_log.clone()).finish(), &log);
        our_log.write_out();
        their_log.write_out();
        [ours, theirs].map(|output| String::from_utf8(lock(&output.0).clone()).unwrap())
    }

    #[test]
    fn lines_are_as_the_library_writes_them() {
        for text in ["", "a b", "\"", "\\", "\u{1b}[31mred", "ü", "two\nlines"] {
            let [ours, theirs] = lines(|| {
                let (method, code) = ("GET", Some("NOT_FOUND"));
                tracing::info!(%method, text, code, none = None::<&str>, status = 200, ms = 1.0, "a {text}");
                tracing::info!(?text, left = -1, yes = true, ms = 0.25);
                tracing::info!(message = text, r#type = text);
            });
            assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn the_time_is_utc_to_the_microsecond() {
        let mut text = String::new();
        Clock.format_time(&mut Writer::new(&mut text)).unwrap();
        assert_eq!((text.len(), text.ends_with('Z')), ("2026-01-02T03:04:05.123456Z".len(), true), "{text}");
    }
}
