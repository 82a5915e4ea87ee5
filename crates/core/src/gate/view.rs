//! Questions: what the user may see. Nothing is written.

use super::{
    account::{Account, KnownPlan},
    command::{
        AccountView, CHANGES_SHOWN, Command, JobFilter, JobView, Outcome, PlanOutcome, PlanView,
        ReplayOutcome, Reply, SkipReason, Start, SubscriptionView, TierSource,
    },
    job::State,
    lease::{self, Bound},
    outlook::{Outlook, outlook},
    quota,
    store::Store,
    subscriptions::Row,
    turn::Gate,
};
use crate::{
    config::GateConfig,
    domain::{
        JobId, Tier, Timestamp,
        plan::{Entitlement, Paid, PlanName},
    },
    storage::StorageError,
};
use std::cmp::Reverse;

pub(super) fn account<S: Store>(gate: &Gate<'_, S>) -> Result<Reply, StorageError> {
    let account = account_view(gate)?;
    Ok(Reply::Account { account })
}

/// Where the user stands, after whatever this turn has changed.
pub(super) fn account_view<S: Store>(gate: &Gate<'_, S>) -> Result<AccountView, StorageError> {
    let Account {
        tier,
        stated,
        plan: known,
        usage,
        mailbox,
        erasing,
        ..
    } = &gate.account;
    let source = match known {
        Some(_) => TierSource::Plan,
        None if *stated => TierSource::Stated,
        None => TierSource::Default,
    };
    let plan = known.as_ref().zip(gate.entitlement());
    let plan = plan.map(|(known, given)| plan_view(gate, known, given));
    let history = known.iter().flat_map(|known| known.history.iter().rev());
    Ok(AccountView {
        tier: *tier,
        limit: gate.limit(),
        active: gate.store.held()?,
        parked: gate.store.count(State::Parked)?,
        queued: gate.store.count(State::Queued)?,
        retrying: gate.store.count(State::Retrying)?,
        scheduled: gate.store.count(State::Scheduled)?,
        source,
        plan,
        months: quota::months((&gate.config.kinds, *tier), usage, gate.now),
        changes: history.take(CHANGES_SHOWN).cloned().collect(),
        mailbox: mailbox.clone(),
        is_erased: erasing.is_some(),
    })
}

fn plan_view<S: Store>(gate: &Gate<'_, S>, known: &KnownPlan, given: Entitlement) -> PlanView {
    let rows = known.subscriptions.0.iter();
    let mut rows: Vec<_> = rows
        .map(|row| (row.paid(gate.now, &gate.config.plans), row))
        .collect();
    rows.sort_by_key(|(paid, row)| Reverse((paid.map(|paid| paid.worth()), row.as_of)));
    let is_paid = given.plan == PlanName::Premium;
    let view = |(place, (paid, row)): (usize, (Option<Paid>, &Row))| SubscriptionView {
        subscription: row.subscription.clone(),
        paid,
        counts: place == 0 && is_paid,
    };
    PlanView {
        name: given.plan,
        account_type: known.account_type,
        subscriptions: rows.into_iter().enumerate().map(view).collect(),
        until: given.until,
    }
}

pub(super) fn job<S: Store>(gate: &mut Gate<'_, S>, job_id: &JobId) -> Result<Reply, StorageError> {
    let view = shown(gate, job_id)?;
    Ok(Reply::Job { view })
}

/// A job and where it stands in the line.
pub(super) fn shown<S: Store>(
    gate: &mut Gate<'_, S>,
    job_id: &JobId,
) -> Result<Option<Box<JobView>>, StorageError> {
    let Some(job) = gate.store.find(job_id)? else {
        return Ok(None);
    };
    let is_parked = job.state == State::Parked;
    let bound = if is_parked || job.state == State::Retrying {
        lease::bound(gate, &job)?
    } else {
        lease::bound_of_user(gate)?
    };
    let before = gate.store.parked_before(&job)?;
    let Outlook { coming, estimate } = outlook(gate, &job, &bound, before)?;
    let Bound {
        active,
        limit,
        by_kind,
    } = bound;
    Ok(Some(Box::new(JobView {
        position: is_parked.then(|| before.saturating_add(1)),
        job,
        active,
        limit,
        by_kind,
        coming,
        estimate,
    })))
}

