//! Not before, not after: no job starts outside of the time that its client gave, by the clock of its gate, and only one
//! that never started and whose time has passed expires.

use super::{Oracle, Violation, replies::Place, require};
use crate::marks::Mark;
use queue_core::{
    domain::{Timestamp, Window, window::Untimely},
    gate::{Command, Job, State, command::NewJob},
};
use std::time::Duration;

const NOT_BEFORE: &str = "not before";
const NOT_AFTER: &str = "not after";

/// How often an alarm looks at least.
const LOOK: Duration = Duration::from_hours(24);

impl Oracle {
    /// A client says when its job may start.
    pub(crate) fn gives(&mut self, number: usize, window: Window) {
        self.jobs[number].window = window;
        self.has_times |= !window.is_open();
    }

    /// From when the age of a job counts that was submitted then.
    pub(super) fn age_from(&self, number: usize, submitted_at: Timestamp) -> Timestamp {
        let not_before = self.jobs[number].window.not_before;
        not_before.map_or(submitted_at, |at| at.max(submitted_at))
    }

    /// A new job waits for its time, or for a lease, or has one.
    pub(super) fn enters(
        &mut self,
        place: Place,
        number: usize,
        job: &Job,
    ) -> Result<(), Violation> {
        let fact = &mut self.jobs[number];
        let is_early = fact.window.not_before.is_some_and(|at| at > place.now);
        let (mark, is_right) = match job.state {
            State::Scheduled => (Mark::Scheduled, is_early),
            State::Queued => (Mark::Admitted, !is_early),
            State::Parked => (Mark::Park, !is_early),
            State::Running
            | State::Retrying
            | State::Succeeded
            | State::Failed
            | State::Cancelled
            | State::Expired => (Mark::Park, false),
        };
        fact.opened = !is_early;
        let is_over = fact.window.start_by.is_some_and(|at| at <= place.now);
        require(is_right && !is_over, NOT_BEFORE, || {
            format!("new and {:?}: {fact:?}", job.state)
        })?;
        self.tally.mark(mark);
        Ok(())
    }

    /// A job became another: in its time.
    pub(super) fn in_time(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        (from, to): (State, State),
    ) -> Result<(), Violation> {
        let is_late = self.is_late(place, number);
        let fact = &mut self.jobs[number];
        let is_open = fact.window.not_before.is_none_or(|at| at <= place.now);
        let opens = from == State::Scheduled && to != from && !to.is_final();
        require(!opens || is_open, NOT_BEFORE, || {
            format!("job {number} became {to:?} at {:?}: {fact:?}", place.now)
        })?;
        let goes_back = to == State::Scheduled && from != to;
        require(!goes_back, "I10 states", || {
            format!("job {number} was {from:?} and is put off")
        })?;
        if opens {
            fact.opened = true;
            self.tally.mark(Mark::Opened);
        }
        let expires = to == State::Expired && from != to;
        let is_granted = to.holds_lease() && !from.holds_lease();
        let is_right = if expires {
            is_late
        } else {
            !is_granted || !is_late
        };
        require(is_right, NOT_AFTER, || {
            let fact = &self.jobs[number];
            format!("job {number} became {to:?} at {:?}: {fact:?}", place.now)
        })?;
        if expires {
            self.tally.mark(Mark::Expired);
            if !matches!(command, Command::Wake { .. }) {
                self.tally.mark(Mark::ExpiredBeforeAlarm);
            }
        }
        Ok(())
    }

    /// A job is about to be started.
    pub(super) fn may_start(&self, place: Place, number: usize) -> Result<(), Violation> {
        let fact = &self.jobs[number];
        let shown = || format!("job {number} starts at {:?}: {fact:?}", place.now);
        require(fact.opened, NOT_BEFORE, shown)?;
        require(!self.is_late(place, number), NOT_AFTER, shown)
    }

    /// Whether it never started, and its time has passed.
    fn is_late(&self, place: Place, number: usize) -> bool {
        let fact = &self.jobs[number];
        let is_over = fact.window.start_by.is_some_and(|at| at <= place.now);
        is_over && fact.grant.is_none()
    }

    /// A submission was refused for its times.
    pub(super) fn untimely(
        &mut self,
        place: Place,
        new: &NewJob,
        faults: &[Untimely],
    ) -> Result<(), Violation> {
        let is_over = new.window.start_by.is_some_and(|at| at <= place.now);
        let is_right = is_over && faults == [Untimely::StartByPassed];
        self.tally.mark(Mark::Untimely);
        require(is_right, NOT_AFTER, || {
            format!("{:?} at {:?}: {faults:?}", new.window, place.now)
        })
    }

    /// When the alarm must ring for a job that has to start by then.
    pub(super) fn must_start(&self, place: Place) -> Option<Timestamp> {
        if !self.has_times {
            return None;
        }
        let waiting = self.jobs.iter().filter(|fact| {
            let is_there = fact.recorded.is_some() && !fact.forgotten;
            is_there && fact.user == place.user && !fact.state.is_final() && fact.grant.is_none()
        });
        let first = waiting.filter_map(|fact| fact.window.start_by).min();
        first.map(|at| at.min(place.now.after(LOOK)))
    }
}
