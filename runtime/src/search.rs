//! Full-text search: what a word is, how each database finds the rows that words occur in, and how well they match.
//!
//! A row is found if it has all words of the question, whole and in any case, in one field or in several. Both databases
//! split text at the same characters: PostgreSQL's parser sees no punctuation, which it would take for parts of addresses
//! and paths. How well a row matches is the database's own measure (BM25 on SQLite, `ts_rank` on PostgreSQL), which
//! differs; alike is that more matches more, and that earlier fields weigh more.

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

/// The column of a row's score, in a list that has scores. No field is called `apigen_…`.
pub const SCORE: &str = "apigen_score";

/// The column of a row's words, on PostgreSQL.
pub const DOCUMENT: &str = "apigen_search";

/// Scores are whole numbers, so that they compare the same everywhere: so many of them to 1 of the database's measure.
const SCALE: &str = "1e12";

/// What finds the rows of a table: an index on PostgreSQL; on SQLite an FTS5 table, which holds which words are in which row
/// of `…_rows`, and not the text itself.
pub fn index_name(table: &str) -> String {
    format!("apigen_search_{table}")
}

/// Each word in quotes: FTS5 has words of its own.
pub fn sqlite_query(words: &str) -> String {
    words.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
}

/// How well a row of the FTS5 table matches. A word in an earlier field weighs more.
pub fn sqlite_score(table: &str, fields: &[&str]) -> String {
    let weights = ["10", "4", "2"].into_iter().chain(std::iter::repeat("1"));
    let weights: String = fields.iter().zip(weights).map(|(_, weight)| format!(", {weight}")).collect();
    format!("CAST(round(-bm25(\"{}\"{weights}) * {SCALE}) AS INTEGER)", index_name(table))
}

/// The same on PostgreSQL, where words come with their weights; `prefix` stands before the column.
pub fn postgres_score(prefix: &str, question: &str) -> String {
    format!("(ts_rank({prefix}\"{DOCUMENT}\", {question}) * {SCALE})::bigint")
}

/// What the column of words is made of, by field: its words with its weight.
pub fn postgres_words(fields: &[String]) -> Vec<String> {
    let punctuation = PUNCTUATION.replace('\'', "''");
    let spaces = " ".repeat(PUNCTUATION.len());
    let weights = ["A", "B", "C"].into_iter().chain(std::iter::repeat("D"));
    let words = fields.iter().zip(weights).map(|(field, weight)| {
        let text = format!("translate(coalesce(\"{field}\", ''), '{punctuation}', '{spaces}')");
        format!("setweight(to_tsvector('simple', {text}), '{weight}')")
    });
    words.collect()
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
