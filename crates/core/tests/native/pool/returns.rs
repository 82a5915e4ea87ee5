//! Whom the pool waits for: a delivery on its way back has its place kept, and a full one shall end.

use super::{
    harness::PoolHarness,
    jobs::{offer, only, spent},
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    line::want::Want,
    pool::{Hold, command::Exchange, turn::START_WITHIN},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_delivery_on_its_way_back_gets_the_new_job_without_a_row_in_the_line() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 3);
    pool.told(Tier::Tier1);
    let before = pool.database.changes().unwrap();
    let kept = pool.told(Tier::Tier1);
    assert_eq!(pool.database.changes().unwrap() - before, 1);
    assert_eq!((pool.answered(), pool.sent()), (vec![], vec![]));
    assert_eq!(pool.hold(&kept), Some(Hold::Given));
    assert_eq!(pool.takes("one", 2), only(&kept));
    // Nor is it renewed.
    assert_eq!(pool.database.changes().unwrap() - before, 1);
    for places in [2, 1] {
        assert_eq!(pool.listens("one", places), None);
        pool.hang_up("one");
        let kept = pool.told_many(Tier::Tier1, 2);
        let holds = kept.iter().map(|want| pool.hold(want).unwrap());
        let fit = holds.filter(|hold| *hold == Hold::Given).count();
        assert_eq!(fit, places as usize, "as many as fit");
        assert_eq!(pool.takes("one", 0).len(), fit);
        let cleared: Vec<_> = kept.iter().map(Want::holding).collect();
        pool.tell(&[], &cleared);
    }
}

#[test]
fn nothing_is_kept_for_a_spent_or_late_delivery() {
    for is_spent in [true, false] {
        let mut pool = PoolHarness::new(9);
        let places = if is_spent { spent(2) } else { offer(2) };
        pool.listens_with("one", &places);
        pool.hang_up("one");
        if !is_spent {
            pool.pass(SECOND);
        }
        let want = pool.told(Tier::Tier1);
        assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    }
}

#[test]
fn nothing_is_kept_for_a_listener_beyond_its_batch() {
    let mut pool = PoolHarness::new(9);
    pool.config.batch_sizes[Tier::Tier3 as usize] = 2;
    pool.listens("one", 3);
    let wants = [(); 3].map(|()| pool.want(Tier::Tier3));
    pool.tell(&wants, &[]);
    let holds = wants.iter().map(|want| pool.hold(want).unwrap());
    let waiting = holds.filter(|hold| *hold == Hold::Waiting).count();
    assert_eq!(waiting, 1, "it comes back for the third");
    assert_eq!(pool.sent(), vec![]);
}

#[test]
fn a_job_kept_for_a_lost_delivery_returns_to_the_line_in_time() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 1);
    pool.hang_up("one");
    let want = pool.told(Tier::Tier1);
    assert_eq!(pool.effects.wake_by, Some(pool.now.after(START_WITHIN)));
    pool.wake_after(START_WITHIN);
    assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    assert_eq!(pool.sent(), only(&want));
}

/// Whether the delivery, which has no place, shall end.
fn yields(pool: &mut PoolHarness, delivery: &str, is_spent: bool) -> bool {
    let exchange = Exchange {
        offer: if is_spent { spent(0) } else { offer(0) },
        ..pool.exchange(delivery)
    };
    pool.call(exchange).yields
}

#[test]
fn a_full_delivery_ends_soon_while_slots_are_free_and_jobs_wait() {
    let mut pool = PoolHarness::new(9);
    pool.run("one", 1);
    pool.run("two", 1);
    assert!(!yields(&mut pool, "one", false), "no line");
    pool.told(Tier::Tier1);
    assert!(!yields(&mut pool, "one", false), "it has only begun");
    pool.pass(SECOND * 2);
    assert!(!yields(&mut pool, "one", true), "it ends soon all the same");
    assert!(yields(&mut pool, "one", false));
    pool.pass(SECOND);
    assert!(!yields(&mut pool, "two", false), "one after the other");
    assert_eq!(pool.takes("three", 1).len(), 1);
    pool.told(Tier::Tier1);
    pool.pass(SECOND * 2);
    assert!(yields(&mut pool, "two", false), "since it helped");
    pool.pass(SECOND * 599);
    assert!(!yields(&mut pool, "three", false), "it did not help");
    pool.pass(SECOND);
    assert!(yields(&mut pool, "three", false), "ten minutes later");
}

#[test]
fn no_delivery_ends_while_all_slots_are_taken_or_another_has_a_place() {
    let mut pool = PoolHarness::new(2);
    pool.run("one", 1);
    pool.pass(SECOND * 2);
    pool.listens("two", 9);
    pool.told(Tier::Tier1);
    pool.told(Tier::Tier1);
    assert!(!yields(&mut pool, "one", false));
}
