//! No text makes apigen panic or hang: not a spec that breaks off, not one with a byte changed, not a hostile one.

use std::time::Duration;

use apigen::Input;

const SHOP: &[u8] = include_bytes!("../specs/shop.yaml");

fn read(bytes: &[u8]) {
    match apigen::read(Input { name: "shop.yaml", bytes }, None) {
        Ok(_) => {}
        Err(mistakes) => assert!(mistakes.to_string().contains("error[E"), "a refusal without a reason"),
    }
}

#[test]
fn truncations() {
    for end in (0..SHOP.len()).step_by(3) {
        read(&SHOP[..end]);
    }
}

/// Every byte is hit once, by one of the characters that mean something in YAML or in the language.
#[test]
fn mutations() {
    const BYTES: &[u8] = b"\0\t\n\r !\"#%&'*,-:<>?@[]`{|}~09_Ax\x80\xff";
    for (index, mutation) in (0..SHOP.len()).zip(BYTES.iter().cycle()) {
        let mut bytes = SHOP.to_vec();
        bytes[index] = *mutation;
        read(&bytes);
    }
}

/// Whole lines lost or doubled, which makes more kinds of wrong specs than single bytes do.
#[test]
fn lost_and_doubled_lines() {
    let lines: Vec<_> = SHOP.split_inclusive(|byte| *byte == b'\n').collect();
    for index in 0..lines.len() {
        let lost = [&lines[..index], &lines[index + 1..]].concat().concat();
        let doubled = [&lines[..=index], &lines[index..]].concat().concat();
        read(&lost);
        read(&doubled);
    }
}

#[test]
fn more_than_anyone_writes() {
    let text = "key: {a: b}\n".repeat(150_000);
    let mistakes = apigen::read(Input { name: "shop.yaml", bytes: text.as_bytes() }, None).unwrap_err().to_string();
    assert!(mistakes.contains("the file has more than 500000 keys and values"), "{mistakes:.1000}");
    assert!(mistakes.contains("= help: move some of them to other files, and `include` those"), "{mistakes:.1000}");
}

#[test]
fn hostile_texts_end_soon() {
    let chain: String = (0..20_000)
        .map(|index| format!("  R{index}: {{ relations: {{ a: {{ belongs_to: R{} }} }} }}\n", index + 1))
        .collect();
    let texts = [
        "[".repeat(1_000_000),
        "- ".repeat(500_000),
        "? ".repeat(500_000),
        "a: &a [*a, *a]\n".repeat(10_000),
        "key: {a: b}\n".repeat(50_000),
        "x".repeat(10_000_000),
        "\0".repeat(1_000_000),
        format!("apigen: 1\napi: {{ name: a, version: v1 }}\nresources:\n{chain}"),
    ];
    for text in texts {
        let start = busy();
        read(text.as_bytes());
        let took = busy() - start;
        assert!(took < Duration::from_secs(20), "{text:.20}… took {took:?}");
    }
}

/// How long this thread has worked so far, whatever others do on the machine.
#[cfg(target_os = "linux")]
fn busy() -> Duration {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(spent.split(' ').next().unwrap().parse().unwrap())
}

/// Elsewhere that isn't known.
#[cfg(not(target_os = "linux"))]
fn busy() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}
