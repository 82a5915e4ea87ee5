//! What all decisions of the gate share: the turn, and the few moves a job can make.
//!
//! A decision takes the time, reads and writes rows, and returns its answer and what must be done
//! afterwards. It never waits, never logs and never reads the clock.

use super::{
    command::{Command, Grant, Outcome, Reply},
    erase, heal,
    job::{Job, JobError, State},
    plan, quota, report, reprice, start,
    store::{Account, Counts, Store},
    submit, view,
};
use crate::{
    config::GateConfig,
    domain::{JobId, Ticket, Timestamp, UserId},
    line::{
        pause::doubled,
        want::{Holding, Want},
    },
    pool::command::Tell,
    storage::StorageError,
};

/// More than the largest limit of a tier, so that all jobs with a lease are found.
const HELD_MAX: u32 = 1_000;

/// Something worth a log line that happened inside the gate, where no consumer sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A lease ran out and was taken back.
    LeaseExpired,
    /// A job did not start in time after its ticket, and another is sent.
    TicketResent,
    /// A job has to wait, since its user is at the limit.
    Parked {
        /// The user's leases.
        active: u32,
        /// The user's limit.
        limit: u32,
    },
    /// A job ended in `failed` or `cancelled` without a holder's report.
    Ended,
}

/// What must be done after the rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Tickets to send. Where there is no pool, each is owed by its row; otherwise it only says that there is work, and
    /// follows what the pool is told.
    pub tickets: Vec<Ticket>,
    /// What the pool must hear. All of it is owed by rows.
    pub tell: Tell,
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

/// What an object remembers between turns, to save reading it. The rows have all of it: it may be dropped at any time, and
/// must be when a turn was not kept.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    opening: Option<(Option<Account>, Counts)>,
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
    let (known, counts) = match memory.opening.take() {
        Some(known) => known,
        None => store.opening()?,
    };
    let account = known.clone();
    let account = account.unwrap_or_else(|| Account::new(user_id.clone()));
    let mut gate = Gate {
        store,
        config,
        now,
        account,
        counts: Some(counts),
        carries: false,
        granted: Vec::new(),
        known,
        effects: Effects::default(),
    };
    plan::settle(&mut gate)?;
    let reply = match command {
        Command::Submit(job) => submit::submit(&mut gate, job)?,
        Command::Start { holder, jobs } => start::start(&mut gate, &holder, &jobs)?,
        Command::Complete {
            job_id,
            epoch,
            artifacts,
            going,
        } => report::complete(&mut gate, &job_id, epoch, artifacts, going)?,
        Command::Fail {
            job_id,
            epoch,
            permanent,
            code,
            message,
            entropy,
            going,
        } => {
            let error = JobError {
                code,
                message,
                at: now,
            };
            let pause = if permanent { None } else { Some(entropy) };
            report::fail(&mut gate, &job_id, epoch, error, pause, going)?
        }
        Command::Requeue {
            job_id,
            epoch,
            going,
        } => report::requeue(&mut gate, &job_id, epoch, going)?,
        Command::Renew { job_id, epoch } => report::renew(&mut gate, &job_id, epoch)?,
        Command::Bury { job_id, message } => report::bury(&mut gate, &job_id, message)?,
        Command::Cancel { job_id } => report::cancel(&mut gate, &job_id)?,
        Command::SetTier { tier } => reprice::set_tier(&mut gate, tier)?,
        Command::SetPlan(change) => plan::set_plan(&mut gate, change)?,
        Command::DeleteUser => erase::delete_user(&mut gate)?,
        Command::Forget { jobs } => heal::forget(&mut gate, &jobs)?,
        Command::Told { gone } => heal::told(&mut gate, &gone)?,
        Command::Wake { entropy } => heal::wake(&mut gate, entropy)?,
        Command::Account => view::account(&gate)?,
        Command::Job { job_id } => view::job(&mut gate, &job_id)?,
        Command::Jobs(filter) => view::jobs(&gate, &filter)?,
    };
    let Gate {
        known,
        counts,
        effects,
        ..
    } = gate;
    memory.opening = counts.map(|counts| (known, counts));
    Ok(Turn { reply, effects })
}

