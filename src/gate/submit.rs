//! Recording a job. The durable write of this turn is the acceptance.

use super::{
    command::{NewJob, Reply},
    job::{Job, StageRecord, State},
    state::Gate,
    store::{Store, UsedKey},
};
use crate::{
    domain::{Rank, Tier},
    line::Line,
    storage::StorageError,
};

pub(super) fn submit<S: Store>(
    gate: &mut Gate<'_, S>,
    first: bool,
    new: NewJob,
) -> Result<Reply, StorageError> {
    if let Some(job) = gate.store.find(&new.job_id)? {
        return Ok(Reply::Submitted {
            job: Box::new(job),
            replayed: false,
        });
    }
    if let Some(wanted) = &new.idempotency
        && let Some(used) = gate.store.key(&wanted.key)?
    {
        let job = gate.store.find(&used.job_id)?;
        return Ok(
            match job.filter(|_| used.fingerprint == wanted.fingerprint) {
                Some(job) => Reply::Submitted {
                    job: Box::new(job),
                    replayed: true,
                },
                None => Reply::KeyReused {
                    job_id: used.job_id,
                },
            },
        );
    }
    state_tier(gate, first, new.stated_tier)?;
    let mut job = queued(gate, &new);
    gate.send_ticket(&mut job);
    gate.wake_by(job.due);
    gate.store.insert(&job, &new.payload)?;
    if let Some(key) = new.idempotency {
        let used = UsedKey {
            job_id: new.job_id,
            fingerprint: key.fingerprint,
        };
        gate.store.save_key(&key.key, &used)?;
    }
    // A higher tier may have freed leases.
    gate.fill()?;
    Ok(Reply::Submitted {
        job: Box::new(job),
        replayed: false,
    })
}

/// Takes the caller's word for the user's tier. A lower one lets the running finish and admits none above its
/// limit.
fn state_tier<S: Store>(
    gate: &mut Gate<'_, S>,
    first: bool,
    stated: Option<Tier>,
) -> Result<(), StorageError> {
    let tier = stated.unwrap_or(gate.account.tier);
    if first || tier != gate.account.tier {
        gate.account.tier = tier;
        gate.store.save_account(&gate.account)?;
    }
    Ok(())
}

fn queued<S: Store>(gate: &Gate<'_, S>, new: &NewJob) -> Job {
    let tier = new.stated_tier.unwrap_or_default();
    let priority = gate.config.tiers.of(tier).priority;
    Job {
        job_id: new.job_id.clone(),
        series_id: new.series_id.clone(),
        kind: new.kind,
        tier,
        priority,
        rank: Rank::new(gate.now, priority, gate.config.priority_boost),
        submitted_at: gate.now,
        room_at: None,
        state: State::Queued,
        stage: 0,
        epoch: 0,
        due: None,
        sends: 0,
        holder: None,
        told_rank: None,
        granted_at: None,
        started_at: None,
        finished_at: None,
        times_parked: 0,
        cancel_requested: false,
        idempotency_key: new.idempotency.as_ref().map(|key| key.key.clone()),
        error: None,
        stages: vec![StageRecord::default(); new.kind.stages().len()],
    }
}
