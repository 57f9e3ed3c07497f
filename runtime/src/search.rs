//! Full-text search: what a word is, how each database finds the rows that words occur in, and how well they match.
//!
//! A row is found if it has all words of the question, whole and in any case, in one field or in several. Both databases
//! split text at the same characters: PostgreSQL's parser sees no punctuation, which it would take for parts of addresses
//! and paths.
//!
//! How well a row matches is told by the earliest field that has all the words, so it is the same on both databases, and
//! depends on the row alone. Measures that depend on how rare a word is (BM25) move all rows from page to page with every
//! write, and tell what is written in rows that the caller may not read.

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

/// PostgreSQL's weights of words. Fields have one each, the last of them all further fields together, and their words rank
/// by it on both databases.
const WEIGHTS: &str = "ABCD";

/// The column of a row's words, on PostgreSQL.
pub const DOCUMENT: &str = "apigen_search";

/// What finds the rows of a table: an index on PostgreSQL; on SQLite an FTS5 table, which holds which words are in which row
/// of `…_rows`, and not the text itself.
pub fn index_name(table: &str) -> String {
    format!("apigen_search_{table}")
}

/// Each word in quotes: FTS5 has words of its own.
pub fn sqlite_query(words: &str) -> String {
    words.split(' ').map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
}

/// The column of a field's words in the FTS5 table, which has names of its own, such as `rank`.
pub fn sqlite_column(field: &str) -> String {
    format!("\"{field}_words\"")
}

/// For each rank, the best first, what finds the rows that have it.
pub fn sqlite_ranks(fields: &[&str], words: &str) -> Vec<String> {
    let query = sqlite_query(words);
    let columns = |fields: &[&str]| fields.iter().map(|field| sqlite_column(field)).collect::<Vec<_>>().join(" ");
    ranks(fields).map(|(_, fields)| format!("{{{}}} : ({query})", columns(fields))).collect()
}

/// The same as conditions on PostgreSQL; `prefix` stands before the column.
pub fn postgres_ranks(fields: &[&str], prefix: &str, question: &str) -> Vec<String> {
    let holds = |weight| format!("ts_filter({prefix}\"{DOCUMENT}\", '{{{weight}}}') @@ {question}");
    ranks(fields).map(|(weight, _)| holds(weight)).collect()
}

/// The fields of each weight.
fn ranks<F>(fields: &[F]) -> impl Iterator<Item = (char, &[F])> {
    let (first, further) = fields.split_at(fields.len().min(WEIGHTS.len() - 1));
    WEIGHTS.chars().zip(first.chunks(1).chain((!further.is_empty()).then_some(further)))
}

/// What the column of words is made of, by field: its words with its weight.
pub fn postgres_words(fields: &[String]) -> Vec<String> {
    let punctuation = PUNCTUATION.replace('\'', "''");
    let spaces = " ".repeat(PUNCTUATION.len());
    let words = |(weight, field): (char, &String)| {
        let text = format!("translate(coalesce(\"{field}\", ''), '{punctuation}', '{spaces}')");
        format!("setweight(to_tsvector('simple', {text}), '{weight}')")
    };
    let fields = ranks(fields).flat_map(|(weight, fields)| fields.iter().map(move |field| (weight, field)));
    fields.map(words).collect()
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
