//! The settings of the HTTP API: all errors at once, and no secret in any of them.

use queue_core::config::{
    ConfigError,
    access::{Access, AuthMode, TokenKey},
};

const KEY: &str = "a-service-key-of-at-least-thirty-two-characters";
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";
const ED25519: &str = "MCowBQYDK2VwAyEAYBMlvjRZY3LXxWho1bTCk6PoTgySSbrum48DsVyhwTA=";

fn read(vars: &[(&str, &str)]) -> Result<Access, ConfigError> {
    Access::from_vars(&|name| {
        let found = vars.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn faults(vars: &[(&str, &str)]) -> Vec<String> {
    let error = read(vars).unwrap_err();
    error.0.into_iter().map(|fault| fault.variable).collect()
}

#[test]
fn without_settings_nobody_has_access() {
    let access = read(&[]).unwrap();
    assert_eq!(access.mode, AuthMode::Credentials);
    assert!(
        access.service_keys.is_empty()
            && access.tokens.is_none()
            && access.stripe_secrets.is_empty()
    );
    assert!(!access.rate_limit && !access.admits_somebody());
}

#[test]
fn each_kind_of_credential_gives_access_and_a_webhook_secret_does_not() {
    for (vars, admits) in [
        (vec![("AUTH", "open")], true),
        (vec![("SERVICE_KEYS", KEY)], true),
        (vec![("JWT_SECRET", KEY)], true),
        (
            vec![("JWT_ALGORITHM", "EdDSA"), ("JWT_PUBLIC_KEY", ED25519)],
            true,
        ),
        (
            vec![(
                "STRIPE_WEBHOOK_SECRETS",
                "whsec_0123456789abcdef0123456789abcdef",
            )],
            false,
        ),
        (vec![("AUTH", "credentials")], false),
    ] {
        assert_eq!(read(&vars).unwrap().admits_somebody(), admits, "{vars:?}");
    }
}

#[test]
fn several_secrets_are_separated_by_commas_or_white_space() {
    for text in [
        format!("{KEY},{KEY}x"),
        format!(" {KEY}\n{KEY}x\n"),
        format!("{KEY},\t{KEY}x,"),
    ] {
        assert_eq!(
            read(&[("SERVICE_KEYS", &text)]).unwrap().service_keys.len(),
            2
        );
    }
    let most = [KEY; 8].join(" ");
    assert_eq!(
        read(&[("SERVICE_KEYS", &most)]).unwrap().service_keys.len(),
        8
    );
    assert_eq!(
        faults(&[("SERVICE_KEYS", &[KEY; 9].join(" "))]),
        ["SERVICE_KEYS"]
    );
}

#[test]
fn an_empty_or_short_secret_is_an_error_and_is_not_shown() {
    for name in Access::SECRETS {
        for text in [
            "",
            " ",
            ",",
            "\n",
            "hunter2-hunter2",
            &"x".repeat(513),
            "hunter2-hunter2-hunter2-hunter2é",
        ] {
            let error = read(&[(name, text)]).unwrap_err();
            assert!(
                error.0.iter().all(|fault| fault.variable.starts_with(name)),
                "{error}"
            );
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("hunter2") && !shown.contains("xxx"),
                "{shown}"
            );
        }
    }
    let text = format!("{KEY} short {KEY}");
    assert_eq!(faults(&[("SERVICE_KEYS", &text)]), ["SERVICE_KEYS[1]"]);
}

#[test]
fn the_algorithm_and_its_key_must_match() {
    for (vars, faulty) in [
        (vec![("JWT_ALGORITHM", "none")], "JWT_ALGORITHM"),
        (vec![("JWT_ALGORITHM", "hs256")], "JWT_ALGORITHM"),
        (vec![("JWT_ALGORITHM", "")], "JWT_ALGORITHM"),
        (vec![("JWT_ALGORITHM", "ES256")], "JWT_PUBLIC_KEY"),
        (vec![("JWT_ALGORITHM", "EdDSA")], "JWT_PUBLIC_KEY"),
        (
            vec![("JWT_ALGORITHM", "ES256"), ("JWT_PUBLIC_KEY", ED25519)],
            "JWT_PUBLIC_KEY",
        ),
        (
            vec![("JWT_ALGORITHM", "EdDSA"), ("JWT_PUBLIC_KEY", P256)],
            "JWT_PUBLIC_KEY",
        ),
        (
            vec![("JWT_ALGORITHM", "ES256"), ("JWT_PUBLIC_KEY", "")],
            "JWT_PUBLIC_KEY",
        ),
        (vec![("JWT_PUBLIC_KEY", P256)], "JWT_PUBLIC_KEY"),
        (
            vec![
                ("JWT_ALGORITHM", "ES256"),
                ("JWT_PUBLIC_KEY", P256),
                ("JWT_SECRET", KEY),
            ],
            "JWT_SECRET",
        ),
        (vec![("JWT_SECRET", KEY), ("JWT_ISSUER", "")], "JWT_ISSUER"),
        (
            vec![("JWT_SECRET", KEY), ("JWT_AUDIENCE", "")],
            "JWT_AUDIENCE",
        ),
        (
            vec![("JWT_SECRET", KEY), ("JWT_MAX_LIFETIME_SECONDS", "0")],
            "JWT_MAX_LIFETIME_SECONDS",
        ),
    ] {
        assert_eq!(faults(&vars), [faulty], "{vars:?}");
    }
    let tokens = |vars: &[(&str, &str)]| read(vars).unwrap().tokens.unwrap();
    let es256 = tokens(&[("JWT_ALGORITHM", "ES256"), ("JWT_PUBLIC_KEY", P256)]);
    assert!(matches!(es256.key, TokenKey::Public(_)));
    assert!(matches!(
        tokens(&[("JWT_SECRET", KEY)]).key,
        TokenKey::Hs256(_)
    ));
}

#[test]
fn all_errors_are_reported_at_once() {
    let vars = [
        ("AUTH", "Open"),
        ("SERVICE_KEYS", "short"),
        ("JWT_SECRET", "short"),
        ("STRIPE_WEBHOOK_SECRETS", KEY),
        ("SUBMIT_RATE_LIMIT", "100"),
    ];
    let expected = [
        "AUTH",
        "SERVICE_KEYS[0]",
        "JWT_SECRET[0]",
        "STRIPE_WEBHOOK_SECRETS[0]",
        "SUBMIT_RATE_LIMIT",
    ];
    assert_eq!(faults(&vars), expected);
}

#[test]
fn printed_settings_never_show_a_secret() {
    let stripe = format!("whsec_{KEY}");
    let access = read(&[
        ("SERVICE_KEYS", KEY),
        ("JWT_SECRET", KEY),
        ("STRIPE_WEBHOOK_SECRETS", &stripe),
    ])
    .unwrap();
    let shown = format!("{access:?}");
    assert!(!shown.contains(&KEY[2..10]), "{shown}");
    assert_eq!(shown.matches("[redacted]").count(), 3, "{shown}");
}
