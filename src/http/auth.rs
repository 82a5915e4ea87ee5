//! Finds out who the caller is, and checks what that caller may do.

use super::{limiter, service::Service, web_crypto};
use crate::clock;
use queue_core::{
    api::{
        auth::{
            Caller, Need, Presented, Refusal, need, permit, presented,
            token::{Token, TokenFault},
            unnamed,
        },
        problem::ApiError,
        routes::Route,
    },
    config::{
        ServiceKey,
        access::{Access, TokenKey},
    },
    domain::Timestamp,
};
use worker::Request;

/// Why the caller could not be identified.
enum Failure {
    /// There is no credential, or it is invalid.
    Refused(Refusal),
    /// The platform refuses the configured public key, with this error.
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
async fn identify(
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
    // All tokens have two dots, and few keys do. The error for a wrong key should not be about tokens.
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

/// The caller, if it is permitted; `None` if the route needs no credential.
pub(super) async fn caller(
    service: &Service<'_>,
    route: &Route,
    request: &Request,
) -> Result<Option<Caller>, ApiError> {
    let need = need(route);
    if matches!(need, Need::Nothing | Need::Signature) {
        return Ok(None);
    }
    let header = service.header(request, "authorization");
    match identify(service.access, header.as_deref(), clock::now()).await {
        Ok(caller) => {
            permit(need, &caller).inspect_err(|_| {
                service.refuse(
                    "a caller",
                    caller.user_id(),
                    "the user token does not allow this",
                );
            })?;
            Ok(Some(caller))
        }
        Err(Failure::Refused(refusal)) => {
            let error = ApiError::Unauthenticated(refusal);
            if refusal.is_failure() {
                return Err(limiter::failed(service, request, "a caller", &refusal, error).await);
            }
            service.refuse("a caller", None, &refusal);
            Err(error)
        }
        Err(Failure::Key(error)) => {
            service.log(&format!("the platform refuses JWT_PUBLIC_KEY: {error}"));
            Err(ApiError::Misconfigured)
        }
    }
}
