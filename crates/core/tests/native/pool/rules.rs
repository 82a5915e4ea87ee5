//! The rules of the pool: which job gets a slot.

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, offer, only, repriced, started},
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    pool::{Hold, command::Exchange, turn::Notice},
};

#[test]
fn no_more_jobs_have_a_slot_than_the_capacity() {
    let (mut pool, wants) = PoolHarness::with_jobs(3, Tier::Tier4, 10);
    assert_eq!(pool.takes("one", 5), ids(&wants[..3]));
    assert_eq!((pool.takes("two", 5), pool.held()), (vec![], 3));
}

#[test]
fn no_job_gets_a_slot_before_a_delivery_has_a_place() {
    let (mut pool, want) = PoolHarness::with_job(3);
    assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    assert_eq!(pool.takes("one", 0), []);
    assert_eq!((pool.hold(&want), pool.held()), (Some(Hold::Waiting), 0));
    assert_eq!(pool.takes("one", 1), only(&want));
    assert_eq!(pool.holder(&want), (Hold::Given, Some("one".to_owned())));
}

#[test]
fn a_freed_slot_goes_to_the_best_over_all_users_in_the_call_that_frees_it() {
    let (mut pool, first) = PoolHarness::running(1);
    let wants = pool.told_many(Tier::Tier1, 3);
    let paid = pool.told(Tier::Tier4);
    assert_eq!(pool.frees("one", &first), only(&paid));
    assert_eq!(pool.effects.moved, 1, "one, not the herd");
    assert_eq!(pool.hold(&wants[0]), Some(Hold::Waiting));
}

#[test]
fn new_jobs_and_freed_slots_of_one_call_are_one_decision() {
    for tier in [Tier::Tier4, Tier::Tier1] {
        let (mut pool, first) = PoolHarness::running(1);
        let waits = pool.told(Tier::Tier2);
        let comes = pool.want(tier);
        let exchange = Exchange {
            freed: vec![started(&first)],
            wants: vec![comes.clone()],
            offer: offer(1),
            ..pool.exchange("one")
        };
        let best = if tier == Tier::Tier4 { comes } else { waits };
        assert_eq!(pool.call(exchange).jobs, [best]);
        assert_eq!(pool.held(), 1);
    }
}

#[test]
fn the_best_of_the_new_and_the_waiting_jobs_is_given() {
    let mut pool = PoolHarness::new(9);
    let [old, new] = pool.told_many(Tier::Tier1, 2).try_into().unwrap();
    let paid = pool.want(Tier::Tier2);
    assert_eq!(pool.brings("one", vec![paid.clone()], 2), [paid, old]);
    assert_eq!(pool.hold(&new), Some(Hold::Waiting));
}

#[test]
fn an_ended_job_leaves_the_line_or_its_slot() {
    let (mut pool, wants) = PoolHarness::with_jobs(1, Tier::Tier1, 4);
    assert_eq!(pool.takes("one", 1), ids(&wants[..1]));
    pool.listens("one", 1);
    pool.tell(&[], &[wants[1].holding()]);
    assert_eq!((pool.find(&wants[1]), pool.answered()), (None, vec![]));
    pool.tell(&[], &[wants[0].holding()]);
    // To the next in that turn.
    assert_eq!(pool.answered(), [("one", ids(&wants[2..3]))]);
    assert!(pool.confirms("one", &wants[2]));
    pool.tell(&[], &[wants[2].holding()]);
    // It had started before it was gone.
    assert_eq!(pool.hold(&wants[2]), Some(Hold::Held));
}

#[test]
fn a_job_with_a_changed_rank_waits_at_its_new_place() {
    let (mut pool, first) = PoolHarness::running(1);
    let wants = pool.told_many(Tier::Tier1, 3);
    let last = repriced(&wants[2], Tier::Tier4);
    assert_eq!(pool.place(&last).position, Some(3));
    pool.tells(&last);
    assert_eq!(pool.place(&last).position, Some(1));
    assert_eq!(pool.frees("one", &first), only(&last));
    pool.tell(&wants[2..], &[]);
    // No word about a line takes a slot.
    assert_eq!(pool.hold(&last), Some(Hold::Given));
}

