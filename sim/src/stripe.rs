//! What happens at Stripe: subscriptions change, and what is told of it is late, or lost until somebody reads the list.

use crate::{dice::Dice, rates::Rates};
use queue_core::domain::{
    Tier,
    subscription::SubscriptionStatus::{self, Active, Canceled, PastDue},
};

/// Subscriptions of a user.
pub(crate) const SUBSCRIPTIONS: usize = 2;

/// A subscription of a user changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TierChange {
    /// When it is told, in milliseconds after the start.
    pub(crate) at: i64,
    /// Whose.
    pub(crate) user: usize,
    /// Which of the user's.
    pub(crate) subscription: usize,
    /// The tier that is paid for.
    pub(crate) tier: Tier,
    /// Whether it is paid.
    pub(crate) status: SubscriptionStatus,
    /// When it came about; it may be told late, and so out of order.
    pub(crate) created: i64,
    /// Nobody is told.
    pub(crate) is_lost: bool,
}

/// What happens at Stripe in a seed.
#[derive(Debug)]
pub(crate) struct Stripe {
    /// What changes.
    pub(crate) changes: Vec<TierChange>,
    /// When somebody has the list read, and of which user.
    pub(crate) readings: Vec<(i64, usize)>,
}

impl Stripe {
    /// Users buy plans of other tiers, up and down, and cancel some; the price that is paid is named after the tier.
    pub(crate) fn draw(dice: &mut Dice, rates: &Rates, users: usize, horizon: i64) -> Self {
        let mut changes = Vec::new();
        // In some seeds nobody has a plan, in some not everybody.
        let plans = [0.0, 0.5, 1.0][dice.below(3)];
        let mut offers = 0;
        while offers < 4 && dice.chance(rates.reprice) {
            offers += 1;
            let change = change(dice, users, horizon);
            if dice.chance(plans) {
                changes.push(change);
            }
        }
        Self {
            changes,
            readings: Vec::new(),
        }
    }

    /// Some pay too late, some events are lost, and some lists are read.
    pub(crate) fn add_terms(
        &mut self,
        dice: &mut Dice,
        (has_grace, loses): (bool, bool),
        (users, horizon): (usize, i64),
    ) {
        if has_grace {
            for _ in 0..dice.between(1, 5) {
                self.changes.push(change(dice, users, horizon));
            }
            for change in &mut self.changes {
                if dice.chance(0.5) {
                    change.status = PastDue;
                }
            }
        }
        if self.changes.is_empty() {
            return;
        }
        if loses && dice.chance(0.3) {
            for change in &mut self.changes {
                change.is_lost = dice.chance(0.3);
            }
        }
        if dice.chance(0.3) {
            for _ in 0..dice.between(1, 3) {
                let of = self.changes[dice.below(self.changes.len())].user;
                self.readings.push((dice.between(0, horizon), of));
            }
        }
    }

    /// What came about of a subscription up to a time, oldest first.
    fn past(&self, user: usize, subscription: usize, at: i64) -> Vec<&TierChange> {
        let is_such = |change: &&TierChange| {
            (change.user, change.subscription) == (user, subscription) && change.created <= at
        };
        let mut past: Vec<_> = self.changes.iter().filter(is_such).collect();
        past.sort_by_key(|change| change.created);
        past
    }

    /// Whether the status came with that change.
    pub(crate) fn has_turned(&self, number: usize) -> bool {
        let TierChange {
            user,
            subscription,
            status,
            created,
            ..
        } = self.changes[number];
        let before = self.past(user, subscription, created - 1);
        before.last().is_some_and(|before| before.status != status)
    }

    /// The list of a user's subscriptions as it is at some time, with when each began.
    pub(crate) fn list(&self, user: usize, at: i64) -> impl Iterator<Item = (TierChange, i64)> {
        (0..SUBSCRIPTIONS).filter_map(move |subscription| {
            let past = self.past(user, subscription, at);
            Some((**past.last()?, past.first()?.created))
        })
    }
}

fn change(dice: &mut Dice, users: usize, horizon: i64) -> TierChange {
    let (user, tier) = (dice.below(users), dice.below(Tier::ALL.len()));
    let at = dice.between(0, horizon);
    let created = if dice.chance(0.3) {
        dice.between(0, at)
    } else {
        at
    };
    // Every third time it ends; a time is as good as dice.
    let status = if created % 3 > 0 { Active } else { Canceled };
    TierChange {
        at,
        user,
        subscription: usize::try_from(created).unwrap_or(0) % SUBSCRIPTIONS,
        tier: Tier::ALL[tier],
        status,
        created,
        is_lost: false,
    }
}
