//! User tokens: valid ones, and ones forged in all ways of RFC 8725.

mod claims;
mod signature;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use queue_core::{
    api::auth::token::{Claims, Token, TokenFault},
    config::access::{Access, TokenKey, TokenRules},
    domain::{Tier, Timestamp, UserId},
};
use serde_json::{Value, json};
use sha2::Sha256;

const SECRET: &str = "the-secret-of-the-products-back-end-0123";
const PREVIOUS: &str = "the-one-before-it-which-still-holds-0123";
const NOW: i64 = 1_700_000_000;

fn rules_of(vars: &[(&str, &str)]) -> TokenRules {
    let access = Access::from_vars(&crate::harness::vars(vars));
    access.unwrap().tokens.unwrap()
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
