//! The decisions of the pool. Each takes the time, reads and writes rows, and returns its answer and what
//! follows; it never waits, never logs and never reads the clock.

use super::{
    claim::{Claim, Hold},
    command::{Claimed, Command, Place, Reply, Want},
    store::Store,
};
use crate::{
    config::PoolConfig,
    domain::{JobId, Ticket, Timestamp},
    gate::command::Holding,
    line::{Line, pause::doubled},
    storage::StorageError,
};
use std::time::Duration;

/// Claims looked at in one wake-up, so that it stays a short turn; the next follows at once if more are due.
const DUE_MAX: u32 = 100;

/// How long to wait before more of a line are let go.
const DISBAND_PAUSE: Duration = Duration::from_secs(1);

/// Something worth a log line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A slot was not renewed in time and was taken back.
    SlotExpired,
    /// A granted job did not claim its slot in time; its ticket is sent again.
    TicketResent,
}

/// What must be done after the rows are written.
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    /// Tickets to send. Each is owed by its row, so losing one only delays.
    pub tickets: Vec<Ticket>,
    /// The alarm must ring by then.
    pub wake_by: Option<Timestamp>,
    /// What to log, about which claim.
    pub notices: Vec<(Notice, Claim)>,
    /// How many left the line for a slot.
    pub moved: u32,
}

/// The pool's answer and what follows from it.
#[derive(Debug, PartialEq)]
pub struct Turn {
    /// The answer; the pace of [`Reply::Place`] is the caller's to fill in, since it is not in the rows.
    pub reply: Reply,
    /// What follows.
    pub effects: Effects,
}

/// Decides `command` at `now`, in one synchronous turn over `store`.
///
/// The caller makes the turn atomic: when this fails, no row may have changed.
///
/// # Errors
/// Only when the store fails.
pub fn apply(
    store: &impl Store,
    config: &PoolConfig,
    now: Timestamp,
    command: Command,
) -> Result<Turn, StorageError> {
    let mut pool = Pool {
        store,
        config,
        now,
        effects: Effects::default(),
    };
    let reply = match command {
        Command::Claim {
            wants,
            freed,
            takes,
        } => pool.claim(wants, &freed, takes)?,
        Command::Release { jobs } => pool.release(&jobs)?,
        Command::Renew { jobs } => pool.renew(&jobs)?,
        Command::Wake => pool.wake()?,
        Command::Place { job_id } => pool.place(&job_id)?,
    };
    Ok(Turn {
        reply,
        effects: pool.effects,
    })
}

struct Pool<'a, S> {
    store: &'a S,
    config: &'a PoolConfig,
    now: Timestamp,
    effects: Effects,
}

impl<S: Store> Line for Pool<'_, S> {
    fn held(&self) -> Result<u32, StorageError> {
        self.store.held()
    }

    fn limit(&self) -> u32 {
        self.config.capacity
    }

    fn grant_best(&mut self) -> Result<bool, StorageError> {
        let Some(mut claim) = self.store.best_parked()? else {
            return Ok(false);
        };
        claim.hold = Hold::Granted;
        claim.sends = 0;
        self.send_ticket(&mut claim);
        self.store.save(&claim)?;
        self.effects.moved += 1;
        Ok(true)
    }
}

