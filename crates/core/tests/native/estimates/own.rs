//! A job that waits for its own user's limit.

use super::{SECOND, last, lengths, mark, scene, seconds};
use queue_core::estimate::{Arrivals, Estimate, Parked, Place, parked};

/// Of a user with two leases, which have been used for so many seconds, and so many jobs that go before.
fn of(elapsed: [i64; 2], before: u32, above: u32) -> Estimate {
    let arrivals = Arrivals::default();
    let elapsed = elapsed.map(|seconds| seconds * SECOND);
    let scene = scene(&arrivals, &lengths(&[36_000; 9]), 9, (&elapsed, 0));
    let place = Place {
        ages_later: true,
        ..last(&scene.spreads)
    };
    let own = Parked {
        leases: vec![mark(0), mark(1)],
        held: 2,
        above,
        before: vec![(place.spread, before)],
        spread: place.spread,
    };
    parked(&scene, &place, &own).unwrap()
}

#[test]
fn each_lease_that_frees_lets_the_next_go() {
    for (before, wanted) in (0..).zip([18, 36, 54, 72]) {
        let estimate = of([0, 18], before, 0);
        let [from, starts, until] = seconds(&estimate);
        assert!((starts - wanted).abs() <= 1 && from <= wanted && wanted <= until);
        assert_eq!(estimate.ahead, before);
    }
}

#[test]
fn leases_above_a_lowered_limit_let_nobody_go() {
    let [_, starts, _] = seconds(&of([0, 18], 0, 1));
    assert_eq!(starts, 36);
}

#[test]
fn a_long_chain_of_own_jobs_goes_on_as_it_began() {
    let [_, starts, _] = seconds(&of([0, 18], 1_000, 0));
    let wanted = 18 + 18 * 1_000;
    assert!((starts - wanted).abs() < 400, "{starts}");
}

#[test]
fn with_its_lease_it_waits_in_the_line_as_the_leases_do() {
    let arrivals = Arrivals::default();
    let lengths = lengths(&[10 * SECOND; 9]);
    // One slot; ten wait, of which the last is the user's only lease.
    let scene = scene(&arrivals, &lengths, 1, (&[0], 10));
    let place = Place {
        ages_later: true,
        ..last(&scene.spreads)
    };
    let own = Parked {
        leases: vec![mark(1_009)],
        held: 1,
        above: 0,
        before: Vec::new(),
        spread: place.spread,
    };
    let [from, starts, until] = seconds(&parked(&scene, &place, &own).unwrap());
    assert!((108..=110).contains(&starts) && from <= 110, "{starts}");
    assert!(until > 190, "others may have come into the line meanwhile");
}
