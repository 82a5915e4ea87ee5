//! What all decisions of the gate share: the turn, and the few moves a job can make.
//!
//! A decision takes the time, reads and writes rows, and returns its answer and what must be done
//! afterwards. It never waits, never logs and never reads the clock.

use super::{
    account::Account,
    command::Grant,
    job::{Job, State},
    store::{Counts, Store},
};
use crate::{
    config::GateConfig,
    domain::{JobId, Ticket, Timestamp, UserId, plan::Entitlement},
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
    /// Finished jobs whose artifacts may go; [`Command::Forget`](super::Command::Forget) them afterwards.
    pub purge: Vec<JobId>,
    /// What to log, about which job.
    pub notices: Vec<(Notice, Job)>,
}

/// What an object remembers between turns, to save reading it. The rows have all of it: it may be dropped at any time, and
/// must be when a turn was not kept.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    opening: Option<(Option<Account>, Counts)>,
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

impl<'a, S: Store> Gate<'a, S> {
    /// Begins a turn.
    pub(super) fn open(
        store: &'a S,
        memory: &mut Memory,
        (config, now): (&'a GateConfig, Timestamp),
        user_id: &UserId,
    ) -> Result<Self, StorageError> {
        let (known, counts) = match memory.opening.take() {
            Some(known) => known,
            None => store.opening()?,
        };
        let account = known.clone();
        Ok(Self {
            store,
            config,
            now,
            account: account.unwrap_or_else(|| Account::new(user_id.clone())),
            counts: Some(counts),
            carries: false,
            granted: Vec::new(),
            known,
            effects: Effects::default(),
        })
    }

    /// Ends the turn: what is known of the rows may be remembered, if they are kept.
    pub(super) fn close(self, memory: &mut Memory) -> Effects {
        let known = self.known;
        memory.opening = self.counts.map(|counts| (known, counts));
        self.effects
    }

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

    /// Records the end of a job, which `frees` a lease or not.
    pub(super) fn save_ended(&mut self, job: &Job, frees: bool) -> Result<(), StorageError> {
        let before = self.counts.filter(|_| frees);
        self.save(job)?;
        self.counts = before.map(|counts| Counts {
            held: counts.held.saturating_sub(1),
            ..counts
        });
        Ok(())
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

    /// What the plan gives now, if one is known.
    pub(super) fn entitlement(&self) -> Option<Entitlement> {
        let known = self.account.plan.as_ref()?;
        Some(self.config.plans.entitlement(self.now, &known.plan))
    }

    /// When the alarm must ring next: a job is due, or a plan's grace ends.
    pub(super) fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        let until = self.account.plan.as_ref().and_then(|plan| plan.until);
        let due = self.store.next_due()?;
        Ok([due, until].into_iter().flatten().min())
    }

    /// Puts the job into the hands of that holder, under a new epoch: the lease's clock runs from now.
    pub(super) fn run_by(&mut self, job: &mut Job, holder: &str) -> Result<(), StorageError> {
        let now = self.now;
        job.state = State::Running;
        job.epoch = job.epoch.saturating_add(1);
        job.holder = Some(holder.to_owned());
        job.due = Some(now.after(self.config.lease));
        job.started_at.get_or_insert(now);
        job.stage_record().started_at.get_or_insert(now);
        self.save_held(job)
    }

    /// What the holder of a running job needs.
    pub(super) fn grant_of(
        &mut self,
        job: &Job,
        payload: String,
        wait_ms: Option<i64>,
    ) -> Result<Grant, StorageError> {
        Ok(Grant {
            epoch: job.epoch,
            kind: job.kind,
            stage: job.current_stage(),
            tier: job.tier,
            priority: job.priority,
            attempt: job.attempt(),
            wait_ms,
            active: self.counts()?.held,
            limit: self.limit(),
            payload,
        })
    }
}

/// Has the job wait for a lease: no attempt is spent, and its age is kept.
pub(super) fn park(job: &mut Job) {
    job.state = State::Parked;
    job.times_parked = job.times_parked.saturating_add(1);
}
