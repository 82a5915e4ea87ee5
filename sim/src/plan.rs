//! What a seed sets up: the configuration, the users, and who wants what when.

use crate::{
    deploys,
    dice::Dice,
    operator::Order,
    outage::Outage,
    rates::Rates,
    replays::Replays,
    settings::{self, Settings},
    stripe::Stripe,
    wish::{Wish, add_terms, wishes},
};
use queue_core::{config::Config, domain::UserId};
use std::time::Duration;

/// When a seed begins, in milliseconds since 1970, unless a month is to end in it.
const START: i64 = 1_700_000_000_000;

/// The first moment of the month after that.
pub(crate) const MONTH_END: i64 = 1_701_388_800_000;

/// A deploy with another configuration.
#[derive(Clone, Debug)]
pub(crate) struct Deploy {
    /// When, in milliseconds after the start.
    pub(crate) at: i64,
    /// The configuration.
    pub(crate) config: Config,
    /// The limits as the oracle knows them.
    pub(crate) limits: [u32; 4],
    /// The capacity.
    pub(crate) capacity: u32,
}

impl Deploy {
    fn of(drawn: &Settings, extra: u32, (at, limits, capacity): (i64, [u32; 4], u32)) -> Self {
        Self {
            at,
            config: drawn.config(limits, extra, capacity),
            limits,
            capacity,
        }
    }
}

/// What a seed sets up.
#[derive(Debug)]
pub(crate) struct Plan {
    /// When it begins, in milliseconds since 1970.
    pub(crate) start: i64,
    /// The configuration that the gates and consumers run under.
    pub(crate) config: Config,
    /// The limits as the oracle knows them; the same, unless a defect was planted.
    pub(crate) limits: [u32; 4],
    /// The limit of the kind that has one; 0: none has.
    pub(crate) kind_limit: u32,
    /// Deploys in the midst of it, in order of time.
    pub(crate) deploys: Vec<Deploy>,
    /// Who pays for what when.
    pub(crate) stripe: Stripe,
    /// Outages of back ends.
    pub(crate) outages: Vec<Outage>,
    /// A pause that an operator orders.
    pub(crate) order: Option<Order>,
    /// What is replayed when.
    pub(crate) replays: Replays,
    /// When which user is deleted.
    pub(crate) erasures: Vec<(i64, usize)>,
    /// Everybody.
    pub(crate) users: Vec<UserId>,
    /// What they want, in order of time.
    pub(crate) wishes: Vec<Wish>,
    /// How long a stage takes, in milliseconds, on the average.
    pub(crate) stage_ms: i64,
    /// Most deliveries at once.
    pub(crate) consumers: usize,
    /// In how many isolates they run.
    pub(crate) isolates: usize,
    /// Messages in one delivery.
    pub(crate) batch_max: usize,
    /// How long a message waits for others, in milliseconds: not at all, as in `wrangler.toml`, or some time.
    pub(crate) batch_ms: i64,
    /// How long the faults last, in milliseconds.
    pub(crate) storm_ms: i64,
    /// Whether one user has very many jobs.
    pub(crate) hot: bool,
    /// Nothing goes wrong in it.
    pub(crate) is_calm: bool,
}

