//! Stripe's signatures: golden vectors, and every single change to the signed content.

use crate::arbitrary::cases;
use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use queue_core::{
    api::{
        stripe::{Claim, HEADER_MAX_LENGTH, SignatureFault},
        submit::BODY_MAX_BYTES,
    },
    config::secret::{Secret, StripeSecret},
    domain::Timestamp,
};
use sha2::Sha256;
use std::time::{Duration, Instant};

const SECRET: &str = "whsec_the_signing_secret_of_the_endpoint";
const PREVIOUS: &str = "whsec_the_signing_secret_it_had_before_it";
const BODY: &[u8] = br#"{"id":"evt_test","object":"event"}"#;
const TIME: i64 = 1_700_000_000;

fn secrets(texts: &[&str]) -> Vec<StripeSecret> {
    let secret = |text: &&str| StripeSecret::new(Secret::try_from(*text).unwrap()).unwrap();
    texts.iter().map(secret).collect()
}

fn hex(key: &[u8], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    digits(&mac.finalize().into_bytes())
}

fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn v1(secret: &str, time: &str, body: &[u8]) -> String {
    hex(secret.as_bytes(), &[time.as_bytes(), b".", body])
}

fn header() -> String {
    format!("t={TIME},v1={}", v1(SECRET, &TIME.to_string(), BODY))
}

fn verify(
    now: Timestamp,
    header: Option<&str>,
    body: &[u8],
    secrets: &[StripeSecret],
) -> Result<(), SignatureFault> {
    let claim = Claim::read(now, header)?;
    let is_right = secrets.iter().any(|secret| {
        claim.check(secret).is_some_and(|mut check| {
            // However the body is cut.
            body.chunks(7).for_each(|part| check.update(part));
            check.holds()
        })
    });
    is_right.then_some(()).ok_or(SignatureFault::Wrong)
}

fn check_at(seconds: i64, header: &str, body: &[u8]) -> Result<(), SignatureFault> {
    let now = Timestamp::from_millis(seconds.saturating_mul(1_000));
    verify(now, Some(header), body, &secrets(&[SECRET]))
}

fn check(header: &str) -> Result<(), SignatureFault> {
    check_at(TIME, header, BODY)
}

#[test]
fn the_golden_vector_is_signed_with_the_whole_secret() {
    // Made with Stripe's own library; its secret is shorter than this service takes, so it is checked by itself.
    let golden = "8042376f6ca064adbe037642a718227dfd59047137eb49497a54c49eb0cfb724";
    assert_eq!(v1("whsec_test_secret", "1700000000", BODY), golden);
    assert!(Secret::try_from("whsec_test_secret").is_err());
    assert_eq!(check(&header()), Ok(()));
}

