//! Who the caller is, and what that caller may do.
//!
//! A credential that is sent is always checked, even in open mode: a wrong one is refused and never ignored.

pub mod jwks;
pub mod key_cache;
pub mod limit;
pub mod permission;
pub mod token;

pub use permission::{Need, need, permit};

use crate::{
    config::access::AuthMode,
    domain::{Tier, UserId},
};
use thiserror::Error;
use token::TokenFault;

/// Who the caller is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Caller {
    /// The product's own back end, by a service key.
    Service,
    /// A user, by a token.
    User {
        /// The user.
        user_id: UserId,
        /// The best tier that the user may ask for if no plan is known.
        tier: Option<Tier>,
    },
    /// Anyone, in open mode.
    Open,
}

impl Caller {
    /// The user, by the token.
    #[must_use]
    pub const fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::Service | Self::Open => None,
            Self::User { user_id, .. } => Some(user_id),
        }
    }

    /// The best tier that the caller may ask for if no plan is known; `None` means any tier.
    #[must_use]
    pub fn tier_ceiling(&self) -> Option<Tier> {
        match self {
            Self::Service | Self::Open => None,
            Self::User { tier, .. } => Some(tier.unwrap_or(Tier::Tier1)),
        }
    }

    /// The tier that the caller's token names. One that names none says nothing of the user.
    #[must_use]
    pub const fn claimed_tier(&self) -> Option<Tier> {
        match self {
            Self::Service | Self::Open => None,
            Self::User { tier, .. } => *tier,
        }
    }

    /// Whether the caller may act for that user.
    #[must_use]
    pub fn acts_for(&self, user: &UserId) -> bool {
        match self {
            Self::Service | Self::Open => true,
            Self::User { user_id, .. } => user_id == user,
        }
    }
}

/// Why a caller is refused. The text never shows any part of a secret.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Refusal {
    /// A credential is needed.
    #[error("no credential was sent")]
    Missing,
    /// Not `Authorization: Bearer …`.
    #[error("the Authorization header is not Bearer plus one credential")]
    Scheme,
    /// Neither a service key nor, by its form, a token that this service accepts.
    #[error("the credential is not known")]
    Unknown,
    /// An invalid token.
    #[error("{0}")]
    Token(TokenFault),
}

/// The credential of a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Presented<'a> {
    /// No credential.
    Nothing,
    /// What follows `Bearer`.
    Bearer(&'a str),
}

/// Reads an `Authorization` header.
///
/// # Errors
/// [`Refusal::Scheme`] for anything but `Bearer` and one word of visible ASCII.
pub fn presented(header: Option<&str>) -> Result<Presented<'_>, Refusal> {
    let Some(header) = header else {
        return Ok(Presented::Nothing);
    };
    let (scheme, credential) = header.split_once(' ').ok_or(Refusal::Scheme)?;
    let credential = credential.trim_matches(' ');
    let is_one_word =
        !credential.is_empty() && credential.bytes().all(|byte| byte.is_ascii_graphic());
    if scheme.eq_ignore_ascii_case("bearer") && is_one_word {
        Ok(Presented::Bearer(credential))
    } else {
        Err(Refusal::Scheme)
    }
}

/// The caller of a request without a credential.
///
/// # Errors
/// [`Refusal::Missing`] unless open mode is on.
pub const fn unnamed(mode: AuthMode) -> Result<Caller, Refusal> {
    match mode {
        AuthMode::Open => Ok(Caller::Open),
        AuthMode::Credentials => Err(Refusal::Missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_credential_is_one_word() {
        assert_eq!(presented(None), Ok(Presented::Nothing));
        for header in ["Bearer a.b.c", "bearer a.b.c", "BEARER   a.b.c "] {
            assert_eq!(presented(Some(header)), Ok(Presented::Bearer("a.b.c")));
        }
        for header in [
            "",
            " ",
            "Bearer",
            "Bearer ",
            "Bearer a b",
            "Basic YTpi",
            "a.b.c",
            "Bearer\ta",
            "Bearer é",
            "Bearer a, Bearer b",
        ] {
            assert_eq!(presented(Some(header)), Err(Refusal::Scheme), "{header:?}");
        }
    }

    #[test]
    fn a_caller_without_a_credential_is_accepted_in_open_mode_only() {
        assert_eq!(unnamed(AuthMode::Open), Ok(Caller::Open));
        assert_eq!(unnamed(AuthMode::Credentials), Err(Refusal::Missing));
    }

    #[test]
    fn a_user_may_ask_for_the_tier_of_the_token_and_act_only_for_itself() {
        let user = |id: &str| UserId::try_from(id.to_owned()).unwrap();
        let caller = |tier| Caller::User {
            user_id: user("mara"),
            tier,
        };
        assert_eq!(caller(None).tier_ceiling(), Some(Tier::Tier1));
        assert_eq!(caller(Some(Tier::Tier3)).tier_ceiling(), Some(Tier::Tier3));
        assert!(caller(None).acts_for(&user("mara")));
        assert!(!caller(None).acts_for(&user("Mara")));
        for trusted in [Caller::Service, Caller::Open] {
            assert_eq!(trusted.tier_ceiling(), None);
            assert!(trusted.acts_for(&user("anybody")));
        }
    }
}
