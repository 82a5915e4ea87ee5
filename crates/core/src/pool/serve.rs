//! How free slots go to the best of the line, and how somebody is called to take them.

use super::{
    claim::{Claim, Hold},
    desk::Line,
    store::Store,
    turn::{DUE_MAX, Notice, Pool, START_LEFT, START_WITHIN},
};
use crate::{line::want::Want, storage::StorageError};
use std::time::Duration;

/// How long to wait before more of a line are let go.
const DISBAND_PAUSE: Duration = Duration::from_secs(1);

impl<S: Store> Pool<'_, S> {
    /// At the end of every turn: the line is served, and if a slot is left beside it, somebody is called.
    pub(super) fn close(&mut self, caller: Option<&str>) -> Result<(), StorageError> {
        if self.bounds_nobody() {
            return self.disband();
        }
        if caller.is_none() {
            self.serve(None)?;
        }
        if self.free_slots() > 0
            && let Some(best) = self.best()?
        {
            self.call_somebody(best);
        }
        self.record_fresh()
    }

    /// A slot is free beside the line: somebody is on the way back, or a ticket is under way, or one is sent.
    fn call_somebody(&mut self, best: Claim) {
        if let Some(back_by) = self.desk.expected(self.now, best.want.weight()) {
            // Who was given something in this turn and does not come back is found out by that.
            if self.effects.moved == 0 {
                self.wake_by(Some(back_by));
            }
            return;
        }
        let (sends, look_again) = self.desk.calls(self.now);
        if sends {
            self.effects.tickets.push(best.want.ticket);
        }
        self.wake_by(Some(look_again));
    }

    /// Gives free slots to the best of the line, as long as somebody has a place for the best, or, if that has just come,
    /// will have. What the caller gets is returned; other calls are answered.
    pub(super) fn serve(&mut self, caller: Option<&str>) -> Result<Vec<Want>, StorageError> {
        while self.free_slots() > 0
            && let Some(best) = self.best()?
        {
            let sizes = self.config.batch_sizes;
            let mut delivery = self.desk.place(&best.want, caller, sizes);
            if delivery.is_none() && self.fresh.contains_key(&best.key()) {
                delivery = self.desk.reserve(self.now, &best.want, sizes);
            }
            let Some(delivery) = delivery else { break };
            self.give(&best, delivery)?;
        }
        let mut answers = self.desk.answers(self.now, caller);
        if let Some(caller) = caller
            && self.is_idle()?
            && self.desk.hang_up(caller, self.now)
        {
            // It takes no more at once, and has another call open: it shall come back for more.
            answers.push((caller.to_owned(), Vec::new()));
        }
        self.effects.answers.extend(answers);
        Ok(caller
            .map(|caller| self.desk.given(caller))
            .unwrap_or_default())
    }

    fn give(&mut self, claim: &Claim, delivery: String) -> Result<(), StorageError> {
        let given = Claim {
            hold: Hold::Given,
            by: Some(delivery),
            due: Some(self.now.after(START_WITHIN)),
            ..claim.clone()
        };
        self.wake_by(given.due);
        self.effects.moved += 1;
        if self.fresh.remove(&given.key()).is_some() {
            self.held += 1;
            self.store.insert(&given)
        } else {
            self.save(claim, &given)
        }
    }

    /// The time to confirm the start runs from the answer that the delivery gets, unless nearly all of it is left
    /// ([`START_LEFT`]).
    pub(super) fn renew_given(&mut self, mut claim: Claim) -> Result<(), StorageError> {
        if claim
            .due
            .is_some_and(|due| due >= self.now.after(START_LEFT))
        {
            return Ok(());
        }
        claim.due = Some(self.now.after(START_WITHIN));
        self.wake_by(claim.due);
        self.store.save(&claim)
    }

    /// Nobody is bounded any more, and soon nobody will call: lets the parked go, some with each turn. Their gates send
    /// the tickets again, should these be lost.
    fn disband(&mut self) -> Result<(), StorageError> {
        for _ in 0..DUE_MAX {
            let Some(claim) = self.store.best_parked()? else {
                return Ok(());
            };
            self.delete(&claim)?;
            self.effects.tickets.push(claim.want.ticket);
        }
        self.wake_by(Some(self.now.after(DISBAND_PAUSE)));
        Ok(())
    }

    /// The best of those in line and those that came in this turn.
    pub(super) fn best(&mut self) -> Result<Option<Claim>, StorageError> {
        let parked = match &self.line {
            Line::Best(known) => known.clone(),
            Line::Changed => self.store.best_parked()?,
        };
        self.line = Line::Best(parked.clone());
        let fresh = self.fresh.values().next();
        let both = fresh.cloned().into_iter().chain(parked);
        Ok(both.min_by_key(Claim::key))
    }

    /// Who came in this turn and got no slot joins the line.
    fn record_fresh(&mut self) -> Result<(), StorageError> {
        let (is_full, active) = (self.free_slots() == 0, self.held);
        for (_, claim) in std::mem::take(&mut self.fresh) {
            self.line = Line::Changed;
            self.store.insert(&claim)?;
            if is_full {
                self.effects
                    .notices
                    .push((Notice::CapacityReached { active }, claim));
            }
        }
        Ok(())
    }

    /// Whether a slot is free beside a line.
    pub(super) fn is_idle(&mut self) -> Result<bool, StorageError> {
        Ok(self.free_slots() > 0 && self.best()?.is_some())
    }

    /// None where nobody is bounded.
    pub(super) const fn free_slots(&self) -> u32 {
        self.config.capacity.saturating_sub(self.held)
    }
}
