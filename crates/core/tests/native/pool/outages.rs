//! Back ends that are out or paused: which stages jobs may begin, and who tries.

use super::{
    harness::PoolHarness,
    jobs::{ids, next_lease, offer, only, started},
};
use crate::harness::{Harness, START};
use queue_core::{
    domain::{Backend, JobId, Stage, Tier, Timestamp, backend::NAMED_MAX},
    line::want::{Mark, Want},
    pool::{
        Command, Reply,
        command::{Exchange, Given},
        outage::{Fault, HOLD_FIRST, HOLD_MAX, Well},
        outages::{Halt, HaltedBy},
    },
};
use std::time::Duration;

pub const SECOND: Duration = Duration::from_secs(1);

/// The generator fails for a job that has started.
pub fn fault(want: &Want) -> Fault {
    Fault {
        job_id: want.job_id().clone(),
        epoch: want.epoch() + 1,
        user_id: want.ticket.user_id.clone(),
        stage: want.ticket.stage,
        began: START,
        backend: Backend::Generator,
        until: None,
        code: "generator_unavailable".to_owned(),
    }
}

impl PoolHarness {
    /// Jobs that ran there met faults, and their slots are free.
    pub fn fails(&mut self, delivery: &str, faults: &[Fault]) -> Given {
        let of = |fault: &Fault| queue_core::line::want::Holding {
            job_id: fault.job_id.clone(),
            epoch: fault.epoch,
        };
        let exchange = Exchange {
            freed: faults.iter().map(of).collect(),
            faults: faults.to_vec(),
            offer: offer(0),
            ..self.exchange(delivery)
        };
        self.call(exchange)
    }

    /// A job that ran there succeeded; the delivery has so many places.
    pub fn succeeds(&mut self, delivery: &str, want: &Want, began: Timestamp) -> Vec<JobId> {
        let exchange = Exchange {
            freed: vec![started(want)],
            well: vec![Well {
                job_id: want.job_id().clone(),
                user_id: want.ticket.user_id.clone(),
                stage: want.ticket.stage,
                began,
            }],
            offer: offer(9),
            ..self.exchange(delivery)
        };
        ids(&self.call(exchange).jobs)
    }

    pub fn gets_marked(&mut self, delivery: &str, places: u32) -> Vec<(JobId, Option<Mark>)> {
        let exchange = Exchange {
            offer: offer(places),
            ..self.exchange(delivery)
        };
        let given = self.call(exchange).jobs.into_iter();
        given
            .map(|want| (want.job_id().clone(), want.mark))
            .collect()
    }

    pub fn halt(&mut self, want: &Want) -> Option<Halt> {
        self.place(want).halt
    }

    /// Three jobs of three users ran and met faults; others wait.
    pub fn out(waiting: usize) -> (Self, Vec<Want>) {
        let mut pool = Self::new(9);
        let ran = pool.run("one", 3);
        let waits = pool.told_many(Tier::Tier1, waiting);
        let faults: Vec<_> = ran.iter().map(fault).collect();
        pool.fails("one", &faults);
        (pool, waits)
    }
}

#[test]
fn three_faults_of_two_users_within_ten_seconds_open_the_breaker() {
    let (mut pool, waits) = PoolHarness::out(2);
    assert_eq!(pool.takes("two", 5), []);
    let halt = pool.halt(&waits[0]).unwrap();
    assert_eq!(
        (halt.backend, halt.by),
        (Backend::Generator, HaltedBy::Breaker)
    );
    assert_eq!(halt.until, Some(pool.now.after(HOLD_FIRST)));
    assert_eq!(halt.reason, "generator_unavailable");
    // A gate that tells of a job hears of it.
    let told = pool.turn(Command::Tell(queue_core::pool::command::Tell {
        wants: waits[..1].to_vec(),
        ..Default::default()
    }));
    let Reply::Told { out } = told else {
        panic!("{told:?}")
    };
    assert_eq!(
        out.into_iter().collect::<Vec<_>>(),
        [(Stage::Image, halt.since)]
    );
}

