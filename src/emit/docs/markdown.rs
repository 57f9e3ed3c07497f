//! An author's text inside of Markdown: it is shown as it was written, and can't end the table or the paragraph that it
//! stands in. Code between backticks stays code, since people write that without thinking of Markdown.

/// As one cell of a table, in one line.
pub fn cell(text: &str) -> String {
    line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Cells joined as sentences.
pub fn sentences(sentences: &[String]) -> String {
    cell(&sentences.join(" "))
}

/// As paragraphs, its lines where they were.
pub fn paragraphs(text: &str) -> String {
    let lines = text.trim().lines().flat_map(|line| line.split('\r'));
    lines.map(|text| line(text.trim())).collect::<Vec<_>>().join("\n")
}

fn line(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let spans = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|code| !code.trim().is_empty());
    if !spans {
        return at_start(&escaped(text));
    }
    let part = |(index, part): (usize, &&str)| match index % 2 {
        0 => escaped(part),
        // A table's cell ends even inside of code (GFM §4.10).
        _ => format!("`{}`", part.replace('|', "\\|")),
    };
    at_start(&parts.iter().enumerate().map(part).collect::<String>())
}

/// Punctuation that means something anywhere in a line. An `_` within a word means nothing (CommonMark §6.2).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let within_word = before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '_' if within_word => {}
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' => escaped.push('\\'),
            _ => {}
        }
        escaped.push(if c.is_control() { ' ' } else { c });
        before = c;
    }
    escaped
}

/// What makes a heading, a list or a rule at the start of a line.
fn at_start(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    match line.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        Some(b'#' | b'+' | b'-' | b'=') if digits == 0 => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_line_that_nothing_ends() {
        assert_eq!(cell("one | two\n\n```\nthree"), r"one \| two \`\`\` three");
        assert_eq!(cell("`a | b` and `c"), r"\`a \| b\` and \`c");
        assert_eq!(cell("`a | b` and *c*"), r"`a \| b` and \*c\*");
        assert_eq!(
            cell("<b> &amp; [link](x) snake_case _it_ ~~no~~ \\ $x$"),
            r"\<b\> \&amp; \[link\](x) snake_case \_it\_ \~\~no\~\~ \\ \$x\$"
        );
    }

    #[test]
    fn a_paragraph_stays_one() {
        assert_eq!(
            paragraphs(" # One\n- two\n\n1. three\n    four\n---\n===\r5) six"),
            "\\# One\n\\- two\n\n1\\. three\nfour\n\\---\n\\===\n5\\) six"
        );
        assert_eq!(paragraphs("-1 is 2.5 less"), "\\-1 is 2.5 less");
        assert_eq!(paragraphs("1.5 is more"), "1\\.5 is more");
    }
}
