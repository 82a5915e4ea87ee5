//! Starts: a delivery is about to run these jobs; under which epoch, and with which payload?

use super::{
    command::{Reply, SkipReason, Start},
    expiry,
    job::{Job, State},
    lease,
    store::Store,
    turn::Gate,
};
use crate::{line::want::Holding, storage::StorageError};

/// Answers for each job in the order asked. Asking again with the same holder gets the same grants, so a
/// caller that lost the answer may repeat the call.
pub(super) fn start<S: Store>(
    gate: &mut Gate<'_, S>,
    holder: &str,
    jobs: &[Holding],
) -> Result<Reply, StorageError> {
    // A limit changed by configuration frees or takes leases that no turn has handed over yet.
    lease::level(gate)?;
    let mut starts = Vec::with_capacity(jobs.len());
    let mut took_back = false;
    for holding in jobs {
        let start = match found(gate, holding, &mut took_back)? {
            // The alarm is late.
            Some((mut job, _)) if job.is_late(gate.now) => {
                expiry::expire(gate, &mut job)?;
                took_back = true;
                Start::Skip {
                    reason: SkipReason::Ended,
                }
            }
            Some(found) => start_one(gate, holder, found, holding.epoch)?,
            None => Start::Skip {
                reason: SkipReason::Unknown,
            },
        };
        starts.push(start);
    }
    if took_back {
        // Others may have those leases.
        lease::level(gate)?;
    }
    Ok(Reply::Started { starts })
}

/// The job with its payload, after a lowered limit of its kind has taken leases back.
fn found<S: Store>(
    gate: &mut Gate<'_, S>,
    holding: &Holding,
    took_back: &mut bool,
) -> Result<Option<(Job, String)>, StorageError> {
    let found = gate.store.find_whole(&holding.job_id)?;
    let Some((job, _)) = &found else {
        return Ok(None);
    };
    let begins = job.state == State::Queued && !job.has_begun();
    let is_limited = gate.config.kinds.limit(&job.kind).is_some();
    if begins && is_limited && lease::shed_kind(gate, &job.kind)? {
        *took_back = true;
        return gate.store.find_whole(&holding.job_id);
    }
    Ok(found)
}

fn start_one<S: Store>(
    gate: &mut Gate<'_, S>,
    holder: &str,
    (mut job, payload): (Job, String),
    epoch: u32,
) -> Result<Start, StorageError> {
    let skip = |reason| Ok(Start::Skip { reason });
    match job.state {
        State::Queued if job.epoch == epoch => {
            let is_first = job.started_at.is_none();
            lease::run_by(gate, &mut job, holder)?;
            let wait_ms = is_first.then(|| gate.now.millis_since(job.age_from()));
            lease::grant_of(gate, &job, payload, wait_ms).map(Start::Run)
        }
        State::Queued => skip(SkipReason::OtherLease),
        State::Running
            if job.holder.as_deref() == Some(holder) && job.epoch == epoch.saturating_add(1) =>
        {
            lease::grant_of(gate, &job, payload, None).map(Start::Run)
        }
        State::Running if epoch < job.granted_epoch => skip(SkipReason::OtherLease),
        State::Running => skip(SkipReason::AlreadyRunning),
        State::Parked => skip(SkipReason::AlreadyParked),
        State::Retrying => skip(SkipReason::Retrying),
        State::Scheduled => skip(SkipReason::Scheduled),
        State::Succeeded | State::Failed | State::Cancelled | State::Expired => {
            skip(SkipReason::Ended)
        }
    }
}
