//! A job in the line.

use super::{SECOND, after, last, lengths, rank, scene, seconds};
use queue_core::{
    domain::{Kind, Stage},
    estimate::{Arrival, Arrivals, Estimate, Lengths, Place, in_line, scene::Opening},
};

/// Jobs of nearly 36 seconds.
fn steady() -> Lengths {
    lengths(&[35_900, 36_000, 36_100, 36_000, 35_950, 36_050])
}

/// With two slots that have been taken for so many seconds, of one before which so many wait.
fn of(elapsed: [i64; 2], before: u64) -> Estimate {
    let arrivals = Arrivals::default();
    let elapsed = elapsed.map(|seconds| seconds * SECOND);
    let scene = scene(&arrivals, &steady(), 2, (&elapsed, before));
    in_line(&scene, &last(&scene.spreads)).unwrap()
}

#[test]
fn with_two_slots_and_jobs_of_36_seconds_each_of_the_line_is_told_its_turn() {
    let at = |elapsed, wanted: [i64; 4]| {
        for (before, wanted) in (0..).zip(wanted) {
            let [from, starts, until] = seconds(&of(elapsed, before));
            let off = (starts - wanted).abs();
            assert!(off <= 1, "{starts} s, not {wanted} s");
            assert!(from <= wanted && wanted <= until && until - from <= 12);
        }
    };
    at([0, 18], [18, 36, 54, 72]);
    at([2, 20], [16, 34, 52, 70]);
    at([17, 35], [1, 19, 37, 55]);
    at([0, 0], [36, 36, 72, 72]);
}

#[test]
fn how_many_go_before_and_what_it_rests_on_is_told_too() {
    let estimate = of([0, 18], 3);
    assert_eq!((estimate.ahead, estimate.ended), (3, 6));
}

#[test]
fn a_job_that_is_late_is_thought_to_end_soon() {
    let [from, starts, until] = seconds(&of([37, 20], 0));
    assert!(from == 0 && starts <= 2 && until <= 4);
}

#[test]
fn of_lengths_that_are_far_apart_those_longer_than_what_has_passed_count() {
    let arrivals = Arrivals::default();
    let lengths = lengths(&[[10 * SECOND; 9], [100 * SECOND; 9]].concat());
    let starts = |elapsed: i64| {
        let scene = scene(&arrivals, &lengths, 1, (&[elapsed * SECOND], 0));
        in_line(&scene, &last(&scene.spreads)).unwrap()
    };
    let [from, _, until] = seconds(&starts(0));
    assert!(from <= 10 && until >= 95, "either");
    let [from, starts, _] = seconds(&starts(50));
    assert!((35..65).contains(&starts) && from >= 10, "a long one");
}

#[test]
fn nothing_is_told_where_little_is_known() {
    let arrivals = Arrivals::default();
    let told = |lengths: &Lengths, slots| {
        let scene = scene(&arrivals, lengths, slots, (&[0, 0], 3));
        in_line(&scene, &last(&scene.spreads)).is_some()
    };
    assert!(!told(&Lengths::default(), 2));
    assert!(!told(&lengths(&[36_000, 36_000]), 2));
    assert!(told(&lengths(&[36_000; 3]), 2));
    assert!(!told(&lengths(&[36_000; 3]), 0), "nobody serves them");
    let mut of_others = Lengths::default();
    for _ in 0..9 {
        of_others.add(&Kind::story(), Stage::Video, super::START, 36_000);
    }
    assert!(!told(&of_others, 2), "of other stages");
}

#[test]
fn what_was_not_read_of_a_long_line_counts_too() {
    let arrivals = Arrivals::default();
    let mut scene = scene(&arrivals, &steady(), 2, (&[0, 18 * SECOND], 10));
    scene.beyond = 990;
    let estimate = in_line(&scene, &last(&scene.spreads)).unwrap();
    let [from, starts, until] = seconds(&estimate);
    let wanted = 18 + 18 * 1_000;
    assert!((starts - wanted).abs() < 200 && from <= wanted && wanted <= until);
    assert_eq!(estimate.ahead, 1_000);
}

#[test]
fn better_ones_that_came_lately_make_the_range_longer_and_not_the_moment_later() {
    let quiet = of([0, 18], 10);
    let mut arrivals = Arrivals::default();
    for minute in 0..10 {
        let at = START_OF_HOUR + minute * 60 * SECOND;
        arrivals.add(Arrival::of(
            rank(at - 5_000_000),
            super::Timestamp::from_millis(super::START.as_millis() + at),
            false,
        ));
    }
    let told = |lead: i64| {
        let scene = scene(&arrivals, &steady(), 2, (&[0, 18 * SECOND], 10));
        let place = Place {
            rank: rank(-lead),
            ..last(&scene.spreads)
        };
        in_line(&scene, &place).unwrap()
    };
    let overtaken = told(1_000);
    assert_eq!(overtaken.starts_at, quiet.starts_at);
    assert!(seconds(&overtaken)[2] > seconds(&quiet)[2] + 50);
    // Its age is more than the lead of those.
    assert_eq!(told(6_000_000).until, quiet.until);
}

const START_OF_HOUR: i64 = -600 * SECOND;

#[test]
fn a_pause_that_ends_is_waited_for_and_those_that_wait_for_it_go_first() {
    let arrivals = Arrivals::default();
    let opening = Opening {
        in_millis: 100 * SECOND,
        is_tried: false,
    };
    let mut scene = scene(&arrivals, &steady(), 2, (&[0, 18 * SECOND], 3));
    for job in &mut scene.line {
        job.opening = opening;
    }
    let open = last(&scene.spreads);
    let [_, starts, _] = seconds(&in_line(&scene, &open).unwrap());
    assert!((17..=100).contains(&starts));
    let held = in_line(&scene, &Place { opening, ..open }).unwrap();
    let [_, starts, until] = seconds(&held);
    assert!(
        (135..=138).contains(&starts),
        "two of the three at 100 s: {starts}"
    );
    assert!(until < 150 && held.from >= after(100 * SECOND));
}