/// One turn: the rows, the rules, the time, and what follows.
pub(super) struct Gate<'a, S> {
    pub(super) store: &'a S,
    pub(super) config: &'a GateConfig,
    pub(super) now: Timestamp,
    pub(super) account: Account,
    /// How the leases stand, as long as nothing has changed.
    counts: Option<Counts>,
    /// A delivery reports, and takes along what this turn grants.
    pub(super) carries: bool,
    /// What it takes along.
    pub(super) granted: Vec<Want>,
    /// The account as it is in the rows.
    known: Option<Account>,
    pub(super) effects: Effects,
}

impl<S: Store> Gate<'_, S> {
    /// Whether the user was ever recorded.
    pub(super) const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Records the account.
    pub(super) fn save_account(&mut self) -> Result<(), StorageError> {
        self.store.save_account(&self.account)?;
        self.known = Some(self.account.clone());
        Ok(())
    }

    /// Forgets the user.
    pub(super) fn forget_account(&mut self) -> Result<(), StorageError> {
        self.known = None;
        self.store.forget_account()
    }

    /// Records a new job.
    pub(super) fn record(&mut self, job: &Job, payload: &str) -> Result<(), StorageError> {
        self.counts = self.counts.map(|counts| Counts {
            held: counts.held + u32::from(job.state.holds_lease()),
            has_parked: counts.has_parked || job.state == State::Parked,
        });
        self.store.insert(job, payload)
    }

    /// Records a change, and has the alarm ring when the job is due.
    pub(super) fn save(&mut self, job: &Job) -> Result<(), StorageError> {
        self.wake_by(job.due);
        self.counts = None;
        self.store.save(job)
    }

    /// Records a change of a job that keeps its lease.
    pub(super) fn save_held(&mut self, job: &Job) -> Result<(), StorageError> {
        self.wake_by(job.due);
        self.store.save(job)
    }

    /// How the leases stand.
    pub(super) fn counts(&mut self) -> Result<Counts, StorageError> {
        let counts = self.counts.map_or_else(|| self.store.counts(), Ok)?;
        self.counts = Some(counts);
        Ok(counts)
    }

    /// Has the alarm ring by then.
    pub(super) fn wake_by(&mut self, due: Option<Timestamp>) {
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }

    /// How many jobs may hold a lease.
    pub(super) fn limit(&self) -> u32 {
        self.config.tiers.of(self.account.tier).max_concurrent_jobs
    }

    /// Gives free leases to the best parked jobs, or takes leases above a lowered limit from the worst of the jobs that
    /// have not started. Called in every turn that may change either, so that no lease idles while a job is parked.
    pub(super) fn level(&mut self) -> Result<(), StorageError> {
        let Counts {
            mut held,
            has_parked,
        } = self.counts()?;
        let limit = self.limit();
        if held > limit {
            return self.shed();
        }
        while has_parked
            && held < limit
            && let Some(mut job) = self.store.best_parked()?
        {
            // Once granted a lease, it keeps its age through every retry.
            if job.epoch == 0 {
                job.room_at = Some(self.now);
            }
            self.grant(&mut job);
            self.save(&job)?;
            held += 1;
        }
        Ok(())
    }

    /// Takes leases above a lowered limit from the worst of the jobs that have not begun.
    pub(super) fn shed(&mut self) -> Result<(), StorageError> {
        let excess = self.counts()?.held.saturating_sub(self.limit());
        if excess == 0 {
            return Ok(());
        }
        let queued = self.queued()?.into_iter().rev();
        let excess = usize::try_from(excess).unwrap_or(usize::MAX);
        for mut job in queued.filter(|job| !job.has_begun()).take(excess) {
            self.leave_line(&job)?;
            job.due = None;
            park(&mut job);
            self.save(&job)?;
        }
        Ok(())
    }

    /// The jobs that hold a lease and wait for their turn, best first.
    pub(super) fn queued(&self) -> Result<Vec<Job>, StorageError> {
        let mut jobs = self.store.page(Some(State::Queued), None, None, HELD_MAX)?;
        jobs.sort_by_cached_key(|job| (job.rank, job.job_id.clone()));
        Ok(jobs)
    }

    /// Grants the job a lease. Its clock does not run before the job does.
    pub(super) fn grant(&mut self, job: &mut Job) {
        job.granted_at = Some(self.now);
        self.queue(job);
        job.granted_epoch = job.epoch;
    }

    /// Has the job wait for its turn, under its lease and a new epoch.
    pub(super) fn queue(&mut self, job: &mut Job) {
        job.state = State::Queued;
        job.epoch = job.epoch.saturating_add(1);
        job.holder = None;
        job.sends = 0;
        self.announce(job);
    }

    /// Makes known that the job waits for its turn: to the delivery that takes it along, to the pool, or, where there
    /// is none, by its ticket. Owed until it starts.
    pub(super) fn announce(&mut self, job: &mut Job) {
        let pause = doubled(self.config.ticket_resend, job.sends);
        job.due = Some(self.now.after(pause));
        job.sends = job.sends.saturating_add(1);
        self.wake_by(job.due);
        let want = self.want(job);
        if self.carries {
            self.granted.push(want);
        } else if self.config.has_pool {
            self.effects.tell.wants.push(want);
        } else {
            self.effects.tickets.push(want.ticket);
        }
    }

    /// A job that waited for its turn does so no more: the pool must hear of it, and its row says so until it has.
    pub(super) fn leave_line(&mut self, job: &Job) -> Result<(), StorageError> {
        if job.state != State::Queued {
            return Ok(());
        }
        // What this turn said of it before is no longer so: the pool, which takes out first what is gone, would keep it.
        let wants = &mut self.effects.tell.wants;
        wants.retain(|want| want.job_id() != &job.job_id);
        if !self.config.has_pool {
            let tickets = &mut self.effects.tickets;
            tickets.retain(|ticket| ticket.job_id != job.job_id);
            return Ok(());
        }
        let gone = Holding {
            job_id: job.job_id.clone(),
            epoch: job.epoch,
        };
        let due = self.now.after(self.config.ticket_resend);
        self.store.save_gone(&gone, due)?;
        self.wake_by(Some(due));
        self.effects.tell.gone.push(gone);
        Ok(())
    }

    /// The job as the line knows it.
    pub(super) fn want(&self, job: &Job) -> Want {
        Want {
            ticket: self.ticket(job),
            rank: job.pool_rank(),
        }
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
            weight: Some(job.weight),
        }
    }

    /// Ends the job. The caller has the freed lease handed over.
    pub(super) fn end(&mut self, job: &mut Job, state: State) -> Result<(), StorageError> {
        self.leave_line(job)?;
        let after = self.counts.filter(|_| job.state.holds_lease());
        job.state = state;
        job.holder = None;
        job.finished_at = Some(self.now);
        job.due = Some(self.forget_at());
        if state == State::Cancelled && job.started_at.is_none() && job.counted {
            quota::give_back(self, job)?;
        }
        self.save(job)?;
        self.counts = after.map(|counts| Counts {
            held: counts.held.saturating_sub(1),
            ..counts
        });
        Ok(())
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

/// Has the job wait for a lease: no attempt is spent, and its age is kept.
pub(super) fn park(job: &mut Job) {
    job.state = State::Parked;
    job.times_parked = job.times_parked.saturating_add(1);
}

/// The answer to a holder's report about a job.
pub(super) fn reported(outcome: Outcome, job: Option<&Job>) -> Reply {
    Reply::Reported {
        outcome,
        state: job.map(|job| job.state),
        cancel: outcome != Outcome::Accepted || job.is_none_or(|job| job.cancel_requested),
        retry_at: job
            .filter(|job| job.state == State::Retrying)
            .and_then(|job| job.due),
        next: None,
        granted: Vec::new(),
    }
}

/// The same, with what the delivery goes on with.
pub(super) fn reported_with(
    outcome: Outcome,
    job: &Job,
    next: Option<Grant>,
    granted: Vec<Want>,
) -> Reply {
    let mut reply = reported(outcome, Some(job));
    if let Reply::Reported {
        next: on,
        granted: along,
        ..
    } = &mut reply
    {
        *on = next.map(Box::new);
        *along = granted;
    }
    reply
}
