//! What the oracle knows of a user's account: what is paid for, and what was submitted in which month.

use crate::{kinds::COUNT, plan::MONTH_END};
use queue_core::{
    domain::{Subscription, Tier, Timestamp, subscription::SubscriptionStatus},
    gate::command::{MonthUse, PlanEvent},
};
use std::{collections::BTreeMap, time::Duration};

/// What comes about after a list was read may be dated so much before.
const READ_MARGIN: Duration = Duration::from_secs(2);

/// What the oracle knows of a subscription.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bought {
    /// Events that were applied, and from when on what comes about is newer than each.
    pub(super) events: BTreeMap<String, Timestamp>,
    /// The tier that is paid for.
    pub(super) tier: Option<Tier>,
    /// Since when the payment is due.
    pub(super) due_since: Option<Timestamp>,
    /// The grace has ended, and stays so.
    pub(super) is_over: bool,
}

impl Bought {
    /// A status that is told again keeps its date, unless it was another in between.
    pub(super) fn tells(&mut self, told: &Subscription, event: &PlanEvent) {
        let as_of = if event.is_read {
            event.created.before(READ_MARGIN)
        } else {
            event.created
        };
        self.events.insert(event.id.clone(), as_of);
        let price = told.price_ids.first();
        self.tier = price.and_then(|price| Tier::from_name(price));
        let is_due = told.status == SubscriptionStatus::PastDue;
        let again = self.due_since.filter(|_| !event.has_turned);
        if !is_due || again.is_none() {
            self.due_since = is_due.then_some(told.since);
            self.is_over = false;
        }
    }
}

/// The first moment of the month after the second.
const NEXT_MONTH_END: i64 = 1_704_067_200_000;

/// What a user has submitted of each kind in the two months that a seed may see.
#[derive(Clone, Debug, Default)]
pub(crate) struct Months {
    pub(super) used: [[u32; 2]; COUNT],
    /// The latest in which anything counted; a clock that is set back does not open an earlier one again.
    pub(super) latest: usize,
}

impl Months {
    pub(super) fn at(&self, now: Timestamp) -> usize {
        usize::from(now.as_millis() >= MONTH_END).max(self.latest)
    }

    pub(super) fn of(&self, kind: usize, limit: u32, now: Timestamp) -> MonthUse {
        let month = self.at(now);
        MonthUse {
            limit,
            used: self.used[kind][month],
            ends_at: Timestamp::from_millis([MONTH_END, NEXT_MONTH_END][month]),
        }
    }
}
