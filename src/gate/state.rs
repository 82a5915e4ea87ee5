//! What all decisions of the gate share: the turn, and the few moves a job can make.
//!
//! A decision takes the time, reads and writes rows, and returns its answer and what must be done
//! afterwards. It never waits, never logs and never reads the clock.

use super::{
    admit,
    command::{Command, Handed, Outcome, Reply},
    erase, heal,
    job::{Job, JobError, State},
    plan, quota, report, reprice,
    store::{Account, Store},
    submit, view,
};
use crate::{
    config::GateConfig,
    domain::{JobId, Ticket, Timestamp, UserId},
    line::{Line, pause::doubled},
    storage::StorageError,
};

/// Something worth a log line that happened inside the gate, where no consumer sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A lease ran out and was taken back.
    LeaseExpired,
    /// A ticket was not admitted in time and is sent again.
    TicketResent,
    /// A job ended in `failed` or `cancelled` without a holder's report.
    Ended,
}

/// What must be done after the rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Tickets to send. Each is owed by its row, so losing one only delays.
    pub tickets: Vec<Ticket>,
    /// The alarm must ring by then.
    pub wake_by: Option<Timestamp>,
    /// Finished jobs whose artifacts may go; [`Command::Forget`] them afterwards.
    pub purge: Vec<JobId>,
    /// What to log, about which job.
    pub notices: Vec<(Notice, Job)>,
}

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
    config: &GateConfig,
    now: Timestamp,
    user_id: &UserId,
    command: Command,
) -> Result<Turn, StorageError> {
    let known = store.account()?;
    let is_known = known.is_some();
    let account = known.unwrap_or_else(|| Account::new(user_id.clone()));
    let mut gate = Gate {
        store,
        config,
        now,
        account,
        holder: None,
        handed: Vec::new(),
        is_known,
        effects: Effects::default(),
    };
    plan::settle(&mut gate)?;
    let reply = match command {
        Command::Submit(job) => submit::submit(&mut gate, job)?,
        Command::Admit { holder, jobs } => admit::admit(&mut gate, &holder, &jobs)?,
        Command::Complete {
            job_id,
            epoch,
            artifacts,
            holder,
        } => {
            gate.holder = holder;
            report::complete(&mut gate, &job_id, epoch, artifacts)?
        }
        Command::Fail {
            job_id,
            epoch,
            permanent,
            code,
            message,
            entropy,
            holder,
        } => {
            gate.holder = holder;
            let error = JobError {
                code,
                message,
                at: now,
            };
            let pause = if permanent { None } else { Some(entropy) };
            report::fail(&mut gate, &job_id, epoch, error, pause)?
        }
        Command::HandBack { job_id, epoch } => report::hand_back(&mut gate, &job_id, epoch)?,
        Command::Wait { jobs, in_line } => report::wait(&mut gate, &jobs, in_line)?,
        Command::Renew { job_id, epoch } => report::renew(&mut gate, &job_id, epoch)?,
        Command::Bury { job_id, message } => report::bury(&mut gate, &job_id, message)?,
        Command::Cancel { job_id } => report::cancel(&mut gate, &job_id)?,
        Command::SetTier { tier } => reprice::set_tier(&mut gate, tier)?,
        Command::SetPlan(change) => plan::set_plan(&mut gate, change)?,
        Command::DeleteUser => erase::delete_user(&mut gate)?,
        Command::Forget { jobs } => heal::forget(&mut gate, &jobs)?,
        Command::Wake { entropy } => heal::wake(&mut gate, entropy)?,
        Command::Account => view::account(&gate)?,
        Command::Job { job_id } => view::job(&gate, &job_id)?,
        Command::Jobs(filter) => view::jobs(&gate, &filter)?,
    };
    Ok(Turn {
        reply,
        effects: gate.effects,
    })
}

/// One turn: the rows, the rules, the time, and what follows.
pub(super) struct Gate<'a, S> {
    pub(super) store: &'a S,
    pub(super) config: &'a GateConfig,
    pub(super) now: Timestamp,
    pub(super) account: Account,
    /// The delivery that goes on with what this turn grants.
    pub(super) holder: Option<String>,
    /// What it was handed.
    pub(super) handed: Vec<Handed>,
    /// The account is in the rows.
    pub(super) is_known: bool,
    pub(super) effects: Effects,
}

