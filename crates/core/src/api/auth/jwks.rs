//! The keys of an identity provider: a JSON Web Key Set (RFC 7517).
//!
//! A key says for which algorithm it is, and a token is checked with that one alone. So no public key is ever taken for a
//! secret, whatever a token says.

use crate::{api::json, config::PublicKey};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};
use thiserror::Error;

/// Most bytes of a set. Those of large providers, with a certificate for each key, have some 20 KB.
pub const SET_MAX_BYTES: usize = 64 * 1024;

/// Most keys of a set, usable or not. A provider that replaces its keys has two or three, the largest some ten.
pub const KEYS_MAX: usize = 64;

/// Longest `kid`, in bytes.
pub const KID_MAX_LENGTH: usize = 255;

/// The algorithms that a key can be for. `Ed25519` is the newer name of `EdDSA` with that curve (RFC 9864).
pub const ALGORITHMS: [&str; 4] = ["RS256", "ES256", "EdDSA", "Ed25519"];

/// Why an answer is not a set of keys.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum SetFault {
    #[error("the answer has more than {SET_MAX_BYTES} bytes")]
    TooLong,
    #[error("the answer is not a JSON object with a list of keys, or a key in it is repeated")]
    Malformed,
    #[error("the answer has more than {KEYS_MAX} keys")]
    TooMany,
}

/// Why no key of a set can check a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// There is no key of this name.
    Name,
    /// Those that it could be are for other algorithms.
    Algorithm,
    /// It names none, and several could be meant.
    Choice,
}

/// A key with its name.
#[derive(Clone, Debug, Eq, PartialEq)]
struct NamedKey {
    kid: Option<String>,
    algorithm: &'static str,
    key: PublicKey,
}

/// The keys that can be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeySet(Vec<NamedKey>);

impl KeySet {
    /// Reads a set. Keys for other uses, of other kinds and of unsafe sizes are left out, as the standard asks for.
    ///
    /// # Errors
    /// If it is none, or is too large.
    pub fn read(body: &[u8]) -> Result<Self, SetFault> {
        if body.len() > SET_MAX_BYTES {
            return Err(SetFault::TooLong);
        }
        let set = json::object(body).ok_or(SetFault::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or(SetFault::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(SetFault::TooMany);
        }
        Ok(Self(keys.iter().filter_map(named).collect()))
    }

    /// Whether no key can be used.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key for a token with this `kid` and algorithm. A token without `kid` needs one key that could be meant.
    ///
    /// # Errors
    /// Why there is none.
    pub fn find(&self, kid: Option<&str>, algorithm: &str) -> Result<&PublicKey, Missing> {
        let mut named = self
            .0
            .iter()
            .filter(|key| kid.is_none_or(|kid| key.kid.as_deref() == Some(kid)))
            .peekable();
        if named.peek().is_none() {
            return Err(Missing::Name);
        }
        let mut fitting = named.filter(|key| key.algorithm == algorithm);
        let found = fitting.next().ok_or(Missing::Algorithm)?;
        if fitting.next().is_some() {
            return Err(Missing::Choice);
        }
        Ok(&found.key)
    }
}

/// The key, if it checks signatures of a supported algorithm.
fn named(key: &Value) -> Option<NamedKey> {
    let members = key.as_object()?;
    let text = |name: &str| members.get(name).map(Value::as_str);
    let is_for_signatures = matches!(text("use"), None | Some(Some("sig")));
    let verifies = members.get("key_ops").is_none_or(|operations| {
        let operations = operations.as_array();
        operations.is_some_and(|all| all.iter().any(|one| one == "verify"))
    });
    // Whoever reads the set of a key with its private part can sign with it.
    if !is_for_signatures || !verifies || members.contains_key("d") {
        return None;
    }
    let kid = match text("kid") {
        None => None,
        Some(kid) => Some(kid.filter(|kid| kid.len() <= KID_MAX_LENGTH)?.to_owned()),
    };
    let (key, names) = public_key(members)?;
    let algorithm = match text("alg") {
        None => names.first(),
        Some(stated) => names.iter().find(|name| Some(**name) == stated),
    };
    let algorithm = *algorithm?;
    Some(NamedKey {
        kid,
        algorithm,
        key,
    })
}

/// The key that the numbers give, and the names of its algorithm.
fn public_key(members: &Map<String, Value>) -> Option<(PublicKey, &'static [&'static str])> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let number = |name: &str| Base64UrlUnpadded::decode_vec(text(name)?).ok();
    match (text("kty")?, text("crv")) {
        ("RSA", _) => Some((PublicKey::rsa(&number("n")?, &number("e")?)?, &["RS256"])),
        ("EC", Some("P-256")) => Some((PublicKey::at(&number("x")?, &number("y")?)?, &["ES256"])),
        ("OKP", Some("Ed25519")) => Some((PublicKey::of(&number("x")?)?, &["EdDSA", "Ed25519"])),
        _ => None,
    }
}
