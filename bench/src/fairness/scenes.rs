//! The traces of the fairness benchmark.

use crate::trace::{Arrival, Plan, Service, Trace};
use fastrand::Rng;
use queue_core::domain::Tier;

/// Users who submit now and then.
pub const LIGHT: usize = 40;

/// The user who submits thousands at once; the last one.
pub const HEAVY: usize = LIGHT;

/// How many.
pub const HEAVY_JOBS: usize = 3_000;

/// When, in milliseconds.
pub const FLOOD: i64 = 3_600_000;

/// Mean service time in milliseconds.
pub const MEAN: i64 = 100_000;

/// Users of one tier on so many slots: the light ones, by Zipf's law, bring half the load of which that law and
/// their limits let them have their share; the heavy one brings its backlog at once, or nothing.
#[must_use]
pub fn flood(slots: u32, tier: Tier, is_flooded: bool) -> Trace {
    let plan = Plan {
        slots,
        load: 0.5,
        mean: MEAN as f64 / 1_000.0,
        service: Service::LogNormal(1.0),
        span: 43_200.0,
        bursts: None,
        shares: [1.0, 0.0, 0.0, 0.0],
        users: [1, 0, 0, 0],
    };
    let mut rng = Rng::with_seed(7);
    let mut trace = plan.draw(1);
    for arrival in &mut trace.arrivals {
        (arrival.tier, arrival.user) = (tier, zipf(&mut rng, LIGHT));
    }
    if is_flooded {
        let lots = Plan {
            span: 10.0 * plan.mean * HEAVY_JOBS as f64 / f64::from(slots),
            ..plan
        };
        let arrivals = lots.draw(2).arrivals.into_iter().take(HEAVY_JOBS);
        trace.arrivals.extend(arrivals.map(|arrival| Arrival {
            at: FLOOD,
            tier,
            user: HEAVY,
            ..arrival
        }));
        trace.arrivals.sort_by_key(|arrival| arrival.at);
    }
    trace.users = vec![tier; LIGHT + 1];
    trace
}

/// A backlog of all tiers on eight slots, submitted in one second in any order and then served, as in Temporal's
/// tests: 25 users a tier, by Zipf's law.
#[must_use]
pub fn backlog() -> Trace {
    let mut rng = Rng::with_seed(11);
    let users: Vec<Tier> = Tier::ALL.into_iter().flat_map(|tier| [tier; 25]).collect();
    let arrivals = (0..2_000).map(|job| {
        let tier = Tier::ALL[rng.usize(..4)];
        Arrival {
            at: job / 2,
            tier,
            user: tier as usize * 25 + zipf(&mut rng, 25),
            service: MEAN,
        }
    });
    Trace {
        arrivals: arrivals.collect(),
        slots: 8,
        users,
    }
}

/// One of so many users, the k-th drawn in proportion to 1/k.
fn zipf(rng: &mut Rng, users: usize) -> usize {
    let weight = |user: usize| 1.0 / (user as f64 + 1.0);
    let mut left = rng.f64() * (0..users).map(weight).sum::<f64>();
    for user in 0..users {
        left -= weight(user);
        if left < 0.0 {
            return user;
        }
    }
    users - 1
}
