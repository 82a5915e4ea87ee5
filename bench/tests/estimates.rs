//! What is told of a job's start holds. The simulator is deterministic, so these are no measurements; the loads of days are
//! left to the benchmark.

use bench::estimates::{figures::Figures, run};

#[test]
fn nine_of_ten_start_within_the_range_and_two_looks_differ_by_less_than_it() {
    for load in ["2 slots", "burst"] {
        for row in run(1, load) {
            let figures = Figures::of(&row.looks);
            assert!(figures.looks > 200 && figures.none < 0.2, "{}", row.name);
            assert!(figures.within >= 0.9, "{}: {figures:?}", row.name);
            assert!(figures.steady >= 0.9, "{}: {figures:?}", row.name);
            assert!(figures.error <= 0.25, "{}: {figures:?}", row.name);
        }
    }
}
