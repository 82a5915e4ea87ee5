//! Every planted defect is found, within so many seeds; and the product without one is clean over the same.

use sim::{
    planted::Defect,
    run::{Settings, run},
};

/// Within so many seeds each defect must show.
const SEEDS: u64 = 3_000;

/// What only shows at the generator, however right the gate's own numbers look.
const WORLD: [Defect; 4] = [
    Defect::CancelUnderHolder,
    Defect::DoubleLease,
    Defect::LowerIgnored,
    Defect::OffByOneLimit,
];

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
    for defect in Defect::ALL {
        let found =
            (0..SEEDS).find_map(|seed| Some((seed, run(seed, settings(defect)).violation?)));
        match found {
            Some((seed, violation)) => {
                let by_world = ["I1 world limit", "I2 one execution a job"];
                assert!(
                    !WORLD.contains(&defect) || by_world.contains(&violation.invariant),
                    "{defect:?} was caught by {}",
                    violation.invariant
                );
                println!(
                    "{defect:?}: seed {seed}, {}: {}",
                    violation.invariant, violation.detail
                );
            }
            None => missed.push(defect),
        }
    }
    assert!(missed.is_empty(), "the oracle is blind for {missed:?}");
}
