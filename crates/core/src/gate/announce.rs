//! What the line must hear of a job: that it waits for its turn, or does so no more.

use super::{
    job::{Job, State},
    store::Store,
    turn::Gate,
};
use crate::{
    domain::Ticket,
    line::{
        pause::doubled,
        want::{Holding, Want},
    },
    storage::StorageError,
};

/// Makes known that the job waits for its turn: to the delivery that takes it along, to the pool, or, where there
/// is none, by its ticket. Owed until it starts.
pub(super) fn announce<S: Store>(gate: &mut Gate<'_, S>, job: &mut Job) {
    let pause = doubled(gate.config.ticket_resend, job.sends);
    job.due = Some(gate.now.after(pause));
    job.sends = job.sends.saturating_add(1);
    gate.wake_by(job.due);
    let want = want(gate, job);
    if gate.carries {
        gate.granted.push(want);
    } else if gate.config.has_pool {
        // Told twice in a turn that gives it another rank: the last word counts.
        let wants = &mut gate.effects.tell.wants;
        wants.retain(|told| told.job_id() != want.job_id());
        wants.push(want);
    } else {
        gate.effects.tickets.push(want.ticket);
    }
}

/// A job that waited for its turn does so no more: the pool must hear of it, and its row says so until it has.
pub(super) fn leave_line<S: Store>(gate: &mut Gate<'_, S>, job: &Job) -> Result<(), StorageError> {
    if job.state != State::Queued {
        return Ok(());
    }
    // What this turn said of it before is no longer so: the pool, which takes out first what is gone, would keep it.
    let wants = &mut gate.effects.tell.wants;
    wants.retain(|want| want.job_id() != &job.job_id);
    if !gate.config.has_pool {
        let tickets = &mut gate.effects.tickets;
        tickets.retain(|ticket| ticket.job_id != job.job_id);
        return Ok(());
    }
    let gone = Holding {
        job_id: job.job_id.clone(),
        epoch: job.epoch,
    };
    let due = gate.now.after(gate.config.ticket_resend);
    gate.store.save_gone(&gone, due)?;
    gate.wake_by(Some(due));
    gate.effects.tell.gone.push(gone);
    Ok(())
}

/// The job as the line knows it.
pub(super) fn want<S: Store>(gate: &Gate<'_, S>, job: &Job) -> Want {
    Want {
        ticket: ticket(gate, job),
        rank: job.pool_rank(),
        mark: None,
    }
}

/// The ticket that stands for the job.
pub(super) fn ticket<S: Store>(gate: &Gate<'_, S>, job: &Job) -> Ticket {
    Ticket {
        job_id: job.job_id.clone(),
        user_id: gate.account.user_id.clone(),
        kind: job.kind.clone(),
        stage: job.current_stage(),
        tier: job.tier,
        priority: job.priority,
        submitted_at: job.submitted_at,
        epoch: job.state.holds_lease().then_some(job.epoch),
        weight: Some(job.weight),
        aged_from: Some(job.age_from()).filter(|at| *at > job.submitted_at),
    }
}