#[test]
fn signatures_of_standard_webhooks_are_refused() {
    // The example of the specification, version 1.0.0: the key is the decoded part behind `whsec_`.
    let secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
    let (id, time) = ("msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", "1649367553");
    let body = br#"{"email":"test@example.com","username":"test_user"}"#;
    let key = Base64::decode_vec(&secret[6..]).unwrap();
    let published = Base64::decode_vec("tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    let published = digits(&published.unwrap());
    let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", body];
    assert_eq!(hex(&key, &signed), published);

    let now = Timestamp::from_millis(1_649_367_553_000);
    let check = |signature: &str| {
        let header = format!("t={time},v1={signature}");
        verify(now, Some(&header), body, &secrets(&[secret]))
    };
    // The other scheme's; Stripe's text under the decoded key; the other scheme's text under the whole secret.
    let stripe_text: [&[u8]; 3] = [time.as_bytes(), b".", body];
    let others = [
        published,
        hex(&key, &stripe_text),
        hex(secret.as_bytes(), &signed),
    ];
    for other in others {
        assert_eq!(check(&other), Err(SignatureFault::Wrong));
    }
    assert_eq!(check(&hex(secret.as_bytes(), &stripe_text)), Ok(()));
}

#[test]
fn each_single_change_is_refused() {
    use SignatureFault::{Scheme, Time, Wrong};
    let right = v1(SECRET, "1700000000", BODY);
    let upper = right.to_uppercase();
    let by = |signature: String| format!("t=1700000000,v1={signature}");
    let table = [
        (String::new(), Time),
        ("t=1700000000".to_owned(), Scheme),
        (format!("v1={right}"), Time),
        (format!("t=,v1={right}"), Time),
        (format!("t=x,v1={right}"), Time),
        (format!("t=-1700000000,v1={right}"), Time),
        (format!("t=+1700000000,v1={right}"), Time),
        (format!("t=1700000000.0,v1={right}"), Time),
        (format!("t=9999999999999,v1={right}"), Time),
        (format!("t=-9223372036854775808,v1={right}"), Time),
        (format!("T=1700000000,v1={right}"), Time),
        (format!("t=1700000000,v0={right}"), Scheme),
        (format!("t=1700000000,v2={right}"), Scheme),
        (format!("t=1700000000,V1={right}"), Scheme),
        (format!("t=1700000000, v1={right}"), Scheme),
        (format!("t=1700000000;v1={right}"), Time),
        (format!("t=1700000001,v1={right}"), Wrong),
        (format!("t=01700000000,v1={right}"), Wrong),
        // The last time counts, for what is signed and for its age alike.
        (format!("t=1700000000,v1={right},t=1700000001"), Wrong),
        (format!("t=1700000000,v1={upper}"), Wrong),
        (format!("t=1700000000,v1={}", &right[..62]), Wrong),
        (format!("t=1700000000,v1={right}00"), Wrong),
        (format!("t=1700000000,v1={right}0"), Wrong),
        (format!("t=1700000000,v1= {right}"), Wrong),
        ("t=1700000000,v1=".to_owned(), Wrong),
        (format!("t=1700000000,v1={}", "é".repeat(32)), Wrong),
        (by(v1(PREVIOUS, "1700000000", BODY)), Wrong),
        (by(v1("", "1700000000", BODY)), Wrong),
        (by(hex(SECRET.as_bytes(), &[BODY])), Wrong),
        (by(v1(&SECRET[6..], "1700000000", BODY)), Wrong),
    ];
    for (header, fault) in table {
        assert_eq!(check(&header), Err(fault), "{header}");
    }
    for body in [
        &BODY[1..],
        b"",
        &[BODY, b"\n"].concat(),
        &[BODY, BODY].concat(),
    ] {
        assert_eq!(check_at(TIME, &header(), body), Err(Wrong));
    }
    let now = Timestamp::from_millis(TIME * 1_000);
    let unsigned = verify(now, None, BODY, &secrets(&[SECRET]));
    assert_eq!(unsigned, Err(SignatureFault::Missing));
    assert_eq!(verify(now, Some(&header()), BODY, &[]), Err(Wrong));
    let long = format!("{},v0={}", header(), "0".repeat(HEADER_MAX_LENGTH));
    assert_eq!(check(&long), Err(SignatureFault::Missing));
}

#[test]
fn one_valid_signature_among_others_is_enough() {
    let right = v1(SECRET, "1700000000", BODY);
    let other = v1(PREVIOUS, "1700000000", BODY);
    for header in [
        format!("t=1700000000,v1={other},v1={right}"),
        format!("v1={right},v1={other},t=1700000000"),
        format!("t=1700000000,v0=x,x,v1=short,v1={right},v1"),
        format!("t=1,t=1700000000,v1={right}"),
    ] {
        assert_eq!(check(&header), Ok(()), "{header}");
    }
    // And one right secret, while they are replaced.
    let now = Timestamp::from_millis(TIME * 1_000);
    let both = secrets(&[SECRET, PREVIOUS]);
    for secret in [SECRET, PREVIOUS] {
        let header = format!("t=1700000000,v1={}", v1(secret, "1700000000", BODY));
        assert_eq!(verify(now, Some(&header), BODY, &both), Ok(()));
    }
}

#[test]
fn a_signature_is_valid_for_three_hundred_seconds_before_and_after() {
    for (offset, holds) in [
        (-301, false),
        (-300, true),
        (-1, true),
        (0, true),
        (299, true),
        (300, true),
        (301, false),
        (100_000_000, false),
        (-1_699_999_999, false),
    ] {
        let found = check_at(TIME + offset, &header(), BODY);
        let expected = holds.then_some(()).ok_or(SignatureFault::Stale);
        assert_eq!(found, expected, "{offset}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test may measure")]
fn spent(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

#[test]
fn a_stale_time_is_refused_before_anything_is_hashed() {
    let forged = format!("t={TIME},v1={}", "0".repeat(64));
    let found = check_at(TIME + 301, &forged, BODY);
    assert_eq!(found, Err(SignatureFault::Stale));
    let body = vec![b' '; 8 * 1024 * 1024];
    let at = |seconds| spent(|| assert!(check_at(seconds, &forged, &body).is_err()));
    assert!(at(TIME + 301) * 20 < at(TIME));
    // And what cannot be a signature is not compared with one.
    let malformed = forged.replace("v1=", "v1=0");
    let refused = || assert!(check_at(TIME, &malformed, &body).is_err());
    assert!(spent(refused) * 20 < at(TIME));
}

#[test]
fn a_body_is_hashed_once_for_each_secret_however_many_signatures_come() {
    let body = vec![b' '; BODY_MAX_BYTES];
    let other = v1(PREVIOUS, "1700000000", &body);
    let with = |signatures: usize| {
        let header = format!("t=1700000000{}", format!(",v1={other}").repeat(signatures));
        let check = || assert_eq!(check_at(TIME, &header, &body), Err(SignatureFault::Wrong));
        (0..5).map(|_| spent(check)).min().unwrap()
    };
    assert!(with(14) < with(1) * 4);
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn a_flipped_bit_is_always_refused(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let mut body = BODY.to_vec();
        let index = at.index(body.len());
        body[index] ^= 1 << bit;
        prop_assert_eq!(check_at(TIME, &header(), &body), Err(SignatureFault::Wrong));

        let right = header();
        let mut bytes = right.clone().into_bytes();
        let index = at.index(bytes.len());
        bytes[index] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(check(&changed).is_err(), "{}", changed);
        }
    }

    #[test]
    fn no_header_causes_a_panic(text in ".{0,200}", body in prop::collection::vec(any::<u8>(), 0..50)) {
        prop_assert!(check_at(TIME, &text, &body).is_err());
    }
}
