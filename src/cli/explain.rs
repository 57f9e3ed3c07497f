//! `apigen explain CODE`: what such mistakes are, with a wrong and a right spec.

use clap::Args;
use serde::Serialize;

use super::{Outcome, console::Console};
use crate::diagnostic::{Code, Format};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// As diagnostics show it: `E0007`
    #[arg(value_parser = code)]
    code: Code,
}

#[derive(Serialize)]
struct Explanation {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
}

pub(super) fn run(options: &Options, console: &Console) -> anyhow::Result<Outcome> {
    let code = options.code;
    let explained = Explanation { code: code.id(), title: code.title(), explanation: code.explanation() };
    match console.format {
        Format::Json => console.json(&explained)?,
        Format::Text | Format::Github => {
            console.data(&format!("# {}: {}\n\n{}", explained.code, explained.title, explained.explanation))?;
        }
    }
    Ok(Outcome::Done)
}

fn code(text: &str) -> Result<Code, String> {
    let all = Code::ALL.iter().copied();
    all.clone().find(|code| code.id().eq_ignore_ascii_case(text)).ok_or_else(|| {
        let last = all.last().map_or("E0001", Code::id);
        format!("codes go from E0001 to {last}")
    })
}