#[test]
fn fewer_faults_or_those_of_one_user_or_slow_ones_open_nothing() {
    let mut pool = PoolHarness::new(9);
    let ran = pool.run("one", 3);
    let mut faults: Vec<_> = ran.iter().map(fault).collect();
    pool.fails("one", &faults[..2]);
    let waits = pool.told(Tier::Tier1);
    assert_eq!(pool.halt(&waits), None, "two");
    pool.pass(10 * SECOND);
    pool.fails("one", &faults[2..]);
    assert_eq!(pool.halt(&waits), None, "the first ones are old");

    let mut pool = PoolHarness::new(9);
    for fault in &mut faults {
        fault.user_id = ran[0].ticket.user_id.clone();
    }
    pool.fails("one", &faults);
    pool.fails("one", &faults);
    pool.tells(&waits);
    assert_eq!(pool.halt(&waits), None, "one user");
    // Told again, since an answer was lost, a fault counts once.
    let mut pool = PoolHarness::new(9);
    let two: Vec<_> = ran.iter().take(2).map(fault).collect();
    pool.fails("one", &two);
    pool.fails("one", &two);
    pool.tells(&waits);
    assert_eq!(pool.halt(&waits), None, "told twice");
}

#[test]
fn one_job_tries_the_best_and_its_success_lets_all_go() {
    let (mut pool, waits) = PoolHarness::out(3);
    let best = pool.told(Tier::Tier4);
    pool.wake_after(HOLD_FIRST);
    assert_eq!(
        pool.gets_marked("two", 5),
        [(best.job_id().clone(), Some(Mark::Trial))]
    );
    assert!(pool.confirms("two", &best));
    assert_eq!(pool.takes("three", 5), [], "one at a time");
    assert_eq!(pool.halt(&waits[0]).unwrap().until, None, "nobody knows");
    let began = pool.now;
    pool.pass(SECOND);
    let freed = pool.succeeds("two", &best, began);
    assert_eq!(freed, ids(&waits), "all at once");
    assert_eq!(pool.effects.turned[0].stages, []);
}

#[test]
fn a_job_that_tries_in_vain_makes_the_pause_longer_up_to_a_bound() {
    let (mut pool, _) = PoolHarness::out(9);
    let mut pause = HOLD_FIRST;
    for _ in 0..5 {
        let until = pool.now.after(pause);
        pool.wake_at(Timestamp::from_millis(until.as_millis() - 1));
        assert_eq!(pool.takes("two", 5), []);
        pool.wake_at(until);
        let tries = pool.takes("two", 5);
        assert_eq!(tries.len(), 1);
        let claim = pool
            .claims()
            .into_iter()
            .find(|claim| claim.job_id() == &tries[0]);
        pool.fails("two", &[fault(&claim.unwrap().want)]);
        pause = (pause * 2).min(HOLD_MAX);
    }
}

#[test]
fn another_users_job_tries_next() {
    let (mut pool, waits) = PoolHarness::out(2);
    let same_user = |want: &Want| {
        let mut other = want.clone();
        other.ticket.user_id = waits[0].ticket.user_id.clone();
        other
    };
    let mut own = pool.told_many(Tier::Tier4, 2);
    for want in &mut own {
        *want = same_user(want);
        pool.tell(std::slice::from_ref(want), &[]);
    }
    pool.wake_after(HOLD_FIRST);
    assert_eq!(pool.takes("two", 1), only(&own[0]));
    pool.fails("two", &[fault(&own[0])]);
    pool.wake_after(HOLD_MAX);
    assert_eq!(
        pool.takes("two", 1),
        only(&waits[1]),
        "not the same user's second best"
    );
}

#[test]
fn users_whose_jobs_have_tried_go_after_all_others() {
    let (mut pool, others) = PoolHarness::out(1);
    let poison = pool.told_many(Tier::Tier4, 2);
    for next in [&poison[0], &poison[1], &others[0]] {
        pool.wake_after(HOLD_MAX);
        assert_eq!(pool.takes("two", 1), only(next));
        pool.fails("two", &[fault(next)]);
        let again = next_lease(next);
        pool.tells(&again);
    }
}

#[test]
fn the_time_that_a_back_end_names_counts_within_an_hour() {
    for (named, held) in [
        (60 * SECOND, 60 * SECOND),
        (SECOND, HOLD_FIRST),
        (48 * NAMED_MAX, NAMED_MAX),
    ] {
        let mut pool = PoolHarness::new(9);
        let ran = pool.run("one", 3);
        let waits = pool.told(Tier::Tier1);
        let until = Some(pool.now.after(named));
        let faults: Vec<_> = ran
            .iter()
            .map(|want| Fault {
                until,
                ..fault(want)
            })
            .collect();
        pool.fails("one", &faults);
        let halt = pool.halt(&waits).unwrap();
        assert_eq!(halt.until, Some(pool.now.after(held)));
        let by = if named > HOLD_FIRST {
            HaltedBy::Backend
        } else {
            HaltedBy::Breaker
        };
        assert_eq!(halt.by, by);
    }
}

