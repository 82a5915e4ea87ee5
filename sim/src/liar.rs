//! Tells the lies of [`Defect`]: the rows of one turn, as a defective gate would read and write them.

use crate::{forward::forward, memory_store::MemoryStore, plan_liar, planted::Defect, time_liar};
use queue_core::{
    config::GateConfig,
    domain::{JobId, Kind, Rank, SeriesId, Timestamp},
    failures::Word,
    gate::{
        Command, Effects, Job, State, Store,
        account::{Account, Erased},
        store::{Sweep, UsedKey},
        turn::Notice,
    },
    line::want::Holding,
    storage::StorageError,
};
use std::time::Duration;

/// The store of one turn, with a defect.
pub(crate) struct Liar<'a> {
    /// The rows.
    pub(crate) rows: &'a MemoryStore,
    /// How it lies.
    pub(crate) defect: Defect,
    /// When.
    pub(crate) now: Timestamp,
    /// Leases that were never given back.
    pub(crate) leaked: u32,
    /// What is being done.
    pub(crate) command: Command,
}

impl Liar<'_> {
    /// The command that the decisions get to see.
    pub(crate) fn command(&self) -> Command {
        let mut command = self.command.clone();
        if let Command::Complete { job_id, epoch, .. } = &mut command
            && self.defect == Defect::StaleCompletion
            && let Ok(Some(job)) = self.rows.find(job_id)
        {
            *epoch = job.epoch;
        }
        if let Command::SetPlan(change) = &mut command {
            plan_liar::hear(self.defect, change);
        }
        if let (Command::Replay(ask), Defect::ReplayUnremembered) = (&mut command, self.defect) {
            ask.key = None;
        }
        if let (Command::Fail { blame, .. }, Defect::OutageCosts) = (&mut command, self.defect) {
            *blame = None;
        }
        command
    }

    /// The rules that the decisions go by.
    pub(crate) fn config(&self, config: &GateConfig) -> GateConfig {
        plan_liar::rules(self.defect, config)
    }

    /// Changes what follows from the turn.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    pub(crate) fn spoil(&self, effects: &mut Effects) {
        match self.defect {
            Defect::NoResend if matches!(self.command, Command::Wake { .. }) => {
                let resent = |job_id: &JobId| {
                    effects.notices.iter().any(|(notice, job)| {
                        *notice == Notice::TicketResent && job.job_id == *job_id
                    })
                };
                let kept = effects
                    .tickets
                    .iter()
                    .filter(|ticket| !resent(&ticket.job_id));
                effects.tickets = kept.cloned().collect();
                effects.tell.wants.clear();
            }
            Defect::Herd if !effects.tickets.is_empty() => {
                let line = self.rows.page(Some(State::Parked), None, None, 1_000);
                let first = effects.tickets[0].clone();
                for job in line.unwrap_or_default() {
                    let (job_id, submitted_at) = (job.job_id, job.submitted_at);
                    effects.tickets.push(queue_core::domain::Ticket {
                        job_id,
                        submitted_at,
                        epoch: None,
                        ..first.clone()
                    });
                }
            }
            Defect::ErasureSleeps if matches!(self.command, Command::DeleteUser) => {
                effects.wake_by = effects
                    .wake_by
                    .map(|due| due.after(Duration::from_hours(1)));
            }
            Defect::GraceSleeps if matches!(self.command, Command::SetPlan(_)) => {
                effects.wake_by = None;
            }
            Defect::NeverForgotten => effects.purge.clear(),
            Defect::ComesUntold if matches!(self.command, Command::Submit(_)) => {
                effects.tell.wants.clear();
            }
            Defect::FailureUntold => effects.words.clear(),
            Defect::GoesUntold => effects.tell.gone.clear(),
            Defect::AlarmNotArmed if matches!(self.command, Command::Wake { .. }) => {
                effects.wake_by = None;
            }
            _ => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    fn twist(&self, job: &Job) -> Job {
        let mut job = job.clone();
        let wakes = matches!(self.command, Command::Wake { .. });
        let waits = job.state == State::Queued;
        match self.defect {
            Defect::ReplayFromFirst if matches!(self.command, Command::Replay(_)) => job.stage = 0,
            Defect::TicketNotOwed if waits => job.due = None,
            Defect::NotGivenBack => job.counted_in = None,
            Defect::ExpiryIsFree if job.state == State::Retrying && wakes => {
                let record = job.stage_record();
                record.failures = record.failures.saturating_sub(1);
            }
            Defect::ExpiryKeepsEpoch if job.state == State::Retrying && wakes => job.epoch -= 1,
            Defect::ExpiryAtOnce if job.state == State::Retrying && wakes => {
                job.state = State::Parked;
                job.due = None;
            }
            Defect::EndlessPause if job.state == State::Retrying => {
                job.due = job.due.map(|due| due.after(Duration::from_mins(2)));
            }
            Defect::EndlessAttempts if job.state == State::Failed => {
                job.state = State::Parked;
                job.due = None;
                job.finished_at = None;
            }
            Defect::SameEpoch if job.state == State::Running => job.epoch = 1,
            Defect::AttemptOnPark if job.state == State::Parked && job.times_parked > 0 => {
                job.stage_record().failures += 1;
            }
            Defect::AgeLost if job.state == State::Retrying => {
                job.submitted_at = self.now;
                job.rank = Rank::new(self.now, job.priority, Duration::ZERO);
            }
            _ => {}
        }
        job
    }
}

