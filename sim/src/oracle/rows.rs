//! What a turn made of the rows, against what is allowed.

use super::{Fact, Oracle, User, Violation, replies::Place, require};
use crate::{
    marks::{Mark, Tally},
    table::Change,
};
use queue_core::{
    config::GateConfig,
    domain::{Rank, Tier},
    gate::{Command, Job, Reply, State, Turn},
    line::want::{Holding, Want},
};
use std::time::Duration;

/// The longest pause between two attempts.
const PAUSE_MAX: Duration = Duration::from_hours(1);

impl Oracle {
    /// What the pool must hear of a turn, it is told; or the delivery that reports takes it along.
    ///
    /// # Errors
    /// When it is not.
    pub fn told(
        &self,
        command: &Command,
        changes: &[Change<Job>],
        turn: &Turn,
    ) -> Result<(), Violation> {
        if !self.config.has_pool {
            return Ok(());
        }
        let tell = &turn.effects.tell;
        let carried: &[Want] = if let Reply::Reported { granted, .. } = &turn.reply {
            granted
        } else {
            &[]
        };
        for change in changes {
            let state =
                |job: &Option<Job>| job.as_ref().map(|job| (job.state, job.epoch, job.rank));
            let (before, after) = (state(&change.before), state(&change.after));
            let waits = |state: Option<(State, u32, Rank)>| {
                state.filter(|(state, ..)| *state == State::Queued)
            };
            if let Some((_, epoch, _)) = waits(after)
                && waits(before) != waits(after)
            {
                let mut known = tell.wants.iter().chain(carried);
                let is_told =
                    known.any(|want| *want.job_id() == change.job_id && want.epoch() == epoch);
                require(is_told, "P5 rank order", || {
                    format!("{command:?}: the pool will not hear of {:?}", change.after)
                })?;
            }
            let runs = after.is_some_and(|(state, ..)| state == State::Running);
            if let (Some((_, epoch, _)), None, false) = (waits(before), waits(after), runs) {
                let is_gone = |gone: &Holding| gone.job_id == change.job_id && gone.epoch == epoch;
                let mut told = tell.wants.iter();
                let comes = told.any(|want| *want.job_id() == change.job_id);
                require(
                    tell.gone.iter().any(is_gone) && !comes,
                    "P4 no phantom",
                    || format!("{command:?}: the pool keeps {:?}", change.before),
                )?;
            }
        }
        Ok(())
    }

