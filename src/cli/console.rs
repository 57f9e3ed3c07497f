//! Both streams of the terminal: whether they take colours, and in which form they get what there is to say.

use std::io::{self, ErrorKind, IsTerminal, Write as _};

use anyhow::Context as _;

use super::Global;
use crate::diagnostic::{Color, Diagnostics, Format};

/// Whether a stream takes colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Colored,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

#[derive(Debug)]
pub(super) struct Console {
    pub(super) format: Format,
    color: Color,
    stdout: Style,
    stderr: Style,
    verbosity: Verbosity,
}

impl Style {
    fn of(stream: &impl IsTerminal, color: Color) -> Style {
        if color.applies_to(stream) { Style::Colored } else { Style::Plain }
    }

    /// `text` between an SGR code (ECMA-48 §8.3.117) and its end.
    pub(super) fn paint(self, code: &str, text: &str) -> String {
        match self {
            Style::Plain => text.to_owned(),
            Style::Colored => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

impl Console {
    pub(super) fn new(global: &Global) -> Console {
        let verbosity = match (global.quiet, global.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        };
        let (stdout, stderr) = (Style::of(&io::stdout(), global.color), Style::of(&io::stderr(), global.color));
        Console { format: global.format, color: global.color, stdout, stderr, verbosity }
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Quiet
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    pub(super) fn data_style(&self) -> Style {
        self.stdout
    }

    /// Data, as it is. A reader that went away (`| head`) has heard enough.
    pub(super) fn data(&self, text: &str) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write to stdout"),
            _ => Ok(()),
        }
    }

    pub(super) fn json(&self, value: &impl serde::Serialize) -> anyhow::Result<()> {
        self.data(&format!("{}\n", serde_json::to_string_pretty(value)?))
    }

    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics) {
        self.say(&diagnostics.render(self.format, self.color));
    }

    /// What a right spec could do better.
    pub(super) fn warnings(&self, warnings: &Diagnostics) {
        if !self.is_quiet() && !warnings.is_empty() {
            self.diagnostics(warnings);
        }
    }

    pub(super) fn error(&self, message: &str) {
        self.say(&format!("{}: {message}\n", self.stderr.paint("1;31", "error")));
    }

    pub(super) fn note(&self, message: &str) {
        if !self.is_quiet() {
            self.say(&format!("{}: {message}\n", self.stderr.paint("1", "note")));
        }
    }

    /// Where stderr is closed, nobody is left to tell.
    fn say(&self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
