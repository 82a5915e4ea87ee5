//! What arrives: jobs with their times, tiers, users and service times, drawn from a seed before any policy
//! runs, so that all policies serve one and the same trace.

use fastrand::Rng;
use queue_core::domain::Tier;
use std::f64::consts::TAU;

/// One job.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When it is submitted, in milliseconds.
    pub at: i64,
    /// Its tier, which is that of its user.
    pub tier: Tier,
    /// Its user.
    pub user: usize,
    /// How long it takes, in milliseconds, at least 3.
    pub service: i64,
}

/// How service times spread around their mean.
#[derive(Clone, Copy, Debug)]
pub enum Service {
    /// As theory likes it.
    Exponential,
    /// As generators take: a long tail. The spread of the logarithm.
    LogNormal(f64),
    /// All the same.
    Fixed,
}

/// Times at which more arrives.
#[derive(Clone, Copy, Debug)]
pub struct Bursts {
    /// From the start of one to the start of the next, in seconds.
    pub every: f64,
    /// How long each is, in seconds.
    pub length: f64,
    /// How many times the mean load arrives meanwhile.
    pub times: f64,
}

/// What a trace is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Jobs that run at once.
    pub slots: u32,
    /// Mean work that arrives, as a share of what the slots can do.
    pub load: f64,
    /// Mean service time in seconds.
    pub mean: f64,
    /// How service times spread.
    pub service: Service,
    /// How long jobs arrive, in seconds.
    pub span: f64,
    /// Bursts; the time between them is quieter, so that the mean stays.
    pub bursts: Option<Bursts>,
    /// The share of each tier.
    pub shares: [f64; 4],
    /// How many users each tier has; a job's user is any of them.
    pub users: [usize; 4],
}

/// What all policies serve.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The jobs, by time.
    pub arrivals: Vec<Arrival>,
    /// Jobs that run at once.
    pub slots: u32,
    /// The tier of each user.
    pub users: Vec<Tier>,
}

impl Plan {
    /// A day of the policy benchmark: 24 workers, jobs of 100 s in the mean with a long tail, and every four
    /// hours twenty minutes of three times the load.
    #[must_use]
    pub const fn day(load: f64) -> Self {
        Self {
            slots: 24,
            load,
            mean: 100.0,
            service: Service::LogNormal(1.0),
            span: 86_400.0,
            bursts: Some(Bursts {
                every: 14_400.0,
                length: 1_200.0,
                times: 3.0,
            }),
            shares: [0.60, 0.25, 0.10, 0.05],
            users: [4_000, 1_000, 300, 100],
        }
    }

    /// As theory likes it: evenly random arrivals, exponential service, so many jobs.
    #[must_use]
    pub fn markov(slots: u32, load: f64, mean: f64, jobs: f64) -> Self {
        Self {
            slots,
            load,
            mean,
            service: Service::Exponential,
            span: jobs * mean / (load * f64::from(slots)),
            bursts: None,
            shares: [0.60, 0.25, 0.10, 0.05],
            users: [1_000, 500, 200, 100],
        }
    }

    /// Draws a trace.
    #[must_use]
    pub fn draw(&self, seed: u64) -> Trace {
        let mut rng = Rng::with_seed(seed ^ 0x9e37_79b9_7f4a_7c15);
        let rate = self.load * f64::from(self.slots) / self.mean;
        let peak = self.bursts.map_or(1.0, |bursts| bursts.times);
        let mut arrivals = Vec::new();
        let mut at = 0.0;
        loop {
            at -= (1.0 - rng.f64()).ln() / (rate * peak);
            if at >= self.span {
                break;
            }
            // Thinning: draw at the peak's rate, keep as many as the moment's rate has.
            if rng.f64() * peak < self.intensity(at) {
                let tier = self.tier(&mut rng);
                arrivals.push(Arrival {
                    at: (at * 1_000.0) as i64,
                    tier,
                    user: self.first_user(tier) + rng.usize(..self.users[tier as usize]),
                    service: self.service(&mut rng),
                });
            }
        }
        Trace {
            arrivals,
            slots: self.slots,
            users: Tier::ALL
                .into_iter()
                .flat_map(|tier| vec![tier; self.users[tier as usize]])
                .collect(),
        }
    }

    /// The rate at that time against the mean rate.
    fn intensity(&self, at: f64) -> f64 {
        let Some(bursts) = self.bursts else {
            return 1.0;
        };
        let share = bursts.length / bursts.every;
        // In the middle of each period, so that a day begins and ends quietly.
        let since = (at % bursts.every) - (bursts.every - bursts.length) / 2.0;
        if (0.0..bursts.length).contains(&since) {
            bursts.times
        } else {
            (1.0 - share * bursts.times) / (1.0 - share)
        }
    }

    fn tier(&self, rng: &mut Rng) -> Tier {
        let mut left = rng.f64();
        for tier in Tier::ALL {
            left -= self.shares[tier as usize];
            if left < 0.0 {
                return tier;
            }
        }
        Tier::Tier1
    }

    fn first_user(&self, tier: Tier) -> usize {
        self.users[..tier as usize].iter().sum()
    }

    fn service(&self, rng: &mut Rng) -> i64 {
        let seconds = match self.service {
            Service::Fixed => self.mean,
            Service::Exponential => -self.mean * (1.0 - rng.f64()).ln(),
            Service::LogNormal(sigma) => {
                // Box and Muller.
                let (radius, angle) = ((-2.0 * (1.0 - rng.f64()).ln()).sqrt(), TAU * rng.f64());
                self.mean * (sigma * radius * angle.cos() - sigma * sigma / 2.0).exp()
            }
        };
        ((seconds * 1_000.0).round() as i64).max(3)
    }
}