    /// A turn changed these rows. `best` is the best job in line afterwards.
    ///
    /// # Errors
    /// When a change is not allowed.
    pub fn changed(
        &mut self,
        place: Place,
        command: &Command,
        changes: &[Change<Job>],
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
        let limit = self.limit(user);
        // Which turns hand leases over after a change by configuration: those that start, wake, record, or are a
        // holder's report.
        let reports = !changes.is_empty()
            && matches!(
                command,
                Command::Complete { .. }
                    | Command::Fail { .. }
                    | Command::Requeue { .. }
                    | Command::Renew { .. }
                    | Command::Submit(_)
            );
        let serves = reports
            || matches!(command, Command::Start { .. } | Command::Wake { .. })
            || self.new_tier(user, command).is_some();
        let user = &mut self.users[user];
        user.redeployed &= !serves;
        let User {
            parked,
            held,
            queued,
            begun,
            redeployed,
            stepped,
            ..
        } = *user;
        require(
            parked == 0 || held >= limit || redeployed,
            "P4 no idle lease",
            || format!("{user:?}: {parked} parked, {held} of {limit} leases held"),
        )?;
        let is_above = queued > begun && held > limit;
        require(!is_above || redeployed || stepped, "P1 limit", || {
            format!("{user:?}: {held} leases of {limit}, {queued} of them wait")
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
        let waits = matches!(job.state, State::Queued | State::Parked);
        require(waits, "I10 states", || format!("new and {:?}", job.state))?;
        tally.mark(if job.state == State::Queued {
            Mark::Admitted
        } else {
            Mark::Park
        });
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
        fact.state = job.state;
        // Without a pool, a job that has to wait gets its ticket with its lease.
        fact.allowance += u32::from(self.config.has_pool || job.state == State::Queued);
        self.open += 1;
        self.lease(place, number, (None, job.state));
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
            reprice(fact, &self.config, tier, before.state, tally);
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
            fact.taken_back = before.epoch;
            tally.mark(Mark::LeaseExpired);
            let waits = to.is_final() || to == State::Retrying;
            require(waits && after.epoch > before.epoch, "I10 states", || {
                format!("the lease of job {number} ran out: {before:?} to {after:?}")
            })?;
        }
        let heeded = !fact.cancel_noted || to.is_final() || to == State::Running;
        require(heeded, "I10 states", || {
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
        let is_anew = after.epoch > before.epoch;
        note(fact, command, (from, to, is_anew), tally);
        if to == State::Failed && !fact.permanent {
            tally.mark(Mark::AttemptsUsedUp);
        }
        self.open -= usize::from(to.is_final() && !from.is_final());
        if from == State::Queued && to == State::Parked {
            tally.mark(Mark::Shed);
        }
        self.lease(place, number, (Some(from), to));
        self.ended(number, to)
    }

    /// Keeps count of leases, and numbers each that begins to be used.
    fn lease(&mut self, place: Place, number: usize, (from, to): (Option<State>, State)) {
        let limit = self.limit(place.user);
        let user = &mut self.users[place.user];
        // A defect may lose a row between two words of it.
        let count = |count: &mut u32, is: &dyn Fn(State) -> bool| {
            *count = (*count + u32::from(is(to))).saturating_sub(u32::from(from.is_some_and(is)));
        };
        count(&mut user.parked, &|state| state == State::Parked);
        count(&mut user.queued, &|state| state == State::Queued);
        count(&mut user.held, &State::holds_lease);
        let fact = &mut self.jobs[number];
        let was_begun = std::mem::take(&mut fact.has_begun);
        fact.has_begun = to == State::Queued && (from == Some(State::Running) || was_begun);
        user.begun = (user.begun + u32::from(fact.has_begun)).saturating_sub(u32::from(was_begun));
        if to == State::Running && from != Some(State::Running) && !was_begun {
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
            State::Queued | State::Parked | State::Running | State::Retrying => true,
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
    if state == State::Queued {
        tally.mark(Mark::RepricedWaiting);
    }
}

/// A job that came out of the line was the best in it.
fn in_order(
    command: &Command,
    changes: &[Change<Job>],
    best: Option<&Job>,
) -> Result<(), Violation> {
    let Some(best) = best else {
        return Ok(());
    };
    let shed = |change: &Change<Job>| {
        change
            .before
            .as_ref()
            .is_some_and(|job| job.state == State::Queued)
    };
    if changes
        .iter()
        .any(|change| change.job_id == best.job_id && shed(change))
    {
        // A lowered limit took its lease in this turn.
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
        if matches!(command, Command::Submit(new) if new.job_id == best.job_id) {
            // Recorded after the line was served.
            continue;
        }
        require(key(job) < key(best), "I8 rank order", || {
            format!("{} got the lease, {} waits", job.job_id, best.job_id)
        })?;
    }
    Ok(())
}

fn note(
    fact: &mut Fact,
    command: &Command,
    (from, to, is_anew): (State, State, bool),
    tally: &mut Tally,
) {
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
        State::Queued | State::Parked | State::Running => {}
    }
    if matches!(command, Command::Cancel { .. }) {
        match from {
            State::Parked => tally.mark(Mark::CancelParked),
            State::Queued => tally.mark(Mark::CancelQueued),
            State::Running => tally.mark(Mark::CancelRunning),
            State::Retrying | State::Succeeded | State::Failed | State::Cancelled => {}
        }
    }
}
