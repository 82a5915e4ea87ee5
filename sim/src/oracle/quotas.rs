//! Quotas, to the job. The books are kept here: of what was accepted, whether or not anybody heard of it, each job once.

use super::{Oracle, Violation, replies::Place, require};
use crate::{kinds, marks::Mark};
use queue_core::{
    domain::{Kind, Tier},
    gate::command::{Exceeded, MonthUse, NewJob, Quota},
};
use std::collections::BTreeMap;

impl Oracle {
    /// A submission was accepted, or refused because of a quota: it is refused if, and only if, that is used up.
    pub(super) fn bounded(
        &mut self,
        place: Place,
        new: &NewJob,
        refused: Option<&Exceeded>,
    ) -> Result<(), Violation> {
        let number = self.number(&new.job_id)?;
        let is_known = self.is_known(number);
        if refused.is_none() && is_known {
            // The same call once more.
            return Ok(());
        }
        let user = &self.users[place.user];
        let stated = new.stated_tier.filter(|_| !user.is_planned());
        let tier = stated.unwrap_or(user.tier);
        let full = self.used_up(place, tier, new);
        let right = refused.map_or(full.is_empty(), |refused| {
            full.contains(refused) && !is_known
        });
        require(right, "quotas", || {
            let user = &self.users[place.user];
            format!("job {number} was answered {refused:?}, used up is {full:?}: {user:?}")
        })?;
        if let Some(refused) = refused {
            self.tally.mark(match refused.quota {
                Quota::JobsPerMonth => Mark::MonthUsedUp,
                Quota::MaxParkedJobs => Mark::TooManyWait,
                Quota::MaxChars => Mark::ScriptTooLong,
            });
        } else if self.config.kinds.quota(&new.kind, tier).jobs_per_month > 0 {
            self.counts(place, number);
        }
        Ok(())
    }

    /// Whether the job, or one under the same key, is there already.
    fn is_known(&self, number: usize) -> bool {
        let Some(new) = self.jobs.get(number) else {
            return false;
        };
        let key = new.key.map(|(key, _)| key);
        let mut others = self.jobs.iter().enumerate();
        others.any(|(other, fact)| {
            let is_same = key.is_some() && key == fact.key.map(|(key, _)| key);
            let is_there = fact.recorded.is_some() && !fact.forgotten;
            is_there && (other == number || is_same && fact.user == new.user)
        })
    }

    fn used_up(&self, place: Place, tier: Tier, new: &NewJob) -> Vec<Exceeded> {
        let user = &self.users[place.user];
        let rules = self.config.tiers.of(tier);
        let quota = self.config.kinds.quota(&new.kind, tier);
        let number = self.index.get(&new.job_id).map(|job| self.jobs[*job].kind);
        let month = user
            .months
            .of(number.unwrap_or(0), quota.jobs_per_month, place.now);
        let waits = user.parked + user.queued + user.retrying + user.scheduled;
        let refusal = |quota, limit, used, resets_at| Exceeded {
            quota,
            tier,
            limit,
            used,
            resets_at,
        };
        let (text, parked) = (quota.max_chars, rules.max_parked_jobs);
        let mut full = Vec::new();
        if text > 0 && new.chars > text {
            full.push(refusal(Quota::MaxChars, text, new.chars, None));
        }
        if parked > 0 && waits >= parked {
            full.push(refusal(Quota::MaxParkedJobs, parked, parked, None));
        }
        if month.limit > 0 && month.used >= month.limit {
            let resets_at = Some(month.ends_at);
            full.push(refusal(
                Quota::JobsPerMonth,
                month.limit,
                month.used,
                resets_at,
            ));
        }
        full
    }

    /// A job whose count was given back is replayed.
    pub(super) fn counts_again(&mut self, place: Place, number: usize) {
        let user = &self.users[place.user];
        let kind = kinds::kind(self.jobs[number].kind);
        if self.config.kinds.quota(&kind, user.tier).jobs_per_month > 0 {
            self.counts(place, number);
        } else {
            self.jobs[number].counted = None;
        }
    }

    fn counts(&mut self, place: Place, number: usize) {
        let kind = self.jobs[number].kind;
        let months = &mut self.users[place.user].months;
        let month = months.at(place.now);
        if month > months.latest && months.used[kind][0] > 0 {
            self.tally.mark(Mark::MonthBegan);
        }
        months.latest = month;
        months.used[kind][month] += 1;
        self.jobs[number].counted = Some(month);
    }

    /// A job was cancelled, or expired: if it was never started, it does not count any more.
    pub(super) fn gives_back(&mut self, number: usize) {
        let fact = &self.jobs[number];
        let Some(month) = fact.counted.filter(|_| fact.grant.is_none()) else {
            return;
        };
        let used = &mut self.users[fact.user].months.used[fact.kind][month];
        *used = used.saturating_sub(1);
        self.tally.mark(Mark::GivenBack);
    }

    /// What a look at the account shows of the month, by kind.
    pub(super) fn month_use(&self, place: Place) -> BTreeMap<Kind, MonthUse> {
        let user = &self.users[place.user];
        let of = |number: usize| {
            let kind = kinds::kind(number);
            let limit = self.config.kinds.quota(&kind, user.tier).jobs_per_month;
            (limit > 0).then(|| (kind, user.months.of(number, limit, place.now)))
        };
        (0..kinds::COUNT).filter_map(of).collect()
    }
}
