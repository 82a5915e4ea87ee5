//! Quotas: how much a user of a tier may submit, and how much of it is used.
//!
//! What waits is counted in the rows, so nothing has to be kept. What was submitted in a month is counted in the
//! account's row, one write a submission, and only where the user's tier has that quota.

use super::{
    account::{Account, MONTHS_KEPT, Usage},
    command::{Exceeded, MonthUse, NewJob, Quota},
    store::Store,
    subscriptions::keep_newest,
    turn::Gate,
};
use crate::{
    domain::{Month, TierRules, Timestamp},
    storage::StorageError,
};
use std::time::Duration;

/// What is used of the tier's month at `now`; `None` where it has no such quota.
pub(super) fn month_use(rules: &TierRules, usage: &[Usage], now: Timestamp) -> Option<MonthUse> {
    let month = current(usage, now);
    (rules.jobs_per_month > 0).then(|| MonthUse {
        limit: rules.jobs_per_month,
        used: used(usage, month.start),
        ends_at: month.end,
    })
}

/// The month that counts. A clock that was set back a little does not open an old month again; one that was far ahead has
/// used up only the months that it was in.
fn current(usage: &[Usage], now: Timestamp) -> Month {
    const LITTLE: Duration = Duration::from_hours(24);
    let begun = usage.iter().map(|usage| usage.since);
    let newest = begun.filter(|since| *since <= now.after(LITTLE)).max();
    Month::of(newest.map_or(now, |since| since.max(now)))
}

fn used(usage: &[Usage], since: Timestamp) -> u32 {
    let month = usage.iter().find(|usage| usage.since == since);
    month.map_or(0, |usage| usage.used)
}

/// Which quota of the account's tier leaves no room for the job, if one does.
pub(super) fn exceeded<S: Store>(
    gate: &Gate<'_, S>,
    account: &Account,
    new: &NewJob,
) -> Result<Option<Exceeded>, StorageError> {
    let tier = account.tier;
    let rules = gate.config.tiers.of(tier);
    let refusal = |quota, limit, used, resets_at| Exceeded {
        quota,
        tier,
        limit,
        used,
        resets_at,
    };
    let most = rules.max_script_chars;
    if most > 0 && new.script_chars > most {
        let used = new.script_chars;
        return Ok(Some(refusal(Quota::MaxScriptChars, most, used, None)));
    }
    let most = rules.max_parked_jobs;
    if most > 0 {
        let used = gate.store.waits(most)?;
        if used >= most {
            return Ok(Some(refusal(Quota::MaxParkedJobs, most, used, None)));
        }
    }
    let month = month_use(rules, &account.usage, gate.now);
    let full = month.filter(|month| month.used >= month.limit);
    Ok(full.map(|month| {
        let resets_at = Some(month.ends_at);
        refusal(Quota::JobsPerMonth, month.limit, month.used, resets_at)
    }))
}

/// Counts a job in the account, if its tier has the quota, and says in which month.
pub(super) fn count<S: Store>(gate: &Gate<'_, S>, account: &mut Account) -> Option<Timestamp> {
    if gate.config.tiers.of(account.tier).jobs_per_month == 0 {
        return None;
    }
    let since = current(&account.usage, gate.now).start;
    let used = used(&account.usage, since).saturating_add(1);
    account.usage.retain(|usage| usage.since != since);
    account.usage.push(Usage { since, used });
    keep_newest(&mut account.usage, MONTHS_KEPT);
    Some(since)
}

/// A job was cancelled before its first start: it does not count in its month any more.
pub(super) fn give_back<S: Store>(
    gate: &mut Gate<'_, S>,
    since: Timestamp,
) -> Result<(), StorageError> {
    if gate.account.erasing.is_some() {
        return Ok(());
    }
    let mut usage = gate.account.usage.iter_mut();
    if let Some(usage) = usage.find(|usage| usage.since == since) {
        usage.used = usage.used.saturating_sub(1);
    }
    gate.save_account()
}
