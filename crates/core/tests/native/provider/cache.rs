//! When the keys are fetched, and what happens to tokens meanwhile.

use super::{ed25519, named, p256, parsed, rsa, set, with, written};
use crate::harness::START;
use queue_core::{
    api::auth::{
        jwks::KeySet,
        key_cache::{
            FAILURE_PAUSE, FETCH_TIMEOUT, FETCH_WINDOW, FETCHES_MAX, KEYS_MAX_AGE, KeyCache, Step,
        },
        token::TokenFault,
    },
    domain::Timestamp,
};
use serde_json::{Value, json};
use std::time::Duration;

const REFUSED: Step = Step::Refuse(TokenFault::Key);
const SECOND: Duration = Duration::from_secs(1);

/// A cache and its clock.
struct World {
    cache: KeyCache,
    now: Timestamp,
}

impl World {
    fn new() -> Self {
        let (cache, now) = (KeyCache::default(), START);
        Self { cache, now }
    }

    /// One that has fetched these keys.
    fn with(keys: &[Value]) -> Self {
        let mut world = Self::new();
        assert_eq!(world.ask("a"), Step::Fetch);
        world.answer(keys);
        world
    }

    fn pass(&mut self, span: Duration) {
        self.now = self.now.after(span);
    }

    fn step(&mut self, header: &Value, signature: usize) -> Step {
        let token = written(header, signature);
        self.cache.step(self.now, &parsed(&token).unwrap())
    }

    /// What becomes of a token that names this key.
    fn ask(&mut self, kid: &str) -> Step {
        self.step(&json!({"alg": "ES256", "kid": kid}), 64)
    }

    fn answer(&mut self, keys: &[Value]) {
        let keys = KeySet::read(&set(keys)).unwrap();
        self.cache.fetched(self.now, Some(keys));
    }

    fn fail(&mut self) {
        self.cache.fetched(self.now, None);
    }
}

fn ec(kid: &str) -> Value {
    named(p256(), kid)
}

fn is_checked(step: &Step) -> bool {
    matches!(step, Step::Check(_))
}

#[test]
fn keys_are_fetched_once_and_again_when_they_are_old() {
    let mut world = World::with(&[ec("a")]);
    for _ in 0..5 {
        assert!(is_checked(&world.ask("a")));
        world.pass(KEYS_MAX_AGE / 5);
    }
    assert_eq!(world.ask("a"), Step::Fetch);
    // The others go on with what is known.
    assert!(is_checked(&world.ask("a")));
    world.answer(&[ec("b")]);
    assert!(is_checked(&world.ask("b")));
}

#[test]
fn a_new_key_is_fetched_as_soon_as_a_token_names_it() {
    let mut world = World::with(&[ec("a")]);
    assert_eq!(world.ask("b"), Step::Fetch);
    assert_eq!(world.ask("b"), Step::Wait);
    assert!(is_checked(&world.ask("a")));
    world.answer(&[ec("a"), ec("b")]);
    assert!(is_checked(&world.ask("a")) && is_checked(&world.ask("b")));
    // One that the provider has taken back is not accepted any more.
    assert_eq!(world.ask("c"), Step::Fetch);
    world.answer(&[ec("c")]);
    assert_eq!(world.ask("a"), REFUSED);
}

#[test]
fn unknown_keys_cause_a_bounded_number_of_fetches() {
    let mut world = World::with(&[ec("a")]);
    let mut fetches = 1;
    for number in 0..10_000 {
        let step = world.ask(&format!("unknown-{number}"));
        if step == Step::Fetch {
            fetches += 1;
            world.answer(&[ec("a")]);
        } else {
            assert_eq!(step, REFUSED);
        }
        assert!(is_checked(&world.ask("a")));
        world.pass(Duration::from_millis(30));
    }
    let windows = usize::try_from(10_000 * 30 / FETCH_WINDOW.as_millis()).unwrap();
    assert_eq!(fetches, FETCHES_MAX * windows);
}

