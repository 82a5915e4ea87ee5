//! Sets of keys, and the one that checks a token.

use super::{ED25519, P256, RSA, der, ed25519, named, p256, parsed, rsa, set, text, with, written};
use queue_core::{
    api::auth::{
        jwks::{KEYS_MAX, KeySet, Missing, SET_MAX_BYTES, SetFault},
        token::TokenFault,
    },
    config::PublicKey,
};
use serde_json::{Value, json};

fn read(keys: &[Value]) -> KeySet {
    KeySet::read(&set(keys)).unwrap()
}

#[test]
fn keys_of_common_providers_are_read_to_the_byte() {
    for (key, algorithm, base64, length) in [
        (p256(), "ES256", P256, 64),
        (ed25519(), "EdDSA", ED25519, 64),
        (rsa(), "RS256", RSA, 256),
    ] {
        for (stated, is_one) in [
            (json!(null), true),
            (json!(algorithm), true),
            (json!("HS256"), false),
        ] {
            let key = with(named(key.clone(), "a"), "alg", stated.clone());
            // As Auth0, Entra ID and Google write them.
            let key = with(with(key, "use", json!("sig")), "x5t", json!("0Q"));
            let keys = read(&[key]);
            let found = keys.find(Some("a"), algorithm);
            assert_eq!(found.is_ok(), is_one, "{algorithm} {stated}");
            if let Ok(found) = found {
                let parts = (found.der(), found.algorithm(), found.signature_length());
                assert_eq!(parts, (&der(base64)[..], algorithm, length));
            }
        }
    }
    let newer = read(&[with(ed25519(), "alg", json!("Ed25519"))]);
    assert!(newer.find(None, "Ed25519").is_ok());
    assert_eq!(newer.find(None, "EdDSA"), Err(Missing::Algorithm));
}

#[test]
fn keys_for_anything_else_are_left_out() {
    let short = |bytes: usize, first: u8| {
        let mut modulus = vec![0xff; bytes];
        modulus[0] = first;
        with(rsa(), "n", json!(text(&modulus)))
    };
    for (name, key) in [
        ("for encryption", with(rsa(), "use", json!("enc"))),
        ("for an unknown use", with(rsa(), "use", json!(7))),
        ("to sign with", with(rsa(), "key_ops", json!(["sign"]))),
        ("with a private part", with(rsa(), "d", json!("AQAB"))),
        (
            "a secret",
            json!({"kty": "oct", "k": "AAAA", "alg": "HS256"}),
        ),
        ("RSA for encryption", with(rsa(), "alg", json!("RSA-OAEP"))),
        ("RSA for another hash", with(rsa(), "alg", json!("RS512"))),
        ("RSA for HMAC", with(rsa(), "alg", json!("HS256"))),
        (
            "with an alg that is no text",
            with(rsa(), "alg", json!(["RS256"])),
        ),
        ("of 1,024 bits", short(128, 0xff)),
        ("of 2,047 bits", short(256, 0x7f)),
        ("of 2,040 bits and a zero", short(256, 0)),
        ("of 16,384 bits", short(2_048, 0xff)),
        ("without a modulus", with(rsa(), "n", json!(null))),
        ("with an empty modulus", with(rsa(), "n", json!(""))),
        ("with an even exponent", with(rsa(), "e", json!("AQAA"))),
        ("with the exponent 1", with(rsa(), "e", json!("AQ"))),
        ("with an empty exponent", with(rsa(), "e", json!(""))),
        (
            "with a long exponent",
            with(rsa(), "e", json!(text(&[1; 5]))),
        ),
        ("in padded base64", with(rsa(), "e", json!("AQAB=="))),
        ("on another curve", with(p256(), "crv", json!("P-384"))),
        ("of a short point", with(p256(), "x", json!(text(&[1; 31])))),
        (
            "of a long point",
            with(ed25519(), "x", json!(text(&[1; 33]))),
        ),
        ("for X25519", with(ed25519(), "crv", json!("X25519"))),
        ("ES256 on Ed25519", with(ed25519(), "alg", json!("ES256"))),
        ("with a kid that is no text", with(p256(), "kid", json!(7))),
        ("with a long kid", named(p256(), &"k".repeat(256))),
        ("without a kind", with(p256(), "kty", json!(null))),
        ("that is no object", json!("key")),
    ] {
        assert!(read(&[key]).is_empty(), "{name}");
    }
    assert!(!read(&[with(rsa(), "key_ops", json!(["verify"]))]).is_empty());
    assert!(!read(&[short(256, 0x80)]).is_empty());
}

