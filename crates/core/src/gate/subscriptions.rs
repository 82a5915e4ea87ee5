//! The set of a user's subscriptions, by their ids: each has its own order of events, and none speaks for another.
//!
//! What gives the user something is never dropped. What has ended is kept for [`ENDED_KEPT`], so that a late event cannot
//! bring it back; an event that is older than that speaks only of what is known.
//!
//! `incomplete` is the first status of a subscription and never comes again. So whatever else is said of it is newer; also
//! that a checkout is paid, though that is dated with its beginning.

use crate::domain::{
    Plans, Subscription, Timestamp,
    plan::Paid,
    subscription::{Grace, SubscriptionStatus},
};
use serde::{Deserialize, Serialize};
use std::{cmp::Reverse, ops::Not, time::Duration};

/// Subscriptions that a user may have. Of those that give nothing, the oldest make way; if all give something, no other is
/// taken.
pub const SUBSCRIPTIONS_MAX: usize = 20;

/// How long a subscription is kept after it has ended. Stripe sends an event again for 30 days at most.
pub const ENDED_KEPT: Duration = Duration::from_hours(30 * 24);

/// Ids of events that are kept of a subscription, the newest.
pub const EVENTS_MAX: usize = 16;

/// What comes about after something was read may be dated so much before: to the second, and by another clock.
pub const READ_MARGIN: Duration = Duration::from_secs(2);

/// A webhook's event that changes a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanEvent {
    /// Its id.
    pub id: String,
    /// When it came about, by who sent it.
    pub created: Timestamp,
    /// Whether it was not sent, but read then: it replaces all that was told until then.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub is_read: bool,
    /// When the subscription itself began, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began: Option<Timestamp>,
    /// Whether the status came with it: it is not the one that was told before, though another in between was lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_turned: bool,
    /// Keyed hashes of the subscription's id, one for each key: all that is kept of it when the user is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