impl<S: Store> Pool<'_, S> {
    /// Serves the line: at the end of every turn that may free something.
    fn serve(&mut self) -> Result<(), StorageError> {
        if self.bounds_nobody() {
            self.disband()
        } else {
            self.fill()
        }
    }

    const fn bounds_nobody(&self) -> bool {
        self.config.capacity == 0
    }

    fn claim(
        &mut self,
        wants: Vec<Want>,
        freed: &[Holding],
        takes: bool,
    ) -> Result<Reply, StorageError> {
        self.free(freed)?;
        let mut claimed = Vec::with_capacity(wants.len());
        for want in wants {
            self.serve_before(&want)?;
            let job_id = want.ticket.job_id.clone();
            claimed.push(self.claim_one(want)?);
            if claimed.last() == Some(&Claimed::Slot) {
                // Out of the line by its old place, and here already.
                self.effects.tickets.retain(|sent| sent.job_id != job_id);
            }
        }
        self.serve()?;
        let tickets = if takes {
            std::mem::take(&mut self.effects.tickets)
        } else {
            Vec::new()
        };
        Ok(Reply::Claimed {
            claimed,
            active: self.held()?,
            capacity: self.limit(),
            tickets,
        })
    }

    /// Serves those in line that go before the want: slots freed in this turn, or by a capacity that was changed,
    /// go to the best, wherever it comes from.
    fn serve_before(&mut self, want: &Want) -> Result<(), StorageError> {
        if self.bounds_nobody() {
            return Ok(());
        }
        while self.held()? < self.limit() {
            let place = (want.rank, &want.ticket.job_id);
            match self.store.best_parked()? {
                Some(best) if (best.rank, &best.ticket.job_id) < place => self.grant_best()?,
                Some(_) | None => break,
            };
        }
        Ok(())
    }

    fn claim_one(&mut self, want: Want) -> Result<Claimed, StorageError> {
        let found = self.store.find(&want.ticket.job_id)?;
        if found.as_ref().is_some_and(|claim| claim.epoch > want.epoch) {
            return Ok(Claimed::Stale);
        }
        if self.bounds_nobody() {
            // A consumer of the build before still claims, or a call comes late. Parked, the job would wait for
            // nobody; a slot of its own would only run out.
            if found.is_some() {
                self.store.delete(&want.ticket.job_id)?;
            }
            return Ok(Claimed::Slot);
        }
        // Those that go before it were served, so what is free is its own.
        let before = found.as_ref().map(|claim| claim.hold);
        let has_slot = before.is_some_and(Hold::has_slot) || self.held()? < self.limit();
        self.effects.moved += u32::from(has_slot && before == Some(Hold::Parked));
        let due = has_slot.then(|| self.now.after(self.config.lease));
        let claim = Claim {
            ticket: want.ticket,
            epoch: want.epoch,
            rank: want.rank,
            hold: if has_slot { Hold::Held } else { Hold::Parked },
            due,
            sends: 0,
        };
        self.wake_by(due);
        if found.is_some() {
            self.store.save(&claim)?;
        } else {
            self.store.insert(&claim)?;
        }
        Ok(if has_slot {
            Claimed::Slot
        } else {
            Claimed::Parked
        })
    }

    fn release(&mut self, jobs: &[Holding]) -> Result<Reply, StorageError> {
        self.free(jobs)?;
        self.serve()?;
        Ok(Reply::Done)
    }

    fn free(&self, jobs: &[Holding]) -> Result<(), StorageError> {
        for Holding { job_id, epoch } in jobs {
            let found = self.store.find(job_id)?;
            if found.is_some_and(|claim| claim.epoch <= *epoch) {
                self.store.delete(job_id)?;
            }
        }
        Ok(())
    }

    fn renew(&mut self, jobs: &[Holding]) -> Result<Reply, StorageError> {
        let mut lost = Vec::new();
        for Holding { job_id, epoch } in jobs {
            let found = self.store.find(job_id)?;
            // Under a newer epoch the same delivery went on with the job, or it took the job's ticket: by the
            // gate's word the slot is its own, as with a claim.
            match found.filter(|claim| claim.hold.has_slot() && claim.epoch <= *epoch) {
                Some(mut claim) => {
                    claim.hold = Hold::Held;
                    claim.epoch = *epoch;
                    claim.sends = 0;
                    claim.due = Some(self.now.after(self.config.lease));
                    self.wake_by(claim.due);
                    self.store.save(&claim)?;
                }
                None if self.bounds_nobody() => {}
                None => lost.push(job_id.clone()),
            }
        }
        Ok(Reply::Renewed { lost })
    }

    /// Does all that is due, and has the alarm ring for the next.
    fn wake(&mut self) -> Result<Reply, StorageError> {
        for mut claim in self.store.due(self.now, DUE_MAX)? {
            match claim.hold {
                Hold::Granted if self.bounds_nobody() => {
                    self.store.delete(&claim.ticket.job_id)?;
                    self.effects.tickets.push(claim.ticket);
                }
                Hold::Held => {
                    self.store.delete(&claim.ticket.job_id)?;
                    self.effects.notices.push((Notice::SlotExpired, claim));
                }
                Hold::Granted => {
                    self.send_ticket(&mut claim);
                    self.store.save(&claim)?;
                    self.effects.notices.push((Notice::TicketResent, claim));
                }
                // Never due: a freed slot wakes it.
                Hold::Parked => {}
            }
        }
        self.serve()?;
        let next = self.store.next_due()?;
        self.wake_by(next);
        Ok(Reply::Done)
    }

    /// Nobody is bounded any more, and soon nobody will claim or release: lets the parked go, some with each turn.
    /// Their gates send the tickets again, should these be lost.
    fn disband(&mut self) -> Result<(), StorageError> {
        for _ in 0..DUE_MAX {
            let Some(claim) = self.store.best_parked()? else {
                return Ok(());
            };
            self.store.delete(&claim.ticket.job_id)?;
            self.effects.tickets.push(claim.ticket);
        }
        self.wake_by(Some(self.now.after(DISBAND_PAUSE)));
        Ok(())
    }

    fn place(&self, job_id: &JobId) -> Result<Reply, StorageError> {
        let parked = self
            .store
            .find(job_id)?
            .filter(|claim| !claim.hold.has_slot());
        let position = match parked {
            Some(claim) => Some(self.store.parked_before(&claim)?.saturating_add(1)),
            None => None,
        };
        Ok(Reply::Place {
            place: Place {
                position,
                active: self.held()?,
                capacity: self.limit(),
                pace: None,
            },
        })
    }

    /// Has the alarm ring by then.
    fn wake_by(&mut self, due: Option<Timestamp>) {
        self.effects.wake_by = [self.effects.wake_by, due].into_iter().flatten().min();
    }

    /// Puts the job's ticket on the queue, and owes it until the job's slot is claimed.
    fn send_ticket(&mut self, claim: &mut Claim) {
        let pause = doubled(self.config.ticket_resend, claim.sends);
        claim.due = Some(self.now.after(pause));
        claim.sends = claim.sends.saturating_add(1);
        self.wake_by(claim.due);
        self.effects.tickets.push(claim.ticket.clone());
    }
}
