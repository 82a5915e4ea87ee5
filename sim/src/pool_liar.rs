//! Tells the lies of the pool's [`Defect`]s, as [`liar`](crate::liar) tells those of the gates.

use crate::{forward::forward, planted::Defect, pool_store::PoolStore};
use queue_core::{
    config::PoolConfig,
    domain::{JobId, Rank, Stage, Timestamp, UserId},
    pool::{Claim, Command, Hold, Store, Turn, command::Exchange, outages::Outages},
    storage::StorageError,
};
use std::time::Duration;

/// The store of one turn, with a defect.
pub(crate) struct PoolLiar<'a> {
    /// The rows.
    pub(crate) rows: &'a PoolStore,
    /// How it lies.
    pub(crate) defect: Defect,
    /// What is being done.
    pub(crate) command: Command,
}

impl PoolLiar<'_> {
    /// The command that the decisions get to see.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    pub(crate) fn command(&self) -> Command {
        let mut command = self.command.clone();
        if let Command::Exchange(exchange) = &mut command {
            match self.defect {
                Defect::StaleFree => {
                    for job in &mut exchange.freed {
                        job.epoch = u32::MAX;
                    }
                }
                Defect::FreedIgnored => exchange.freed.clear(),
                Defect::OutageUnheard => exchange.faults.clear(),
                Defect::OutageForEver => exchange.well.clear(),
                Defect::OutageSleeps => {
                    for fault in &mut exchange.faults {
                        let until = fault.began.after(Duration::from_mins(1));
                        fault.until.get_or_insert(until);
                    }
                }
                Defect::PoisonTrips => {
                    for fault in &mut exchange.faults {
                        let other = UserId::try_from(fault.job_id.to_string());
                        fault.user_id = other.expect("a job's id would do for a user");
                    }
                }
                _ => {}
            }
        }
        if let (Command::Pause { pause, .. }, Defect::PauseIgnored) = (&mut command, self.defect) {
            *pause = None;
        }
        command
    }

    /// The rules that the decisions go by.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    pub(crate) fn config(&self, config: &PoolConfig) -> PoolConfig {
        let mut config = *config;
        let is_bounded = config.capacity > 0;
        match self.defect {
            Defect::EndlessSlot => config.lease = Duration::from_hours(24),
            Defect::HastySlot => config.lease /= 2,
            Defect::OffByOneCapacity => config.capacity += u32::from(is_bounded),
            _ => {}
        }
        config
    }

    /// Changes what follows from the turn.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    pub(crate) fn spoil(&self, turn: &mut Turn) {
        let effects = &mut turn.effects;
        let frees = self.frees();
        match self.defect {
            Defect::NoTicket => effects.tickets.clear(),
            Defect::TicketWithJobs if !matches!(self.command, Command::Tell(_)) => {
                effects.tickets.clear();
            }
            Defect::TicketWithSlots if !frees => effects.tickets.clear(),
            Defect::TicketOnce if self.command == Command::Wake => effects.tickets.clear(),
            Defect::PoolHerd if !effects.tickets.is_empty() => {
                let line = self.rows.claims().into_iter();
                let line = line.filter(|claim| claim.hold == Hold::Waiting);
                effects.tickets.extend(line.map(|claim| claim.want.ticket));
            }
            Defect::PoolAlarmNotArmed if self.command == Command::Wake => effects.wake_by = None,
            Defect::DeafPool => effects.answers.clear(),
            _ => {}
        }
    }

    fn frees(&self) -> bool {
        matches!(&self.command, Command::Exchange(Exchange { freed, .. }) if !freed.is_empty())
    }

    fn comes(&self) -> bool {
        match &self.command {
            Command::Tell(tell) => !tell.wants.is_empty(),
            Command::Exchange(exchange) => !exchange.wants.is_empty(),
            Command::Listen(_)
            | Command::Wake
            | Command::Place { .. }
            | Command::Backlog { .. }
            | Command::Pause { .. }
            | Command::Let { .. }
            | Command::Backends => false,
        }
    }

    fn runs(&self) -> bool {
        matches!(&self.command, Command::Exchange(Exchange { running, .. }) if !running.is_empty())
    }

    fn twist(&self, claim: &Claim) -> Claim {
        let mut claim = claim.clone();
        if self.defect == Defect::StartNeverMissed && claim.hold == Hold::Given {
            claim.due = claim.due.map(|due| due.after(Duration::from_hours(24)));
        }
        claim
    }
}

impl Store for PoolLiar<'_> {
    forward! {
        find(job_id: &JobId) -> Option<Claim>;
        delete(job_id: &JobId) -> ();
        given_to(delivery: &str) -> Vec<Claim>;
        ahead_of(place: &(Rank, JobId)) -> u32;
        line_before(stages: &[Stage], place: &(Rank, JobId), limit: u32) -> Vec<Claim>;
        running(limit: u32) -> Vec<Claim>;
        waiting(most: u32) -> u32;
        due(now: Timestamp, limit: u32) -> Vec<Claim>;
        next_due(now: Timestamp) -> Option<Timestamp>;
        outages() -> Outages;
        save_outages(outages: &Outages) -> ();
    }

    fn insert(&self, claim: &Claim) -> Result<(), StorageError> {
        self.rows.insert(&self.twist(claim))
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let mut claim = self.twist(claim);
        let before = self.rows.find(claim.job_id())?;
        if self.defect == Defect::RenewalIgnored && self.runs() && claim.hold == Hold::Held {
            return Ok(());
        }
        if self.defect == Defect::RankKept
            && let Some(before) = before
        {
            claim.want.rank = before.want.rank;
        }
        self.rows.save(&claim)
    }

    fn held(&self) -> Result<u32, StorageError> {
        if self.defect == Defect::GivenNotCounted {
            let claims = self.rows.claims();
            let held = claims.iter().filter(|claim| claim.hold == Hold::Held);
            return Ok(u32::try_from(held.count()).unwrap_or(u32::MAX));
        }
        self.rows.held()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    fn best_in_line(&self, stages: &[Stage], limit: u32) -> Result<Vec<Claim>, StorageError> {
        match self.defect {
            Defect::IdleSlot if self.frees() => Ok(Vec::new()),
            Defect::NewcomerFirst if self.comes() => Ok(Vec::new()),
            Defect::PoolOrder => Ok(self.rows.in_line(true, |_| true).into_iter().collect()),
            Defect::OutageIgnored => self.rows.best_in_line(&Stage::ALL, limit),
            _ => self.rows.best_in_line(stages, limit),
        }
    }
}
