//! Recording a job. The durable write of this turn is the acceptance.
//!
//! Whatever is refused changes nothing. What is repeated is answered before anything could refuse it, but for the deletion
//! of the user: that forgets what it repeats.

use super::{
    announce::ticket,
    command::{NewJob, Reply},
    erase,
    job::{Job, StageRecord, State},
    lease,
    past::Past,
    plan, quota, schedule,
    store::{Store, UsedKey},
    turn::{Gate, Notice},
};
use crate::{
    domain::{Rank, Tier},
    storage::StorageError,
};

pub(super) fn submit<S: Store>(gate: &mut Gate<'_, S>, new: NewJob) -> Result<Reply, StorageError> {
    let submitted = |job, replayed| Reply::Submitted {
        job: Box::new(job),
        replayed,
    };
    if gate.account.erasing.is_some() || erase::was_on_the_way(gate, new.job_id.made_at())? {
        return Ok(Reply::Erasing);
    }
    // The same call once more: its first answer was lost.
    if let Some(job) = gate.store.find(&new.job_id)? {
        return Ok(submitted(job, false));
    }
    if let Some(wanted) = &new.idempotency
        && let Some(used) = gate.store.key(&wanted.key)?
    {
        let job = gate.store.find(&used.job_id)?;
        return Ok(
            match job.filter(|_| used.fingerprint == wanted.fingerprint) {
                Some(job) => submitted(job, true),
                None => Reply::KeyReused {
                    job_id: used.job_id,
                },
            },
        );
    }
    let faults = new.window.faults(gate.now);
    if !faults.is_empty() {
        return Ok(Reply::Untimely { faults });
    }
    let tier = match plan::tier_of_job(gate, new.stated_tier, new.tier_ceiling) {
        Ok(tier) => tier,
        Err(allowed) => return Ok(Reply::TierNotEntitled { allowed }),
    };
    let mut account = gate.account.clone();
    if account.plan.is_none()
        && let Some(word) = new.stated_tier.or(new.claimed_tier)
    {
        // A lower one lets the running finish and admits none above its limit.
        account.tier = word;
        account.stated = true;
    }
    if let Some(exceeded) = quota::exceeded(gate, &account, &new)? {
        return Ok(Reply::QuotaExceeded { exceeded });
    }
    let counted = quota::count(gate, &mut account, &new.kind);
    if !gate.is_known() || account != gate.account {
        gate.account = account;
        gate.save_account()?;
    }
    // Another tier may have freed leases, or taken some; who waits already goes first.
    lease::level(gate)?;
    let mut job = recorded(gate, &new, tier);
    job.counted_in = counted;
    admit(gate, &mut job)?;
    gate.record(&job, &new.payload)?;
    if let Some(key) = new.idempotency {
        let used = UsedKey {
            job_id: new.job_id,
            fingerprint: key.fingerprint,
        };
        gate.store.save_key(&key.key, &used)?;
    }
    Ok(submitted(job, false))
}

/// Gives the job a lease, if its time has come and one is free, or parks it. Where there is a pool, a ticket brings a delivery in either case: when
/// the job gets its lease, somebody shall be there.
pub(super) fn admit<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) -> Result<(), StorageError> {
    if schedule::puts_off(gate, job) {
        return Ok(());
    }
    if gate.account.walk.is_none() && lease::has_room(gate, job)? {
        lease::grant(gate, job);
    } else {
        lease::park(gate, job);
        let lease::Bound { active, limit, .. } = lease::bound(gate, job)?;
        gate.notice(Notice::Parked { active, limit }, job);
    }
    if gate.config.has_pool {
        let ticket = ticket(gate, job);
        gate.effects.tickets.push(ticket);
    }
    Ok(())
}

fn recorded<S: Store>(gate: &Gate<'_, S>, new: &NewJob, tier: Tier) -> Job {
    let has_plan = gate.account.plan.is_some();
    let priority = gate.config.tiers.of(tier).priority;
    Job {
        job_id: new.job_id.clone(),
        series_id: new.series_id.clone(),
        kind: new.kind.clone(),
        tier,
        priority,
        rank: Rank::new(
            new.window.age_from(gate.now),
            priority,
            gate.config.priority_boost,
        ),
        submitted_at: gate.now,
        window: new.window,
        room_at: None,
        changed_at: Some(gate.now),
        state: State::Parked,
        stage: 0,
        epoch: 0,
        reported: 0,
        due: None,
        purges: 0,
        sends: 0,
        holder: None,
        weight: new.weight,
        granted_at: None,
        granted_epoch: 0,
        started_at: None,
        finished_at: None,
        times_parked: 0,
        max_chars: gate
            .config
            .kinds
            .quota(&new.kind, gate.account.tier)
            .max_chars,
        by_kind: gate.config.kinds.limit(&new.kind).is_some(),
        cancel_requested: false,
        lowered_to: new
            .stated_tier
            .filter(|stated| has_plan && *stated < gate.account.tier),
        counted_in: None,
        idempotency_key: new.idempotency.as_ref().map(|key| key.key.clone()),
        outage: None,
        error: None,
        past: Past::default(),
        stages: new.stages.iter().copied().map(StageRecord::new).collect(),
    }
}
