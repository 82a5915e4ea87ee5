//! What the pool tells, from its rows and from what it has seen.

use crate::{
    harness::Harness,
    pool::{
        harness::PoolHarness,
        jobs::{next_lease, started},
        outages::fault,
    },
};
use queue_core::{
    domain::{Backend, Kind, Stage, Tier},
    estimate::Estimate,
    line::want::Want,
    pool::{
        Command, Reply,
        coming::{Before, Coming, Own},
        command::Exchange,
        outage::Pause,
    },
};
use std::time::Duration;

const LENGTH: Duration = Duration::from_secs(36);

/// A pool of two slots that has seen six jobs of 36 seconds, has two running, eighteen seconds apart, and these in line.
fn busy(waiting: usize) -> (PoolHarness, Vec<Want>) {
    let mut pool = PoolHarness::new(2);
    let mut running = pool.run("one", 1);
    pool.pass(LENGTH / 2);
    running.push(pool.run("one", 1).remove(0));
    let wants = pool.told_many(Tier::Tier1, waiting + 6);
    for _ in 0..6 {
        pool.pass(LENGTH / 2);
        let ended = running.remove(0);
        let next = pool.frees("one", &ended);
        let want = wants.iter().find(|want| next.contains(want.job_id()));
        running.push(want.unwrap().clone());
        pool.confirms("one", want.unwrap());
    }
    (pool, wants[6..].to_vec())
}

fn seconds(pool: &PoolHarness, estimate: Option<Estimate>) -> Option<i64> {
    let estimate = estimate?;
    assert!(pool.now <= estimate.from && estimate.from <= estimate.until);
    Some((estimate.starts_at.millis_since(pool.now) + 500) / 1_000)
}

impl PoolHarness {
    fn tells_of(&mut self, want: &Want) -> Option<i64> {
        let estimate = self.place(want).estimate;
        seconds(self, estimate)
    }

    fn tells_of_coming(&mut self, want: &Want, coming: Coming) -> Option<i64> {
        let command = Command::Place {
            job_id: want.job_id().clone(),
            coming: Some(Box::new(coming)),
        };
        let Reply::Place { place } = self.turn(command) else {
            panic!("a question for a place is answered with it");
        };
        assert_eq!(place.position, None);
        seconds(self, place.estimate)
    }
}

/// Whether they are told within a second, or a part in 36.
fn are_about(told: &[Option<i64>], wanted: &[i64]) -> bool {
    let is_near = |(told, wanted): (&Option<i64>, &i64)| {
        told.is_some_and(|told| (told - wanted).abs() <= 1.max(wanted / 36))
    };
    told.len() == wanted.len() && told.iter().zip(wanted).all(is_near)
}

fn coming(want: &Want) -> Coming {
    Coming {
        kind: Kind::story(),
        stage: Stage::Image,
        rank: want.rank,
        ages_later: true,
        not_before: None,
        parked: None,
    }
}

#[test]
fn each_of_the_line_is_told_when_its_turn_comes() {
    let (mut pool, wants) = busy(4);
    let told: Vec<_> = wants.iter().map(|want| pool.tells_of(want)).collect();
    assert!(are_about(&told, &[18, 36, 54, 72]), "{told:?}");
    pool.pass(Duration::from_secs(3));
    let told: Vec<_> = wants.iter().map(|want| pool.tells_of(want)).collect();
    assert!(are_about(&told, &[15, 33, 51, 69]), "{told:?}");
}

#[test]
fn a_question_changes_nothing_and_after_an_eviction_nothing_is_told() {
    let (mut pool, wants) = busy(1);
    let before = pool.claims();
    assert!(pool.tells_of(&wants[0]).is_some());
    assert_eq!(pool.claims(), before);
    pool.evict();
    assert_eq!(pool.tells_of(&wants[0]), None);
}

#[test]
fn a_job_that_is_parked_is_told_when_it_starts_by_its_users_leases() {
    let (mut pool, wants) = busy(2);
    let parked = pool.want(Tier::Tier1);
    let own = |leases: &[Want], before| Own {
        leases: leases.iter().map(|want| want.job_id().clone()).collect(),
        held: 1,
        above: 0,
        before: vec![Before {
            kind: Kind::story(),
            stage: Stage::Image,
            count: before,
        }],
    };
    // The user's lease waits in the line: second, so from 36 s to 72 s.
    let one = Coming {
        parked: Some(own(&wants[1..], 0)),
        ..coming(&parked)
    };
    assert!(are_about(&[pool.tells_of_coming(&parked, one)], &[72]));
    let two = Coming {
        parked: Some(own(&wants[1..], 1)),
        ..coming(&parked)
    };
    assert!(are_about(&[pool.tells_of_coming(&parked, two)], &[108]));
}

#[test]
fn a_job_that_is_tried_again_later_starts_no_sooner() {
    let (mut pool, _) = busy(0);
    let want = pool.want(Tier::Tier4);
    let mut later = coming(&want);
    assert_eq!(pool.tells_of_coming(&want, later.clone()), Some(18));
    later.not_before = Some(pool.now.after(Duration::from_mins(5)));
    assert_eq!(pool.tells_of_coming(&want, later), Some(300));
}

#[test]
fn a_pause_with_an_end_is_told_and_one_without_is_not() {
    let (mut pool, wants) = busy(1);
    let mut pause = Pause {
        since: pool.now,
        until: Some(pool.now.after(Duration::from_mins(10))),
        reason: "r".to_owned(),
    };
    let order = |pool: &mut PoolHarness, pause: &Pause| {
        pool.turn(Command::Pause {
            backend: Backend::Generator,
            pause: Some(pause.clone()),
        });
    };
    order(&mut pool, &pause);
    assert_eq!(pool.tells_of(&wants[0]), Some(600));
    pause.until = None;
    order(&mut pool, &pause);
    assert_eq!(pool.tells_of(&wants[0]), None);
}

#[test]
fn slots_that_nobody_serves_for_long_do_not_count() {
    let (mut pool, wants) = busy(3);
    pool.config.capacity = 4;
    pool.wake();
    assert_eq!(
        pool.tells_of(&wants[2]),
        Some(18),
        "two at once, and the third then"
    );
    pool.wake_after(Duration::from_secs(6));
    let told = pool.tells_of(&wants[2]);
    assert!(are_about(&[told], &[48]), "only two ever run");
}

#[test]
fn what_met_an_outage_or_never_started_says_nothing_of_lengths() {
    let (mut pool, wants) = busy(4);
    let before = pool.tells_of(&wants[3]);
    let running: Vec<Want> = pool
        .claims()
        .into_iter()
        .filter(|claim| claim.hold.has_slot())
        .map(|claim| claim.want)
        .collect();
    let exchange = Exchange {
        freed: vec![started(&running[0])],
        faults: vec![fault(&running[0])],
        ..pool.exchange("one")
    };
    pool.call(exchange);
    let back = Exchange {
        freed: vec![running[1].holding()],
        ..pool.exchange("one")
    };
    pool.call(back);
    for want in &running {
        pool.tells(&next_lease(want));
    }
    let ended = pool.place(&wants[3]).estimate.map(|told| told.ended);
    assert_eq!(ended, Some(6));
    assert!(are_about(&[before], &[72]));
}
