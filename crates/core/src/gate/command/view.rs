//! What a user may see of the account and the jobs.

use crate::{
    domain::{
        JobId, Kind, Mailbox, SeriesId, Subscription, Tier, Timestamp,
        plan::{AccountType, Paid, PlanName},
    },
    estimate::Estimate,
    gate::{
        account::PlanStep,
        job::{Job, State},
    },
    pool::{self, coming::Coming},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which jobs a question is about.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobFilter {
    /// Only jobs in this state.
    pub state: Option<State>,
    /// Only jobs of this series.
    pub series_id: Option<SeriesId>,
    /// Only jobs before this one (newest first).
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
    /// With what they made; a call of an earlier build does not say.
    #[serde(default)]
    pub artifacts: bool,
}

/// How much of a month's quota is used.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MonthUse {
    /// The bound.
    pub limit: u32,
    /// Jobs that count.
    pub used: u32,
    /// When the next month begins.
    pub ends_at: Timestamp,
}

/// Where a user's tier comes from.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum TierSource {
    /// The plan.
    Plan,
    /// A caller stated it.
    Stated,
    /// Nobody said anything.
    #[default]
    Default,
}

/// A user's plan and what it gives now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// Which of its parts gives the tier.
    pub name: PlanName,
    /// The kind of account.
    pub account_type: AccountType,
    /// The subscriptions, what gives most first, then the newest.
    pub subscriptions: Vec<SubscriptionView>,
    /// When time alone takes the tier away.
    pub until: Option<Timestamp>,
}

/// A subscription and what it gives now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionView {
    /// The subscription.
    pub subscription: Subscription,
    /// What it gives, if it counts as paid.
    pub paid: Option<Paid>,
    /// It is the one that gives the user's tier.
    pub counts: bool,
}

/// Where a user stands.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// The user's tier.
    pub tier: Tier,
    /// The tier's limit.
    pub limit: u32,
    /// Jobs that hold a lease.
    pub active: u32,
    /// Jobs in the waiting line.
    pub parked: u32,
    /// Jobs that hold a lease and wait for their turn.
    pub queued: u32,
    /// Jobs that wait out a back-off.
    pub retrying: u32,
    /// Jobs whose time has not come.
    #[serde(default)]
    pub scheduled: u32,
    /// Where the tier comes from.
    #[serde(default)]
    pub source: TierSource,
    /// The plan, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanView>,
    /// What is used of the month's quota, of each kind that has one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub months: BTreeMap<Kind, MonthUse>,
    /// The latest changes of the plan, newest first, at most [`CHANGES_SHOWN`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<PlanStep>,
    /// Where the user's mails go, if there is such an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mailbox: Option<Mailbox>,
    /// The user is being deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_erased: bool,
}

/// Changes of the plan that an account shows.
pub const CHANGES_SHOWN: usize = 10;

/// A job and where it stands in the line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// The user's leases.
    pub active: u32,
    /// The user's limit.
    pub limit: u32,
    /// Both are those of the job's kind: it waits for that limit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_kind: bool,
    /// Its place among the parked jobs of its line, the next being 1; counted up to
    /// [`POSITION_MAX`](crate::line::POSITION_MAX).
    pub position: Option<u32>,
    /// How it comes into the pool's line, for an estimate, if it holds no lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coming: Option<Box<Coming>>,
    /// Where there is no pool: when its turn comes, if it holds no lease and enough is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
}

impl JobView {
    /// What is asked of the pool, where there is one, to show why the job waits and for how long; nothing of a job that runs or
    /// has ended.
    #[must_use]
    pub fn asks(&self) -> Option<pool::Command> {
        let waits = self.job.state == State::Queued || self.coming.is_some();
        waits.then(|| pool::Command::Place {
            job_id: self.job.job_id.clone(),
            coming: self.coming.clone(),
        })
    }
}
