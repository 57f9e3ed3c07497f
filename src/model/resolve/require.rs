//! What every write of a resource must carry, and the lints that don't hold for it.

use super::Resolver;
use crate::diagnostic::Code;
use crate::model::{Action, Require, Resource};
use crate::spec::{self, Text};

impl Resolver<'_> {
    pub(super) fn require(&mut self, typed: &spec::Resource, resource: &Resource) -> Require {
        let operations = resource.operations;
        let mut require = Require::default();
        let mut seen: Vec<&Text> = Vec::new();
        for word in &typed.require {
            if let Some(first) = seen.iter().find(|first| first.value == word.value) {
                self.repeated(word, first.span);
                continue;
            }
            seen.push(word);
            match word.value.as_str() {
                "if_match" => {
                    require.if_match = true;
                    let acts = resource.actions.iter().any(Action::conditional);
                    let changes = operations.update || operations.replace || operations.delete || acts;
                    self.check_required(word, changes, "`update`, `replace`, `delete` or an action");
                }
                "idempotency_key" => {
                    require.idempotency_key = true;
                    self.check_required(word, operations.create, "`create`");
                }
                other => {
                    let help = self.out.suggest(other, ["if_match", "idempotency_key"]);
                    let help = help.unwrap_or_else(|| "there are: if_match, idempotency_key".to_owned());
                    self.error(Code::BadRule, word.span, format!("`{other}` can't be required"), help);
                }
            }
        }
        self.check_lints(&typed.lint_allow);
        require
    }

    fn check_required(&mut self, word: &Text, offered: bool, operations: &str) {
        if !offered {
            let message = format!("`{}` without {operations}", word.value);
            self.error(Code::KeyNotApplicable, word.span, message, "nothing could carry it; remove it");
        }
    }

    fn check_lints(&mut self, allowed: &[(Text, Text)]) {
        for (code, reason) in allowed {
            let digits = code.value.strip_prefix('L').unwrap_or_default();
            if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                let help = "name it by its code, with the reason: `{ L0012: \"the old API has it\" }`";
                self.error(Code::BadRule, code.span, format!("`{}` is not a lint", code.value), help);
            }
            if reason.value.trim().is_empty() {
                let message = format!("no reason why `{}` doesn't hold", code.value);
                self.error(Code::Empty, reason.span, message, "say it in a few words");
            }
        }
    }
}
