//! What holds of any estimate.

use super::{SECOND, last, lengths, mark, scene};
use proptest::prelude::*;
use queue_core::{
    domain::Timestamp,
    estimate::{Arrival, Arrivals, Estimate, Parked, Place, in_line, parked, scene::Opening},
};

fn is_sane(estimate: &Estimate, now: Timestamp) -> Result<(), TestCaseError> {
    prop_assert!(now <= estimate.from);
    prop_assert!(estimate.from <= estimate.starts_at && estimate.starts_at <= estimate.until);
    Ok(())
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    let arrival = (0..3_600_i64, 0..7_200_i64, any::<bool>());
    prop::collection::vec(arrival, 0..300).prop_map(|mut list| {
        list.sort_by_key(|(ago, ..)| std::cmp::Reverse(*ago));
        let mut arrivals = Arrivals::default();
        for (ago, lead, is_next) in list {
            let at = super::START.as_millis() - ago * SECOND;
            let arrival = Arrival {
                at: Timestamp::from_millis(at),
                lead: lead * SECOND,
                is_next,
            };
            arrivals.add(arrival);
        }
        arrivals
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_moment_lies_in_the_range_and_never_before_now_and_later_places_are_told_no_earlier(
        millis in prop::collection::vec(0..1_000_000_i64, 3..40),
        elapsed in prop::collection::vec(0..2_000_000_i64, 0..12),
        slots in 1..10_usize,
        waiting in 0..60_u64,
        opens in 0..1_000_000_i64,
        arrivals in arrivals(),
    ) {
        let lengths = lengths(&millis);
        let told = |waiting| {
            let scene = scene(&arrivals, &lengths, slots, (&elapsed, waiting));
            let place = last(&scene.spreads);
            (in_line(&scene, &place).unwrap(), scene, place)
        };
        let (first, ..) = told(waiting);
        let (next, scene, place) = told(waiting + 1);
        is_sane(&first, scene.now)?;
        is_sane(&next, scene.now)?;
        prop_assert!(first.starts_at <= next.starts_at);
        prop_assert!(first.from <= next.from);
        let opening = Opening { in_millis: opens, is_tried: true };
        is_sane(&in_line(&scene, &Place { opening, ..place }).unwrap(), scene.now)?;
    }

    #[test]
    fn the_same_holds_of_jobs_that_wait_for_their_own_users_limit(
        millis in prop::collection::vec(0..1_000_000_i64, 3..40),
        waiting in 0..60_u64,
        leases in prop::collection::vec(0..1_060_u64, 0..5),
        held in 0..9_u32,
        above in 0..3_u32,
        before in 0..300_u32,
        arrivals in arrivals(),
    ) {
        let scene = scene(&arrivals, &lengths(&millis), 3, (&[0, 5, 9], waiting));
        let place = Place { ages_later: true, ..last(&scene.spreads) };
        let told = |before| {
            let own = Parked {
                leases: leases.iter().map(|number| mark(*number)).collect(),
                held,
                above,
                before: vec![(place.spread, before)],
                spread: place.spread,
            };
            parked(&scene, &place, &own)
        };
        // Further than a week, nothing is told.
        if let Some(estimate) = told(before) {
            is_sane(&estimate, scene.now)?;
        }
    }
}
