//! A fault that is the job's own after all, and what an operator orders.

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, only},
    outages::{SECOND, fault},
};
use crate::harness::Harness;
use queue_core::{
    domain::{Backend, Tier, Timestamp},
    line::want::{Mark, Want},
    pool::{
        Command, Hold, Reply,
        command::Tell,
        outage::{HOLD_MAX, Pause},
        outages::HaltedBy,
    },
};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

impl PoolHarness {
    /// An operator pauses the generator.
    fn pauses(&mut self, until: Option<Timestamp>) {
        let pause = Pause {
            since: self.now,
            until,
            reason: "new driver".to_owned(),
        };
        self.turn(Command::Pause {
            backend: Backend::Generator,
            pause: Some(pause),
        });
    }

    /// The pause is taken back.
    fn goes_on(&mut self) {
        self.turn(Command::Pause {
            backend: Backend::Generator,
            pause: None,
        });
    }

    /// Since when the job waits for an outage, as its gate hears.
    fn out_since(&mut self, want: &Want) -> Option<Timestamp> {
        let told = self.turn(Command::Tell(Tell {
            wants: vec![want.clone()],
            ..Tell::default()
        }));
        if let Reply::Told { out } = told {
            out.get(&want.ticket.stage).copied()
        } else {
            None
        }
    }
}

#[test]
fn a_fault_that_a_job_repeats_while_others_succeed_is_its_own() {
    let mut pool = PoolHarness::new(9);
    let [poison, good] = [pool.run("one", 1).remove(0), pool.run("two", 1).remove(0)];
    let mut again = poison;
    for mark in [None, Some(Mark::Own)] {
        pool.fails("one", &[fault(&again)]);
        pool.pass(10 * SECOND);
        if mark.is_some() {
            let began = pool.now;
            pool.succeeds("two", &good, began);
            pool.pass(2 * SECOND);
        }
        again = next_lease(&again);
        pool.tells(&again);
        let given = pool.gets_marked("one", 1);
        assert_eq!(given, [(again.job_id().clone(), mark)]);
        assert!(pool.confirms("one", &again));
    }
}

#[test]
fn a_fault_that_another_user_meets_too_is_not_the_jobs_own() {
    let mut pool = PoolHarness::new(9);
    let [unlucky, other] = [pool.run("one", 1).remove(0), pool.run("two", 1).remove(0)];
    let good = pool.run("three", 1).remove(0);
    let mut again = unlucky;
    for _ in 0..2 {
        pool.fails("one", &[fault(&again)]);
        pool.pass(10 * SECOND);
        again = next_lease(&again);
    }
    pool.fails("two", &[fault(&other)]);
    let began = pool.now;
    pool.succeeds("three", &good, began);
    pool.pass(2 * SECOND);
    pool.tells(&again);
    assert_eq!(pool.gets_marked("one", 1), [(again.job_id().clone(), None)]);
}

#[test]
fn an_order_to_let_a_job_through_ends_after_an_hour() {
    let (mut pool, wants) = PoolHarness::with_jobs(9, Tier::Tier1, 1);
    pool.pauses(None);
    let job_id = wants[0].job_id().clone();
    pool.turn(Command::Let { job_id });
    pool.pass(HOUR);
    assert_eq!(pool.takes("one", 1), []);
}

#[test]
fn an_operator_pauses_a_back_end_until_a_time_and_lets_one_job_through() {
    let (mut pool, wants) = PoolHarness::with_jobs(9, Tier::Tier1, 3);
    let until = pool.now.after(10 * SECOND);
    pool.pauses(Some(until));
    pool.evict();
    assert_eq!(pool.takes("one", 9), []);
    let halt = pool.halt(&wants[0]).unwrap();
    assert_eq!(
        (halt.by, halt.until, halt.reason.as_str()),
        (HaltedBy::Operator, Some(until), "new driver")
    );
    let job_id = wants[2].job_id().clone();
    pool.turn(Command::Let { job_id });
    assert_eq!(pool.takes("one", 9), only(&wants[2]), "that one");
    assert!(pool.confirms("one", &wants[2]));
    assert_eq!(pool.takes("two", 9), [], "and no other");
    pool.wake_at(until);
    assert_eq!(pool.takes("two", 9), ids(&wants[..2]));
}

#[test]
fn a_pause_that_is_taken_back_leaves_an_open_breaker() {
    let (mut pool, waits) = PoolHarness::out(1);
    pool.pauses(None);
    pool.wake_after(HOLD_MAX);
    assert_eq!(pool.takes("two", 1), [], "nobody tries in a pause");
    pool.goes_on();
    assert_eq!(pool.takes("two", 1), only(&waits[0]), "one tries");
    assert_eq!(pool.hold(&waits[0]), Some(Hold::Given));
}

#[test]
fn the_time_of_a_pause_does_not_count_as_an_outage() {
    let (mut pool, waits) = PoolHarness::out(1);
    pool.pauses(None);
    assert_eq!(
        pool.out_since(&waits[0]),
        None,
        "nobody waits for an outage"
    );
    pool.pass(48 * HOUR);
    pool.goes_on();
    assert_eq!(pool.out_since(&waits[0]), Some(pool.now));
    let until = pool.now.after(HOUR);
    pool.pauses(Some(until));
    pool.pass(2 * HOUR);
    assert_eq!(pool.out_since(&waits[0]), Some(until));
}
