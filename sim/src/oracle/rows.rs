//! What a turn made of the rows, against what is allowed.

use super::{Fact, Oracle, Violation, replies::Place, require};
use crate::{
    marks::{Mark, Tally},
    memory_store::Change,
};
use std::time::Duration;
use story_queue::{
    config::GateConfig,
    domain::{Rank, Tier, Timestamp},
    gate::{Command, Effects, Job, State},
};

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_hours(1);

/// How long a call may take until it is over, one way or the other.
const WAIT_MAX: Duration = Duration::from_secs(30);

impl Oracle {
    /// A job that waits for a slot takes its new rank to the pool with a fresh ticket.
    ///
    /// # Errors
    /// When it does not.
    pub fn repriced(
        &self,
        command: &Command,
        changes: &[Change],
        effects: &Effects,
    ) -> Result<(), Violation> {
        if !matches!(command, Command::SetTier { .. } | Command::SetPlan(_)) {
            return Ok(());
        }
        let waiting = changes.iter().filter_map(|change| change.after.as_ref());
        let waiting = waiting.filter(|job| job.state == State::Waiting);
        let told = |job: &Job| {
            let mut tickets = effects.tickets.iter();
            tickets.any(|ticket| (&ticket.job_id, ticket.tier) == (&job.job_id, job.tier))
        };
        let untold = waiting.into_iter().find(|job| !told(job));
        require(untold.is_none(), "P5 rank order", || {
            format!("the pool will not hear of {untold:?}")
        })
    }

    /// A turn changed these rows. `best` is the best job in line afterwards.
    ///
    /// # Errors
    /// When a change is not allowed.
    pub fn changed(
        &mut self,
        place: Place,
        command: &Command,
        changes: &[Change],
        best: Option<&Job>,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        for change in changes {
            let number = self.number(&change.job_id)?;
            match (&change.before, &change.after) {
                (None, Some(after)) => self.recorded(place, command, number, after, tally)?,
                (Some(before), Some(after)) => {
                    self.moved(place, command, number, (before, after), tally)?;
                }
                (Some(before), None) => {
                    require(before.state.is_final(), "I4 nothing lost", || {
                        format!("job {number} was forgotten while {:?}", before.state)
                    })?;
                    self.jobs[number].forgotten = true;
                    tally.mark(Mark::Forgotten);
                }
                (None, None) => {}
            }
        }
        let user = place.user;
        let (parked, held, limit) = (
            self.users[user].parked,
            self.users[user].held,
            self.limit(user),
        );
        // Which turns serve the line after a raise by configuration: those that admit, wake, or are a
        // holder's report.
        let reports = !changes.is_empty()
            && matches!(
                command,
                Command::Complete { .. }
                    | Command::Fail { .. }
                    | Command::HandBack { .. }
                    | Command::Wait { .. }
                    | Command::Renew { .. }
            );
        let serves = reports
            || matches!(command, Command::Admit { .. } | Command::Wake { .. })
            || self.new_tier(user, command).is_some();
        self.users[user].redeployed &= !serves;
        let held = if self.users[user].redeployed {
            limit
        } else {
            held
        };
        require(parked == 0 || held >= limit, "P4 no idle lease", || {
            format!("user{user}: {parked} parked, {held} of {limit} leases held")
        })?;
        in_order(command, changes, best)
    }

    fn recorded(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        job: &Job,
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let Command::Submit(new) = command else {
            return require(false, "I5 no phantom", || format!("{job:?}"));
        };
        require(new.job_id == job.job_id, "I5 no phantom", || {
            format!("{job:?}")
        })?;
        let stated = new.stated_tier;
        let entitled = self.entitled(place.user, stated);
        require(entitled == Some(job.tier), "P10 entitled", || {
            format!(
                "job {number} states {stated:?} and is recorded as {}",
                job.tier
            )
        })?;
        let is_planned = self.users[place.user].is_planned();
        if is_planned && job.tier < self.users[place.user].tier {
            tally.mark(Mark::JobLowered);
            self.jobs[number].lowered = Some(job.tier);
        }
        let rank = Rank::new(place.now, job.priority, self.config.priority_boost);
        require(
            job.rank == rank && job.submitted_at == place.now,
            "P7 age",
            || {
                format!(
                    "job {number} is recorded with {:?} at {:?}",
                    job.rank, place.now
                )
            },
        )?;
        require(job.state == State::Queued, "I10 states", || {
            format!("new and {:?}", job.state)
        })?;
        if let Some(tier) = stated.filter(|_| !is_planned) {
            self.tier(place.user, tier, tally);
        }
        let key = self.jobs[number].key;
        let twice = |other: &&Fact| {
            let alive = other.recorded.is_some() && !other.forgotten && other.user == place.user;
            alive && other.key.map(|(key, _)| key) == key.map(|(key, _)| key)
        };
        require(
            key.is_none() || self.jobs.iter().find(twice).is_none(),
            "P8 one key, one job",
            || format!("job {number} is the second with its key"),
        )?;
        let fact = &mut self.jobs[number];
        fact.recorded = Some((job.submitted_at, job.rank, job.tier, job.priority));
        fact.state = State::Queued;
        fact.allowance += 1;
        self.open += 1;
        Ok(())
    }

