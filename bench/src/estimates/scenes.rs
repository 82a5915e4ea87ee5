//! The loads at which is looked.

use crate::{
    policy::{LOADS, share},
    trace::{Arrival, Plan, Service, Trace},
};
use queue_core::domain::Tier;

/// A load at which is looked.
pub struct Scene {
    /// Its name.
    pub name: String,
    /// The stages of each job.
    pub stages: &'static [&'static str],
    /// What arrives.
    pub trace: Trace,
    /// How often is looked, in milliseconds.
    pub every: i64,
}

impl Scene {
    fn new(name: &str, trace: Trace, every: i64) -> Self {
        Self {
            name: name.to_owned(),
            stages: &["image"],
            trace,
            every,
        }
    }
}

/// Every load; of the policy benchmark, so many days of each.
#[must_use]
pub fn scenes(days: u64) -> Vec<Scene> {
    let day = |load: u32, seed| {
        let trace = Plan::day(share(load)).draw(seed);
        Scene::new(&format!("policy, load {}", share(load)), trace, 120_000)
    };
    let mut scenes: Vec<Scene> = LOADS
        .iter()
        .flat_map(|load| (1..=days).map(|seed| day(*load, seed)))
        .collect();
    scenes.push(Scene {
        stages: &["image", "audio", "video"],
        name: "policy, load 0.95, 3 stages".to_owned(),
        ..day(95, 1)
    });
    scenes.push(Scene::new("2 slots, jobs of 36 s", two_slots(), 60_000));
    scenes.push(Scene::new("users at their limits", few_users(), 120_000));
    let inputs = [
        (
            "burst, low",
            30,
            2_000,
            (100, 2),
            tier1 as fn(usize) -> Tier,
        ),
        ("burst, mixed", 10, 300, (40, 10), in_turn),
        ("burst, wide", 100, 3_000, (200, 3), in_turn),
    ];
    scenes.extend(inputs.map(|(name, slots, service, jobs, tier)| {
        Scene::new(name, burst(slots, service, jobs, tier), 200)
    }));
    scenes
}

fn tier1(_: usize) -> Tier {
    Tier::Tier1
}

fn in_turn(user: usize) -> Tier {
    Tier::ALL[user % Tier::ALL.len()]
}

/// A day of jobs that all take as long.
fn two_slots() -> Trace {
    let plan = Plan {
        slots: 2,
        load: 0.95,
        mean: 36.0,
        service: Service::Fixed,
        span: 86_400.0,
        bursts: None,
        shares: [0.60, 0.25, 0.10, 0.05],
        users: [400, 100, 30, 10],
    };
    plan.draw(1)
}

/// A day in which slots are free and users wait for themselves: those of tier1 may run 16 jobs at once, and bring 13.
fn few_users() -> Trace {
    let plan = Plan {
        users: [8, 3, 2, 1],
        bursts: None,
        ..Plan::day(0.9)
    };
    plan.draw(1)
}

/// So many jobs of each of so many users, in turn, 80 a second.
fn burst(
    slots: u32,
    service: i64,
    (users, each): (usize, usize),
    tier: impl Fn(usize) -> Tier,
) -> Trace {
    let arrivals = (0..users * each).zip(0_i64..).map(|(job, number)| Arrival {
        at: number * 1_000 / 80,
        tier: tier(job % users),
        user: job % users,
        service,
    });
    Trace {
        arrivals: arrivals.collect(),
        slots,
        users: (0..users).map(tier).collect(),
    }
}