#[test]
fn what_is_not_a_set_of_keys_is_refused() {
    use SetFault::{Malformed, TooLong, TooMany};
    let long = format!(r#"{{"keys":[],"note":"{}"}}"#, "n".repeat(SET_MAX_BYTES));
    let hidden = r#"{"keys":{"$serde_json::private::RawValue":"[]"}}"#;
    for (body, fault) in [
        ("", Malformed),
        ("<html>", Malformed),
        ("[]", Malformed),
        ("{}", Malformed),
        (r#"{"keys":{}}"#, Malformed),
        (r#"{"keys":[],"keys":[]}"#, Malformed),
        (r#"{"keys":[{"kty":"RSA","kty":"EC"}]}"#, Malformed),
        (hidden, Malformed),
        (&long, TooLong),
    ] {
        assert_eq!(KeySet::read(body.as_bytes()), Err(fault), "{body:.40}");
    }
    let keys = |count: usize| vec![named(ed25519(), "k"); count];
    assert_eq!(KeySet::read(&set(&keys(KEYS_MAX + 1))), Err(TooMany));
    assert!(KeySet::read(&set(&keys(KEYS_MAX))).is_ok());
    assert!(KeySet::read(&set(&[])).unwrap().is_empty());
}

#[test]
fn the_kid_says_which_key_and_the_key_says_which_algorithm() {
    let keys = [
        named(rsa(), "a"),
        named(p256(), "b"),
        named(ed25519(), "c"),
        named(ed25519(), "d"),
    ];
    let keys = read(&keys);
    let found = |kid, algorithm| keys.find(kid, algorithm).map(PublicKey::algorithm);
    for (kid, algorithm, expected) in [
        (Some("a"), "RS256", Ok("RS256")),
        (Some("b"), "ES256", Ok("ES256")),
        (Some("a"), "ES256", Err(Missing::Algorithm)),
        (Some("a"), "HS256", Err(Missing::Algorithm)),
        (Some("A"), "RS256", Err(Missing::Name)),
        (Some(""), "RS256", Err(Missing::Name)),
        // Without a name, only if there is no choice.
        (None, "RS256", Ok("RS256")),
        (None, "EdDSA", Err(Missing::Choice)),
    ] {
        assert_eq!(found(kid, algorithm), expected, "{kid:?} {algorithm}");
    }
    // Two keys of one name, for two algorithms.
    let both = read(&[named(rsa(), "a"), named(p256(), "a")]);
    assert!(both.find(Some("a"), "ES256").is_ok());
    let twice = read(&[named(p256(), "a"), named(p256(), "a")]);
    assert_eq!(twice.find(Some("a"), "ES256"), Err(Missing::Choice));
}

#[test]
fn a_token_names_its_key_and_brings_none() {
    use TokenFault::{Algorithm, Header, Key};
    let long = "k".repeat(256);
    for (header, fault) in [
        (json!({"alg": "none"}), Algorithm),
        (json!({"alg": "HS256", "kid": "a"}), Algorithm),
        (json!({"alg": "RS512", "kid": "a"}), Algorithm),
        (json!({"alg": "PS256", "kid": "a"}), Algorithm),
        (json!({"alg": "RS256", "kid": 7}), Key),
        (json!({"alg": "RS256", "kid": null}), Key),
        (json!({"alg": "RS256", "kid": long}), Key),
        (json!({"alg": "RS256", "kid": "a", "jwk": rsa()}), Header),
        (
            json!({"alg": "RS256", "kid": "a", "jku": "https://evil.example"}),
            Header,
        ),
        (json!({"alg": "RS256", "kid": "a", "crit": []}), Header),
    ] {
        let token = written(&header, 256);
        assert_eq!(parsed(&token).unwrap_err(), fault, "{header}");
    }
    let token = written(
        &json!({"alg": "RS256", "kid": "a", "typ": "at+jwt", "x5t": "0Q"}),
        256,
    );
    let token = parsed(&token).unwrap();
    assert_eq!(
        (token.algorithm, token.kid.as_deref()),
        ("RS256", Some("a"))
    );
    let unnamed = written(&json!({"alg": "EdDSA"}), 64);
    assert_eq!(parsed(&unnamed).unwrap().kid, None);
}
