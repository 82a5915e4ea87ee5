//! What the pool does if something goes wrong, or its capacity changes, one case each.

use crate::{
    pool_harness::PoolHarness,
    pool_jobs::{ids, next_lease, offer, only, started},
};
use queue_core::{
    domain::{JobId, Tier, Timestamp},
    line::want::Want,
    pool::{
        Command, Desk, Hold,
        command::{Exchange, Listen},
        turn::{Notice, START_WITHIN},
    },
};
use std::time::Duration;

#[test]
fn a_job_whose_start_is_not_confirmed_goes_to_another_delivery_within_seconds() {
    let mut pool = PoolHarness::new(1);
    let want = pool.told(Tier::Tier1);
    pool.takes("dead", 1);
    let due = pool.now.after(START_WITHIN);
    assert_eq!(pool.effects.wake_by, Some(due));
    pool.now = Timestamp::from_millis(due.as_millis() - 1);
    pool.listens("one", 1);
    pool.wake();
    assert_eq!((pool.answered(), pool.effects.wake_by), (vec![], Some(due)));
    pool.now = due;
    pool.wake();
    assert_eq!(pool.notices(), [Notice::StartMissed]);
    assert_eq!(pool.answered(), [("one", only(&want))]);
    assert_eq!(pool.find(&want).unwrap().epoch, 1);
}

#[test]
fn a_slot_that_is_not_renewed_goes_to_the_next_job() {
    let mut pool = PoolHarness::new(1);
    let running = pool.run("one", 1).remove(0);
    let next = pool.told(Tier::Tier1);
    pool.listens("two", 1);
    for _ in 0..3 {
        pool.pass(pool.config.lease / 2);
        assert!(pool.confirms("one", &running), "it is renewed");
        pool.wake();
        assert_eq!(pool.notices(), []);
    }
    pool.pass(pool.config.lease);
    pool.wake();
    assert_eq!(pool.notices(), [Notice::SlotExpired]);
    assert_eq!(pool.answered(), [("two", only(&next))]);
    assert!(
        !pool.confirms("one", &running),
        "who comes back has lost it"
    );
}

/// What `delivery` gets with its next call, if it has got no more than these.
fn asks(pool: &mut PoolHarness, delivery: &str, has: &[&Want], places: u32) -> Vec<JobId> {
    let has = has.iter().map(|want| want.job_id().clone()).collect();
    pool.has.insert(delivery.to_owned(), has);
    pool.takes(delivery, places)
}

