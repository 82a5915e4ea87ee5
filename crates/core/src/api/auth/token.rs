//! User tokens: JSON Web Tokens (RFC 7519), checked as RFC 8725 recommends.
//!
//! Three steps, in this order: [`Token::parse`] splits the token and compares its algorithm with the configured one, the
//! signature is checked, and only then [`Token::claims`] reads the claims. The token never chooses how it is checked: a
//! header that brings a key or names another algorithm, or that has `crit`, is refused. If there are several keys, it says
//! by `kid` with which of them, and [that key says how](super::key_cache).

use super::jwks::{ALGORITHMS, KID_MAX_LENGTH};
use crate::{
    api::{json, mac::has_mac_of},
    config::{
        access::{TokenKey, TokenRules},
        secret::Secret,
    },
    domain::{Tier, Timestamp, UserId, integer::whole},
};
use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Map, Value};
use std::time::Duration;
use thiserror::Error;

/// Longest token, in bytes: 8 KiB, a usual limit for a header. Longer ones are refused before they are decoded.
pub const TOKEN_MAX_LENGTH: usize = 8 * 1024;

/// How far the signer's clock may be ahead of this one (`iat`, `nbf`).
pub const LEEWAY: Duration = Duration::from_secs(30);

/// Bytes of an HMAC-SHA256.
const MAC_LENGTH: usize = 32;

/// Why a token is invalid.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum TokenFault {
    #[error("the token is longer than 8 KiB")]
    TooLong,
    #[error(
        "the token is not a JWT: three base64url parts, the first one a JSON object without repeated keys"
    )]
    Malformed,
    #[error("the token's alg is not the configured algorithm, or not that of its key")]
    Algorithm,
    #[error("the token's kid names no known key, or it has none and there are several")]
    Key,
    #[error("the token's header has crit, names a key, or has a typ other than JWT")]
    Header,
    #[error("the token's signature is invalid")]
    Signature,
    #[error("the token's claims are not a JSON object, or a key in it is repeated or reserved")]
    Claims,
    #[error("the token's exp is missing or not a whole number of seconds")]
    Expiry,
    #[error("the token has expired")]
    Expired,
    #[error("the token's lifetime is too long")]
    Lifetime,
    #[error("the token's iat or nbf is in the future or not a whole number of seconds")]
    NotYet,
    #[error("the token's sub is not a valid user id")]
    Subject,
    #[error("the token's iss does not match")]
    Issuer,
    #[error("the token's aud does not match")]
    Audience,
    #[error("the token's tier is not one of tier1, tier2, tier3, tier4")]
    Tier,
}

/// A token in its parts; nothing in it can be trusted before its signature is checked.
#[derive(Debug)]
pub struct Token<'a> {
    /// The signed part.
    pub signed: &'a str,
    /// The signature; its length is that of the algorithm, if there is one key.
    pub signature: Vec<u8>,
    /// The algorithm that it names.
    pub algorithm: &'static str,
    /// The key that it names, if there are several.
    pub kid: Option<String>,
    payload: Vec<u8>,
}

/// The claims of a valid token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claims {
    /// `sub`: the user.
    pub user_id: UserId,
    /// `tier`: the best tier that the user may ask for.
    pub tier: Option<Tier>,
}

