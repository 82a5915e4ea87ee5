//! Several users whose jobs alone meet faults: they hold up nobody for long, and their jobs end.

use super::{
    harness::PoolHarness,
    jobs::next_lease,
    outages::{SECOND, fault},
};
use crate::harness::Harness;
use queue_core::{
    domain::Tier,
    line::want::{Mark, Want},
    pool::outage::{Fault, HOLD_FIRST},
};

/// Jobs of three users have opened a breaker, and one of a fourth has closed it again.
fn over() -> (PoolHarness, Vec<Want>) {
    let mut pool = PoolHarness::new(9);
    let ran = pool.run("one", 3);
    let good = pool.told(Tier::Tier1);
    let faults: Vec<_> = ran.iter().map(fault).collect();
    pool.fails("one", &faults);
    pool.wake_after(HOLD_FIRST);
    pool.takes("two", 1);
    let began = pool.now;
    pool.succeeds("two", &good, began);
    pool.pass(SECOND);
    (pool, ran)
}

/// The same jobs run again and meet the next fault; what their pool says to them when they run.
fn again(pool: &mut PoolHarness, jobs: &mut [Want]) -> Vec<Option<Mark>> {
    for want in &mut *jobs {
        *want = next_lease(want);
        pool.tells(want);
    }
    let marks = pool.gets_marked("three", 9);
    let began = pool.now;
    let faults: Vec<_> = jobs
        .iter()
        .map(|want| Fault {
            began,
            ..fault(want)
        })
        .collect();
    pool.fails("three", &faults);
    pool.pass(SECOND);
    marks.into_iter().map(|(_, mark)| mark).collect()
}

fn is_open(pool: &mut PoolHarness) -> bool {
    let waits = pool.told(Tier::Tier1);
    let is_held = pool.halt(&waits).is_some();
    pool.tell(&[], &[waits.holding()]);
    is_held
}

#[test]
fn users_whose_jobs_alone_meet_faults_open_the_breaker_once() {
    let (mut pool, mut bad) = over();
    for _ in 0..3 {
        again(&mut pool, &mut bad);
        assert!(!is_open(&mut pool), "others succeed");
    }
    let mut others = pool.run("four", 3);
    again(&mut pool, &mut others);
    assert!(is_open(&mut pool), "others do not succeed any more");
}

#[test]
fn a_user_whose_own_job_has_succeeded_since_counts_again() {
    let (mut pool, mut bad) = over();
    let began = pool.now;
    for want in &bad {
        pool.succeeds("three", want, began);
    }
    pool.pass(SECOND);
    again(&mut pool, &mut bad);
    assert!(is_open(&mut pool));
}

#[test]
fn a_fault_that_a_job_repeats_is_its_own_although_others_repeat_theirs() {
    let (mut pool, mut bad) = over();
    assert_eq!(again(&mut pool, &mut bad), [None; 3]);
    assert_eq!(again(&mut pool, &mut bad), [None; 3]);
    let good = pool.told(Tier::Tier4);
    pool.takes("two", 1);
    let began = pool.now;
    pool.succeeds("two", &good, began);
    pool.pass(2 * SECOND);
    assert_eq!(again(&mut pool, &mut bad), [Some(Mark::Own); 3]);
}
