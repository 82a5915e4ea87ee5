//! The configuration of a seed.

use crate::{dice::Dice, kinds};
use queue_core::{config::Config, domain::Tier};
use std::time::Duration;

/// What is drawn of a configuration, besides limits and capacity.
pub(crate) struct Settings {
    lease: i64,
    budget: i64,
    boost: i64,
    resend: i64,
    attempts: i64,
    backoff: i64,
    width: i64,
    places: usize,
    quotas: [Quotas; Tier::ALL.len()],
    /// The limit of the kind that has one; 0: none has.
    pub(crate) kind_limit: u32,
    grace: Duration,
    outage_max: Duration,
    /// A month ends within the seed: after so many hundredths of the time in which clients submit.
    pub(crate) ends_month: Option<u8>,
    /// Jobs are forgotten within the seed.
    pub(crate) forgets: bool,
}

/// What a user of a tier may submit, as `KINDS` and `TIERS` have it; what is not drawn keeps its default.
#[derive(Clone, Copy, Default)]
struct Quotas {
    jobs_per_month: i64,
    max_chars: i64,
    max_parked_jobs: Option<i64>,
}

impl Quotas {
    fn draw(dice: &mut Dice) -> [Self; Tier::ALL.len()] {
        let mut quotas = [Self::default(); Tier::ALL.len()];
        let [month, script, parked] = [(); 3].map(|()| dice.chance(0.3));
        for quotas in &mut quotas {
            if month {
                quotas.jobs_per_month = dice.between(0, 6);
            }
            if script {
                quotas.max_chars = dice.between(0, 3) * 500;
            }
            if parked {
                quotas.max_parked_jobs = Some(dice.between(0, 4));
            }
        }
        quotas
    }

    /// What `TIERS` has of it.
    fn of_tier(self) -> String {
        let parked = self.max_parked_jobs;
        let parked = parked.map(|most| format!(r#","maxParkedJobs":{most}"#));
        parked.unwrap_or_default()
    }

    /// What each kind in `KINDS` has of it.
    fn of_kind(self) -> String {
        let Self {
            jobs_per_month,
            max_chars,
            ..
        } = self;
        format!(r#"{{"jobsPerMonth":{jobs_per_month},"maxChars":{max_chars}}}"#)
    }
}

impl Settings {
    /// The settings of a seed; `terms` are the dice for quotas and plans. A user who has very many jobs may have them.
    pub(crate) fn draw(dice: &mut Dice, terms: &mut Dice, hot: bool) -> Self {
        let has_quotas = terms.chance(0.3) && !hot;
        let quotas = if has_quotas {
            Quotas::draw(terms)
        } else {
            [Quotas::default(); Tier::ALL.len()]
        };
        let ends_month = (has_quotas && terms.chance(0.7)).then(|| terms.between(0, 100));
        let grace = if terms.chance(0.3) {
            terms.between(1, 1_200)
        } else {
            0
        };
        let kind_limit = if terms.chance(0.4) {
            terms.between(1, 2)
        } else {
            0
        };
        let lease = dice.between(30, 300);
        Self {
            lease,
            budget: dice.between(0, 60),
            boost: [0, 60, 1_800][dice.below(3)],
            resend: dice.between(10, 120),
            attempts: dice.between(1, 5),
            backoff: dice.between(1, 60),
            width: dice.between(1, 3),
            quotas,
            kind_limit: u32::try_from(kind_limit).unwrap_or(0),
            grace: Duration::from_secs(u64::try_from(grace).unwrap_or(0)),
            outage_max: Duration::from_mins([10, 60, 1_440][terms.below(3)]),
            ends_month: ends_month.and_then(|part| u8::try_from(part).ok()),
            places: [1, 2, 4, 33, 100][dice.below(5)],
            forgets: dice.chance(0.15),
        }
    }

    /// Whether who is past due is given time.
    pub(crate) fn has_grace(&self) -> bool {
        !self.grace.is_zero()
    }

    fn kinds(&self) -> String {
        let of = |(tier, quotas): (Tier, Quotas)| format!(r#""{tier}":{}"#, quotas.of_kind());
        let quotas: Vec<String> = Tier::ALL.into_iter().zip(self.quotas).map(of).collect();
        let quotas = quotas.join(",");
        let kind = |number: usize, limit: u32| {
            let kind = kinds::kind(number);
            format!(
                r#""{kind}":{{"stages":["image","audio","video"],"maxConcurrentJobs":{limit},"quotas":{{{quotas}}}}}"#
            )
        };
        let (free, limited) = (kind(0, 0), kind(kinds::LIMITED, self.kind_limit));
        format!("{{{free},{limited}}}")
    }

    pub(crate) fn config(&self, limits: [u32; 4], extra: u32, capacity: u32) -> Config {
        let width = self.width;
        let tier = |(tier, limit): (Tier, u32)| {
            let limit = limit + extra;
            let quotas = self.quotas[tier as usize].of_tier();
            format!(r#""{tier}":{{"maxConcurrentJobs":{limit},"maxBatchSize":{width}{quotas}}}"#)
        };
        let tiers: Vec<String> = Tier::ALL.into_iter().zip(limits).map(tier).collect();
        let vars = [
            ("TIERS", format!("{{{}}}", tiers.join(","))),
            ("KINDS", self.kinds()),
            ("POOL_CAPACITY", capacity.to_string()),
            ("LEASE_SECONDS", self.lease.to_string()),
            ("DELIVERY_BUDGET_SECONDS", self.budget.to_string()),
            ("PRIORITY_BOOST_SECONDS", self.boost.to_string()),
            ("TICKET_RESEND_SECONDS", self.resend.to_string()),
            ("MAX_ATTEMPTS", self.attempts.to_string()),
            ("RETRY_BACKOFF_SECONDS", self.backoff.to_string()),
        ];
        let look = |name: &str| {
            let found = vars.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| value.clone())
        };
        let mut config = Config::from_vars(&look).expect("what is drawn is within the bounds");
        let prices = Tier::ALL.map(|tier| (tier.name().to_owned(), tier));
        config.gate.plans.prices.extend(prices);
        // Days where it is configured.
        config.gate.plans.past_due_grace = self.grace;
        config.gate.outage_max = self.outage_max;
        config.places = self.places;
        if self.forgets {
            // Far below what may be configured.
            config.gate.retention = Duration::from_mins(1);
        }
        config
    }
}

/// How many may run at once: nobody is bounded, few, or many.
pub(crate) fn capacity(dice: &mut Dice) -> u32 {
    let capacity = match dice.below(10) {
        0..3 => 0,
        3..6 => dice.between(1, 2),
        6..9 => dice.between(1, 6),
        _ => dice.between(7, 60),
    };
    u32::try_from(capacity).unwrap_or(1)
}
