//! The rules of the pool: which delivery gets a job.

use super::{
    harness::PoolHarness,
    jobs::{ids, offer, only, roomy, spent, started, weighing},
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    pool::{
        Hold,
        command::{Exchange, Given, Offer},
    },
};
use std::time::Duration;

#[test]
fn a_listening_delivery_is_answered_in_the_turn_that_brings_work() {
    let mut pool = PoolHarness::new(3);
    assert_eq!(pool.listens("one", 2), None);
    let want = pool.told(Tier::Tier1);
    assert_eq!(pool.answered(), [("one", only(&want))]);
    assert!(!pool.desk.listens("one"), "its call is answered");
    let second = pool.told(Tier::Tier1);
    assert_eq!(pool.answered(), []);
    // At once, if there is some.
    assert_eq!(pool.listens("one", 1), Some(only(&second)));
}

#[test]
fn a_freed_slot_goes_to_a_listening_delivery_if_its_own_has_no_place() {
    let (mut pool, first) = PoolHarness::running(1);
    pool.listens("two", 1);
    let want = pool.told(Tier::Tier1);
    let exchange = Exchange {
        freed: vec![started(&first)],
        ..pool.exchange("one")
    };
    assert_eq!(pool.call(exchange), Given::default());
    assert_eq!(pool.answered(), [("two", only(&want))]);
}

#[test]
fn a_delivery_takes_at_most_the_batch_size_of_a_tier_at_once() {
    for (tier, size) in Tier::ALL.into_iter().zip([3, 5, 10, 15]) {
        let mut pool = PoolHarness::new(100);
        let wants = pool.told_many(tier, 40);
        assert_eq!(pool.takes("one", 100), ids(&wants[..size]), "{tier}");
        let next = ids(&wants[size..2 * size]);
        assert_eq!(pool.listens("one", 100), Some(next), "with each call");
    }
}

#[test]
fn a_listening_delivery_that_could_take_more_of_a_tier_is_asked_to_call_again() {
    let mut pool = PoolHarness::new(4);
    let running: Vec<_> = (0..4).map(|_| pool.run("one", 1).remove(0)).collect();
    let wants = pool.told_many(Tier::Tier1, 4);
    pool.listens("one", 96);
    let exchange = Exchange {
        freed: running.iter().map(started).collect(),
        offer: offer(100),
        ..pool.exchange("one")
    };
    assert_eq!(pool.call(exchange).jobs, wants[..3]);
    // Or its open call would keep it from asking.
    assert!(!pool.desk.listens("one"));
    assert_eq!(pool.listens("one", 97), Some(ids(&wants[3..])));
}

#[test]
fn a_best_job_beyond_the_batch_size_goes_to_another_delivery_or_waits() {
    let mut pool = PoolHarness::new(100);
    pool.listens("two", 1);
    let wants: Vec<_> = (0..5).map(|_| pool.want(Tier::Tier1)).collect();
    assert_eq!(pool.brings("one", wants.clone(), 100), wants[..3]);
    assert_eq!(pool.answered(), [("two", ids(&wants[3..4]))]);
    // Until one of them is back.
    assert_eq!(pool.hold(&wants[4]), Some(Hold::Waiting));
}

#[test]
fn a_heavy_best_job_is_not_overtaken_by_a_lighter_one() {
    let mut pool = PoolHarness::new(9);
    let heavy = weighing(60, pool.want(Tier::Tier4));
    let light = pool.want(Tier::Tier1);
    pool.tell(&[heavy.clone(), light.clone()], &[]);
    assert_eq!(pool.listens_with("one", &roomy(59)), None);
    let both = ids(&[heavy, light]);
    assert_eq!(pool.listens_with("two", &roomy(61)), Some(both));
}

#[test]
fn a_delivery_gets_no_more_jobs_than_it_has_room_for() {
    let mut pool = PoolHarness::new(9);
    let wants = [(); 3].map(|()| weighing(30, pool.want(Tier::Tier4)));
    pool.tell(&wants, &[]);
    assert_eq!(pool.listens_with("one", &roomy(89)), Some(ids(&wants[..2])));
}

#[test]
fn an_idle_delivery_takes_one_job_of_any_weight() {
    let mut pool = PoolHarness::new(9);
    let wants = [(); 2].map(|()| weighing(u32::MAX, pool.want(Tier::Tier4)));
    pool.tell(&wants, &[]);
    let idle = Offer {
        is_idle: true,
        ..offer(9)
    };
    assert_eq!(pool.listens_with("one", &idle), Some(ids(&wants[..1])));
}

#[test]
fn a_job_goes_to_the_caller_then_the_youngest_and_last_to_spent_deliveries() {
    let mut pool = PoolHarness::new(9);
    for name in ["old", "young"] {
        pool.pass(Duration::from_secs(1));
        pool.listens(name, 1);
    }
    pool.pass(Duration::from_secs(1));
    pool.listens_with("spent", &spent(1));
    let wants: Vec<_> = (0..4).map(|_| pool.want(Tier::Tier4)).collect();
    assert_eq!(pool.brings("caller", wants.clone(), 1), wants[..1]);
    let mut answered = pool.answered();
    answered.sort_by_key(|(_, jobs)| jobs.clone());
    let [second, third, fourth] = [1, 2, 3].map(|index| ids(&wants[index..=index]));
    assert_eq!(
        answered,
        [("young", second), ("old", third), ("spent", fourth)]
    );
    pool.listens("old", 1);
    let last = pool.told(Tier::Tier1);
    pool.listens_with("spent", &spent(1));
    assert_eq!(pool.holder(&last).1.as_deref(), Some("old"));
}

#[test]
fn a_delivery_that_leaves_is_given_nothing_more() {
    let mut pool = PoolHarness::new(9);
    pool.listens("one", 9);
    assert_eq!(pool.leaves("one", offer(9)), Given::default());
    assert!(!pool.desk.listens("one"), "its open call is ended");
    let want = pool.told(Tier::Tier1);
    assert_eq!((pool.answered(), pool.sent()), (vec![], only(&want)));
    // It stays if it gets something.
    assert_eq!(pool.leaves("two", offer(9)).jobs, [want]);
}
