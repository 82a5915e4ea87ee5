//! How a delivery takes its seat with a call, and what it is given again since it never got it.

use super::{Reference, START_WITHIN, seat::Seat};
use queue_core::{
    domain::{JobId, Timestamp},
    pool::{Hold, command::Offer},
};
use std::time::Duration;

const SILENT_MAX: Duration = Duration::from_mins(20);
const LEFT_MAX: Duration = Duration::from_mins(1);
const START_LEFT: Duration = Duration::from_secs(13);

impl Reference {
    /// It is there; says what it gets again, since it never got it.
    pub(super) fn sit(
        &mut self,
        name: &str,
        began: Timestamp,
        (is_first, listens): (bool, bool),
        offer: &Offer,
    ) -> Vec<JobId> {
        let old = self.seat(name).cloned();
        let mut answered = old.clone().map(|seat| seat.answered).unwrap_or_default();
        let has = |job_id: &JobId, epoch: u32| {
            let mut has = offer.has.iter();
            has.any(|held| held.job_id == *job_id && held.epoch >= epoch)
        };
        answered.retain(|want| listens && !has(want.job_id(), want.epoch()));
        let comes = |job_id: &JobId, epoch: u32| {
            let mut answered = answered.iter();
            answered.any(|want| want.job_id() == job_id && want.epoch() >= epoch)
        };
        let misses = match &old {
            Some(seat) => seat
                .unsettled
                .iter()
                .any(|(job_id, epoch)| !has(job_id, *epoch) && !comes(job_id, *epoch)),
            None => !is_first,
        };
        let now = self.now;
        self.seats.retain(|seat| {
            let kept = if seat.has_left { LEFT_MAX } else { SILENT_MAX };
            now <= seat.seen.after(kept)
        });
        let old = self.seat(name).cloned();
        let mut seat = Seat {
            seen: now,
            has_left: false,
            name: name.to_owned(),
            began,
            listens: old.as_ref().is_some_and(|seat| seat.listens),
            back_by: None,
            unsettled: old.map(|seat| seat.unsettled).unwrap_or_default(),
            answered: answered.clone(),
            reserved: Vec::new(),
            offer: offer.clone(),
        };
        let mut again = Vec::new();
        let until = now.after(START_WITHIN);
        for row in self.rows.iter_mut().filter(|_| misses) {
            let is_own = row.hold == Hold::Given && row.by.as_deref() == Some(name);
            let job_id = row.want.job_id();
            if is_own && !has(job_id, row.epoch) && !comes(job_id, row.epoch) {
                seat.fill(&row.want);
                let is_enough = |due: &Timestamp| *due >= now.after(START_LEFT);
                row.due = row.due.filter(is_enough).or(Some(until));
                again.push(row.want.job_id().clone());
            }
        }
        for want in &answered {
            seat.fill(want);
        }
        self.seats.retain(|seat| seat.name != name);
        self.seats.push(seat);
        again.sort();
        again
    }
}
