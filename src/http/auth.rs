//! Finds out who the caller is, and checks what that caller may do.

use super::{artifacts, limiter, provider, service::Service, web_crypto};
use crate::clock;
use queue_core::{
    api::{
        auth::{
            Caller, Need, Presented, Refusal, need, permit, presented,
            token::{Token, TokenFault},
            unnamed,
        },
        link::Target,
        problem::ApiError,
        routes::Route,
    },
    config::{PublicKey, ServiceKey, access::TokenKey},
};
use worker::Request;

/// Why the caller could not be identified.
enum Failure {
    /// There is no credential, or it is invalid.
    Refused(Refusal),
    /// The platform refuses this public key, with this error.
    Key(&'static str, String),
    /// The keys of the identity provider cannot be had.
    NoKeys,
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
async fn identify(service: &Service<'_>, header: Option<&str>) -> Result<Caller, Failure> {
    let access = service.access;
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
        TokenKey::Public(key) => is_signature_of(key, &token, "JWT_PUBLIC_KEY").await?,
        TokenKey::Remote(url) => {
            let key = provider::key_for(service, url, &token).await?;
            let key = key.ok_or(Failure::NoKeys)?;
            is_signature_of(&key, &token, "a key of JWT_JWKS_URL").await?
        }
    };
    if !is_right {
        return Err(TokenFault::Signature.into());
    }
    let claims = token.claims(clock::now(), rules)?;
    Ok(Caller::User {
        user_id: claims.user_id,
        tier: claims.tier,
    })
}

async fn is_signature_of(
    key: &PublicKey,
    token: &Token<'_>,
    name: &'static str,
) -> Result<bool, Failure> {
    web_crypto::is_signature_of(key, token.signed.as_bytes(), &token.signature)
        .await
        .map_err(|error| Failure::Key(name, error))
}

/// The caller, if it is permitted; `None` if the route needs no credential, or the request comes by a link.
pub(super) async fn caller(
    service: &Service<'_>,
    route: &Route,
    request: &Request,
) -> Result<Option<Caller>, ApiError> {
    if let Route::Artifact(user_id, job_id, name) = route {
        let target = Target::new(user_id, job_id, name);
        if artifacts::comes_by_link(service, target, request).await? {
            return Ok(None);
        }
    }
    let need = need(route);
    if matches!(need, Need::Nothing | Need::Signature) {
        return Ok(None);
    }
    let header = service.header(request, "authorization");
    match identify(service, header.as_deref()).await {
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
        Err(Failure::Key(name, error)) => {
            service.log(&format!("the platform refuses {name}: {error}"));
            Err(ApiError::Misconfigured)
        }
        // The log has the reason already.
        Err(Failure::NoKeys) => Err(ApiError::Unavailable),
    }
}