    fn moved(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        (before, after): (&Job, &Job),
        tally: &mut Tally,
    ) -> Result<(), Violation> {
        let new_tier = self.new_tier(place.user, command);
        let fact = &mut self.jobs[number];
        if let Some(tier) = new_tier {
            reprice(fact, &self.config, tier, after.state, tally);
        }
        let kept = (after.submitted_at, after.rank, after.tier, after.priority);
        require(fact.recorded == Some(kept), "P7 age", || {
            format!("job {number} became {kept:?}, was {:?}", fact.recorded)
        })?;
        let (from, to) = (before.state, after.state);
        require(!from.is_final() || after == before, "I10 states", || {
            format!("job {number} had ended as {from:?} and was changed: {after:?}")
        })?;
        require(
            after.epoch >= before.epoch && after.stage >= before.stage,
            "I10 states",
            || format!("job {number} went back: {before:?} to {after:?}"),
        )?;
        if from == State::Running && matches!(command, Command::Wake { .. }) {
            require(place.now >= fact.until, "I2 lease kept", || {
                format!(
                    "the lease of job {number} was taken back at {:?}",
                    place.now
                )
            })?;
            let stage = fact.committed.iter().take_while(|done| **done).count();
            fact.failures[stage.min(2)] += 1;
            require(
                self.users[place.user].stepped || !kept_silent(fact, before.epoch, place.now),
                "P7 waiting is free",
                || format!("job {number} waited for a slot and lost its lease: {fact:?}"),
            )?;
            fact.taken_back = before.epoch;
            tally.mark(Mark::LeaseExpired);
            let waits = to.is_final() || to == State::Retrying;
            require(waits && after.epoch > before.epoch, "I10 states", || {
                format!("the lease of job {number} ran out: {before:?} to {after:?}")
            })?;
        }
        let heeded = !fact.cancel_noted || to.is_final() || to == State::Running;
        let waits = to == State::Waiting && from != State::Waiting;
        let right = heeded && (!waits || matches!(command, Command::Wait { .. }));
        require(right, "I10 states", || {
            format!("job {number} became {to:?} by {command:?}: {fact:?}")
        })?;
        if to == State::Retrying && from != State::Retrying {
            let stage = fact.committed.iter().take_while(|done| **done).count();
            let doubled = 1_u32 << fact.failures[stage.min(2)].saturating_sub(1).min(20);
            let most = (self.config.retry_backoff * doubled).min(PAUSE_MAX);
            let paused = after
                .due
                .is_some_and(|due| due >= place.now && due <= place.now.after(most));
            require(paused, "I11 bounded pauses", || {
                format!(
                    "job {number} is tried again at {:?}, now {:?}, at most {most:?} later",
                    after.due, place.now
                )
            })?;
        }
        note(fact, command, from, to, tally);
        if to == State::Failed && !fact.permanent {
            tally.mark(Mark::AttemptsUsedUp);
        }
        self.open -= usize::from(to.is_final() && !from.is_final());
        self.lease(place, number, (from, to));
        self.ended(number, to)
    }

    /// Keeps count of leases, and numbers each new one.
    fn lease(&mut self, place: Place, number: usize, (from, to): (State, State)) {
        let limit = self.limit(place.user);
        let user = &mut self.users[place.user];
        user.parked =
            user.parked + u32::from(to == State::Parked) - u32::from(from == State::Parked);
        user.held = user.held + u32::from(to.holds_lease()) - u32::from(from.holds_lease());
        if to.holds_lease() && !from.holds_lease() {
            self.leases += 1;
            self.jobs[number].lease = (self.leases, limit);
        }
    }

