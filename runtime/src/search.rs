//! Full-text search: what a word is, and how each database finds the rows that words occur in.
//!
//! A row is found if it has all words of the question, whole and in any case. Both databases split text at the same
//! characters: PostgreSQL's parser sees no punctuation, which it would take for parts of addresses and paths.

/// ASCII punctuation, which separates words.
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The words of a question, with single spaces between them; `None`: it has none, and asks for nothing.
pub fn words(question: Option<&str>) -> Option<String> {
    let question = question?.replace('\0', " ");
    let words: Vec<&str> = question
        .split(|char: char| char.is_whitespace() || PUNCTUATION.contains(char))
        .filter(|word| word.contains(char::is_alphanumeric))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// What finds the rows of a table: on SQLite an FTS5 table, which holds which words are in which row of `…_rows`, and not the
/// text itself.
pub fn index_name(table: &str) -> String {
    format!("apigen_search_{table}")
}

/// Each word in quotes: FTS5 has words of its own.
pub fn sqlite_query(words: &str) -> String {
    words.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
}

/// All searched text of a row; `prefix` stands before each column.
pub fn text(fields: &[&str], prefix: &str) -> String {
    let columns = fields.iter().map(|field| format!("coalesce({prefix}\"{field}\", '')"));
    columns.collect::<Vec<_>>().join(" || ' ' || ")
}

/// What the index on PostgreSQL is of, and so what a question must be put to.
pub fn postgres_document(fields: &[&str], prefix: &str) -> String {
    let punctuation = PUNCTUATION.replace('\'', "''");
    let spaces = " ".repeat(PUNCTUATION.len());
    format!("to_tsvector('simple', translate({}, '{punctuation}', '{spaces}'))", text(fields, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_punctuation_leaves() {
        assert_eq!(words(Some("  Blue-mug, \"12.5\" cm!")).as_deref(), Some("Blue mug 12 5 cm"));
        assert_eq!(words(Some("Größe")).as_deref(), Some("Größe"));
        assert_eq!((words(Some(" … -- ")), words(Some("")), words(None)), (None, None, None));
    }
}