impl Plan {
    /// The plan of a seed. `extra` is added to each limit behind the oracle's back.
    pub(crate) fn draw(seed: u64, dice: &mut Dice, rates: &Rates, extra: u32) -> Self {
        let hot = seed % 1_000 == 999;
        let is_calm = rates.is_calm;
        let most = [[1, 2, 3, 4], [2, 4, 6, 8]][usize::from(dice.chance(0.2))];
        let limits = most.map(|most| u32::try_from(dice.between(1, most)).unwrap_or(1));
        // Terms have dice of their own: what else a seed does need not change with them.
        let mut terms = Dice::new(!seed);
        let drawn = Settings::draw(dice, &mut terms, hot);
        let capacity = settings::capacity(dice);
        let config = drawn.config(limits, extra, capacity);
        let horizon = horizon(dice);
        let stage_ms = dice.between(500, 40_000);
        let users = users(dice, is_calm);
        let jobs = jobs(dice, hot, is_calm);
        let mut wishes = wishes(dice, rates, jobs, users.len(), horizon);
        let times = Dice::new(seed.rotate_left(32));
        add_terms(&mut wishes, (&mut terms, times), drawn.kind_limit > 0);
        // Jobs are forgotten at a full hour; some of that shall go wrong, too.
        let longest = if drawn.forgets { 7_200_000 } else { 0 };
        let forgets = dice.between(0, longest);
        let deploys = deploys::draw(dice, rates, (most, limits, capacity), horizon);
        let deploys = deploys.into_iter();
        let deploys: Vec<Deploy> = deploys.map(|new| Deploy::of(&drawn, extra, new)).collect();
        let mut stripe = Stripe::draw(dice, rates, users.len(), horizon);
        let of = (users.len(), horizon);
        stripe.add_terms(&mut terms, (drawn.has_grace(), !is_calm), of);
        let outages = Outage::draw(&mut terms, users.len(), horizon);
        let order = Order::draw(&mut terms, horizon);
        let order = order.filter(|_| has_always_pool(capacity, &deploys));
        let replays = Replays::of_seed(seed, is_calm, of);
        let erasures = erasures(dice, rates, users.len(), horizon);
        Self {
            start: drawn
                .ends_month
                .map_or(START, |part| MONTH_END - i64::from(part) * horizon / 100),
            config,
            limits,
            kind_limit: drawn.kind_limit,
            deploys,
            stripe,
            erasures,
            users,
            wishes,
            stage_ms: if hot { 500 } else { stage_ms },
            consumers: [1, 1, 2, 4, 16, 250][dice.below(6)],
            isolates: 1 + dice.below(4),
            batch_max: if dice.chance(0.2) {
                1 + dice.below(10)
            } else {
                100
            },
            batch_ms: if dice.chance(0.7) { 0 } else { 1_000 },
            storm_ms: Outage::after_all(
                &outages,
                horizon + dice.between(60_000, 600_000) + forgets,
            )
            .max(order.map_or(0, |order| order.to)),
            order,
            outages,
            replays,
            hot,
            is_calm,
        }
    }

    /// Whether there is ever a pool.
    pub(crate) fn has_pool(&self) -> bool {
        let later = self.deploys.iter().any(|deploy| deploy.capacity > 0);
        later || self.config.pool.capacity > 0
    }

    /// How long after the faults everything must have ended, in milliseconds: what clients put
    /// off, the longest pause before a ticket is sent or tried again (an hour), a clock that was set back (an hour, perhaps twice), leases,
    /// the wall clock of a consumer, and then every stage of every job, one after the other.
    pub(crate) fn calm_ms(&self) -> i64 {
        let jobs = i64::try_from(self.wishes.len()).unwrap_or(i64::MAX);
        let put_off = self.wishes.iter().map(|wish| wish.times.longest()).max();
        6 * 3_600_000 + put_off.unwrap_or(0).max(0) + jobs * 2 * 3 * (4 * self.stage_ms + 5_000)
    }
}

/// Without a pool at some time, nobody could be told of a pause.
fn has_always_pool(capacity: u32, deploys: &[Deploy]) -> bool {
    capacity > 0 && deploys.iter().all(|deploy| deploy.capacity > 0)
}

/// Some users are deleted, and perhaps come back.
fn erasures(dice: &mut Dice, rates: &Rates, users: usize, horizon: i64) -> Vec<(i64, usize)> {
    let mut erasures = Vec::new();
    for user in 0..users {
        if dice.chance(rates.erase) {
            erasures.push((dice.between(0, horizon), user));
        }
    }
    erasures
}

/// How long clients submit, in milliseconds.
fn horizon(dice: &mut Dice) -> i64 {
    if dice.chance(0.3) {
        dice.between(60_000, 7_200_000)
    } else {
        dice.between(10_000, 600_000)
    }
}

fn jobs(dice: &mut Dice, hot: bool, is_calm: bool) -> i64 {
    if hot {
        dice.between(500, 2_000)
    } else if is_calm {
        dice.between(5, 120)
    } else {
        dice.between(3, 12)
    }
}

fn users(dice: &mut Dice, is_calm: bool) -> Vec<UserId> {
    let users = 1 + dice.below(if is_calm { 12 } else { 3 });
    let names = (0..users).map(|user| UserId::try_from(format!("user{user}")));
    names.collect::<Result<_, _>>().expect("the names are good")
}

/// A span in the world's milliseconds.
pub(crate) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
