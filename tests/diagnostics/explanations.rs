//! What `apigen explain` tells: the first spec of an explanation makes its mistake, and the second makes none.

use apigen::{Input, diagnostic::Code, read};

/// Codes whose mistakes aren't in the text of a spec, or go away with the next version.
const WITHOUT_EXAMPLE: [Code; 4] = [Code::Encoding, Code::NotSupportedYet, Code::Lock, Code::Include];

/// The YAML blocks of an explanation, completed to whole specs.
fn specs(code: Code) -> Vec<String> {
    let blocks = code.explanation().split("```yaml\n").skip(1);
    let specs = blocks.map(|rest| {
        let block = rest.split("```").next().unwrap_or_default();
        let head = if block.contains("apigen:") { "" } else { "apigen: 1\napi: { name: shop, version: v1 }\n" };
        format!("{head}{block}")
    });
    specs.collect()
}

/// The codes of a spec's mistakes.
fn codes(spec: &str) -> Vec<&'static str> {
    match read(Input { name: "shop.yaml", bytes: spec.as_bytes() }, None) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(|mistake| mistake.code.id()).collect(),
    }
}

#[test]
fn the_first_spec_is_wrong_and_the_second_is_right() {
    for code in Code::ALL.iter().copied() {
        let specs = specs(code);
        match specs.as_slice() {
            [] => assert!(WITHOUT_EXAMPLE.contains(&code), "{} has no example", code.id()),
            [wrong, right] => {
                assert!(codes(wrong).contains(&code.id()), "{}: {:?}\n{wrong}", code.id(), codes(wrong));
                assert_eq!(codes(right), Vec::<&str>::new(), "{}:\n{right}", code.id());
            }
            _ => panic!("{} has {} examples", code.id(), specs.len()),
        }
    }
}
