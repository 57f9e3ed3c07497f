//! Specs that nobody would write: pieces of right ones, cut, doubled, moved and mixed, and right ones of a random domain.
//! None makes apigen panic; it takes all of the latter; and each that it takes has contracts that their own tools can read.
//!
//! The same each time; `APIGEN_FUZZ_ROUNDS` asks for more, `APIGEN_FUZZ_SEED` for others. A text that broke
//! something is kept in `tests/fuzz/`, and is read first by every run.

#[path = "fuzz/domain.rs"]
mod domain;

use std::{
    convert::Infallible,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use apigen::{Input, emit, migrations};
use fastrand::Rng;
use protox::file::{ChainFileResolver, DescriptorSetFileResolver, File, GoogleFileResolver};

const ROUNDS: u64 = 200;
/// Of whole domains, as a part of the rounds: each goes all the way.
const DOMAINS: u64 = 10;
const SEED: u64 = 7;
/// Changes of one text at most: of a few, many texts survive.
const CHANGES: usize = 3;

fn texts(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn number(name: &str, usual: u64) -> u64 {
    env::var(name).map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name} isn't a number")))
}

/// Whether apigen takes it, or what is wrong. Whatever it takes is carried on to the end.
fn read(text: &str) -> Result<(), String> {
    let loaded = apigen::read(Input { name: "fuzz.yaml", bytes: text.as_bytes() }, None);
    let model = &loaded.map_err(|mistakes| mistakes.to_string())?.model;
    let migrations = || Ok::<_, Infallible>(migrations::initial(model));
    let Ok(files) = emit::all(model, &emit::Options::default(), migrations, None);
    for (path, content, _) in files.iter() {
        let content = || std::str::from_utf8(content).unwrap();
        if path == "contracts/openapi.yaml" {
            serde_saphyr::from_str::<openapiv3::OpenAPI>(content()).unwrap();
        } else if path == "contracts/schema.graphql" {
            graphql_parser::parse_schema::<String>(content()).unwrap();
        } else if path.ends_with(".proto") {
            compile(path.trim_start_matches("contracts/proto/"), content(), emit::proto::imported(model));
        }
    }
    Ok(())
}

/// Along with what lies beside it.
fn compile(name: &str, text: &str, imported: &[(&str, &str)]) {
    let beside = imported.iter().filter(|(path, _)| *path != name);
    let own = std::iter::once((name, text));
    let files = beside.copied().chain(own).map(|(path, text)| File::from_source(path, text).unwrap().into());
    let set = prost_types::FileDescriptorSet { file: files.collect() };
    let mut resolver = ChainFileResolver::new();
    resolver.add(DescriptorSetFileResolver::new(set));
    resolver.add(GoogleFileResolver::new());
    protox::Compiler::with_file_resolver(resolver).open_file(name).unwrap();
}

/// A text with some pieces changed, as `rng` has it.
fn mutated(corpus: &[String], rng: &mut Rng) -> String {
    let mut lines: Vec<String> = pick(corpus, rng).lines().map(str::to_owned).collect();
    for _ in 0..rng.usize(1..=CHANGES) {
        let (from, length) = (rng.usize(..lines.len()), rng.usize(1..8));
        let piece = from..lines.len().min(from + length);
        match rng.u8(..10) {
            0 => drop(lines.drain(piece)),
            1 => {
                let copy = lines[piece].to_vec();
                let to = rng.usize(..=lines.len());
                lines.splice(to..to, copy);
            }
            2 => {
                let other: Vec<String> = pick(corpus, rng).lines().map(str::to_owned).collect();
                let start = rng.usize(..other.len());
                let some = other[start..other.len().min(start + length)].to_vec();
                lines.splice(from..from, some);
            }
            3 => lines[from] = format!("{}{}", " ".repeat(rng.usize(..12)), lines[from].trim_start()),
            4 | 5 => lines[from] = with_other_word(&lines[from], pick(corpus, rng), rng),
            6 | 7 => lines[from] = with_other_word(&lines[from], &lines.join("\n"), rng),
            8 => lines[from] = with_other_number(&lines[from], rng),
            _ => lines[from] = with_other_letter(&lines[from], rng),
        }
        if lines.is_empty() {
            return String::new();
        }
    }
    lines.join("\n") + "\n"
}

fn pick<'c>(corpus: &'c [String], rng: &mut Rng) -> &'c str {
    &corpus[rng.usize(..corpus.len())]
}

fn words(text: &str) -> Vec<&str> {
    text.split(|char: char| !(char.is_alphanumeric() || char == '_')).filter(|word| !word.is_empty()).collect()
}

fn with_other_word(line: &str, from: &str, rng: &mut Rng) -> String {
    match (rng.choice(words(line)), rng.choice(words(from))) {
        (Some(old), Some(new)) => line.replacen(old, new, 1),
        _ => line.to_owned(),
    }
}

fn with_other_number(line: &str, rng: &mut Rng) -> String {
    const NUMBERS: [&str; 8] = ["0", "-1", "1.5", "2147483648", "99999999999999999999", "1e400", "NaN", ""];
    let numbers = words(line).into_iter().filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
    match rng.choice(numbers.collect::<Vec<_>>()) {
        Some(old) => line.replacen(old, NUMBERS[rng.usize(..NUMBERS.len())], 1),
        None => line.to_owned(),
    }
}

fn with_other_letter(line: &str, rng: &mut Rng) -> String {
    const LETTERS: [char; 16] = ['{', '}', '[', ']', ':', ',', '?', '-', '"', '\'', '#', '*', '&', '\t', 'é', '\u{7f}'];
    let mut letters: Vec<char> = line.chars().collect();
    let at = rng.usize(..=letters.len());
    letters.insert(at, LETTERS[rng.usize(..LETTERS.len())]);
    letters.into_iter().collect()
}

#[track_caller]
fn check(text: &str) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| read(text))).unwrap_or_else(|_| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz.yaml");
        fs::write(&kept, text).unwrap();
        panic!("keep {} in tests/fuzz, under a name that says what is wrong with it", kept.display())
    })
}

#[test]
fn what_once_broke_something() {
    for text in texts("tests/fuzz") {
        let _ = check(&text);
    }
}

#[test]
fn pieces_of_specs() {
    let corpus = [texts("specs"), texts("tests/specs"), texts("tests/fuzz")].concat();
    let mut rng = Rng::with_seed(number("APIGEN_FUZZ_SEED", SEED));
    let rounds = number("APIGEN_FUZZ_ROUNDS", ROUNDS);
    let accepted = (0..rounds).filter(|_| check(&mutated(&corpus, &mut rng)).is_ok()).count();
    // Otherwise only the parser was tried.
    assert!(accepted > 0 && (accepted as u64) < rounds, "{accepted} of {rounds} were taken");
    println!("{accepted} of {rounds} were taken");
}

#[test]
fn whole_domains() {
    let mut rng = Rng::with_seed(number("APIGEN_FUZZ_SEED", SEED));
    for _ in 0..number("APIGEN_FUZZ_ROUNDS", ROUNDS).div_ceil(DOMAINS) {
        let spec = domain::spec(&mut rng);
        if let Err(mistakes) = check(&spec) {
            panic!("{mistakes}\n{spec}");
        }
    }
}
