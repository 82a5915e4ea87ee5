//! Quotas: how much a user of a tier may submit, and how much of it is used.
//!
//! What waits is counted in the rows, so nothing has to be kept. What was submitted in a month is counted in the
//! account's row, one write a submission, and only where the user's tier has that quota.

use super::{
    account::{Account, Usage},
    command::{Exceeded, MonthUse, NewJob, Quota},
    job::Job,
    store::Store,
    turn::Gate,
};
use crate::{
    domain::{Month, TierRules, Timestamp},
    storage::StorageError,
};

/// What is used of the tier's month at `now`; `None` where it has no such quota.
pub(super) fn month_use(
    rules: &TierRules,
    usage: Option<Usage>,
    now: Timestamp,
) -> Option<MonthUse> {
    let current = current(usage, now);
    (rules.jobs_per_month > 0).then(|| MonthUse {
        limit: rules.jobs_per_month,
        used: current.used,
        ends_at: Month::of(current.since).end,
    })
}

/// The month that counts. A clock that was set back does not open an old month again.
fn current(usage: Option<Usage>, now: Timestamp) -> Usage {
    let since = Month::of(now).start;
    usage
        .filter(|usage| since <= usage.since)
        .unwrap_or(Usage { since, used: 0 })
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
    let month = month_use(rules, account.usage, gate.now);
    let full = month.filter(|month| month.used >= month.limit);
    Ok(full.map(|month| {
        let resets_at = Some(month.ends_at);
        refusal(Quota::JobsPerMonth, month.limit, month.used, resets_at)
    }))
}

/// Counts a job in the account, and says whether it does count.
pub(super) fn count<S: Store>(gate: &Gate<'_, S>, account: &mut Account) -> bool {
    let counts = gate.config.tiers.of(account.tier).jobs_per_month > 0;
    if counts {
        let mut usage = current(account.usage, gate.now);
        usage.used = usage.used.saturating_add(1);
        account.usage = Some(usage);
    }
    counts
}

/// A job was cancelled before its first start: it does not count, if it still is the month of its submission.
pub(super) fn give_back<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<(), StorageError> {
    let since = Month::of(job.submitted_at).start;
    let is_current = since == Month::of(gate.now).start;
    if gate.account.erasing.is_some() {
        return Ok(());
    }
    let usage = gate.account.usage.as_mut();
    let Some(usage) = usage.filter(|usage| is_current && usage.since == since) else {
        return Ok(());
    };
    usage.used = usage.used.saturating_sub(1);
    gate.save_account()
}
