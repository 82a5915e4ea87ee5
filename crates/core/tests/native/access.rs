//! The settings of the HTTP API: all errors at once, and no secret in any of them.

use queue_core::config::{
    ConfigError,
    access::{Access, AuthMode, TokenKey},
};

const KEY: &str = "a-service-key-of-at-least-thirty-two-characters";
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";
const ED25519: &str = "MCowBQYDK2VwAyEAYBMlvjRZY3LXxWho1bTCk6PoTgySSbrum48DsVyhwTA=";

fn read(vars: &[(&str, &str)]) -> Result<Access, ConfigError> {
    Access::from_vars(&crate::harness::vars(vars))
}

fn faults(vars: &[(&str, &str)]) -> Vec<String> {
    let error = read(vars).unwrap_err();
    error.0.into_iter().map(|fault| fault.variable).collect()
}

#[test]
fn without_settings_nobody_has_access() {
    let access = read(&[]).unwrap();
    assert_eq!(access.mode, AuthMode::Credentials);
    assert!(access.service_keys.is_empty() && access.stripe_secrets.is_empty());
    assert!(access.tokens.is_none() && access.rate_limit && !access.admits_somebody());
}

#[test]
fn submissions_are_limited_unless_access_is_open_or_a_setting_says_otherwise() {
    for (vars, limits) in [
        (&[("AUTH", "open")][..], false),
        (&[("AUTH", "open"), ("SUBMIT_RATE_LIMIT", "on")], true),
        (
            &[("AUTH", "credentials"), ("SUBMIT_RATE_LIMIT", "auto")],
            true,
        ),
        (
            &[("AUTH", "credentials"), ("SUBMIT_RATE_LIMIT", "off")],
            false,
        ),
    ] {
        assert_eq!(read(vars).unwrap().rate_limit, limits, "{vars:?}");
    }
}

#[test]
fn each_kind_of_credential_gives_access_and_a_webhook_secret_does_not() {
    let stripe = "whsec_0123456789abcdef0123456789abcdef";
    let ed25519 = [("JWT_ALGORITHM", "EdDSA"), ("JWT_PUBLIC_KEY", ED25519)];
    for (vars, admits) in [
        (&[("AUTH", "open")][..], true),
        (&[("SERVICE_KEYS", KEY)], true),
        (&[("JWT_SECRET", KEY)], true),
        (&ed25519, true),
        (&[("STRIPE_WEBHOOK_SECRETS", stripe)], false),
        (&[("AUTH", "credentials")], false),
    ] {
        assert_eq!(read(vars).unwrap().admits_somebody(), admits, "{vars:?}");
    }
}

#[test]
fn several_secrets_are_separated_by_commas_or_white_space() {
    for (text, count) in [
        (format!("{KEY},{KEY}x"), 2),
        (format!(" {KEY}\n{KEY}x\n"), 2),
        (format!("{KEY},\t{KEY}x,"), 2),
        ([KEY; 8].join(" "), 8),
    ] {
        let access = read(&[("SERVICE_KEYS", &text)]).unwrap();
        assert_eq!(access.service_keys.len(), count);
    }
    let more = [KEY; 9].join(" ");
    assert_eq!(faults(&[("SERVICE_KEYS", &more)]), ["SERVICE_KEYS"]);
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
            let shown = format!("{error} {error:?}");
            let is_named = error.0.iter().all(|fault| fault.variable.starts_with(name));
            let is_secret = !shown.contains("hunter2") && !shown.contains("xxx");
            assert!(is_named && is_secret, "{shown}");
        }
    }
    let text = format!("{KEY} short {KEY}");
    assert_eq!(faults(&[("SERVICE_KEYS", &text)]), ["SERVICE_KEYS[1]"]);
}

#[test]
fn links_take_a_secret_except_where_nobody_is_asked_for_a_credential() {
    let count = |vars: &[_]| read(vars).unwrap().link_secrets.len();
    assert_eq!(count(&[]), 0);
    assert_eq!(count(&[("SERVICE_KEYS", KEY), ("JWT_SECRET", KEY)]), 0);
    assert_eq!(count(&[("LINK_SECRET", KEY)]), 1);
    assert_eq!(count(&[("LINK_SECRET", &format!("{KEY},{KEY}x"))]), 2);
    // Everybody knows that one, so it is never beside another.
    let open = read(&[("AUTH", "open")]).unwrap().link_secrets;
    assert_eq!(open.len(), 1);
    let own = read(&[("AUTH", "open"), ("LINK_SECRET", KEY)]).unwrap();
    assert_eq!(own.link_secrets.len(), 1);
    assert_eq!(own.link_secrets[0].as_bytes(), KEY.as_bytes());
    assert_ne!(open[0].as_bytes(), KEY.as_bytes());
}