impl PlanEvent {
    /// From when on what comes about replaces it.
    fn as_of(&self) -> Timestamp {
        if self.is_read {
            self.created.before(READ_MARGIN)
        } else {
            self.created
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlanOutcome {
    /// It holds.
    Applied,
    /// Its event was seen before; nothing changed.
    Repeated,
    /// A newer event of the subscription holds; nothing changed.
    Outdated,
    /// The event is of a user who is deleted or being deleted; nothing changed.
    Erased,
    /// The user has [`SUBSCRIPTIONS_MAX`] others, all of which give something; nothing changed.
    Full,
}

/// A subscription, and what is known of its events.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What it is.
    pub subscription: Subscription,
    /// When the newest event about it came about, or when the service set it.
    pub as_of: Timestamp,
    /// Events that were applied, oldest first, at most [`EVENTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// What is kept of it when the user is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// What is known of its grace period.
    #[serde(default)]
    pub grace: Grace,
}

impl Row {
    /// What it gives.
    #[must_use]
    pub fn paid(&self, now: Timestamp, plans: &Plans) -> Option<Paid> {
        plans.paid(now, &self.subscription, &self.grace)
    }
}

/// All of a user's subscriptions.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Subscriptions(pub Vec<Row>);

impl Subscriptions {
    /// The one of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Subscription> {
        let row = self.0.iter().find(|row| row.subscription.id == id)?;
        Some(&row.subscription)
    }

    /// The one that gives most, and what it gives.
    #[must_use]
    pub fn best(&self, now: Timestamp, plans: &Plans) -> Option<(&Row, Paid)> {
        let paid = self
            .0
            .iter()
            .filter_map(|row| Some((row, row.paid(now, plans)?)));
        paid.max_by_key(|(_, paid)| paid.worth())
    }

    /// What becomes of what an event says of a subscription.
    pub(super) fn judge(
        &self,
        (now, plans): (Timestamp, &Plans),
        told: &Subscription,
        event: &PlanEvent,
    ) -> PlanOutcome {
        let own = self.0.iter().find(|row| row.subscription.id == told.id);
        let is_older = |row: &Row| event.created < row.as_of;
        // A checkout that names no subscription never replaces what an event of its subscription said.
        let of_customer = |row: &&Row| row.subscription.customer == told.customer;
        let is_late = match own {
            Some(row) if has_begun(told, &row.subscription) => {
                !row.subscription.price_ids.is_empty()
            }
            Some(row) => is_older(row) && !has_begun(&row.subscription, told),
            None => event.created <= now.before(ENDED_KEPT),
        } || told.is_provisional() && self.0.iter().filter(of_customer).any(is_older);
        if own.is_some_and(|row| row.events.contains(&event.id)) {
            PlanOutcome::Repeated
        } else if is_late {
            PlanOutcome::Outdated
        } else if own.is_none()
            && self.0.len() >= SUBSCRIPTIONS_MAX
            && self.0.iter().all(|row| row.paid(now, plans).is_some())
        {
            PlanOutcome::Full
        } else {
            PlanOutcome::Applied
        }
    }

    /// Takes over what is said. A status that is told again keeps its date, or a grace period would never end; unless it
    /// was another in between.
    pub(super) fn put(
        &mut self,
        (now, plans): (Timestamp, &Plans),
        mut told: Subscription,
        keeps_price: bool,
        event: Option<PlanEvent>,
    ) {
        let mut as_of = event.as_ref().map_or(now, PlanEvent::as_of);
        let is_own = |row: &Row| row.subscription.id == told.id;
        let mut row = match self.0.iter().position(is_own) {
            Some(index) => self.0.remove(index),
            None => Row {
                subscription: told.clone(),
                as_of,
                events: Vec::new(),
                marks: Vec::new(),
                grace: Grace::default(),
            },
        };
        // An event without a price is of a checkout.
        if keeps_price || event.is_some() && told.price_ids.is_empty() {
            told.price_ids.clone_from(&row.subscription.price_ids);
        }
        if event.is_some() && has_begun(&told, &row.subscription) {
            (told.status, as_of) = (row.subscription.status, row.as_of);
        }
        let has_turned = event.as_ref().is_some_and(|event| event.has_turned);
        if told.status == row.subscription.status && !has_turned {
            told.since = row.subscription.since;
        } else {
            row.grace = Grace::default();
        }
        if event.as_ref().is_some_and(|event| event.is_read) {
            as_of = as_of.max(row.as_of);
        }
        (row.subscription, row.as_of) = (told, as_of);
        if let Some(event) = event {
            row.events.push(event.id);
            keep_newest(&mut row.events, EVENTS_MAX);
            row.marks = event.marks;
        }
        // What a checkout stood for has come.
        self.0.retain(|other| {
            !other.subscription.is_provisional()
                || other.subscription.customer != row.subscription.customer
                || other.as_of > row.as_of
        });
        self.0.push(row);
        self.make_room(now, plans);
    }

    /// Removes one.
    pub(super) fn remove(&mut self, id: &str) {
        self.0.retain(|row| row.subscription.id != id);
    }

    /// Forgets what ended long ago, and what gives nothing beyond the bound: first what has ended for good, and of that the
    /// oldest.
    fn make_room(&mut self, now: Timestamp, plans: &Plans) {
        let is_final = |row: &Row| row.subscription.status.is_final();
        let long_ago = now.before(ENDED_KEPT);
        self.0.retain(|row| !is_final(row) || row.as_of > long_ago);
        while self.0.len() > SUBSCRIPTIONS_MAX {
            let rows = self.0.iter().enumerate();
            let idle = rows.filter(|(_, row)| row.paid(now, plans).is_none());
            let first = idle.min_by_key(|(_, row)| (Reverse(is_final(row)), row.as_of));
            let Some((index, _)) = first else {
                return;
            };
            self.0.remove(index);
        }
    }

    /// Notes which grace periods have ended by `now`; a change of that is to be recorded with the next change of the plan.
    ///
    /// A status that is dated further in the future than `far` was told before the clock was set back: its grace counts
    /// from now, or it would last as much longer. Only for as long as the date lies in the future: perhaps it is this clock
    /// that is wrong.
    pub(super) fn tick(&mut self, now: Timestamp, far: Timestamp, length: Duration) {
        for Row {
            subscription,
            grace,
            ..
        } in &mut self.0
        {
            let bound = grace.bound.unwrap_or_else(|| now.after(length));
            grace.bound = (subscription.since > far).then_some(bound);
            let end = grace.end(subscription.since, length);
            if subscription.status == SubscriptionStatus::PastDue && end <= now {
                grace.over_at = grace.over_at.max(Some(end));
            }
        }
    }
}

/// Whether a subscription was `incomplete` and is something else by now.
fn has_begun(before: &Subscription, now: &Subscription) -> bool {
    let is_first = |told: &Subscription| told.status == SubscriptionStatus::Incomplete;
    is_first(before) && !is_first(now)
}

/// Drops the oldest of a list, beyond `most`.
pub(super) fn keep_newest<T>(list: &mut Vec<T>, most: usize) {
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}
