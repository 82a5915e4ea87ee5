//! What may become of a job, by which command.

use super::{Fact, Oracle, Violation, replies::Place, require};
use crate::marks::{Mark, Tally};
use queue_core::{
    domain::{Rank, Tier, Timestamp},
    gate::{Command, Job, State},
};
use std::time::Duration;

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// The longest pause between two faults of a back end.
const OUT_PAUSE_MAX: Duration = Duration::from_secs(5);

impl Oracle {
    pub(super) fn moved(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        (before, after): (&Job, &Job),
    ) -> Result<(), Violation> {
        let is_walk = matches!(command, Command::Wake { .. }) && after.tier != before.tier;
        let of_user = self.users[place.user].tier;
        let walked = is_walk.then_some(of_user);
        // In the midst of a walk, what was not visited keeps its tier.
        let is_left = self.users[place.user].walks && after.tier == before.tier;
        let given = self.new_tier(place.user).filter(|_| !is_left);
        if let Some(tier) = given.or(walked) {
            self.reprice(number, tier, before.state);
        }
        let replays = self.begins_anew(place, command, number, (before, after))?;
        let fact = &self.jobs[number];
        let kept = (after.submitted_at, after.rank, after.tier, after.priority);
        require(fact.recorded == Some(kept), "P7 age", || {
            format!("job {number} became {kept:?}, was {:?}", fact.recorded)
        })?;
        let (from, to) = (before.state, after.state);
        require(
            !from.is_final() || is_same(before, after) || replays,
            "I10 states",
            || format!("job {number} had ended and was changed: {after:?}"),
        )?;
        let is_forward =
            after.epoch >= before.epoch && (after.stage >= before.stage || before.past.is_swept);
        require(is_forward, "I10 states", || {
            format!("job {number} went back: {before:?} to {after:?}")
        })?;
        self.in_time(place, command, number, (from, to))?;
        let is_healed = matches!(command, Command::Wake { .. });
        if from == State::Running && to != from && is_healed {
            self.taken_back(place, number, before, after)?;
        }
        let fact = &self.jobs[number];
        let heeded = !fact.cancel_noted || to.is_final() || to == State::Running;
        require(heeded, "I10 states", || {
            format!("job {number} became {to:?} by {command:?}: {fact:?}")
        })?;
        self.pauses(place, command, number, (before, after))?;
        let (fact, tally) = (&mut self.jobs[number], &mut self.tally);
        note(fact, command, before, after, tally);
        if to == State::Failed && !fact.permanent && fact.out_since.is_none() {
            tally.mark(Mark::AttemptsUsedUp);
        }
        self.open -= usize::from(to.is_final() && !from.is_final());
        if matches!(to, State::Cancelled | State::Expired) && from != to {
            self.gives_back(number);
        }
        if from == State::Queued && to == State::Parked {
            self.tally.mark(Mark::Shed);
        }
        self.lease(place, number, (Some(from), to));
        let gave_up = self.waited_out(place, command, number, after);
        if to == State::Failed && from != to && gave_up {
            self.tally.mark(Mark::FailedByOutage);
        }
        self.ended(number, to, gave_up || from.is_final())
    }

    /// What it waits out is no longer than it may be.
    fn pauses(
        &self,
        place: Place,
        command: &Command,
        number: usize,
        (before, after): (&Job, &Job),
    ) -> Result<(), Violation> {
        if after.state == State::Retrying && before.state != State::Retrying {
            self.paused(place, number, after)?;
        }
        let is_out = after.is_between_faults() && before.state == State::Running;
        let own = place.now.after(OUT_PAUSE_MAX);
        let named = if let Command::Fail { blame, .. } = command {
            blame.and_then(|blame| blame.until)
        } else {
            None
        };
        let named = named.map(|until| until.min(place.now.after(PAUSE_MAX)));
        let most = named.map_or(own, |named| named.max(own));
        let is_bounded = after.due.is_some_and(|due| due <= most);
        require(!is_out || is_bounded, "I11 bounded pauses", || {
            format!("job {number} waits for a back end until {:?}", after.due)
        })
    }

    /// Whether it has waited for a back end as long as it may: at its own stage, or in the line, as the pool said.
    fn waited_out(&self, place: Place, command: &Command, number: usize, job: &Job) -> bool {
        let longest = self.config.outage_max;
        let is_long = |since: Timestamp| place.now >= since.after(longest);
        let met = self.jobs[number].out_since.is_some_and(is_long);
        let heard = if let Command::Told { out, .. } = command {
            out.get(&job.current_stage()).copied()
        } else {
            None
        };
        // An operator's pause in between does not count.
        let opened = |since| self.pool.outages.range(..=since).next().is_some();
        met || heard.is_some_and(|since| is_long(since) && opened(since))
    }

