//! What all decisions of the gate share: the turn, and what is known in it of the rows.
//!
//! A decision takes the time, reads and writes rows, and returns its answer and what must be done
//! afterwards. It never waits, never logs and never reads the clock.

use super::{
    account::{Account, Erased},
    due,
    job::{Job, State},
    memory::Memory,
    store::{Counts, Store},
};
use crate::{
    config::GateConfig,
    domain::{JobId, Ticket, Timestamp, UserId, plan::Entitlement},
    failures::Word,
    line::{pause::by_then, want::Want},
    pool::command::Tell,
    storage::StorageError,
};

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
    /// A job that had ended begins anew.
    Replayed,
    /// A job ended in `failed`, `cancelled` or `expired` without a holder's report.
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
    /// What the list of failures must hear. All of it is owed by rows.
    pub words: Vec<Word>,
    /// The alarm must ring by then.
    pub wake_by: Option<Timestamp>,
    /// Finished jobs whose artifacts may go; [`Command::Forget`](super::Command::Forget) them afterwards.
    pub purge: Vec<JobId>,
    /// Stripe is to be asked what the user pays for.
    pub reads_stripe: bool,
    /// Jobs that have changed, as they are now; only where somebody watches.
    pub changed: Vec<Job>,
    /// What to log, about which job.
    pub notices: Vec<(Notice, Job)>,
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
    /// Artifacts are being deleted, until then at the latest.
    pub(super) purging: Option<Timestamp>,
    /// Somebody is told of what changes.
    watched: bool,
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
            purging: memory.purging(now),
            watched: memory.is_watched,
            effects: Effects::default(),
        })
    }

    /// Ends the turn: what is known of the rows may be remembered, if they are kept.
    pub(super) fn close(self, memory: &mut Memory) -> Effects {
        let known = self.known;
        memory.keep(self.counts.map(|counts| (known, counts)), self.purging);
        self.effects
    }

    /// Whether the user was ever recorded.
    pub(super) const fn is_known(&self) -> bool {
        self.known.is_some()
    }

    /// Records the account, if it has changed.
    pub(super) fn save_account(&mut self) -> Result<(), StorageError> {
        if self.known.as_ref() == Some(&self.account) {
            return Ok(());
        }
        self.store.save_account(&self.account)?;
        self.known = Some(self.account.clone());
        Ok(())
    }

    /// Forgets the user.
    pub(super) fn forget_account(&mut self) -> Result<(), StorageError> {
        self.known = None;
        let erased = Erased::of(&self.account, self.store.erased()?, self.now);
        self.store.forget_account(&erased)
    }

    /// Records a new job, and has the alarm ring when it is due, or may be late.
    pub(super) fn record(&mut self, job: &Job, payload: &str) -> Result<(), StorageError> {
        self.wake_by(job.due);
        self.wake_by(job.expires_at().map(|at| by_then(at, self.now)));
        let is_parked = job.state == State::Parked;
        self.counts = self.counts.map(|counts| Counts {
            held: counts.held + u32::from(job.state.holds_lease()),
            has_parked: counts.has_parked || is_parked && !job.by_kind,
            has_parked_by_kind: counts.has_parked_by_kind || is_parked && job.by_kind,
        });
        self.store.insert(job, payload)?;
        self.tell_of(job);
        Ok(())
    }

    /// Records a change, and has the alarm ring when the job is due.
    pub(super) fn save(&mut self, job: &mut Job) -> Result<(), StorageError> {
        self.counts = None;
        job.changes(self.now);
        self.save_unseen(job)?;
        self.tell_of(job);
        Ok(())
    }

    /// Records of a job that stays in its state what its user does not see.
    pub(super) fn save_unseen(&mut self, job: &Job) -> Result<(), StorageError> {
        if job.state.is_final() {
            self.wake_by(due::to_forget(
                job.due,
                (self.config, self.now),
                self.purging,
            ));
        } else {
            self.wake_by(job.due);
        }
        self.store.save(job)
    }

    /// Has the watchers told how the job is at the end of the turn.
    fn tell_of(&mut self, job: &Job) {
        if self.watched {
            let changed = &mut self.effects.changed;
            changed.retain(|other| other.job_id != job.job_id);
            changed.push(job.told());
        }
    }

    /// Records a change of a job that keeps its lease.
    pub(super) fn save_held(&mut self, job: &mut Job) -> Result<(), StorageError> {
        let counts = self.counts;
        self.save(job)?;
        self.counts = counts;
        Ok(())
    }

    /// Records the end of a job, which `frees` a lease or not.
    pub(super) fn save_ended(&mut self, job: &mut Job, frees: bool) -> Result<(), StorageError> {
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

    /// How many jobs may hold a lease: the tier's limit, or, of nobody's jobs, what their kinds allow together.
    pub(super) fn limit(&self) -> u32 {
        if self.account.user_id.is_nobody() {
            return self.config.kinds.limit_of_nobody();
        }
        self.config.tiers.of(self.account.tier).max_concurrent_jobs
    }

    /// Has a line logged about the job.
    pub(super) fn notice(&mut self, notice: Notice, job: &Job) {
        self.effects.notices.push((notice, job.clone()));
    }

    /// What the plan gives now, if one is known.
    pub(super) fn entitlement(&self) -> Option<Entitlement> {
        let known = self.account.plan.as_ref()?;
        let plans = &self.config.plans;
        let best = known.subscriptions.best(self.now, plans);
        Some(plans.entitlement(known.account_type, best.map(|(_, paid)| paid)))
    }

    /// Has the alarm ring for whatever is due next.
    pub(super) fn arm(&mut self) -> Result<(), StorageError> {
        let rules = (self.config, self.now);
        let next = due::next(self.store, self.known.as_ref(), rules, self.purging)?;
        self.wake_by(next);
        Ok(())
    }
}
