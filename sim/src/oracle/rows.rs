//! What a turn made of the rows, against what is allowed.

use super::{Fact, Oracle, User, Violation, replies::Place, require};
use crate::{marks::Mark, table::Change};
use queue_core::{
    domain::Rank,
    gate::{Command, Job, State},
};

impl Oracle {
    /// A turn changed these rows. `waiting` has the best job of each line afterwards.
    pub(crate) fn changed(
        &mut self,
        place: Place,
        command: &Command,
        changes: &[Change<Job>],
        waiting: &[Job],
    ) -> Result<(), Violation> {
        for change in changes {
            let number = self.number(&change.job_id)?;
            match (&change.before, &change.after) {
                (None, Some(after)) => self.recorded(place, command, number, after)?,
                (Some(before), Some(after)) => {
                    self.moved(place, command, number, (before, after))?;
                }
                (Some(before), None) => {
                    require(before.state.is_final(), "I4 nothing lost", || {
                        format!("job {number} was forgotten while {:?}", before.state)
                    })?;
                    self.jobs[number].forgotten = true;
                    self.tally.mark(Mark::Forgotten);
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
                    | Command::Replay(_)
                    | Command::Submit(_)
            );
        let serves = reports
            || matches!(command, Command::Start { .. } | Command::Wake { .. })
            || self.new_tier(user).is_some();
        let user = &mut self.users[user];
        user.redeployed &= !serves;
        let user = &self.users[place.user];
        self.kinds_within(user)?;
        let parked = self.could_start(user);
        let User {
            held,
            queued,
            begun,
            redeployed,
            stepped,
            walks,
            ..
        } = *user;
        require(
            parked == 0 || held >= limit || redeployed || walks,
            "P4 no idle lease",
            || format!("{user:?}: {parked} parked, {held} of {limit} leases held"),
        )?;
        let is_above = queued > begun && held > limit;
        require(!is_above || redeployed || stepped, "P1 limit", || {
            format!("{user:?}: {held} leases of {limit}, {queued} of them wait")
        })?;
        for job in waiting {
            in_order(command, changes, (job, self.could_have(place.user, job)))?;
        }
        Ok(())
    }

    fn recorded(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        job: &Job,
    ) -> Result<(), Violation> {
        let Command::Submit(new) = command else {
            return require(false, "I5 no phantom", || format!("{job:?}"));
        };
        let is_asked = new.job_id == job.job_id;
        require(is_asked, "I5 no phantom", || format!("{job:?}"))?;
        if self.jobs[number].forgotten {
            self.jobs[number].anew();
        }
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
            self.tally.mark(Mark::JobLowered);
            self.jobs[number].lowered = Some(job.tier);
        }
        let age_from = self.age_from(number, place.now);
        let rank = Rank::new(age_from, job.priority, self.config.priority_boost);
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
        self.enters(place, number, job)?;
        if let Some(tier) = stated.filter(|_| !is_planned) {
            self.tier(place.user, tier);
        }
        self.notes_kind(place.user, job);
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
        // Without a pool, a job that has to wait gets its ticket with its lease; so does one whose time has not come.
        let brings = self.config.has_pool && job.state != State::Scheduled;
        fact.allowance += u32::from(brings || job.state == State::Queued);
        self.open += 1;
        self.lease(place, number, (None, job.state));
        Ok(())
    }

    /// Keeps count of leases, and numbers each that begins to be used.
    pub(super) fn lease(
        &mut self,
        place: Place,
        number: usize,
        (from, to): (Option<State>, State),
    ) {
        let limit = self.limit(place.user);
        let kind = self.jobs[number].kind;
        let user = &mut self.users[place.user];
        // A defect may lose a row between two words of it.
        let count = |count: &mut u32, is: &dyn Fn(State) -> bool| {
            *count = (*count + u32::from(is(to))).saturating_sub(u32::from(from.is_some_and(is)));
        };
        count(&mut user.parked, &|state| state == State::Parked);
        count(&mut user.retrying, &|state| state == State::Retrying);
        count(&mut user.scheduled, &|state| state == State::Scheduled);
        count(&mut user.queued, &|state| state == State::Queued);
        count(&mut user.held, &State::holds_lease);
        let of = &mut user.kinds[kind];
        count(&mut of.parked, &|state| state == State::Parked);
        count(&mut of.held, &State::holds_lease);
        let fact = &mut self.jobs[number];
        let was_begun = std::mem::take(&mut fact.has_begun);
        fact.has_begun = to == State::Queued && (from == Some(State::Running) || was_begun);
        user.begun = (user.begun + u32::from(fact.has_begun)).saturating_sub(u32::from(was_begun));
        if to == State::Running && from != Some(State::Running) && !was_begun {
            self.leases += 1;
            self.jobs[number].lease = (self.leases, limit);
        }
    }
}

/// A job that came out of a line was better than the best that waits: in its own line, and in any whose kind has room.
fn in_order(
    command: &Command,
    changes: &[Change<Job>],
    (best, has_room): (&Job, bool),
) -> Result<(), Violation> {
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
            && matches!(
                from,
                Some(State::Parked | State::Retrying | State::Scheduled)
            )
    });
    let key = |job: &Job| (job.rank, job.job_id.clone());
    for change in granted {
        let Some(job) = &change.after else { continue };
        let comes = if let Command::Submit(new) = command {
            new.job_id == best.job_id
        } else {
            matches!(command, Command::Replay(ask) if ask.job_id == best.job_id)
        };
        if comes {
            // Recorded after the line was served.
            continue;
        }
        let is_apart = !has_room && job.kind != best.kind;
        require(is_apart || key(job) < key(best), "I8 rank order", || {
            format!("{} got the lease, {} waits", job.job_id, best.job_id)
        })?;
    }
    Ok(())
}
