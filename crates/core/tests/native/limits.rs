//! The guard against abuse: what is counted, and together with what.

use queue_core::{
    api::{
        auth::{Caller, Refusal, limit, token::TokenFault},
        problem::ApiError,
    },
    domain::UserId,
};

fn mara() -> Caller {
    Caller::User {
        user_id: UserId::try_from("mara".to_owned()).unwrap(),
        tier: None,
    }
}

#[test]
fn a_submission_counts_for_its_user_or_its_address_and_with_a_service_key_for_nobody() {
    let address = Some("203.0.113.7");
    for (caller, key) in [
        (Caller::Service, None),
        (mara(), Some("user mara")),
        (Caller::Open, address),
    ] {
        let found = limit::submission(&caller, address);
        assert_eq!(found.as_deref(), key, "{caller:?}");
    }
}

#[test]
fn a_mail_counts_for_its_user_apart_from_the_users_own_submissions() {
    let mara = mara();
    let user_id = mara.user_id().unwrap();
    assert_eq!(limit::mail(user_id), "mail mara");
    assert_ne!(limit::submission(&mara, None), Some(limit::mail(user_id)));
}

#[test]
fn failures_count_for_their_address_apart_from_submissions() {
    for (address, key) in [
        (None, "failed unknown address"),
        (Some("203.0.113.7"), "failed 203.0.113.7"),
        // Whoever has one of these addresses has all that begin with the same 64 bits.
        (Some("2001:db8:1:2:3:4:5:6"), "failed 2001:db8:1:2::/64"),
        (Some("2001:db8:1:2::"), "failed 2001:db8:1:2::/64"),
        (Some("2001:db8:1:3::"), "failed 2001:db8:1:3::/64"),
        (Some("::ffff:203.0.113.7"), "failed 203.0.113.7"),
        (Some("not an address"), "failed not an address"),
    ] {
        assert_eq!(limit::failure(address), key);
        assert_ne!(limit::submission(&Caller::Open, address).unwrap(), key);
    }
}

#[test]
fn only_a_credential_that_was_sent_can_fail() {
    assert!(!Refusal::Missing.is_failure());
    for refusal in [
        Refusal::Scheme,
        Refusal::Unknown,
        Refusal::Token(TokenFault::Signature),
        Refusal::Token(TokenFault::Expired),
    ] {
        assert!(refusal.is_failure(), "{refusal}");
    }
}

#[test]
fn a_limited_failure_does_not_say_what_was_wrong() {
    let problem = ApiError::FailuresLimited.problem();
    assert_eq!(problem.status, 429);
    let header = ApiError::FailuresLimited.header();
    assert_eq!(header, Some(("retry-after", "60")));
    for telling in ["key", "token", "expired", "alg", "known"] {
        assert!(!problem.detail.contains(telling), "{telling}");
    }
}