pub(super) fn jobs<S: Store>(
    gate: &Gate<'_, S>,
    filter: &JobFilter,
) -> Result<Reply, StorageError> {
    let wanted = usize::try_from(filter.limit).unwrap_or(usize::MAX);
    let mut jobs = gate.store.page(
        filter.state,
        filter.series_id.as_ref(),
        filter.before.as_ref(),
        // One more than wanted tells whether there is another page.
        filter.limit.saturating_add(1),
    )?;
    let more = jobs.len() > wanted;
    jobs.truncate(wanted);
    for job in &mut jobs {
        job.past.entries.clear();
    }
    if !filter.artifacts {
        let stages = jobs.iter_mut().flat_map(|job| &mut job.stages);
        stages.for_each(|stage| stage.artifacts.clear());
    }
    Ok(Reply::Jobs { jobs, more })
}

/// Jobs of one answer to an export: ten of the longest are 2.6 MB.
const EXPORTED: u32 = 10;

/// What is recorded of the user, with the next jobs.
pub(super) fn export<S: Store>(
    gate: &Gate<'_, S>,
    before: Option<&JobId>,
) -> Result<Reply, StorageError> {
    let page = gate
        .store
        .page(None, None, before, EXPORTED.saturating_add(1))?;
    let more = page.len() > EXPORTED as usize;
    let mut jobs = Vec::new();
    for job in page.into_iter().take(EXPORTED as usize) {
        let payload = gate.store.payload(&job.job_id)?;
        let payload = payload.unwrap_or_else(|| "null".to_owned());
        jobs.push((job, payload));
    }
    let account = gate.is_known().then(|| Box::new(gate.account.clone()));
    Ok(Reply::Exported {
        account,
        jobs,
        more,
    })
}

/// The answer of a gate that never recorded anything: nothing may create rows for a stranger but a submission, a plan, a
/// mailbox and a deletion, for which this is `None`.
#[must_use]
pub fn of_stranger(config: &GateConfig, now: Timestamp, command: &Command) -> Option<Reply> {
    let account = || {
        let tier = Tier::default();
        AccountView {
            limit: config.tiers.of(tier).max_concurrent_jobs,
            months: quota::months((&config.kinds, tier), &[], now),
            ..AccountView::default()
        }
    };
    match command {
        Command::SetPlan(change) if change.is_question() => Some(Reply::PlanSet {
            account: account(),
            outcome: PlanOutcome::Applied,
        }),
        Command::Submit(_)
        | Command::SetPlan(_)
        | Command::SetMailbox { .. }
        | Command::DeleteUser => None,
        Command::Start { jobs, .. } => {
            let unknown = Start::Skip {
                reason: SkipReason::Unknown,
            };
            Some(Reply::Started {
                starts: vec![unknown; jobs.len()],
            })
        }
        Command::Complete { .. }
        | Command::Fail { .. }
        | Command::Requeue { .. }
        | Command::Renew { .. }
        | Command::Bury { .. } => Some(Reply::reported(Outcome::Stale, None)),
        Command::Replay(_) => Some(Reply::Replayed {
            outcome: ReplayOutcome::Unknown,
            view: None,
        }),
        Command::Cancel { .. } | Command::Swept { .. } | Command::Job { .. } => {
            Some(Reply::Job { view: None })
        }
        Command::Told { .. }
        | Command::Listed { .. }
        | Command::Forget { .. }
        | Command::Wake { .. } => Some(Reply::Done),
        Command::Account => Some(Reply::Account { account: account() }),
        Command::Jobs(_) => Some(Reply::Jobs {
            jobs: Vec::new(),
            more: false,
        }),
        Command::Export { .. } => Some(Reply::Exported {
            account: None,
            jobs: Vec::new(),
            more: false,
        }),
    }
}