#[test]
fn jobs_given_in_a_lost_answer_are_given_again() {
    for is_evicted in [false, true] {
        let mut pool = PoolHarness::new(9);
        let wants = pool.told_many(Tier::Tier1, 3);
        pool.takes("one", 2);
        if is_evicted {
            pool.desk = Desk::default();
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
        let listened = pool.listens("one", 2);
        assert_eq!(
            listened,
            Some(ids(&[second.clone(), third.clone()])),
            "whatever the call"
        );
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
    assert_eq!(
        pool.takes("one", 2),
        [coming.job_id().clone(), next[0].job_id().clone()],
        "its call has failed by now, and so has the other"
    );
}

#[test]
fn jobs_given_again_take_their_places_before_new_jobs() {
    let mut pool = PoolHarness::new(9);
    let wants = pool.told_many(Tier::Tier1, 3);
    pool.takes("one", 1);
    assert_eq!(asks(&mut pool, "one", &[], 2), ids(&wants[..2]));
    assert_eq!(pool.hold(&wants[2]), Some(Hold::Waiting));
}

#[test]
fn a_job_that_a_delivery_mentioned_is_not_given_to_it_again() {
    let mut pool = PoolHarness::new(9);
    let want = pool.told(Tier::Tier1);
    pool.takes("one", 1);
    let exchange = Exchange {
        freed: vec![want.holding()],
        ..pool.exchange("one")
    };
    assert_eq!(pool.call(exchange).jobs, []);
    assert_eq!((pool.find(&want), pool.held()), (None, 0));
    assert_eq!(asks(&mut pool, "one", &[], 9), []);
}

#[test]
fn a_start_confirmed_late_keeps_its_slot_if_one_is_free() {
    for capacity in [1, 2] {
        let mut pool = PoolHarness::new(capacity);
        let want = pool.told(Tier::Tier1);
        pool.takes("one", 1);
        let other = pool.told(Tier::Tier4);
        pool.pass(START_WITHIN);
        pool.wake();
        assert_eq!(pool.takes("two", 1), only(&other));
        assert_eq!(pool.confirms("one", &want), capacity == 2);
        assert_eq!(pool.held(), capacity);
    }
}

#[test]
fn a_late_start_takes_the_slot_from_the_delivery_that_got_the_job_meanwhile() {
    let mut pool = PoolHarness::new(1);
    let want = pool.told(Tier::Tier1);
    pool.takes("one", 1);
    pool.pass(START_WITHIN);
    pool.wake();
    assert_eq!(pool.takes("two", 1), only(&want));
    assert!(
        pool.confirms("one", &want),
        "by its gate's word it runs there"
    );
    let exchange = Exchange {
        freed: vec![want.holding()],
        ..pool.exchange("two")
    };
    pool.call(exchange);
    let claim = pool.find(&want).unwrap();
    assert_eq!((claim.hold, claim.by.as_deref()), (Hold::Held, Some("one")));
}

#[test]
fn a_job_that_ended_before_its_start_was_confirmed_is_removed() {
    let mut pool = PoolHarness::new(1);
    let want = pool.told(Tier::Tier1);
    pool.takes("one", 1);
    pool.pass(START_WITHIN);
    pool.wake();
    assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    assert_eq!(pool.frees("one", &want), []);
    assert_eq!(pool.find(&want), None);
}

#[test]
fn only_the_holder_of_a_job_can_release_or_renew_it() {
    let mut pool = PoolHarness::new(2);
    let running = pool.run("one", 1).remove(0);
    let given = pool.told(Tier::Tier1);
    pool.takes("one", 1);
    let exchange = Exchange {
        freed: vec![started(&running), given.holding()],
        running: vec![given.holding()],
        ..pool.exchange("two")
    };
    assert_eq!(pool.call(exchange).lost, only(&given));
    assert_eq!(pool.held(), 2);
}

#[test]
fn a_later_stage_renews_and_frees_only_under_its_own_epoch() {
    let mut pool = PoolHarness::new(1);
    let first = pool.run("one", 1).remove(0);
    let mut second = first.clone();
    second.ticket.epoch = Some(2);
    assert!(pool.confirms("one", &second));
    assert!(!pool.confirms("one", &first));
    pool.frees("one", &first);
    assert_eq!(pool.held(), 1);
    pool.frees("one", &second);
    assert_eq!(pool.held(), 0);
}

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
    let mut pool = PoolHarness::new(2);
    let running = pool.run("one", 1).remove(0);
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
    pool.pass(pool.config.lease);
    pool.wake();
    assert_eq!((pool.held(), pool.sent()), (0, vec![]));
}

#[test]
fn calls_to_an_unbounded_pool_are_answered_with_tickets() {
    let mut pool = PoolHarness::new(1);
    let waits = pool.told(Tier::Tier1);
    pool.config.capacity = 0;
    let late = next_lease(&waits);
    pool.tell(std::slice::from_ref(&late), &[]);
    assert_eq!((pool.sent(), pool.find(&late)), (only(&late), None));
    assert_eq!(
        (pool.listens("one", 9), pool.takes("one", 9)),
        (None, vec![])
    );
    assert!(pool.confirms("one", &late));
}

#[test]
fn an_error_at_any_statement_changes_nothing() {
    let commands = |pool: &mut PoolHarness, wants: &[Want]| {
        let exchange = Exchange {
            freed: vec![started(&wants[0])],
            running: vec![started(&wants[1])],
            wants: vec![pool.want(Tier::Tier4)],
            offer: offer(9),
            ..pool.exchange("one")
        };
        let listen = Listen {
            delivery: "one".to_owned(),
            call: 1,
            began: pool.now,
            offer: offer(9),
        };
        [
            (Command::Exchange(exchange), 5),
            (Command::Listen(listen), 0),
            (Command::Wake, 2),
        ]
    };
    for which in 0..3 {
        for statement in 0.. {
            let mut pool = PoolHarness::new(2);
            let mut wants = pool.run("one", 2);
            wants.extend(pool.told_many(Tier::Tier1, 2));
            let (command, statements) = commands(&mut pool, &wants)[which].clone();
            let state = |pool: &PoolHarness| (pool.claims(), pool.desk.clone());
            let before = state(&pool);
            pool.database.fail_after(statement);
            let result = pool.try_turn(command);
            pool.database.heal();
            if result.is_ok() {
                assert!(
                    statement >= statements,
                    "{which} has {statement} statements"
                );
                break;
            }
            assert_eq!(state(&pool), before, "{which} at {statement}");
        }
    }
}
