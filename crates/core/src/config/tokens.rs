//! How user tokens are checked: the settings `JWT_…`.

use super::{
    jwks_url::JwksUrl,
    public_key::PublicKey,
    reader::Reader,
    secret::{self, Secret},
};
use std::time::Duration;

const SECRET: &str = "JWT_SECRET";
const PUBLIC_KEY: &str = "JWT_PUBLIC_KEY";
const JWKS_URL: &str = "JWT_JWKS_URL";

/// How the signature of a user token is checked: with the algorithm of the key, whatever the token itself says.
#[derive(Clone, Debug)]
pub enum TokenKey {
    /// `HS256` with each of the secrets of `JWT_SECRET`.
    Hs256(Vec<Secret>),
    /// `ES256` or `EdDSA` with the key of `JWT_PUBLIC_KEY`.
    Public(PublicKey),
    /// With the keys of an identity provider at `JWT_JWKS_URL`, each with its own algorithm.
    Remote(JwksUrl),
}

/// The rules for user tokens.
#[derive(Clone, Debug)]
pub struct TokenRules {
    /// The key that checks the signature.
    pub key: TokenKey,
    /// `JWT_MAX_LIFETIME_SECONDS`, default 86,400: the longest time from issue, and from now, to expiry. A tier in a
    /// token can outlive a downgrade by this time.
    pub max_lifetime: Duration,
    /// `JWT_ISSUER`: `iss` must equal it.
    pub issuer: Option<String>,
    /// `JWT_AUDIENCE`: `aud` must equal it or contain it.
    pub audience: Option<String>,
}

/// What a token is signed with (`JWT_ALGORITHM`).
#[derive(Clone, Copy, Eq, PartialEq)]
enum Algorithm {
    Hs256,
    Es256,
    EdDsa,
}

/// Reads the rules; `None` if there is no key.
pub(super) fn read(reader: &mut Reader) -> Option<TokenRules> {
    let algorithms = [
        ("HS256", Algorithm::Hs256),
        ("ES256", Algorithm::Es256),
        ("EdDSA", Algorithm::EdDsa),
    ];
    let algorithm = reader.choice("JWT_ALGORITHM", &algorithms);
    let max_lifetime = reader.seconds("JWT_MAX_LIFETIME_SECONDS", 86_400, 60..=31_536_000);
    let issuer = exact(reader, "JWT_ISSUER");
    let audience = exact(reader, "JWT_AUDIENCE");
    let secrets = secret::listed(reader, SECRET);
    let key = match (reader.text(JWKS_URL), algorithm) {
        (Some(url), _) => {
            only(reader, &[SECRET, PUBLIC_KEY], "JWT_JWKS_URL is, too");
            let url = JwksUrl::read(&url).map(TokenKey::Remote);
            url.map_err(|detail| reader.fault(JWKS_URL, detail)).ok()
        }
        (None, Algorithm::Hs256) => {
            let other = "JWT_ALGORITHM is HS256, which uses JWT_SECRET";
            only(reader, &[PUBLIC_KEY], other);
            (!secrets.is_empty()).then_some(TokenKey::Hs256(secrets))
        }
        (None, Algorithm::Es256 | Algorithm::EdDsa) => {
            only(reader, &[SECRET], "JWT_ALGORITHM uses JWT_PUBLIC_KEY");
            let key = match reader.text(PUBLIC_KEY) {
                None => Err("is not set, but JWT_ALGORITHM needs it"),
                Some(text) if algorithm == Algorithm::EdDsa => PublicKey::ed25519(&text),
                Some(text) => PublicKey::p256(&text),
            };
            let key = key.map(TokenKey::Public);
            key.map_err(|detail| reader.fault(PUBLIC_KEY, detail)).ok()
        }
    };
    key.map(|key| TokenRules {
        key,
        max_lifetime,
        issuer,
        audience,
    })
}

/// Tokens are checked with one kind of key, so that it is clear with which: none of the others may be set.
fn only(reader: &mut Reader, others: &[&str], why: &str) {
    for other in others {
        if reader.text(other).is_some() {
            reader.fault(other, format!("is set, but {why}; change one of them"));
        }
    }
}

/// A string that a claim must equal. An empty one is an error, because it would look like a rule without being one.
fn exact(reader: &mut Reader, name: &str) -> Option<String> {
    let text = reader.text(name)?;
    if (1..=255).contains(&text.len()) {
        return Some(text);
    }
    let found = text.len();
    let detail = format!("has {found} bytes, must have 1 to 255; remove it if you need no rule");
    reader.fault(name, detail);
    None
}
