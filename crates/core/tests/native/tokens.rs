//! User tokens: valid ones, and ones forged in all ways of RFC 8725.

use crate::arbitrary::cases;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use queue_core::{
    api::auth::token::{Claims, TOKEN_MAX_LENGTH, Token, TokenFault},
    config::access::{Access, TokenKey, TokenRules},
    domain::{Tier, Timestamp, UserId},
};
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "the-secret-of-the-products-back-end-0123";
const PREVIOUS: &str = "the-one-before-it-which-still-holds-0123";
/// What an attacker knows of a service that takes ES256: its public key.
const PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";
const NOW: i64 = 1_700_000_000;

fn rules_of(vars: &[(&str, &str)]) -> TokenRules {
    let look = |name: &str| {
        let found = vars.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Access::from_vars(&look).unwrap().tokens.unwrap()
}

fn rules() -> TokenRules {
    rules_of(&[("JWT_SECRET", &format!("{SECRET} {PREVIOUS}"))])
}

fn mac(secret: &str, signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
}

fn encode(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

/// A token of just these texts, signed.
fn written(header: &str, claims: &str, secret: &str) -> String {
    let signed = format!("{}.{}", encode(header), encode(claims));
    format!("{signed}.{}", mac(secret, &signed))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn signed(claims: &Value) -> String {
    written(HEADER, &claims.to_string(), SECRET)
}

fn good() -> Value {
    json!({"sub": "mara", "exp": NOW + 600, "iat": NOW})
}

/// The claims of a good token with one of them another; `null` takes it away.
fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    let object = claims.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    claims
}

fn read_at(seconds: i64, token: &str, rules: &TokenRules) -> Result<Claims, TokenFault> {
    let parsed = Token::parse(token, &rules.key)?;
    let TokenKey::Hs256(secrets) = &rules.key else {
        panic!("public keys are checked by the platform: tests/e2e/auth.test.ts");
    };
    if !parsed.is_signed_with(secrets) {
        return Err(TokenFault::Signature);
    }
    parsed.claims(Timestamp::from_millis(seconds * 1_000), rules)
}

fn read(token: &str) -> Result<Claims, TokenFault> {
    read_at(NOW, token, &rules())
}

fn claims_of(user_id: &str, tier: Option<Tier>) -> Claims {
    let user_id = UserId::try_from(user_id.to_owned()).unwrap();
    Claims { user_id, tier }
}

#[test]
fn a_valid_token_gives_its_user_and_tier() {
    assert_eq!(read(&signed(&good())), Ok(claims_of("mara", None)));
    for tier in Tier::ALL {
        let token = signed(&with("tier", json!(tier.name())));
        assert_eq!(read(&token), Ok(claims_of("mara", Some(tier))));
    }
    // A published one: RFC 7515, A.1, says what this library must make of header and payload, to the byte.
    let rfc = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(read(rfc), Err(TokenFault::Signature));
}

#[test]
fn both_secrets_are_valid_during_a_rotation_and_one_after_it() {
    let old = written(HEADER, &good().to_string(), PREVIOUS);
    assert_eq!(read(&old), Ok(claims_of("mara", None)));
    let after = rules_of(&[("JWT_SECRET", SECRET)]);
    assert_eq!(read_at(NOW, &old, &after), Err(TokenFault::Signature));
}

#[test]
fn the_header_never_decides_how_the_token_is_checked() {
    let claims = good().to_string();
    let table = [
        (r#"{"alg":"none"}"#, TokenFault::Algorithm),
        (r#"{"alg":"None","typ":"JWT"}"#, TokenFault::Algorithm),
        (r#"{"alg":"hs256"}"#, TokenFault::Algorithm),
        (r#"{"alg":"HS384"}"#, TokenFault::Algorithm),
        (r#"{"alg":"HS512"}"#, TokenFault::Algorithm),
        (r#"{"alg":"RS256"}"#, TokenFault::Algorithm),
        (r#"{"alg":"ES256"}"#, TokenFault::Algorithm),
        (r#"{"alg":["HS256"]}"#, TokenFault::Algorithm),
        (r#"{"alg":null}"#, TokenFault::Algorithm),
        (r#"{"typ":"JWT"}"#, TokenFault::Algorithm),
        (r#"{"alg":"HS256","typ":"JWE"}"#, TokenFault::Header),
        (r#"{"alg":"HS256","typ":7}"#, TokenFault::Header),
        (r#"{"alg":"HS256","crit":["exp"]}"#, TokenFault::Header),
        (r#"{"alg":"HS256","crit":null}"#, TokenFault::Header),
        (
            r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
            TokenFault::Header,
        ),
        (
            r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#,
            TokenFault::Header,
        ),
        (
            r#"{"alg":"HS256","x5u":"https://evil.example/x"}"#,
            TokenFault::Header,
        ),
        (r#"{"alg":"HS256","x5c":[]}"#, TokenFault::Header),
        (r#"["HS256"]"#, TokenFault::Malformed),
        ("HS256", TokenFault::Malformed),
        ("", TokenFault::Malformed),
    ];
    for (header, fault) in table {
        let token = written(header, &claims, SECRET);
        assert_eq!(read(&token).unwrap_err(), fault, "{header}");
    }
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"jwt"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","kid":"../../etc/passwd"}"#,
    ] {
        assert!(read(&written(header, &claims, SECRET)).is_ok(), "{header}");
    }
}

#[test]
fn a_token_without_a_signature_or_with_a_wrong_one_is_refused() {
    let claims = good().to_string();
    let (header, body) = (encode(HEADER), encode(&claims));
    let right = mac(SECRET, &format!("{header}.{body}"));
    let none = encode(r#"{"alg":"none"}"#);
    let table = [
        (format!("{header}.{body}."), TokenFault::Signature),
        (format!("{none}.{body}."), TokenFault::Algorithm),
        (
            format!("{header}.{body}.{}", &right[..42]),
            TokenFault::Malformed,
        ),
        (
            format!("{header}.{body}.{}", encode("x")),
            TokenFault::Signature,
        ),
        (
            format!("{header}.{body}.{right}AAAA"),
            TokenFault::Signature,
        ),
        (format!("{header}.{body}.{right}="), TokenFault::Malformed),
        (format!("{header}.{body}.{right}."), TokenFault::Malformed),
        (format!("{header}..{right}"), TokenFault::Signature),
        (format!("{header}.{body}"), TokenFault::Malformed),
        (
            format!("{header}.{body}.{right}.{right}"),
            TokenFault::Malformed,
        ),
        (
            format!("{header}.{body}.{right}.x.y"),
            TokenFault::Malformed,
        ),
        ("..".to_owned(), TokenFault::Malformed),
        (String::new(), TokenFault::Malformed),
        (
            written(HEADER, &claims, "another-secret-of-thirty-two-bytes!"),
            TokenFault::Signature,
        ),
        (written(HEADER, &claims, ""), TokenFault::Signature),
        (
            written(HEADER, &claims, &format!("{SECRET} {PREVIOUS}")),
            TokenFault::Signature,
        ),
    ];
    for (token, fault) in table {
        assert_eq!(read(&token).unwrap_err(), fault, "{token}");
    }
}

#[test]
fn a_public_key_is_never_the_secret_of_an_hmac() {
    let rules = rules_of(&[("JWT_ALGORITHM", "ES256"), ("JWT_PUBLIC_KEY", PUBLIC)]);
    let forged = written(HEADER, &good().to_string(), PUBLIC);
    let error = Token::parse(&forged, &rules.key).unwrap_err();
    assert_eq!(error, TokenFault::Algorithm);
    // Lying about the algorithm does not help: an HMAC is too short for a signature.
    let forged = written(r#"{"alg":"ES256"}"#, &good().to_string(), PUBLIC);
    let error = Token::parse(&forged, &rules.key).unwrap_err();
    assert_eq!(error, TokenFault::Signature);
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
        (json!(u64::MAX), Lifetime),
    ];
    for (exp, fault) in table {
        let token = signed(&with("exp", exp.clone()));
        assert_eq!(read(&token).unwrap_err(), fault, "{exp}");
    }
    let written_exp =
        |exp: &str| written(HEADER, &format!(r#"{{"sub":"mara","exp":{exp}}}"#), SECRET);
    for (exp, fault) in [
        ("null", Expiry),
        ("1e10", Expiry),
        ("18446744073709551616", Expiry),
        ("1e999", Object),
        ("1700000600,\"exp\":1700000601", Object),
    ] {
        assert_eq!(read(&written_exp(exp)).unwrap_err(), fault, "{exp}");
    }
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
    assert_eq!(
        read_at(NOW, &signed(&good()), &short),
        Err(TokenFault::Lifetime)
    );
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
fn sub_is_a_user_id_and_tier_is_one_of_four() {
    for sub in [
        Value::Null,
        json!(""),
        json!("a b"),
        json!("a/b"),
        json!(7),
        json!(["mara"]),
        json!(".."),
        json!("x".repeat(129)),
    ] {
        let found = read(&signed(&with("sub", sub.clone())));
        assert_eq!(found, Err(TokenFault::Subject), "{sub}");
    }
    for tier in [
        json!("gold"),
        json!("TIER4"),
        json!(4),
        json!(["tier4"]),
        json!("tier5"),
        json!(""),
    ] {
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
    for issuer in [
        json!(null),
        json!("https://id.example/"),
        json!("HTTPS://id.example"),
        json!(["https://id.example"]),
        json!(""),
    ] {
        assert_eq!(
            another("iss", issuer.clone()),
            Err(TokenFault::Issuer),
            "{issuer}"
        );
    }
    for audience in [
        json!(null),
        json!("Stories"),
        json!("stories "),
        json!([]),
        json!([["stories"]]),
        json!({"stories": 1}),
    ] {
        assert_eq!(
            another("aud", audience.clone()),
            Err(TokenFault::Audience),
            "{audience}"
        );
    }
    assert_eq!(
        read_at(NOW, &signed(&good()), &rules),
        Err(TokenFault::Issuer)
    );
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
    ] {
        assert_eq!(
            read(&written(HEADER, claims, SECRET)),
            Err(TokenFault::Claims),
            "{claims}"
        );
    }
    let twice = format!(r#"{{"sub":"mara","sub":"theo","exp":{}}}"#, NOW + 600);
    assert_eq!(
        read(&written(HEADER, &twice, SECRET)),
        Err(TokenFault::Claims)
    );
    // Depth is bounded where a value is kept, and harmless where it is not.
    let nested = format!("{}{}", "[".repeat(2_000), "]".repeat(2_000));
    let deep = |name: &str| {
        let claims = format!(r#"{{"sub":"mara","exp":{},"{name}":{nested}}}"#, NOW + 600);
        read(&written(HEADER, &claims, SECRET))
    };
    assert_eq!(deep("aud"), Err(TokenFault::Claims));
    assert_eq!(deep("note"), Ok(claims_of("mara", None)));
}

#[test]
fn a_long_token_is_refused_before_it_is_decoded() {
    let padded = |length: usize| signed(&with("note", json!("n".repeat(length))));
    let token = padded(5_900);
    assert!(token.len() < TOKEN_MAX_LENGTH && read(&token).is_ok());
    for token in [
        padded(6_200),
        "x".repeat(1_000_000),
        format!("{}..", "A".repeat(TOKEN_MAX_LENGTH)),
    ] {
        assert_eq!(
            read(&token),
            Err(TokenFault::TooLong),
            "{} bytes",
            token.len()
        );
    }
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_changed_character_is_always_refused(at in any::<prop::sample::Index>(), by in "[A-Za-z0-9_.=-]") {
        let token = signed(&with("tier", json!("tier1")));
        let at = at.index(token.len());
        let changed = format!("{}{by}{}", &token[..at], &token[at + 1..]);
        prop_assert!(changed == token || read(&changed).is_err(), "{}", changed);
    }

    #[test]
    fn no_string_causes_a_panic(text in ".{0,200}", parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 0..5)) {
        prop_assert!(read(&text).is_err());
        prop_assert!(read(&parts.join(".")).is_err());
    }
}
