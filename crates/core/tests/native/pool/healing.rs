//! What the pool does if something goes wrong, or its capacity changes, one case each.

use super::{
    harness::PoolHarness,
    jobs::{offer, only, started},
};
use crate::harness::Harness;
use queue_core::{
    domain::{Tier, Timestamp},
    line::want::Want,
    pool::{
        Command, Hold,
        command::{Exchange, Listen},
        turn::{Notice, START_WITHIN},
    },
};

#[test]
fn a_job_whose_start_is_not_confirmed_goes_to_another_delivery_within_seconds() {
    let (mut pool, want) = PoolHarness::with_job(1);
    pool.takes("dead", 1);
    let due = pool.now.after(START_WITHIN);
    assert_eq!(pool.effects.wake_by, Some(due));
    pool.now = Timestamp::from_millis(due.as_millis() - 1);
    pool.listens("one", 1);
    pool.wake();
    assert_eq!((pool.answered(), pool.effects.wake_by), (vec![], Some(due)));
    pool.wake_at(due);
    assert_eq!(pool.notices(), [Notice::StartMissed]);
    assert_eq!(pool.answered(), [("one", only(&want))]);
    assert_eq!(pool.find(&want).unwrap().epoch, 1);
}

#[test]
fn a_slot_that_is_not_renewed_goes_to_the_next_job() {
    let (mut pool, running) = PoolHarness::running(1);
    let next = pool.told(Tier::Tier1);
    pool.listens("two", 1);
    for _ in 0..3 {
        pool.pass(pool.config.lease / 2);
        assert!(pool.confirms("one", &running), "it is renewed");
        pool.wake();
        assert_eq!(pool.notices(), []);
    }
    pool.wake_after(pool.config.lease);
    assert_eq!(pool.notices(), [Notice::SlotExpired]);
    assert_eq!(pool.answered(), [("two", only(&next))]);
    // Who comes back has lost it.
    assert!(!pool.confirms("one", &running));
}

#[test]
fn a_start_confirmed_late_keeps_its_slot_if_one_is_free() {
    for capacity in [1, 2] {
        let (mut pool, want) = PoolHarness::with_job(capacity);
        pool.takes("one", 1);
        let other = pool.told(Tier::Tier4);
        pool.wake_after(START_WITHIN);
        assert_eq!(pool.takes("two", 1), only(&other));
        assert_eq!(pool.confirms("one", &want), capacity == 2);
        assert_eq!(pool.held(), capacity);
    }
}

#[test]
fn a_late_start_takes_the_slot_from_the_delivery_that_got_the_job_meanwhile() {
    let (mut pool, want) = PoolHarness::with_job(1);
    pool.takes("one", 1);
    pool.wake_after(START_WITHIN);
    assert_eq!(pool.takes("two", 1), only(&want));
    // By its gate's word it runs there.
    assert!(pool.confirms("one", &want));
    let exchange = Exchange {
        freed: vec![want.holding()],
        ..pool.exchange("two")
    };
    pool.call(exchange);
    assert_eq!(pool.holder(&want), (Hold::Held, Some("one".to_owned())));
}

#[test]
fn a_job_that_ended_before_its_start_was_confirmed_is_removed() {
    let (mut pool, want) = PoolHarness::with_job(1);
    pool.takes("one", 1);
    pool.wake_after(START_WITHIN);
    assert_eq!(pool.hold(&want), Some(Hold::Waiting));
    assert_eq!(pool.frees("one", &want), []);
    assert_eq!(pool.find(&want), None);
}

#[test]
fn only_the_holder_of_a_job_can_release_or_renew_it() {
    let (mut pool, running) = PoolHarness::running(2);
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
    let (mut pool, first) = PoolHarness::running(1);
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
                assert!(statement >= statements, "{which} has {statement}");
                break;
            }
            assert_eq!(state(&pool), before, "{which} at {statement}");
        }
    }
}
