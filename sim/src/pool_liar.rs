//! Tells the lies of the pool's [`Defect`]s, as [`liar`](crate::liar) tells those of the gates.

use crate::{planted::Defect, pool_store::PoolStore};
use std::time::Duration;
use story_queue::{
    config::PoolConfig,
    domain::{JobId, Timestamp},
    pool::{Claim, Command, Effects, Hold, Store, state::Notice},
    storage::StorageError,
};

/// The store of one turn, with a defect.
pub struct PoolLiar<'a> {
    /// The rows.
    pub rows: &'a PoolStore,
    /// How it lies.
    pub defect: Defect,
    /// What is being done.
    pub command: Command,
}

impl PoolLiar<'_> {
    /// The command that the decisions get to see.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = self.command.clone();
        if let Command::Release { jobs } | Command::Claim { freed: jobs, .. } = &mut command
            && self.defect == Defect::StaleRelease
        {
            for job in jobs {
                job.epoch = u32::MAX;
            }
        }
        if let Command::Claim { freed, .. } = &mut command
            && self.defect == Defect::FreedIgnored
        {
            freed.clear();
        }
        command
    }

    /// The rules that the decisions go by.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    #[must_use]
    pub fn config(&self, config: &PoolConfig) -> PoolConfig {
        let mut config = *config;
        let is_bounded = config.capacity > 0;
        match self.defect {
            Defect::EndlessSlot => config.lease = Duration::from_hours(24 * 365),
            Defect::HastySlot => config.lease /= 2,
            Defect::OffByOneCapacity => config.capacity += u32::from(is_bounded),
            _ => {}
        }
        config
    }

    /// Changes what follows from the turn.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    pub fn spoil(&self, effects: &mut Effects) {
        match self.defect {
            Defect::GrantNotResent => {
                let resent = |job_id: &JobId| {
                    effects.notices.iter().any(|(notice, claim)| {
                        *notice == Notice::TicketResent && claim.ticket.job_id == *job_id
                    })
                };
                let kept = effects.tickets.iter().filter(|sent| !resent(&sent.job_id));
                effects.tickets = kept.cloned().collect();
            }
            Defect::PoolHerd if !effects.tickets.is_empty() => {
                let line = self.rows.claims().into_iter();
                let line = line.filter(|claim| claim.hold == Hold::Parked);
                effects.tickets.extend(line.map(|claim| claim.ticket));
            }
            Defect::PoolAlarmNotArmed if self.command == Command::Wake => effects.wake_by = None,
            _ => {}
        }
    }

    fn frees(&self) -> bool {
        match &self.command {
            Command::Release { .. } => true,
            Command::Claim { freed, .. } => !freed.is_empty(),
            Command::Renew { .. } | Command::Wake | Command::Place { .. } => false,
        }
    }

    fn is_claim(&self) -> bool {
        matches!(self.command, Command::Claim { .. })
    }
}

impl Store for PoolLiar<'_> {
    fn find(&self, job_id: &JobId) -> Result<Option<Claim>, StorageError> {
        self.rows.find(job_id)
    }

    fn insert(&self, claim: &Claim) -> Result<(), StorageError> {
        self.rows.insert(claim)
    }

    fn save(&self, claim: &Claim) -> Result<(), StorageError> {
        let mut claim = claim.clone();
        let renews = matches!(self.command, Command::Renew { .. });
        if self.defect == Defect::RenewalIgnored && renews {
            return Ok(());
        }
        if self.defect == Defect::RankKept
            && let Some(before) = self.rows.find(&claim.ticket.job_id)?
        {
            claim.rank = before.rank;
        }
        self.rows.save(&claim)
    }

    fn delete(&self, job_id: &JobId) -> Result<(), StorageError> {
        self.rows.delete(job_id)
    }

    fn held(&self) -> Result<u32, StorageError> {
        if self.defect == Defect::GrantedNotCounted {
            let claims = self.rows.claims();
            let held = claims.iter().filter(|claim| claim.hold == Hold::Held);
            return Ok(u32::try_from(held.count()).unwrap_or(u32::MAX));
        }
        self.rows.held()
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "a defect lies in one place")]
    fn best_parked(&self) -> Result<Option<Claim>, StorageError> {
        match self.defect {
            Defect::IdleSlot if self.frees() => Ok(None),
            Defect::NewcomerFirst if self.is_claim() => Ok(None),
            Defect::PoolOrder => Ok(self.rows.in_line(true, |_| true)),
            _ => self.rows.best_parked(),
        }
    }

    fn parked_before(&self, claim: &Claim) -> Result<u32, StorageError> {
        self.rows.parked_before(claim)
    }

    fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Claim>, StorageError> {
        self.rows.due(now, limit)
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        self.rows.next_due()
    }
}
