//! Keys of an identity provider: which are taken, which one checks a token, and when they are fetched.

mod cache;
mod keys;

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use queue_core::{
    api::auth::token::{Token, TokenFault},
    config::{JwksUrl, access::TokenKey},
};
use serde_json::{Value, json};

// Made with openssl for this test; the private keys were deleted.
const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEWdNX1Zx9FyyHYdipFNNEP3SBulxxk3X0juVpVAEGqj2+xyKS5oeRmiSATEkthNCgjhq5YS6/2kLeQchfZV9DUg==";
const ED25519: &str = "MCowBQYDK2VwAyEAYBMlvjRZY3LXxWho1bTCk6PoTgySSbrum48DsVyhwTA=";
const RSA: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwYdpmfzvou0ShI5T14/I5cx6kEq0YhdIUQC4X3Tc/92U/lQ5Zid9LdG4KRdxqN3wDP5OH2HHg3SFEu+A0u/ej0G2Qs45+jo9+3bp0TdVy2fJnyp4UsD0vEDbTbkTsVnch1u5vm6TuQkGIB6dRI0Jj/Ztx+eDw+ost25YW5/gZt+8sc2vaxbako2rQ7G4CoX/Pje3CiSdQz6jZiPJPSNFcXK1ozQMI9Pewd6O7hqGDA59eX1ywg/2xlCbeBsWF9Vn5Vi5+HAwMJnSPBrqEnwUrTCYtWJlRDFuFdi3RCg/oqRN1ifGeA2nBNizp0iCT3nNfCev1cZA8Q+B4wCNs3GkOQIDAQAB";
const MODULUS: &str = "wYdpmfzvou0ShI5T14_I5cx6kEq0YhdIUQC4X3Tc_92U_lQ5Zid9LdG4KRdxqN3wDP5OH2HHg3SFEu-A0u_ej0G2Qs45-jo9-3bp0TdVy2fJnyp4UsD0vEDbTbkTsVnch1u5vm6TuQkGIB6dRI0Jj_Ztx-eDw-ost25YW5_gZt-8sc2vaxbako2rQ7G4CoX_Pje3CiSdQz6jZiPJPSNFcXK1ozQMI9Pewd6O7hqGDA59eX1ywg_2xlCbeBsWF9Vn5Vi5-HAwMJnSPBrqEnwUrTCYtWJlRDFuFdi3RCg_oqRN1ifGeA2nBNizp0iCT3nNfCev1cZA8Q-B4wCNs3GkOQ";

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn der(base64: &str) -> Vec<u8> {
    Base64::decode_vec(base64).unwrap()
}

fn p256() -> Value {
    let der = der(P256);
    json!({"kty": "EC", "crv": "P-256", "x": text(&der[27..59]), "y": text(&der[59..])})
}

fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": text(&der(ED25519)[12..])})
}

fn rsa() -> Value {
    json!({"kty": "RSA", "n": MODULUS, "e": "AQAB"})
}

/// The key with another member; `null` takes it away.
fn with(mut key: Value, name: &str, value: Value) -> Value {
    let members = key.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    key
}

fn named(key: Value, kid: &str) -> Value {
    with(key, "kid", json!(kid))
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

fn remote() -> TokenKey {
    TokenKey::Remote(JwksUrl::read("https://id.example/keys").unwrap())
}

/// A token with that header and a signature of so many bytes.
fn written(header: &Value, signature: usize) -> String {
    let header = text(header.to_string().as_bytes());
    format!("{header}.{}.{}", text(b"{}"), text(&vec![1; signature]))
}

fn parsed(token: &str) -> Result<Token<'_>, TokenFault> {
    Token::parse(token, &remote())
}