impl Store for Liar<'_> {
    forward! {
        forget_account(erased: &Erased) -> ();
        payload(job_id: &JobId) -> Option<String>;
        delete(job: &Job) -> ();
        save_key(key: &str, used: &UsedKey) -> ();
        count(state: State) -> u32;
        parked_before(job: &Job) -> u32;
        kinds_before(job: &Job, limit: u32) -> Vec<(Kind, u32)>;
        ended_after(after: Timestamp, limit: u32) -> Vec<Job>;
        sweeps(limit: u32) -> Vec<Sweep>;
        forget_sweep(job_id: &JobId) -> ();
        save_gone(gone: &Holding, due: Timestamp) -> ();
        gone(now: Timestamp, limit: u32) -> Vec<Holding>;
        forget_gone(gone: &Holding) -> ();
        words(now: Timestamp, limit: u32) -> Vec<Word>;
        forget_word(word: &Word) -> ();
        next_due(now: Timestamp) -> Option<Timestamp>;
        changed(since: Option<Timestamp>, before: Option<&JobId>, limit: u32) -> Vec<Job>;
        page(state: Option<State>, series_id: Option<&SeriesId>, before: Option<&JobId>, limit: u32) -> Vec<Job>;
    }

    fn account(&self) -> Result<Option<Account>, StorageError> {
        let account = self.rows.account()?;
        Ok(account.map(|account| plan_liar::recall(self.defect, self.now, account)))
    }

    fn waits(&self, most: u32) -> Result<u32, StorageError> {
        if self.defect == Defect::RetryingUncounted {
            let waits = self.rows.count(State::Queued)? + self.rows.count(State::Parked)?;
            return Ok(waits.min(most));
        }
        self.rows.waits(most)
    }

    fn erased(&self) -> Result<Option<Erased>, StorageError> {
        if self.defect == Defect::DeletionForgotten {
            return Ok(None);
        }
        self.rows.erased()
    }

    fn ended(&self, by: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        time_liar::ended(self.rows, self.defect, (by, limit))
    }

    fn first_ended(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), StorageError> {
        time_liar::first_ended(self.rows, self.defect)
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        time_liar::due(self.rows, self.defect, (now, limit))
    }

    fn late(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StorageError> {
        time_liar::late(self.rows, self.defect, (now, limit))
    }

    fn save_word(&self, word: &Word, due: Timestamp) -> Result<(), StorageError> {
        if self.defect == Defect::FailureUntold {
            return Ok(());
        }
        self.rows.save_word(word, due)
    }

    fn save_sweep(&self, sweep: &Sweep) -> Result<(), StorageError> {
        if self.defect == Defect::LateUploadStays {
            return Ok(());
        }
        self.rows.save_sweep(sweep)
    }

    fn save_account(&self, account: &Account) -> Result<(), StorageError> {
        if self.defect == Defect::LowerIgnored
            && let Some(before) = self.rows.account()?
            && before.tier > account.tier
        {
            return Ok(());
        }
        self.rows.save_account(account)
    }

    fn find(&self, job_id: &JobId) -> Result<Option<Job>, StorageError> {
        let seen = |job| self.seen(time_liar::seen(self.defect, &self.command, job));
        Ok(self.rows.find(job_id)?.map(seen))
    }

    fn insert(&self, job: &Job, payload: &str) -> Result<(), StorageError> {
        let job = time_liar::record(self.defect, job);
        self.rows.insert(&self.twist(&job), payload)
    }

    fn save(&self, job: &Job) -> Result<(), StorageError> {
        if self.defect == Defect::ReplayCountedTwice
            && matches!(self.command, Command::Replay(_))
            && let Some(account) = self.rows.account()?
        {
            self.rows.save_account(&plan_liar::replayed(account))?;
        }
        self.rows.save(&self.twist(job))
    }

    fn key(&self, key: &str) -> Result<Option<UsedKey>, StorageError> {
        if self.defect == Defect::KeyForgotten {
            return Ok(None);
        }
        let used = self.rows.key(key)?;
        if self.defect == Defect::ReplayCounted
            && used.is_some()
            && let Some(account) = self.rows.account()?
        {
            self.rows.save_account(&plan_liar::replayed(account))?;
        }
        Ok(used)
    }

    fn held_of(&self, kind: &Kind) -> Result<u32, StorageError> {
        if self.defect == Defect::KindIgnored {
            return Ok(0);
        }
        self.rows.held_of(kind)
    }

    fn best_of_kinds(&self) -> Result<Vec<Job>, StorageError> {
        if self.defect == Defect::KindForgotten {
            return Ok(Vec::new());
        }
        self.rows.best_of_kinds()
    }

    fn held(&self) -> Result<u32, StorageError> {
        Ok(self.rows.held()? + self.leaked)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    fn best_parked(&self) -> Result<Option<Job>, StorageError> {
        let fails = matches!(self.command, Command::Fail { .. });
        match self.defect {
            Defect::IdleLease if fails => Ok(None),
            Defect::RaiseIgnored if matches!(self.command, Command::Submit(_)) => Ok(None),
            Defect::LeaseToLate => time_liar::best_parked(self.rows),
            Defect::WrongOrder => {
                let line = self.rows.page(Some(State::Parked), None, None, u32::MAX)?;
                let line = line.into_iter();
                Ok(line.max_by_key(|job| (job.rank, job.job_id.clone())))
            }
            _ => self.rows.best_parked(),
        }
    }
}
