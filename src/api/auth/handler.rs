//! Finds out who is asking.

use super::{
    Caller, Presented, Refusal, ServiceKey, presented,
    token::{Token, TokenFault},
    unnamed, web_crypto,
};
use crate::{
    config::access::{Access, TokenKey},
    domain::Timestamp,
};

/// Why there is no caller.
pub(crate) enum Failure {
    /// The credential is none, or does not hold.
    Refused(Refusal),
    /// The platform refuses the configured public key, in these words.
    Key(String),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<TokenFault> for Failure {
    fn from(fault: TokenFault) -> Self {
        Self::Refused(Refusal::Token(fault))
    }
}

/// The caller behind an `Authorization` header.
///
/// # Errors
/// [`Failure`] says why there is none.
pub(crate) async fn caller(
    access: &Access,
    header: Option<&str>,
    now: Timestamp,
) -> Result<Caller, Failure> {
    let credential = match presented(header)? {
        Presented::Nothing => return Ok(unnamed(access.mode)?),
        Presented::Bearer(credential) => credential,
    };
    if ServiceKey::is_one_of(&access.service_keys, credential) {
        return Ok(Caller::Service);
    }
    // Two dots are what all tokens and few keys have; whoever sends a wrong key need not read about tokens.
    let rules = access
        .tokens
        .as_ref()
        .filter(|_| credential.bytes().filter(|byte| *byte == b'.').count() == 2)
        .ok_or(Refusal::Unknown)?;
    let token = Token::parse(credential, &rules.key)?;
    let is_right = match &rules.key {
        TokenKey::Hs256(secrets) => token.is_signed_with(secrets),
        TokenKey::Public(key) => {
            web_crypto::is_signature_of(key, token.signed.as_bytes(), &token.signature)
                .await
                .map_err(Failure::Key)?
        }
    };
    if !is_right {
        return Err(TokenFault::Signature.into());
    }
    let claims = token.claims(now, rules)?;
    Ok(Caller::User {
        user_id: claims.user_id,
        tier: claims.tier,
    })
}
