//! Whom the guard against abuse counts: submissions by their user, and failed credentials by the address they come from.
//!
//! A credential is checked first, and only one that fails is counted. So somebody with a good one is served, whoever
//! else guesses behind the same address.

use super::{Caller, Refusal};
use crate::domain::UserId;
use std::net::{IpAddr, Ipv6Addr};

/// What a submission counts for; `None` if it is not limited.
#[must_use]
pub fn submission(caller: &Caller, address: Option<&str>) -> Option<String> {
    match caller {
        Caller::Service => None,
        Caller::User { user_id, .. } => Some(format!("user {user_id}")),
        Caller::Open => Some(network(address)),
    }
}

/// What a mail for that user counts for. Whoever knows the address may send very many; the user's own submissions still pass.
#[must_use]
pub fn mail(user_id: &UserId) -> String {
    format!("mail {user_id}")
}

/// What a failed credential or signature counts for.
#[must_use]
pub fn failure(address: Option<&str>) -> String {
    format!("failed {}", network(address))
}

impl Refusal {
    /// Whether it counts as a failed credential: a request without one only asks what is needed.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        !matches!(self, Self::Missing)
    }
}

/// The address; of IPv6 the first 64 bits, since everybody has all addresses that begin with theirs.
fn network(address: Option<&str>) -> String {
    let Some(address) = address else {
        return "unknown address".to_owned();
    };
    match address.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_none() => {
            let prefix = address.to_bits() >> 64 << 64;
            format!("{}/64", Ipv6Addr::from_bits(prefix))
        }
        Ok(address) => address.to_canonical().to_string(),
        Err(_) => address.to_owned(),
    }
}
