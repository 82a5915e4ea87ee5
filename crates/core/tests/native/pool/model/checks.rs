//! What must hold after each step of the model: the promises, and that the pool is as the reference.

use super::Run;
use crate::pool::{reference::Row, steps::Step};
use queue_core::{
    domain::Timestamp,
    pool::{Claim, Hold},
};
use std::time::Duration;

impl Run {
    pub(super) fn check(&mut self, held_before: u32) {
        let (held, capacity) = (self.pool.held(), self.pool.config.capacity);
        let most = capacity.max(held_before);
        assert!(held <= most, "P6: {held} of {capacity}");
        let claim = |row: &Row| Claim {
            want: row.want.clone(),
            epoch: row.epoch,
            hold: row.hold,
            by: row.by.clone(),
            due: row.due,
            // Estimates alone rest on it.
            since: None,
        };
        let claims = self.pool.claims().into_iter();
        let claims: Vec<_> = claims
            .map(|claim| Claim {
                since: None,
                ..claim
            })
            .collect();
        let mut expected: Vec<_> = self.reference.rows.iter().map(claim).collect();
        expected.sort_by_key(|claim| claim.job_id().clone());
        assert_eq!(claims, expected);
        let given = self.reference.given.iter().map(|(_, want)| want.key());
        assert!(given.clone().is_sorted(), "P5");
        let rows = self.reference.rows.iter();
        let parked = rows.filter(|row| row.hold == Hold::Waiting);
        let best = parked.map(|row| row.want.key()).min();
        let is_worse = |best| given.max().is_none_or(|worst| worst < best);
        assert!(best.is_none_or(is_worse), "P5");
        assert_eq!(self.pool.effects.tickets.len(), self.reference.tickets);
        self.wakes();
    }

    /// P4, and what must ring so that nothing is ever forgotten.
    fn wakes(&mut self) {
        let alarms = [self.alarm, self.pool.effects.wake_by];
        self.alarm = alarms.into_iter().flatten().min();
        let rings_by = |due: Timestamp| self.alarm.is_some_and(|alarm| alarm <= due);
        let due = self.reference.rows.iter().filter_map(|row| row.due).min();
        assert!(due.is_none_or(rings_by), "a slot is never taken back");
        let Some(best) = self.reference.best() else {
            return;
        };
        for seat in &self.reference.seats {
            let (name, idles) = (&seat.name, seat.listens && seat.fits(&best));
            assert!(
                !idles,
                "P4: a slot is free for {best:?}, and {name} listens"
            );
            assert_eq!(self.pool.desk.listens(&seat.name), seat.listens);
        }
        let latest = self.pool.now.after(Duration::from_mins(1));
        assert!(rings_by(latest), "a wake-up is lost");
    }

    /// From now on nobody calls: the alarm alone brings somebody, if a job could run.
    pub(super) fn is_rescued(&mut self) {
        let end = self.pool.now.after(Duration::from_secs(62));
        let is_idle = self.reference.best().is_some();
        let mut sent = 0;
        while let Some(rings) = self.alarm.filter(|rings| *rings <= end) {
            self.pool.now = self.pool.now.max(rings);
            self.reference.now = self.pool.now;
            self.take(&Step::Wake);
            sent += self.pool.effects.tickets.len() + self.pool.effects.answers.len();
        }
        assert!(!is_idle || sent > 0, "a job waits beside a free slot");
    }
}
