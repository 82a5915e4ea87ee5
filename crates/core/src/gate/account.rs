//! What a gate knows of its user besides the jobs: the account as it is stored, its plan, and what changes that.

use super::{
    job::State,
    subscriptions::{PlanEvent, Subscriptions, keep_newest},
};
use crate::domain::{
    JobId, Kind, Mailbox, Subscription, Tier, Timestamp, UserId,
    plan::{AccountType, PlanName},
    subscription::{SERVICE, SubscriptionStatus},
};
use serde::{Deserialize, Deserializer, Serialize};
use std::time::Duration;

/// Changes of a plan that are kept, the newest.
pub const HISTORY_MAX: usize = 50;

/// Months of which an account knows what was submitted of a kind.
pub const MONTHS_KEPT: usize = 4;

/// How long the marks of a deleted user's subscriptions count: a year's subscription has been renewed by then.
pub const MARKS_KEPT: Duration = Duration::from_hours(400 * 24);

/// Marks that are kept, the newest.
pub const MARKS_MAX: usize = 200;

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
    /// What was submitted in the months that were counted last, at most [`MONTHS_KEPT`] of each kind. More than one, since a
    /// clock may step into another month and back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usage: Vec<Usage>,
    /// Where the user's mails go; any other that led here before does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<Mailbox>,
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
            mailbox: None,
            erasing: None,
            walk: None,
        }
    }
}

/// What was submitted of a kind in a month.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The first moment of the month.
    pub since: Timestamp,
    /// Of which kind.
    pub kind: Kind,
    /// Jobs that count.
    pub used: u32,
}

/// A change of a user's plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanChange {
    /// The kind of account; `None` leaves it as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_type: Option<AccountType>,
    /// What is said of one subscription; `None` says nothing, `Some(None)` removes that of the service. One whose status
    /// stays keeps its date.
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
    /// The event that says so. One that was seen, or is older than the newest of the subscription, changes nothing.
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

impl PlanChange {
    /// The subscription that it is about.
    #[must_use]
    pub fn subscription_id(&self) -> Option<&str> {
        let told = self.subscription.as_ref()?;
        Some(told.as_ref().map_or(SERVICE, |told| &told.id))
    }

    /// Whether it changes nothing, and only asks whether its event would count.
    #[must_use]
    pub const fn is_question(&self) -> bool {
        self.account_type.is_none() && self.subscription.is_none()
    }
}

/// What a user had at some moment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// The plan, if one was known.
    pub plan: Option<PlanName>,
    /// The status of the subscription that changed, if there was one.
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
    /// The subscription that changed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// What the user had before.
    pub from: Standing,
    /// What the user has since.
    pub to: Standing,
}

/// A plan that somebody told the gate.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownPlan {
    /// The kind of account.
    pub account_type: AccountType,
    /// What the user pays for or paid for.
    #[serde(default)]
    pub subscriptions: Subscriptions,
    /// When time alone takes the tier away; the alarm rings then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// When Stripe is asked next what the user pays for; the alarm rings then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_reading: Option<Timestamp>,
    /// Changes, oldest first, at most [`HISTORY_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PlanStep>,
}

/// What is left of a user who was deleted: nothing personal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// When the user was forgotten last.
    pub at: Timestamp,
    /// The user's subscriptions, oldest first, at most [`MARKS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// A subscription of a deleted user.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mark {
    /// A keyed hash of its id.
    pub hash: String,
    /// When the user was deleted.
    pub at: Timestamp,
}

impl Erased {
    /// What is left when the account is forgotten now, after what was left of an earlier one.
    #[must_use]
    pub fn of(account: &Account, earlier: Option<Self>, now: Timestamp) -> Self {
        let mut marks = earlier.map_or_else(Vec::new, |earlier| earlier.marks);
        marks.retain(|mark| now < mark.at.after(MARKS_KEPT));
        let rows = account.plan.iter().flat_map(|plan| &plan.subscriptions.0);
        let hashes = rows.flat_map(|row| &row.marks).cloned();
        marks.extend(hashes.map(|hash| Mark { hash, at: now }));
        keep_newest(&mut marks, MARKS_MAX);
        Self { at: now, marks }
    }

    /// Whether one of the hashes is that of a subscription of then.
    #[must_use]
    pub fn knows(&self, hashes: &[String], now: Timestamp) -> bool {
        let is_kept = |mark: &Mark| now < mark.at.after(MARKS_KEPT);
        let mut marks = self.marks.iter().filter(|mark| is_kept(mark));
        marks.any(|mark| hashes.contains(&mark.hash))
    }
}
