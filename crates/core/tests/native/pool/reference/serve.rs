//! How the reference gives jobs out: to whom, for whom one is kept, and when a ticket calls somebody.

use super::{Reference, START_WITHIN, seat::Seat};
use queue_core::{line::want::Want, pool::Hold};
use std::time::Duration;

impl Reference {
    fn give(&mut self, want: &Want, name: String) {
        let until = self.now.after(START_WITHIN);
        let row = self.row(want.job_id()).unwrap();
        (row.hold, row.by, row.due) = (Hold::Given, Some(name), Some(until));
    }

    /// A new job has a place kept where somebody is on the way back. Whoever listens is there, and took what it takes.
    fn reserve(&mut self, best: &Want, size: usize) -> bool {
        let (now, tier) = (self.now, best.ticket.tier);
        if !self.fresh.contains(best.job_id()) {
            return false;
        }
        let mut able: Vec<_> = self.seats.iter_mut().collect();
        able.retain(|seat| !seat.listens && seat.is_back_at(now));
        able.retain(|seat| seat.fits(best) && !seat.offer.is_spent);
        able.retain(|seat| seat.reserved.iter().filter(|one| **one == tier).count() < size);
        able.sort_by_key(|seat| (seat.began, seat.name.clone()));
        let Some(seat) = able.pop() else { return false };
        seat.fill(best);
        seat.reserved.push(tier);
        let name = seat.name.clone();
        self.give(best, name);
        true
    }

    pub(super) fn serve(&mut self, caller: Option<&str>) {
        while let Some(best) = self.best() {
            let tier = best.ticket.tier;
            let size = self.config.batch_sizes[tier as usize] as usize;
            let given = &self.given;
            let taken = |name: &str| {
                let of_tier = given
                    .iter()
                    .filter(|(to, want)| to == name && want.ticket.tier == tier);
                of_tier.count()
            };
            let mut able: Vec<_> = self.seats.iter_mut().collect();
            able.retain(|seat| seat.listens || caller == Some(&seat.name));
            able.retain(|seat| seat.fits(&best) && taken(&seat.name) < size);
            able.sort_by_key(|seat| {
                let is_caller = caller == Some(&seat.name);
                let youth = (seat.began, seat.name.clone());
                (!seat.offer.is_spent, is_caller, youth)
            });
            let Some(seat) = able.pop() else {
                if self.reserve(&best, size) {
                    continue;
                }
                break;
            };
            seat.fill(&best);
            if caller != Some(&seat.name) {
                seat.answered.push(best.clone());
            }
            let name = seat.name.clone();
            self.give(&best, name.clone());
            self.given.push((name, best));
        }
        self.end_calls(caller);
    }

    fn end_calls(&mut self, caller: Option<&str>) {
        let now = self.now;
        for seat in &mut self.seats {
            let is_caller = caller == Some(&seat.name);
            let is_answered = self.given.iter().any(|(to, _)| *to == seat.name);
            if is_caller || is_answered {
                seat.expect(now);
                seat.listens &= is_caller;
            }
        }
        // A caller that takes no more at once shall come back for more: its open call ends.
        if self.best().is_some()
            && let Some(caller) = caller
            && let Some(seat) = self.seat(caller).filter(|seat| seat.listens)
        {
            seat.goes(now);
        }
    }

    /// Sends a ticket if a slot is free beside a line and nobody is there or on the way.
    pub(super) fn call(&mut self) {
        let Some(best) = self.best() else { return };
        let now = self.now;
        let comes = |seat: &Seat| seat.fits(&best) && seat.is_back_at(now);
        if self.seats.iter().any(comes) {
            return;
        }
        let times = match self.ticket {
            Some((until, _)) if now < until => return,
            Some((_, times)) => times,
            None => 0,
        };
        let seconds = (10 << times.min(8)).min(60);
        self.ticket = Some((now.after(Duration::from_secs(seconds)), times + 1));
        self.tickets = 1;
    }
}
