//! What a changed capacity does, and a pool that has none: it is unbounded.

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, only},
};
use crate::harness::Harness;
use queue_core::{domain::Tier, pool::turn::START_WITHIN};
use std::time::Duration;

#[test]
fn a_raised_capacity_is_used_at_once_and_a_lowered_one_lets_jobs_finish() {
    let mut pool = PoolHarness::new(1);
    let running = pool.run("one", 1);
    let wants = pool.told_many(Tier::Tier1, 3);
    pool.listens("two", 9);
    pool.config.capacity = 3;
    pool.wake();
    assert_eq!(pool.answered(), [("two", ids(&wants[..2]))]);
    pool.config.capacity = 1;
    pool.listens("three", 9);
    assert!(pool.confirms("two", &wants[0]));
    for gone in [&running[0], &wants[0]] {
        pool.frees("one", gone);
        pool.frees("two", gone);
        assert_eq!(pool.answered(), []);
    }
    assert_eq!(pool.held(), 1);
    pool.tell(&[], &[wants[1].holding()]);
    assert_eq!(pool.answered(), [("three", ids(&wants[2..]))]);
}

#[test]
fn an_unbounded_pool_releases_its_waiting_jobs_by_tickets_in_groups() {
    let (mut pool, running) = PoolHarness::running(2);
    pool.told_many(Tier::Tier1, 250);
    pool.takes("dead", 1);
    pool.config.capacity = 0;
    pool.pass(START_WITHIN);
    let mut gone = 0;
    for left in [149, 49, 0] {
        pool.wake();
        gone += pool.sent().len();
        assert_eq!(gone, 250 - left, "what was given and not started, too");
        pool.pass(Duration::from_secs(1));
    }
    assert!(pool.confirms("one", &running), "it runs on");
    pool.wake_after(pool.config.lease);
    assert_eq!((pool.held(), pool.sent()), (0, vec![]));
}

#[test]
fn calls_to_an_unbounded_pool_are_answered_with_tickets() {
    let mut pool = PoolHarness::new(1);
    let waits = pool.told(Tier::Tier1);
    pool.config.capacity = 0;
    let late = next_lease(&waits);
    pool.tells(&late);
    assert_eq!((pool.sent(), pool.find(&late)), (only(&late), None));
    assert_eq!(pool.listens("one", 9), None);
    assert_eq!(pool.takes("one", 9), []);
    assert!(pool.confirms("one", &late));
}