    /// The job has the rank and priority of another tier from now on.
    fn reprice(&mut self, number: usize, tier: Tier, state: State) {
        let fact = &mut self.jobs[number];
        let aged_from = fact.aged_from;
        let Some((at, ..)) = fact.recorded.filter(|_| !state.is_final()) else {
            return;
        };
        let tier = fact.lowered.map_or(tier, |lowered| lowered.min(tier));
        let priority = self.config.tiers.of(tier).priority;
        let put_off = fact.window.not_before.map_or(at, |later| later.max(at));
        let from = aged_from.unwrap_or(put_off);
        let rank = Rank::new(from, priority, self.config.priority_boost);
        fact.recorded = Some((at, rank, tier, priority));
        if state == State::Queued {
            self.tally.mark(Mark::RepricedWaiting);
        }
    }

    /// A lease ran out: at its time, for an attempt, and under another epoch.
    fn taken_back(
        &mut self,
        place: Place,
        number: usize,
        before: &Job,
        after: &Job,
    ) -> Result<(), Violation> {
        let fact = &mut self.jobs[number];
        require(place.now >= fact.until, "I2 lease kept", || {
            let now = place.now;
            format!("the lease of job {number} was taken back at {now:?}")
        })?;
        fact.failures[fact.stage().min(2)] += 1;
        fact.taken_back = before.epoch;
        self.tally.mark(Mark::LeaseExpired);
        let waits = after.state.is_final() || after.state == State::Retrying;
        require(waits && after.epoch > before.epoch, "I10 states", || {
            format!("the lease of job {number} ran out: {before:?} to {after:?}")
        })
    }

    /// The pause before the next attempt is no longer than the back-off allows.
    fn paused(&self, place: Place, number: usize, after: &Job) -> Result<(), Violation> {
        let fact = &self.jobs[number];
        let failures = fact.failures[fact.stage().min(2)];
        let doubled = 1_u32 << failures.saturating_sub(1).min(20);
        let most = (self.config.retry_backoff * doubled).min(PAUSE_MAX);
        let (now, due) = (place.now, after.due);
        let is_bounded = due.is_some_and(|due| due >= now && due <= now.after(most));
        require(is_bounded, "I11 bounded pauses", || {
            format!("job {number} is tried again at {due:?}, now {now:?}, at most {most:?} later")
        })
    }

    /// A job ends as it earned, and is not tried beyond its attempts.
    fn ended(&self, number: usize, to: State, gave_up: bool) -> Result<(), Violation> {
        let fact = &self.jobs[number];
        let most = self.config.max_attempts;
        let spent = fact.permanent || fact.failures.iter().any(|tries| *tries >= most);
        require(!spent || to.is_final(), "I11 bounded attempts", || {
            format!("job {number} goes on as {to:?}: {fact:?}, at most {most} attempts")
        })?;
        let earned = match to {
            State::Succeeded => fact.committed == [true; 3],
            State::Cancelled => fact.cancelled,
            State::Failed => spent || gave_up,
            // The first is judged by its times.
            State::Expired
            | State::Scheduled
            | State::Queued
            | State::Parked
            | State::Running
            | State::Retrying => true,
        };
        require(earned, "I3 one effect a stage", || {
            format!("job {number} ended as {to:?}: {fact:?}, at most {most} attempts")
        })
    }
}

/// Whether nothing of an ended job changed; when it is forgotten may.
fn is_same(before: &Job, after: &Job) -> bool {
    let (due, purges) = (before.due, before.purges);
    *before
        == Job {
            due,
            purges,
            ..after.clone()
        }
}

fn note(fact: &mut Fact, command: &Command, before: &Job, after: &Job, tally: &mut Tally) {
    let (from, to) = (before.state, after.state);
    let is_anew = after.epoch > before.epoch;
    fact.state = to;
    if to == State::Queued && (from != State::Queued || is_anew) {
        if from != State::Running {
            tally.mark(Mark::LineGrant);
        }
        // Its ticket, where there is no pool and nobody takes it along.
        fact.allowance += 1;
    }
    match to {
        State::Retrying => tally.mark(Mark::Retry),
        State::Succeeded => tally.mark(Mark::Succeeded),
        State::Failed => tally.mark(Mark::Failed),
        State::Cancelled => tally.mark(Mark::Cancelled),
        State::Scheduled | State::Queued | State::Parked | State::Running | State::Expired => {}
    }
    if matches!(command, Command::Cancel { .. }) {
        match from {
            State::Parked => tally.mark(Mark::CancelParked),
            State::Queued => tally.mark(Mark::CancelQueued),
            State::Running => tally.mark(Mark::CancelRunning),
            State::Scheduled => tally.mark(Mark::CancelScheduled),
            State::Retrying
            | State::Succeeded
            | State::Failed
            | State::Cancelled
            | State::Expired => {}
        }
    }
}
