//! Claims of a token that was signed by the right secret.

use super::{
    HEADER, NOW, SECRET, claims_of, good, read, read_at, rules, rules_of, signed, with, written,
};
use queue_core::api::auth::token::TokenFault;
use serde_json::{Value, json};

/// The items of a JSON array.
fn list(array: Value) -> Vec<Value> {
    serde_json::from_value(array).unwrap()
}

#[test]
fn expiry_is_required_a_whole_number_and_not_too_far_away() {
    use TokenFault::{Claims as Object, Expired, Expiry, Lifetime};
    let table = [
        (Value::Null, Expiry),
        (json!((NOW + 600).to_string()), Expiry),
        (json!(1_700_000_600.5), Expiry),
        (json!(1e308), Expiry),
        (json!(-1), Expiry),
        (json!(true), Expiry),
        (json!([NOW + 600]), Expiry),
        (json!({}), Expiry),
        (json!(0), Expired),
        (json!(NOW - 1), Expired),
        (json!(NOW), Expired),
        (json!(NOW + 86_401), Lifetime),
        (json!((NOW + 600) * 1_000), Lifetime),
        (json!(u64::MAX), Expiry),
    ];
    for (exp, fault) in table {
        let token = signed(&with("exp", exp.clone()));
        assert_eq!(read(&token).unwrap_err(), fault, "{exp}");
    }
    let written_exp =
        |exp: &str| written(HEADER, &format!(r#"{{"sub":"mara","exp":{exp}}}"#), SECRET);
    for (exp, fault) in [
        ("null", Expiry),
        ("1e10", Lifetime),
        ("1700086401.0", Lifetime),
        ("18446744073709551616", Expiry),
        ("1e999", Object),
        ("1700000600,\"exp\":1700000601", Object),
    ] {
        assert_eq!(read(&written_exp(exp)).unwrap_err(), fault, "{exp}");
    }
    assert!(read(&written_exp("1700000600.0")).is_ok());
    for exp in [NOW + 1, NOW + 86_400] {
        assert!(read(&signed(&with("exp", json!(exp)))).is_ok(), "{exp}");
    }
    // To the second.
    let token = signed(&good());
    assert!(read_at(NOW + 599, &token, &rules()).is_ok());
    assert_eq!(read_at(NOW + 600, &token, &rules()), Err(Expired));
}

#[test]
fn a_token_with_a_long_lifetime_is_refused_at_any_time() {
    let claims = json!({"sub": "mara", "iat": NOW, "exp": NOW + 365 * 86_400});
    for day in [0, 100, 364] {
        let found = read_at(NOW + day * 86_400 + 1, &signed(&claims), &rules());
        assert_eq!(found, Err(TokenFault::Lifetime), "day {day}");
    }
    let short = rules_of(&[("JWT_SECRET", SECRET), ("JWT_MAX_LIFETIME_SECONDS", "60")]);
    let found = read_at(NOW, &signed(&good()), &short);
    assert_eq!(found, Err(TokenFault::Lifetime));
    let within = signed(&with("exp", json!(NOW + 60)));
    assert!(read_at(NOW, &within, &short).is_ok());
}

#[test]
fn a_token_from_the_future_is_valid_within_thirty_seconds() {
    for name in ["iat", "nbf"] {
        for (value, holds) in [
            (json!(NOW + 30), true),
            (json!(NOW + 31), false),
            (json!(0), name == "nbf"),
            (json!("1700000000"), false),
            (json!(1.5), false),
            (json!(-1), false),
            (json!(1e308), false),
        ] {
            let found = read(&signed(&with(name, value.clone())));
            assert_eq!(found.is_ok(), holds, "{name} {value}: {found:?}");
        }
    }
    // The later of the two counts.
    let mut claims = with("iat", json!(NOW));
    claims["nbf"] = json!(NOW + 40);
    assert_eq!(read(&signed(&claims)), Err(TokenFault::NotYet));
}

#[test]
fn a_signer_whose_clock_is_ahead_may_use_the_full_lifetime() {
    const FULL: i64 = 86_400;
    for (ahead, lifetime, expected) in [
        (5, FULL, None),
        (30, FULL, None),
        (31, FULL, Some(TokenFault::NotYet)),
        (5, FULL + 1, Some(TokenFault::Lifetime)),
        (-5, FULL + 1, Some(TokenFault::Lifetime)),
    ] {
        let issued = NOW + ahead;
        let claims = json!({"sub": "mara", "iat": issued, "exp": issued + lifetime});
        let found = read(&signed(&claims)).err();
        assert_eq!(found, expected, "{ahead} {lifetime}");
    }
}

#[test]
fn sub_is_a_user_id_and_tier_is_one_of_four() {
    let long = "x".repeat(129);
    for sub in list(json!([
        null,
        "",
        "a b",
        "a/b",
        7,
        ["mara"],
        "..",
        "~nobody",
        long
    ])) {
        let found = read(&signed(&with("sub", sub.clone())));
        assert_eq!(found, Err(TokenFault::Subject), "{sub}");
    }
    for tier in list(json!(["gold", "TIER4", 4, ["tier4"], "tier5", ""])) {
        let found = read(&signed(&with("tier", tier.clone())));
        assert_eq!(found, Err(TokenFault::Tier), "{tier}");
    }
}

#[test]
fn issuer_and_audience_must_match_exactly() {
    let vars = [
        ("JWT_SECRET", SECRET),
        ("JWT_ISSUER", "https://id.example"),
        ("JWT_AUDIENCE", "stories"),
    ];
    let rules = rules_of(&vars);
    let right =
        json!({"sub": "mara", "exp": NOW + 600, "iss": "https://id.example", "aud": "stories"});
    let another = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        read_at(NOW, &signed(&claims), &rules)
    };
    assert!(read_at(NOW, &signed(&right), &rules).is_ok());
    assert!(another("aud", json!(["else", "stories"])).is_ok());
    let (slash, upper) = ("https://id.example/", "HTTPS://id.example");
    for issuer in list(json!([null, slash, upper, ["https://id.example"], ""])) {
        let found = another("iss", issuer.clone());
        assert_eq!(found, Err(TokenFault::Issuer), "{issuer}");
    }
    for audience in list(json!([null, "Stories", "stories ", [], [["stories"]], {"stories": 1}])) {
        let found = another("aud", audience.clone());
        assert_eq!(found, Err(TokenFault::Audience), "{audience}");
    }
    let found = read_at(NOW, &signed(&good()), &rules);
    assert_eq!(found, Err(TokenFault::Issuer));
    // A token for another service is not for one without a name.
    let found = read(&signed(&with("aud", json!("stories"))));
    assert_eq!(found, Err(TokenFault::Audience));
}

#[test]
fn claims_are_an_object_without_repeated_keys() {
    for claims in [
        "",
        "null",
        "[]",
        r#"[1700000600,null,null,"mara",null,null,null]"#,
        "\"mara\"",
        "7",
        "{",
        "{}x",
        r#"{"sub":"mara","sub":"theo","exp":1700000600}"#,
        r#"{"sub":"mara","exp":1700000600,"note":1,"note":1}"#,
        r#"{"sub":"mara","exp":1700000600,"note":{"a":1,"a":1}}"#,
    ] {
        let found = read(&written(HEADER, claims, SECRET));
        assert_eq!(found, Err(TokenFault::Claims), "{claims}");
    }
    // Depth is bounded.
    let nested = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    let deep = |name: &str| {
        let claims = format!(r#"{{"sub":"mara","exp":{},"{name}":{nested}}}"#, NOW + 600);
        read(&written(HEADER, &claims, SECRET))
    };
    assert_eq!(deep("aud"), Err(TokenFault::Claims));
    assert_eq!(deep("note"), Err(TokenFault::Claims));
}

#[test]
fn an_object_is_never_taken_for_the_value_that_a_text_in_it_says() {
    let right = r#"{"sub":"mara","exp":1700000600}"#;
    assert_eq!(
        read(&written(HEADER, right, SECRET)),
        Ok(claims_of("mara", None))
    );
    let hidden = |value: &str| json!({"$serde_json::private::RawValue": value}).to_string();
    let refused = |claims: &str| {
        let found = read(&written(HEADER, claims, SECRET));
        assert_eq!(found, Err(TokenFault::Claims), "{claims}");
    };
    refused(&right.replace("\"mara\"", &hidden("\"mara\"")));
    refused(&right.replace("1700000600", &hidden("1700000600")));
    for (name, value) in [("tier", "\"tier4\""), ("aud", "\"x\""), ("note", "1")] {
        refused(&right.replace('}', &format!(r#","{name}":{}}}"#, hidden(value))));
    }
    refused(&hidden(right));
}
