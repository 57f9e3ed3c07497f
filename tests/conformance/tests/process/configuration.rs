//! What an operator can ask the command itself.

use super::run;

const SECRET: &str = "correct horse battery staple";

#[test]
fn help_names_every_environment_variable() {
    let help = run(&["--help"], &[("CURSOR_KEY", SECRET), ("DATABASE_URL", "postgres://me:pw@db/shop")]);
    assert_eq!(help.code, Some(0));
    let printed = run(&["--print-config"], &[]);
    let names: Vec<_> = printed.stdout.lines().map(|line| line.split('=').next().unwrap()).collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        assert!(help.stdout.contains(&format!("[env: {name}")), "{name} isn't in the help:\n{}", help.stdout);
    }
    assert!(!help.stdout.contains(SECRET) && !help.stdout.contains("pw@"), "{}", help.stdout);
    for word in ["migrate", "serve", "--dev", "--print-config"] {
        assert!(help.stdout.contains(word), "{word}");
    }
}

#[test]
fn the_configuration_is_printed_without_secrets() {
    let env = [
        ("CURSOR_KEY", SECRET),
        ("DATABASE_URL", "postgres://me:pass%20word@db/shop"),
        ("LISTEN_ADDR", "0.0.0.0:80"),
        ("BODY_LIMIT", "5"),
        ("RUST_LOG", "warn"),
    ];
    let printed = run(&["--print-config", "--request-timeout", "7", "--log-format", "json"], &env);
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    for line in [
        "CURSOR_KEY=(set)",
        "DATABASE_URL=postgres://me:***@db/shop",
        "LISTEN_ADDR=0.0.0.0:80",
        "MODE=production",
        "BODY_LIMIT=5",
        "REQUEST_TIMEOUT=7",
        "LOG_FORMAT=json",
        "RUST_LOG=warn",
    ] {
        assert!(printed.stdout.lines().any(|printed| printed == line), "no {line} in\n{}", printed.stdout);
    }
    assert!(!printed.stdout.contains("horse") && !printed.stdout.contains("word"), "{}", printed.stdout);
    let plain = run(&["--print-config", "--dev"], &[]);
    for line in ["CURSOR_KEY=(not set)", "DATABASE_URL=sqlite:./data/shop.db", "MODE=development"] {
        assert!(plain.stdout.lines().any(|printed| printed == line), "no {line} in\n{}", plain.stdout);
    }
}

#[test]
fn a_flag_wins_over_its_variable() {
    let printed = run(&["--body-limit", "9", "--mode", "production"], &[("BODY_LIMIT", "5"), ("MODE", "development")]);
    // Without a secret, production doesn't start: the flag was heard.
    assert_eq!(printed.code, Some(2), "{printed:?}");
    let printed = run(&["--print-config", "--body-limit", "9"], &[("BODY_LIMIT", "5")]);
    assert!(printed.stdout.contains("BODY_LIMIT=9\n"), "{}", printed.stdout);
}