#[test]
fn a_secret_of_stripe_has_its_prefix() {
    let stripe = format!("whsec_{KEY}");
    let two = format!("{stripe}, {stripe}2\n");
    let access = read(&[("STRIPE_WEBHOOK_SECRETS", &two)]).unwrap();
    assert_eq!(access.stripe_secrets.len(), 2);
    let other = format!("whs_{KEY}");
    for text in ["whsec_", "whsec_short", KEY, &other, &format!("{stripe},x")] {
        assert!(read(&[("STRIPE_WEBHOOK_SECRETS", text)]).is_err(), "{text}");
    }
}

#[test]
fn stripe_is_asked_with_a_restricted_key_and_nowhere_else() {
    let key = format!("rk_{KEY}");
    let of = |key: &str, url: Option<&str>| {
        let url = url.map(|url| ("STRIPE_API_URL", url));
        let vars: Vec<_> = [("STRIPE_API_KEY", key)].into_iter().chain(url).collect();
        read(&vars).map(|access| access.stripe_api.map(|api| api.url))
    };
    let stripe = "https://api.stripe.com";
    assert_eq!(of(&key, None), Ok(Some(stripe.to_owned())));
    for url in [stripe, "http://127.0.0.1:80", "http://localhost"] {
        assert_eq!(of(&key, Some(url)), Ok(Some(url.to_owned())));
    }
    for url in [
        "",
        "https://api.stripe.com/",
        "https://api.stripe.com.example",
        "http://api.stripe.com",
        "https://id.example",
        "https://localhost",
        "http://localhost:80/",
        "http://localhost:80?",
    ] {
        let error = of(&key, Some(url)).unwrap_err();
        assert_eq!(error.0[0].variable, "STRIPE_API_URL", "{url}");
    }
    for other in [KEY, &format!("sk_{KEY}"), &format!("{key} {key}")] {
        assert!(of(other, None).is_err());
    }
    assert_eq!(read(&[]).unwrap().stripe_api.map(|api| api.url), None);
}

#[test]
fn the_algorithm_and_its_key_must_match() {
    let (algorithm, key, secret) = ("JWT_ALGORITHM", "JWT_PUBLIC_KEY", ("JWT_SECRET", KEY));
    for (vars, faulty) in [
        (&[(algorithm, "none")][..], algorithm),
        (&[(algorithm, "hs256")], algorithm),
        (&[(algorithm, "")], algorithm),
        (&[(algorithm, "ES256")], key),
        (&[(algorithm, "EdDSA")], key),
        (&[(algorithm, "ES256"), (key, ED25519)], key),
        (&[(algorithm, "EdDSA"), (key, P256)], key),
        (&[(algorithm, "ES256"), (key, "")], key),
        (&[(key, P256)], key),
        (&[(algorithm, "ES256"), (key, P256), secret], "JWT_SECRET"),
        (&[secret, ("JWT_ISSUER", "")], "JWT_ISSUER"),
        (&[secret, ("JWT_AUDIENCE", "")], "JWT_AUDIENCE"),
        (
            &[secret, ("JWT_MAX_LIFETIME_SECONDS", "0")],
            "JWT_MAX_LIFETIME_SECONDS",
        ),
    ] {
        assert_eq!(faults(vars), [faulty], "{vars:?}");
    }
    let tokens = |vars: &[(&str, &str)]| read(vars).unwrap().tokens.unwrap();
    let es256 = tokens(&[(algorithm, "ES256"), (key, P256)]);
    assert!(matches!(es256.key, TokenKey::Public(_)));
    let hs256 = tokens(&[secret]);
    assert!(matches!(hs256.key, TokenKey::Hs256(_)));
}

#[test]
fn keys_of_a_provider_stand_alone_and_come_from_a_safe_address() {
    let (url, safe) = ("JWT_JWKS_URL", "https://id.example/keys");
    let tokens = read(&[(url, safe), ("JWT_ALGORITHM", "HS256")]).unwrap();
    assert!(tokens.admits_somebody());
    let key = tokens.tokens.unwrap().key;
    assert!(matches!(key, TokenKey::Remote(found) if found.as_str() == safe));
    for (vars, faulty) in [
        (&[(url, "")][..], url),
        (&[(url, "http://id.example/keys")], url),
        (&[(url, safe), ("JWT_SECRET", KEY)], "JWT_SECRET"),
        (&[(url, safe), ("JWT_PUBLIC_KEY", P256)], "JWT_PUBLIC_KEY"),
    ] {
        assert_eq!(faults(vars), [faulty], "{vars:?}");
    }
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
    let key = format!("rk_{KEY}");
    let access = read(&[
        ("SERVICE_KEYS", KEY),
        ("JWT_SECRET", KEY),
        ("STRIPE_WEBHOOK_SECRETS", &stripe),
        ("STRIPE_API_KEY", &key),
    ])
    .unwrap();
    let shown = format!("{access:?}");
    assert!(!shown.contains(&KEY[2..10]), "{shown}");
    assert_eq!(shown.matches("[redacted]").count(), 4, "{shown}");
}