impl<S: Store> Line for Gate<'_, S> {
    fn held(&self) -> Result<u32, StorageError> {
        self.store.held()
    }

    fn limit(&self) -> u32 {
        self.config.tiers.of(self.account.tier).max_concurrent_jobs
    }

    fn grant_best(&mut self) -> Result<bool, StorageError> {
        let Some(mut job) = self.store.best_parked()? else {
            return Ok(false);
        };
        self.grant(&mut job)?;
        Ok(true)
    }
}

impl<S: Store> Gate<'_, S> {
    /// Records a change, and has the alarm ring when the job is due.
    pub(super) fn save(&mut self, job: &Job) -> Result<(), StorageError> {
        self.wake_by(job.due);
        self.store.save(job)
    }

    /// Has the alarm ring by then.
    pub(super) fn wake_by(&mut self, due: Option<Timestamp>) {
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }

    /// Puts the job's ticket on the queue, and owes it until somebody is admitted with it.
    pub(super) fn send_ticket(&mut self, job: &mut Job) {
        job.due = Some(
            self.now
                .after(doubled(self.config.ticket_resend, job.sends)),
        );
        job.sends = job.sends.saturating_add(1);
        let ticket = self.ticket(job);
        self.effects.tickets.push(ticket);
    }

    /// The ticket that stands for the job.
    pub(super) fn ticket(&self, job: &Job) -> Ticket {
        Ticket {
            job_id: job.job_id.clone(),
            user_id: self.account.user_id.clone(),
            kind: job.kind,
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
            submitted_at: job.submitted_at,
            epoch: job.state.holds_lease().then_some(job.epoch),
        }
    }

    /// Grants the job a lease, and hands it to the delivery that goes on, or sends its ticket.
    pub(super) fn grant(&mut self, job: &mut Job) -> Result<(), StorageError> {
        if !job.state.holds_lease() {
            job.granted_at = Some(self.now);
        }
        // Once handed out, it keeps its age through every retry.
        if job.epoch == 0 {
            job.room_at = Some(self.now);
        }
        if let Some(holder) = self.holder.clone() {
            return self.hand_on(job, &holder);
        }
        job.state = State::Granted;
        job.holder = None;
        job.sends = 0;
        self.send_ticket(job);
        self.save(job)
    }

    /// Ends the job. The caller fills the freed lease.
    pub(super) fn end(&mut self, job: &mut Job, state: State) -> Result<(), StorageError> {
        job.state = state;
        job.holder = None;
        job.finished_at = Some(self.now);
        job.due = Some(self.forget_at());
        if state == State::Cancelled && job.started_at.is_none() && job.counted {
            quota::give_back(self, job)?;
        }
        self.save(job)
    }

    /// Has the job tried again after a pause, without a lease meanwhile. Full jitter: evenly between zero and
    /// the doubled back-off, so that failures do not come back together.
    pub(super) fn retry_later(
        &mut self,
        job: &mut Job,
        failures: u32,
        entropy: u32,
    ) -> Result<(), StorageError> {
        let longest = doubled(self.config.retry_backoff, failures.saturating_sub(1));
        let pause = longest.mul_f64(f64::from(entropy) / f64::from(u32::MAX));
        job.state = State::Retrying;
        job.holder = None;
        job.due = Some(self.now.after(pause));
        self.save(job)
    }

    /// Has a line logged about the job.
    pub(super) fn notice(&mut self, notice: Notice, job: &Job) {
        self.effects.notices.push((notice, job.clone()));
    }

    /// When a job that ends now may be forgotten: after the retention, at a full hour, so that one alarm
    /// serves all jobs of that hour.
    ///
    /// At once while its user is being deleted.
    fn forget_at(&self) -> Timestamp {
        const HOUR_MS: i64 = 3_600_000;
        if self.account.erasing.is_some() {
            return self.now;
        }
        let earliest = self.now.after(self.config.retention).as_millis();
        Timestamp::from_millis(
            earliest
                .div_euclid(HOUR_MS)
                .saturating_add(1)
                .saturating_mul(HOUR_MS),
        )
    }
}

/// The answer to a holder's report about a job.
pub(super) fn reported(outcome: Outcome, job: Option<&Job>, handed: Vec<Handed>) -> Reply {
    Reply::Reported {
        outcome,
        state: job.map(|job| job.state),
        cancel: outcome != Outcome::Accepted || job.is_none_or(|job| job.cancel_requested),
        retry_at: job
            .filter(|job| job.state == State::Retrying)
            .and_then(|job| job.due),
        handed,
    }
}