#[test]
fn faults_that_were_on_their_way_do_not_open_it_again() {
    let mut pool = PoolHarness::new(9);
    let ran = pool.run("one", 5);
    let faults: Vec<_> = ran.iter().map(fault).collect();
    pool.fails("one", &faults[..3]);
    let until = |pool: &mut PoolHarness| {
        let waits = pool.told(Tier::Tier1);
        pool.halt(&waits).map(|halt| halt.until)
    };
    let first = until(&mut pool);
    pool.pass(SECOND);
    pool.fails("one", &faults[3..]);
    assert_eq!(until(&mut pool), first);
}

#[test]
fn other_stages_go_on() {
    let (mut pool, waits) = PoolHarness::out(1);
    let mut other = pool.want(Tier::Tier1);
    other.ticket.stage = Stage::Audio;
    pool.tells(&other);
    assert_eq!(pool.halt(&other), None);
    assert_eq!(pool.takes("two", 5), only(&other));
    // A fault there adds the stage.
    pool.fails("two", &[fault(&other)]);
    pool.tells(&next_lease(&other));
    assert!(pool.halt(&other).is_some() && pool.halt(&waits[0]).is_some());
}

#[test]
fn a_delivery_that_dies_with_the_job_that_tries_does_not_hold_it_for_ever() {
    let (mut pool, waits) = PoolHarness::out(2);
    pool.wake_after(HOLD_FIRST);
    assert_eq!(pool.takes("two", 1), only(&waits[0]));
    let missed = pool.effects.wake_by.unwrap();
    pool.wake_at(missed);
    assert_eq!(pool.takes("three", 1), only(&waits[0]), "given again");
    assert_eq!(pool.takes("four", 1), []);
}

#[test]
fn an_eviction_and_a_clock_set_back_change_nothing_for_long() {
    let (mut pool, waits) = PoolHarness::out(2);
    pool.evict();
    assert_eq!(pool.takes("two", 5), []);
    pool.now = Timestamp::from_millis(pool.now.as_millis() - 86_400_000);
    assert_eq!(pool.takes("three", 5), only(&waits[0]), "it tries");
}

#[test]
fn the_alarm_rings_when_a_job_may_try_and_not_before() {
    let (mut pool, waits) = PoolHarness::out(2);
    pool.leaves("one", offer(0));
    let due = |pool: &PoolHarness| {
        let store = queue_core::pool::SqlStore::new(&pool.database);
        queue_core::pool::next_due(&store, &pool.config, pool.now).unwrap()
    };
    let until = pool.halt(&waits[0]).unwrap().until;
    assert_eq!(due(&pool), until);
    pool.wake();
    assert_eq!((pool.sent(), pool.effects.wake_by), (vec![], until));
    pool.wake_after(HOLD_FIRST);
    assert!(
        pool.effects.wake_by > until,
        "it looks whether the ticket that was sent brings somebody"
    );
    pool.wake_after(10 * SECOND);
    assert_eq!(pool.sent(), only(&waits[0]), "a delivery shall come");
}

#[test]
fn late_news_of_an_outage_that_is_over_opens_nothing() {
    let (mut pool, waits) = PoolHarness::out(1);
    pool.wake_after(HOLD_FIRST);
    assert_eq!(pool.takes("two", 1), only(&waits[0]));
    let began = pool.now;
    pool.succeeds("two", &waits[0], began);
    pool.pass(2 * SECOND);
    let late = pool.run("three", 3);
    let faults: Vec<_> = late.iter().map(fault).collect();
    pool.fails("three", &faults);
    let waits = pool.told(Tier::Tier1);
    assert_eq!(pool.halt(&waits), None, "they began before it closed");
    pool.pass(SECOND);
    let began = pool.now;
    let anew = |want: &Want| Fault {
        began,
        epoch: 9,
        ..fault(want)
    };
    let faults: Vec<_> = late.iter().map(anew).collect();
    pool.fails("three", &faults);
    assert!(pool.halt(&waits).is_some());
}

#[test]
fn a_job_that_tries_for_long_does_not_keep_others_from_it() {
    let (mut pool, waits) = PoolHarness::out(2);
    pool.wake_after(HOLD_FIRST);
    assert_eq!(pool.takes("two", 1), only(&waits[0]));
    assert!(pool.confirms("two", &waits[0]));
    assert_eq!(pool.takes("three", 1), []);
    pool.wake_after(30 * SECOND);
    assert_eq!(pool.takes("three", 1), only(&waits[1]));
}