impl<'a> Token<'a> {
    /// Splits a token.
    ///
    /// # Errors
    /// If it is too long or not a token, or its header is not accepted.
    pub fn parse(text: &'a str, key: &TokenKey) -> Result<Self, TokenFault> {
        if text.len() > TOKEN_MAX_LENGTH {
            return Err(TokenFault::TooLong);
        }
        let (signed, signature) = text.rsplit_once('.').ok_or(TokenFault::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(TokenFault::Malformed)?;
        let decode = |part| Base64UrlUnpadded::decode_vec(part).map_err(|_| TokenFault::Malformed);
        // A fourth part would put a dot into the payload, which is not base64url.
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header = json::object(&header).ok_or(TokenFault::Malformed)?;
        let algorithm = algorithm(&header, key)?;
        check_header(&header)?;
        let (length, kid) = match key {
            TokenKey::Hs256(_) => (Some(MAC_LENGTH), None),
            TokenKey::Public(key) => (Some(key.signature_length()), None),
            TokenKey::Remote(_) => (None, kid(&header)?),
        };
        if length.is_some_and(|length| signature.len() != length) {
            return Err(TokenFault::Signature);
        }
        Ok(Self {
            signed,
            signature,
            algorithm,
            kid,
            payload,
        })
    }

    /// Whether the signature is the HMAC under one of the secrets. All are tried, whichever matches.
    #[must_use]
    pub fn is_signed_with(&self, secrets: &[Secret]) -> bool {
        secrets.iter().fold(false, |found, secret| {
            let signed = [self.signed.as_bytes()];
            has_mac_of(secret.as_bytes(), &signed, &[&self.signature]) | found
        })
    }

    /// The claims of the token; to be called only after its signature was found valid.
    ///
    /// # Errors
    /// If a claim is missing, of the wrong type, or not valid at `now`.
    pub fn claims(&self, now: Timestamp, rules: &TokenRules) -> Result<Claims, TokenFault> {
        let mut stated = json::object(&self.payload).ok_or(TokenFault::Claims)?;
        stated.retain(|_, claim| !claim.is_null());
        check_times(&stated, now, rules.max_lifetime)?;
        check_parties(&stated, rules)?;
        let user_id = stated.get("sub").and_then(Value::as_str);
        let user_id = user_id.and_then(|text| UserId::try_from(text.to_owned()).ok());
        let user_id = user_id.filter(|user_id| !user_id.is_nobody());
        let user_id = user_id.ok_or(TokenFault::Subject)?;
        let tier = stated.get("tier").map(|tier| {
            let tier = tier.as_str().and_then(Tier::from_name);
            tier.ok_or(TokenFault::Tier)
        });
        let tier = tier.transpose()?;
        Ok(Claims { user_id, tier })
    }
}

/// The algorithm that the header names, if tokens may have it.
fn algorithm(header: &Map<String, Value>, key: &TokenKey) -> Result<&'static str, TokenFault> {
    let stated = header.get("alg").and_then(Value::as_str);
    let accepted: &[&str] = match key {
        TokenKey::Hs256(_) => &["HS256"],
        TokenKey::Public(key) => &[key.algorithm()],
        TokenKey::Remote(_) => &ALGORITHMS,
    };
    let found = accepted.iter().find(|name| Some(**name) == stated);
    found.copied().ok_or(TokenFault::Algorithm)
}

fn kid(header: &Map<String, Value>) -> Result<Option<String>, TokenFault> {
    let Some(kid) = header.get("kid") else {
        return Ok(None);
    };
    let kid = kid.as_str().filter(|kid| kid.len() <= KID_MAX_LENGTH);
    kid.map(|kid| Some(kid.to_owned())).ok_or(TokenFault::Key)
}

fn check_header(header: &Map<String, Value>) -> Result<(), TokenFault> {
    let names_a_key = ["crit", "jku", "jwk", "x5u", "x5c"]
        .iter()
        .any(|name| header.contains_key(*name));
    let is_jwt = header.get("typ").is_none_or(|kind| {
        let kind = kind.as_str().unwrap_or_default();
        ["JWT", "at+jwt"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(kind))
    });
    if names_a_key || !is_jwt {
        return Err(TokenFault::Header);
    }
    Ok(())
}

/// Expiry is exact to the second, without leeway.
fn check_times(
    stated: &Map<String, Value>,
    now: Timestamp,
    longest: Duration,
) -> Result<(), TokenFault> {
    let now = u64::try_from(now.as_millis() / 1_000).unwrap_or(0);
    let expiry = seconds(stated.get("exp"), TokenFault::Expiry)?.ok_or(TokenFault::Expiry)?;
    let issued = seconds(stated.get("iat"), TokenFault::NotYet)?;
    let not_before = seconds(stated.get("nbf"), TokenFault::NotYet)?;
    if expiry <= now {
        return Err(TokenFault::Expired);
    }
    let latest = now.saturating_add(LEEWAY.as_secs());
    if issued.max(not_before).is_some_and(|moment| moment > latest) {
        return Err(TokenFault::NotYet);
    }
    // Without `iat`, a token issued for years is accepted only in the last part of its lifetime.
    if expiry.saturating_sub(issued.unwrap_or(now)) > longest.as_secs() {
        return Err(TokenFault::Lifetime);
    }
    Ok(())
}

fn seconds(claim: Option<&Value>, fault: TokenFault) -> Result<Option<u64>, TokenFault> {
    let seconds = |value| u64::try_from(whole(value)?).ok();
    claim.map(|value| seconds(value).ok_or(fault)).transpose()
}

fn check_parties(stated: &Map<String, Value>, rules: &TokenRules) -> Result<(), TokenFault> {
    if let Some(issuer) = &rules.issuer
        && stated.get("iss").and_then(Value::as_str) != Some(issuer)
    {
        return Err(TokenFault::Issuer);
    }
    let names = |audience: &Value, wanted: &str| match audience {
        Value::String(name) => name == wanted,
        Value::Array(names) => names.iter().any(|name| name.as_str() == Some(wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    };
    let holds = match (&rules.audience, stated.get("aud")) {
        (None, None) => true,
        // A token with an audience is not for a service without one (RFC 7519, 4.1.3).
        (None, Some(_)) | (Some(_), None) => false,
        (Some(wanted), Some(audience)) => names(audience, wanted),
    };
    if holds {
        Ok(())
    } else {
        Err(TokenFault::Audience)
    }
}
