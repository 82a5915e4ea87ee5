//! One turn of a gate: which decision answers which command.

use super::{
    command::{Command, Reply},
    erase, forget, heal,
    job::JobError,
    mailbox,
    memory::Memory,
    outage, plan, replay, report, start,
    store::Store,
    submit,
    turn::{Effects, Gate},
    view,
};
use crate::{
    config::GateConfig,
    domain::{Timestamp, UserId},
    storage::StorageError,
};

/// The gate's answer and what follows from it.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// The answer.
    pub reply: Reply,
    /// What follows.
    pub effects: Effects,
}

/// Decides `command` at `now` for the user, in one synchronous turn over `store`.
///
/// The caller makes the turn atomic: when this fails, no row may have changed.
///
/// # Errors
/// Only when the store fails.
pub fn apply(
    store: &impl Store,
    memory: &mut Memory,
    config: &GateConfig,
    now: Timestamp,
    user_id: &UserId,
    command: Command,
) -> Result<Turn, StorageError> {
    let mut gate = Gate::open(store, memory, (config, now), user_id)?;
    plan::settle(&mut gate)?;
    let reply = match command {
        Command::Submit(job) => submit::submit(&mut gate, job)?,
        Command::Start { holder, jobs } => start::start(&mut gate, &holder, &jobs)?,
        Command::Complete {
            job_id,
            epoch,
            artifacts,
            ended_at,
            going,
        } => report::complete(&mut gate, &job_id, epoch, (artifacts, ended_at), going)?,
        Command::Fail {
            job_id,
            epoch,
            permanent,
            code,
            message,
            blame,
            entropy,
            ended_at,
            going,
        } => {
            let error = JobError {
                code,
                message,
                at: ended_at.unwrap_or(now),
            };
            let pause = if permanent { None } else { Some(entropy) };
            report::fail(&mut gate, (&job_id, epoch), (error, blame), pause, going)?
        }
        Command::Requeue {
            job_id,
            epoch,
            pause_ms,
            going,
        } => report::requeue(&mut gate, &job_id, epoch, pause_ms, going)?,
        Command::Renew { job_id, epoch } => report::renew(&mut gate, &job_id, epoch)?,
        Command::Bury { job_id, message } => report::bury(&mut gate, &job_id, message)?,
        Command::Cancel { job_id } => report::cancel(&mut gate, &job_id)?,
        Command::Replay(ask) => replay::replay(&mut gate, ask)?,
        Command::SetPlan(change) => plan::set_plan(&mut gate, change)?,
        Command::SetMailbox { mailbox, asked_at } => mailbox::set(&mut gate, mailbox, asked_at)?,
        Command::DeleteUser => erase::delete_user(&mut gate)?,
        Command::Forget { jobs, failed } => forget::forget(&mut gate, &jobs, &failed)?,
        Command::Swept { job_id, begins } => forget::swept(&mut gate, &job_id, begins)?,
        Command::Told { gone, out } => {
            outage::heard(&mut gate, &out)?;
            heal::told(&mut gate, &gone)?
        }
        Command::Listed { words } => heal::listed(&mut gate, &words)?,
        Command::Wake { entropy } => heal::wake(&mut gate, entropy)?,
        Command::Account => view::account(&gate)?,
        Command::Job { job_id } => view::job(&mut gate, &job_id)?,
        Command::Jobs(filter) => view::jobs(&gate, &filter)?,
        Command::Export { before } => view::export(&gate, before.as_ref())?,
    };
    let effects = gate.close(memory);
    Ok(Turn { reply, effects })
}