#[test]
fn old_keys_are_used_while_no_new_ones_can_be_had() {
    let mut world = World::with(&[ec("a")]);
    world.pass(KEYS_MAX_AGE);
    let mut fetches = 0;
    for _ in 0..3_600 {
        let step = world.ask("a");
        if step == Step::Fetch {
            fetches += 1;
            world.fail();
        }
        assert!(is_checked(&step) || is_checked(&world.ask("a")));
        world.pass(SECOND);
    }
    assert_eq!(fetches, FETCHES_MAX * 3_600 / 30);
    world.pass(FETCH_WINDOW);
    assert_eq!(world.ask("a"), Step::Fetch);
    world.answer(&[ec("b")]);
    assert!(is_checked(&world.ask("b")));
}

#[test]
fn without_any_keys_nobody_is_refused_and_few_ask_for_them() {
    let mut world = World::new();
    assert_eq!(world.ask("a"), Step::Fetch);
    assert_eq!(world.ask("a"), Step::Wait);
    world.fail();
    // Whoever has waited does not wait again.
    assert_eq!(world.ask("a"), Step::NoKeys);
    world.pass(FAILURE_PAUSE);
    assert_eq!(world.ask("a"), Step::Fetch);
    world.answer(&[ec("a")]);
    assert!(is_checked(&world.ask("a")));
}

#[test]
fn the_fetch_of_a_request_that_died_is_made_again() {
    let mut world = World::new();
    assert_eq!(world.ask("a"), Step::Fetch);
    world.pass(FETCH_TIMEOUT);
    assert_eq!(world.ask("a"), Step::Wait);
    world.pass(SECOND);
    assert_eq!(world.ask("a"), Step::Fetch);
}

#[test]
fn a_clock_that_was_ahead_does_not_keep_keys_or_stop_fetches() {
    let mut world = World::with(&[ec("a")]);
    for _ in 1..FETCHES_MAX {
        assert_eq!(world.ask("b"), Step::Fetch);
        world.answer(&[ec("a")]);
    }
    assert_eq!(world.ask("b"), REFUSED);
    world.now = START.before(Duration::from_hours(24));
    assert_eq!(world.ask("a"), Step::Fetch);
}

#[test]
fn the_key_decides_over_the_algorithm_and_the_length_of_a_signature() {
    let keys = [
        named(rsa(), "rsa"),
        ec("ec"),
        with(named(ed25519(), "ed"), "alg", json!("Ed25519")),
    ];
    let mut world = World::with(&keys);
    let (algorithm, signature) = (
        Step::Refuse(TokenFault::Algorithm),
        Step::Refuse(TokenFault::Signature),
    );
    for (stated, kid, length, expected) in [
        ("RS256", "rsa", 256, None),
        ("RS256", "rsa", 32, Some(&signature)),
        ("RS256", "rsa", 255, Some(&signature)),
        ("RS256", "rsa", 512, Some(&signature)),
        ("ES256", "ec", 64, None),
        ("ES256", "ec", 72, Some(&signature)),
        ("Ed25519", "ed", 64, None),
        ("EdDSA", "ed", 64, Some(&algorithm)),
        ("ES256", "rsa", 64, Some(&algorithm)),
        ("RS256", "ec", 256, Some(&algorithm)),
    ] {
        let step = world.step(&json!({"alg": stated, "kid": kid}), length);
        match expected {
            None => assert!(is_checked(&step), "{stated} {kid}: {step:?}"),
            Some(expected) => assert_eq!(&step, expected, "{stated} {kid} {length}"),
        }
    }
    // Without a name: the one that fits, and none while several do.
    assert!(is_checked(&world.step(&json!({"alg": "ES256"}), 64)));
    let mut several = World::with(&[ec("a"), ec("b")]);
    assert_eq!(several.step(&json!({"alg": "ES256"}), 64), REFUSED);
}