#[test]
fn what_a_delivery_heard_earlier_does_not_undo_a_changed_rank() {
    let (mut pool, first) = PoolHarness::running(1);
    let mut wants = pool.told_many(Tier::Tier1, 2);
    let late = pool.want(Tier::Tier1);
    let raised = repriced(&late, Tier::Tier4);
    pool.tells(&raised);
    wants.push(late.clone());
    // The delivery carries what the gate answered it before the new tier came.
    let exchange = Exchange {
        wants,
        ..pool.exchange("one")
    };
    pool.call(exchange);
    assert_eq!(pool.place(&late).position, Some(1));
    // Nor does it when it gives the job back, whose rank changed while it had a slot.
    assert_eq!(pool.frees("one", &first), only(&raised));
    let lowered = repriced(&late, Tier::Tier1);
    pool.tells(&lowered);
    assert_eq!(pool.hold(&late), Some(Hold::Given));
    let back = Exchange {
        freed: vec![raised.holding()],
        wants: vec![raised],
        ..pool.exchange("one")
    };
    pool.call(back);
    assert_eq!(pool.place(&late).position, Some(3));
}

#[test]
fn a_job_under_a_newer_lease_waits_again_and_older_messages_change_nothing() {
    let mut pool = PoolHarness::new(2);
    let [held, parked] = [pool.run("one", 1).remove(0), pool.told(Tier::Tier1)];
    for want in [held, parked] {
        pool.tells(&next_lease(&want));
        let claim = pool.find(&want).unwrap();
        assert_eq!(
            (claim.hold, claim.epoch, claim.by),
            (Hold::Waiting, 3, None)
        );
        pool.tell(std::slice::from_ref(&want), &[want.holding()]);
        assert!(!pool.confirms("one", &want), "its slot is another's");
        pool.frees("one", &want);
        assert_eq!(pool.find(&want).map(|claim| claim.epoch), Some(3));
    }
}

#[test]
fn the_place_in_the_line_can_be_asked_for() {
    let (mut pool, wants) = PoolHarness::with_jobs(2, Tier::Tier2, 5);
    pool.takes("one", 2);
    let positions: Vec<_> = wants.iter().map(|want| pool.place(want).position).collect();
    assert_eq!(positions, [None, None, Some(1), Some(2), Some(3)]);
    let last = pool.place(&wants[4]);
    assert_eq!((last.active, last.capacity), (2, 2));
    let stranger = pool.want(Tier::Tier1);
    assert_eq!(pool.place(&stranger).position, None);
}

#[test]
fn a_full_pool_is_logged_once_per_job_and_waiting_for_a_delivery_is_not() {
    let (mut pool, want) = PoolHarness::with_job(1);
    assert_eq!(pool.notices(), []);
    pool.takes("one", 1);
    let other = pool.told(Tier::Tier1);
    assert_eq!(pool.notices(), [Notice::CapacityReached { active: 1 }]);
    pool.tells(&other);
    assert_eq!(pool.notices(), []);
    assert!(pool.confirms("one", &want));
    assert_eq!(pool.notices(), []);
}

#[test]
fn waiting_costs_nothing() {
    let (mut pool, running) = PoolHarness::running(1);
    pool.told_many(Tier::Tier1, 4);
    let row = pool.database.changes().unwrap();
    for _ in 0..100 {
        pool.pass(pool.config.lease / 2);
        assert!(pool.confirms("one", &running));
        pool.wake();
        assert_eq!((pool.sent(), pool.answered()), (vec![], vec![]));
    }
    let rows = pool.database.changes().unwrap() - row;
    assert_eq!(rows, 100, "the renewals alone");
}

#[test]
fn an_older_message_that_comes_with_a_newer_one_changes_nothing() {
    let mut pool = PoolHarness::new(1);
    pool.run("one", 1);
    let old = pool.want(Tier::Tier1);
    let new = next_lease(&old);
    pool.tell(&[new.clone(), old], &[]);
    let claims = pool.claims().into_iter();
    let parked = claims.filter(|claim| claim.hold == Hold::Waiting);
    assert!(parked.map(|claim| claim.want).eq([new]));
}