    /// A job ends as it earned, and is not tried beyond its attempts.
    fn ended(&self, number: usize, to: State) -> Result<(), Violation> {
        let fact = &self.jobs[number];
        let most = self.config.max_attempts;
        let spent = fact.permanent || fact.failures.iter().any(|tries| *tries >= most);
        require(!spent || to.is_final(), "I11 bounded attempts", || {
            format!("job {number} goes on as {to:?}: {fact:?}, at most {most} attempts")
        })?;
        let earned = match to {
            State::Succeeded => fact.committed == [true; 3],
            State::Cancelled => fact.cancelled,
            State::Failed => spent,
            State::Queued
            | State::Parked
            | State::Granted
            | State::Waiting
            | State::Running
            | State::Retrying => true,
        };
        require(earned, "I3 one effect a stage", || {
            format!("job {number} ended as {to:?}: {fact:?}, at most {most} attempts")
        })
    }
}

/// The job has the rank and priority of another tier from now on.
fn reprice(fact: &mut Fact, config: &GateConfig, tier: Tier, state: State, tally: &mut Tally) {
    let Some((at, ..)) = fact.recorded else {
        return;
    };
    let tier = fact.lowered.map_or(tier, |lowered| lowered.min(tier));
    let priority = config.tiers.of(tier).priority;
    let rank = Rank::new(at, priority, config.priority_boost);
    fact.recorded = Some((at, rank, tier, priority));
    if state == State::Waiting {
        tally.mark(Mark::RepricedWaiting);
        fact.allowance += 1;
    }
    fact.is_told_old |= state == State::Running;
}

/// Whether the holder of that epoch was to say that the job waits, could have said so, and did not.
fn kept_silent(fact: &Fact, epoch: u32, now: Timestamp) -> bool {
    fact.waits.is_some_and(|waits| {
        waits.epoch == epoch && !waits.excused && now >= waits.at.after(WAIT_MAX)
    })
}

/// A job that came out of the line was the best in it.
fn in_order(command: &Command, changes: &[Change], best: Option<&Job>) -> Result<(), Violation> {
    let Some(best) = best else {
        return Ok(());
    };
    let admits = matches!(command, Command::Admit { .. });
    if admits && changes.iter().any(|change| change.job_id == best.job_id) {
        // Parked in this turn, after the line was served.
        return Ok(());
    }
    let granted = changes.iter().filter(|change| {
        let from = change.before.as_ref().map(|job| job.state);
        let to = change.after.as_ref().map(|job| job.state);
        to.is_some_and(State::holds_lease)
            && (from == Some(State::Parked) || from == Some(State::Retrying))
    });
    let key = |job: &Job| (job.rank, job.job_id.clone());
    for change in granted {
        let Some(job) = &change.after else { continue };
        require(key(job) < key(best), "I8 rank order", || {
            format!("{} got the lease, {} waits", job.job_id, best.job_id)
        })?;
    }
    Ok(())
}

fn note(fact: &mut Fact, command: &Command, from: State, to: State, tally: &mut Tally) {
    fact.state = to;
    if from != State::Running && to == State::Running {
        fact.is_told_old = false;
    }
    if from == State::Running && to == State::Waiting && fact.is_told_old {
        // The pool was told another rank; a ticket tells it the new one.
        fact.allowance += 1;
    }
    let passed = from == State::Parked && to == State::Running;
    if passed || (to == State::Granted && from != State::Granted) {
        if from != State::Running {
            tally.mark(Mark::LineGrant);
        }
        fact.allowance += 1;
    }
    match to {
        State::Retrying => tally.mark(Mark::Retry),
        State::Succeeded => tally.mark(Mark::Succeeded),
        State::Failed => tally.mark(Mark::Failed),
        State::Cancelled => tally.mark(Mark::Cancelled),
        State::Queued | State::Parked | State::Granted | State::Waiting | State::Running => {}
    }
    if matches!(command, Command::Cancel { .. }) {
        match from {
            State::Parked => tally.mark(Mark::CancelParked),
            State::Granted => tally.mark(Mark::CancelGranted),
            State::Running => tally.mark(Mark::CancelRunning),
            State::Waiting => tally.mark(Mark::CancelWaiting),
            State::Queued
            | State::Retrying
            | State::Succeeded
            | State::Failed
            | State::Cancelled => {}
        }
    }
}
