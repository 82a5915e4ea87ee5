//! What a gate knows of its user besides the jobs: the account as it is stored, its plan, and what changes that.

use super::job::State;
use crate::domain::{
    JobId, Plan, Tier, Timestamp, UserId,
    plan::{AccountType, PlanName, Subscription, SubscriptionStatus},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;

/// Changes of a plan that are kept, the newest; with the events, an account's row stays below 30 KB.
pub const HISTORY_MAX: usize = 50;

/// Ids of events that are kept, the newest. One that was dropped is older than the newest event, or of the same
/// second, and only then could it be applied twice.
pub const EVENTS_MAX: usize = 50;

/// Months of which an account knows what was submitted.
pub const MONTHS_KEPT: usize = 4;

/// How long the id of an event is remembered.
pub const EVENTS_KEPT: Duration = Duration::from_hours(24);

/// What the gate knows of its user, besides the jobs.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Whose gate this is.
    pub user_id: UserId,
    /// The user's tier, by the plan or else as it was stated last; its limit holds for all the user's jobs.
    pub tier: Tier,
    /// Somebody stated the tier.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stated: bool,
    /// The plan, if anybody ever told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<KnownPlan>,
    /// What was submitted in the months that were counted last, at most [`MONTHS_KEPT`]. More than one, since a clock may
    /// step into another month and back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<Usage>,
    /// Since when the user is being deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasing: Option<Timestamp>,
    /// What has yet to be done to all jobs, because the user gets another tier or is being deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<Walk>,
}

/// How far a walk over a user's jobs has come: state by state, newest first.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Walk {
    /// The state that it is at; `None`: whatever is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// The job that it came to last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<JobId>,
}

impl Account {
    /// The account of a user of whom nothing is known.
    #[must_use]
    pub fn new(user_id: UserId) -> Self {
        Self {
            user_id,
            tier: Tier::default(),
            stated: false,
            plan: None,
            usage: Vec::new(),
            erasing: None,
            walk: None,
        }
    }
}

/// What was submitted in a month.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The first moment of the month.
    pub since: Timestamp,
    /// Jobs that count.
    pub used: u32,
}

/// A webhook's event that changes a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanEvent {
    /// Its id.
    pub id: String,
    /// When it came about, by who sent it.
    pub created: Timestamp,
}

/// A change of a user's plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanChange {
    /// The kind of account; `None` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
    /// The subscription; `None` leaves it as it is, `Some(None)` removes it. One whose status stays keeps its date.
    #[serde(
        default,
        deserialize_with = "there",
        skip_serializing_if = "Option::is_none"
    )]
    pub subscription: Option<Option<Subscription>>,
    /// The subscription has the price that it had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_price: bool,
    /// Who says so: `service` or `stripe`.
    pub by: String,
    /// The event that says so. One whose id was seen, or that is older than the newest applied one, changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<PlanEvent>,
}

/// A field that is there, be it null.
#[expect(clippy::option_option, reason = "as in the field")]
fn there<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<Subscription>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What became of a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum PlanOutcome {
    /// It holds.
    Applied,
    /// Its event was seen before; nothing changed.
    Repeated,
    /// A newer event holds, or the user is being deleted; nothing changed.
    Outdated,
}

/// What a user had at some moment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The plan, if one was known.
    pub plan: Option<PlanName>,
    /// The status of the subscription, if there was one.
    pub status: Option<SubscriptionStatus>,
    /// The tier.
    pub tier: Tier,
}

/// A change as it is recorded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanStep {
    /// When.
    pub at: Timestamp,
    /// Who: `service`, `stripe`, `grace` (its end) or `configuration` (another `PLANS`).
    pub by: String,
    /// The event that said so, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What the user had before.
    pub from: Standing,
    /// What the user has since.
    pub to: Standing,
}

/// An event that was applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeenEvent {
    /// Its id.
    pub id: String,
    /// When it was applied.
    pub at: Timestamp,
}

/// A plan that somebody told the gate.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownPlan {
    /// The plan.
    pub plan: Plan,
    /// When time alone takes the tier away; the alarm rings then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// The end of the grace that ended last. It stays ended, also if the clock is set back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_at: Option<Timestamp>,
    /// When a grace ends whose beginning lies in the future, as far as the clock can be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Timestamp>,
    /// When the newest applied event came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_event: Option<Timestamp>,
    /// Events applied within [`EVENTS_KEPT`], oldest first, at most [`EVENTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<SeenEvent>,
    /// Changes, oldest first, at most [`HISTORY_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PlanStep>,
}

impl KnownPlan {
    pub(super) fn judge(&self, event: &PlanEvent) -> PlanOutcome {
        if self.events.iter().any(|seen| seen.id == event.id) {
            PlanOutcome::Repeated
        } else if self.newest_event.is_some_and(|at| event.created < at) {
            PlanOutcome::Outdated
        } else {
            PlanOutcome::Applied
        }
    }

    pub(super) fn remember(&mut self, now: Timestamp, event: PlanEvent) {
        self.newest_event = Some(event.created);
        self.events.retain(|seen| now < seen.at.after(EVENTS_KEPT));
        self.events.push(SeenEvent {
            id: event.id,
            at: now,
        });
        keep_newest(&mut self.events, EVENTS_MAX);
    }
}

/// Drops the oldest of a list, beyond `most`.
pub(super) fn keep_newest<T>(list: &mut Vec<T>, most: usize) {
    let surplus = list.len().saturating_sub(most);
    list.drain(..surplus);
}
