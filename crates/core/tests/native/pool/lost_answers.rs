//! Answers of the pool that are lost on their way, or cross a call.

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, offer, only},
};
use crate::harness::Harness;
use queue_core::{
    domain::{JobId, Tier},
    line::want::Want,
    pool::{Hold, command::Exchange},
};
use std::time::Duration;

/// What `delivery` gets with its next call, if it has got no more than these.
fn asks(pool: &mut PoolHarness, delivery: &str, has: &[&Want], places: u32) -> Vec<JobId> {
    let has = has.iter().map(|want| (want.job_id().clone(), want.epoch()));
    let has = has.collect();
    pool.has.insert(delivery.to_owned(), has);
    pool.takes(delivery, places)
}

#[test]
fn jobs_given_in_a_lost_answer_are_given_again() {
    for is_evicted in [false, true] {
        let (mut pool, wants) = PoolHarness::with_jobs(9, Tier::Tier1, 3);
        pool.takes("one", 2);
        if is_evicted {
            pool.evict();
        }
        let [first, second, third] = &wants[..] else {
            panic!("there are three");
        };
        assert_eq!(asks(&mut pool, "one", &[], 0), ids(&wants[..2]));
        assert_eq!(asks(&mut pool, "one", &[first], 0), ids(&wants[1..2]));
        assert_eq!(asks(&mut pool, "one", &[first, second], 0), []);
        assert_eq!(asks(&mut pool, "two", &[], 0), [], "to nobody else");
        assert!(pool.confirms("one", first));
        assert_eq!(asks(&mut pool, "one", &[second], 0), [], "it runs");
        pool.has.clear();
        // Whatever the call.
        let listened = pool.listens("one", 2);
        assert_eq!(listened, Some(ids(&[second.clone(), third.clone()])));
        assert_eq!(pool.held(), 3, "P6: each has its one slot");
    }
}

#[test]
fn jobs_sent_to_an_open_call_take_their_places_and_are_not_given_again() {
    let mut pool = PoolHarness::new(3);
    pool.listens("one", 2);
    let coming = pool.told(Tier::Tier1);
    let due = pool.find(&coming).unwrap().due;
    pool.has.clear();
    pool.pass(Duration::from_secs(1));
    let next = pool.told_many(Tier::Tier1, 2);
    let crossing = Exchange {
        offer: offer(2),
        listens: true,
        ..pool.exchange("one")
    };
    assert_eq!(ids(&pool.call(crossing).jobs), only(&next[0]));
    assert_eq!(pool.find(&coming).unwrap().due, due);
    pool.has.clear();
    // Its call has failed by now, and so has the other.
    let both = ids(&[coming, next[0].clone()]);
    assert_eq!(pool.takes("one", 2), both);
}

#[test]
fn a_job_that_came_again_under_a_newer_lease_is_given_to_who_has_it_under_the_older() {
    for speaks in [false, true] {
        let mut pool = PoolHarness::new(3);
        let older = pool.told(Tier::Tier1);
        assert_eq!(pool.takes("one", 2), only(&older));
        // Its gate takes the lease back and gives it anew, while the delivery is on its way back with a free place.
        let newer = next_lease(&older);
        pool.tell(std::slice::from_ref(&newer), &[older.holding()]);
        assert!(pool.find(&newer).unwrap().is_with("one"));
        let got = if speaks {
            let gives_up = Exchange {
                freed: vec![older.holding()],
                offer: offer(2),
                ..pool.exchange("one")
            };
            ids(&pool.call(gives_up).jobs)
        } else {
            pool.listens("one", 2).unwrap()
        };
        assert_eq!(got, only(&newer), "{speaks}");
        assert_eq!(pool.takes("one", 2), [], "it has it now");
    }
}

#[test]
fn an_answer_that_was_on_its_way_to_a_forgotten_delivery_is_not_forgotten() {
    let mut pool = PoolHarness::new(3);
    pool.listens("one", 1);
    let coming = pool.told(Tier::Tier1);
    pool.has.clear();
    for _ in 0..2 {
        let leaving = Exchange {
            listens: true,
            stays: false,
            ..pool.exchange("one")
        };
        assert_eq!(pool.call(leaving).jobs, []);
        pool.pass(Duration::from_secs(61));
    }
    assert_eq!(pool.takes("one", 1), only(&coming));
}

#[test]
fn jobs_given_again_take_their_places_before_new_jobs() {
    let (mut pool, wants) = PoolHarness::with_jobs(9, Tier::Tier1, 3);
    pool.takes("one", 1);
    assert_eq!(asks(&mut pool, "one", &[], 2), ids(&wants[..2]));
    assert_eq!(pool.hold(&wants[2]), Some(Hold::Waiting));
}

#[test]
fn a_job_that_a_delivery_mentioned_is_not_given_to_it_again() {
    let (mut pool, want) = PoolHarness::with_job(9);
    pool.takes("one", 1);
    let exchange = Exchange {
        freed: vec![want.holding()],
        ..pool.exchange("one")
    };
    assert_eq!(pool.call(exchange).jobs, []);
    assert_eq!((pool.find(&want), pool.held()), (None, 0));
    assert_eq!(asks(&mut pool, "one", &[], 9), []);
}
