//! Whether more work is accepted.

use super::harness::PoolHarness;
use crate::harness::{Harness, START};
use queue_core::{
    domain::Tier,
    pool::{Backlog, Command, Reply},
};
use std::time::Duration;

#[test]
fn the_pool_is_asked_once_in_five_seconds_and_again_after_a_clock_was_set_back() {
    let mut backlog = Backlog::default();
    let late = Duration::from_millis(4_999);
    for (now, asks) in [
        (START, true),
        (START, false),
        (START.after(late), false),
        (START.after(Duration::from_secs(5)), true),
        (START, true),
    ] {
        assert_eq!(backlog.asks(now), asks, "{now:?}");
    }
}

#[test]
fn nothing_is_accepted_while_as_many_wait_as_may() {
    let mut backlog = Backlog::default();
    assert!(!backlog.is_full(1, START), "before the first answer");
    backlog.answered(Some(2), START);
    assert!(backlog.is_full(2, START) && !backlog.is_full(3, START));
    assert!(!backlog.is_full(0, START), "no bound");
    let after = |millis| START.after(Duration::from_millis(millis));
    assert!(backlog.is_full(2, after(9_999)));
    assert!(!backlog.is_full(2, after(10_000)), "an old answer");
    assert!(
        !backlog.is_full(2, START.before(Duration::from_millis(1))),
        "the clock was set back"
    );
    backlog.answered(None, START);
    assert!(!backlog.is_full(1, START), "the pool cannot be reached");
}

#[test]
fn those_in_line_are_counted_as_far_as_asked_and_those_with_a_slot_are_not() {
    let mut pool = PoolHarness::new(1);
    pool.told_many(Tier::Tier1, 4);
    pool.takes("one", 1);
    for (most, waiting) in [(2, 2), (3, 3), (9, 3)] {
        assert_eq!(
            pool.turn(Command::Backlog { most }),
            Reply::Backlog { waiting }
        );
    }
}
