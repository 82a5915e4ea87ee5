//! Tokens whose header or signature is another: nothing in a token decides how it is checked.

use super::{
    HEADER, NOW, PREVIOUS, SECRET, claims_of, encode, good, mac, read, read_at, rules_of, signed,
    with, written,
};
use crate::arbitrary::cases;
use proptest::prelude::*;
use queue_core::api::auth::token::{TOKEN_MAX_LENGTH, Token, TokenFault};
use serde_json::json;

/// What an attacker knows of a service that takes ES256: its public key.
const PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";

#[test]
fn both_secrets_are_valid_during_a_rotation_and_one_after_it() {
    let old = written(HEADER, &good().to_string(), PREVIOUS);
    assert_eq!(read(&old), Ok(claims_of("mara", None)));
    let after = rules_of(&[("JWT_SECRET", SECRET)]);
    assert_eq!(read_at(NOW, &old, &after), Err(TokenFault::Signature));
}

#[test]
fn the_header_never_decides_how_the_token_is_checked() {
    use TokenFault::{Algorithm, Header, Malformed};
    let claims = good().to_string();
    let table = [
        (r#"{"alg":"none"}"#, Algorithm),
        (r#"{"alg":"None","typ":"JWT"}"#, Algorithm),
        (r#"{"alg":"hs256"}"#, Algorithm),
        (r#"{"alg":"HS384"}"#, Algorithm),
        (r#"{"alg":"HS512"}"#, Algorithm),
        (r#"{"alg":"RS256"}"#, Algorithm),
        (r#"{"alg":"ES256"}"#, Algorithm),
        (r#"{"alg":["HS256"]}"#, Algorithm),
        (r#"{"alg":null}"#, Algorithm),
        (r#"{"typ":"JWT"}"#, Algorithm),
        (r#"{"alg":"HS256","typ":"JWE"}"#, Header),
        (r#"{"alg":"HS256","typ":7}"#, Header),
        (r#"{"alg":"HS256","crit":["exp"]}"#, Header),
        (r#"{"alg":"HS256","crit":null}"#, Header),
        (
            r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
            Header,
        ),
        (r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#, Header),
        (r#"{"alg":"HS256","x5u":"https://evil.example/x"}"#, Header),
        (r#"{"alg":"HS256","x5c":[]}"#, Header),
        (r#"{"alg":"none","alg":"HS256"}"#, Malformed),
        (r#"{"alg":"HS256","alg":"HS256"}"#, Malformed),
        (r#"{"alg":"HS256","x":{"y":1,"y":2}}"#, Malformed),
        (
            r#"{"alg":{"$serde_json::private::RawValue":"\"HS256\""}}"#,
            Malformed,
        ),
        (r#"["HS256"]"#, Malformed),
        ("HS256", Malformed),
        ("", Malformed),
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
    use TokenFault::{Algorithm, Malformed, Signature};
    let claims = good().to_string();
    let (header, body) = (encode(HEADER), encode(&claims));
    let right = mac(SECRET, &format!("{header}.{body}"));
    let none = encode(r#"{"alg":"none"}"#);
    // What stands behind the header.
    let table = [
        (format!("{body}."), Signature),
        (format!("{body}.{}", &right[..42]), Malformed),
        (format!("{body}.{}", encode("x")), Signature),
        (format!("{body}.{right}AAAA"), Signature),
        (format!("{body}.{right}="), Malformed),
        (format!("{body}.{right}."), Malformed),
        (format!(".{right}"), Signature),
        (body.clone(), Malformed),
        (format!("{body}.{right}.{right}"), Malformed),
        (format!("{body}.{right}.x.y"), Malformed),
    ];
    let behind = table.map(|(rest, fault)| (format!("{header}.{rest}"), fault));
    let signed_by = |secret: &str| written(HEADER, &claims, secret);
    let whole = [
        (format!("{none}.{body}."), Algorithm),
        ("..".to_owned(), Malformed),
        (String::new(), Malformed),
        (signed_by("another-secret-of-thirty-two-bytes!"), Signature),
        (signed_by(""), Signature),
        (signed_by(&format!("{SECRET} {PREVIOUS}")), Signature),
    ];
    for (token, fault) in behind.into_iter().chain(whole) {
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
fn a_long_token_is_refused_before_it_is_decoded() {
    let padded = |length: usize| signed(&with("note", json!("n".repeat(length))));
    let token = padded(5_900);
    assert!(token.len() < TOKEN_MAX_LENGTH && read(&token).is_ok());
    for token in [
        padded(6_200),
        "x".repeat(1_000_000),
        format!("{}..", "A".repeat(TOKEN_MAX_LENGTH)),
    ] {
        let length = token.len();
        assert_eq!(read(&token), Err(TokenFault::TooLong), "{length} bytes");
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
