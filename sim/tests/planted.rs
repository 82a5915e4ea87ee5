//! Every planted defect is found, within so many seeds; and the product without one is clean over the same.

use sim::{
    planted::Defect,
    run::{Settings, run},
};

/// Within so many seeds each defect must show.
const SEEDS: u64 = 6_000;

/// What only shows at the generator, however right the gate's own numbers look.
const WORLD: [Defect; 2] = [Defect::CancelUnderHolder, Defect::OffByOneLimit];

/// By what a defect must be caught, where that matters.
fn witnesses(defect: Defect) -> Option<&'static [&'static str]> {
    if defect.is_over_capacity() {
        // The pool's books are not even looked at.
        return Some(&["I7 world capacity"]);
    }
    if defect == Defect::DeafDelivery {
        // Its jobs are given to it without end, however soon their slots are taken back.
        return Some(&["I11 bounded work"]);
    }
    let by_world: &[&str] = &["I1 world limit", "I2 one execution a job"];
    WORLD.contains(&defect).then_some(by_world)
}

fn settings(defect: Defect) -> Settings {
    Settings {
        defect,
        twins: false,
        trace: false,
    }
}

#[test]
fn every_planted_defect_is_found() {
    let mut missed = Vec::new();
    for defect in Defect::ALL.into_iter().skip(1) {
        let by = witnesses(defect);
        let found = (0..SEEDS).find_map(|seed| {
            let violation = run(seed, settings(defect)).violation?;
            let seen = by.is_none_or(|by| by.contains(&violation.invariant));
            seen.then_some((seed, violation))
        });
        match found {
            Some((seed, violation)) => println!(
                "{defect:?}: seed {seed}, {}: {}",
                violation.invariant, violation.detail
            ),
            None => missed.push(defect),
        }
    }
    assert!(missed.is_empty(), "the oracle is blind for {missed:?}");
}
