//! What a turn promises for later: tickets it sends, what the pool hears, and the alarm behind everything that waits.

use super::{Oracle, User, Violation, replies::Place, require};
use crate::{marks::Mark, table::Change};
use queue_core::{
    domain::{JobId, Rank, Ticket, Timestamp},
    gate::{Command, Job, Reply, State, Turn},
    line::want::{Holding, Want},
};
use std::time::Duration;

/// The longest pause between two sends, in milliseconds: an hour.
const PAUSE_MAX: i64 = 3_600_000;

/// The farthest that a clock is set.
const STEP_MAX: Duration = Duration::from_hours(1);

/// How much later than due an alarm may be set.
const ALARM_PAUSE: Duration = Duration::from_secs(10);

impl Oracle {
    /// A turn sends these tickets.
    pub(crate) fn sends(
        &mut self,
        place: Place,
        ticket: &Ticket,
        row: Option<&Job>,
    ) -> Result<(), Violation> {
        let number = self.number(&ticket.job_id)?;
        let state = row.map(|job| job.state);
        let fact = &self.jobs[number];
        // With a pool, a ticket only says that there is work: one for each submission.
        let comes = self.config.has_pool && fact.sends < fact.allowance;
        let owed = comes || (!self.config.has_pool && state == Some(State::Queued));
        require(owed, "I11 bounded sends", || {
            format!("a ticket of job {number} was sent while it is {state:?}")
        })?;
        let shown = (ticket.submitted_at, ticket.tier, ticket.priority);
        let right = fact.recorded.is_some_and(|(at, rank, tier, priority)| {
            let boost = self.config.priority_boost;
            shown == (at, tier, priority) && ticket.rank(boost) == rank
        });
        require(
            right && fact.user == place.user && fact.opened,
            "P7 age",
            || format!("{ticket:?} of {fact:?}"),
        )?;
        let resend = i64::try_from(self.config.ticket_resend.as_millis()).unwrap_or(PAUSE_MAX);
        let stepped = self.users[place.user].stepped;
        let fact = &mut self.jobs[number];
        fact.sends += 1;
        if let Some((at, times)) = fact.sent
            && fact.sends > fact.allowance
        {
            // Again: only after the pause, which doubles.
            let pause = (resend << (times - 1).min(20)).min(PAUSE_MAX);
            let due = Timestamp::from_millis(at.as_millis() + pause);
            require(stepped || place.now >= due, "I11 bounded sends", || {
                format!(
                    "job {number} was sent at {at:?} and again at {:?}",
                    place.now
                )
            })?;
            self.tally.mark(Mark::TicketResent);
            fact.allowance += 1;
            fact.sent = Some((place.now, times + 1));
        } else {
            fact.sent = Some((place.now, 1));
        }
        Ok(())
    }

    /// What the pool must hear of a turn, it is told; or the delivery that reports takes it along.
    pub(crate) fn told(
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
            // Between two faults of a back end it waits out a pause; then the pool hears of it.
            let pauses = |job: &Option<Job>| job.as_ref().is_some_and(Job::is_between_faults);
            let ends_pause = pauses(&change.before) && !pauses(&change.after);
            if let Some((_, epoch, _)) = waits(after)
                && (waits(before) != waits(after) || ends_pause)
                && !pauses(&change.after)
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

    /// Behind everything that waits for a time there is an alarm (I6).
    pub(crate) fn covered(
        &self,
        place: Place,
        next: Option<Timestamp>,
        armed: Option<Timestamp>,
    ) -> Result<(), Violation> {
        // A tier that time takes away is taken away in time, also if nobody calls.
        let until = self.tier_until(place.user);
        let until = until.filter(|_| !self.users[place.user].erasing);
        let starts = self.must_start(place);
        let Some(next) = next.into_iter().chain(until).chain(starts).min() else {
            let User { parked, held, .. } = &self.users[place.user];
            return require(*parked == 0 || *held > 0, "I6 never stuck", || {
                format!(
                    "user{}: {parked} parked and nothing will ever happen",
                    place.user
                )
            });
        };
        let in_time = rings_in_time(place.now, next, armed, self.users[place.user].stepped);
        require(in_time, "I6 never stuck", || {
            let user = place.user;
            format!("user{user}: due {next:?}, the alarm rings {armed:?}")
        })
    }

    /// Every job that has neither ended nor is in the line is due at some time (I6).
    pub(crate) fn due(changes: &[Change<Job>]) -> Result<(), Violation> {
        let forgotten: Option<&JobId> = changes
            .iter()
            .filter_map(|change| change.after.as_ref())
            .find(|job| job.due.is_none() && job.state != State::Parked)
            .map(|job| &job.job_id);
        require(forgotten.is_none(), "I6 never stuck", || {
            format!("nothing will ever wake {forgotten:?}")
        })
    }
}

/// Whether an alarm rings in time for what is due.
pub(super) fn rings_in_time(
    now: Timestamp,
    next: Timestamp,
    armed: Option<Timestamp>,
    stepped: bool,
) -> bool {
    // An alarm whose work failed rings again after its pause; once the clock was set back, that is later.
    let slack = if stepped { STEP_MAX } else { Duration::ZERO };
    let latest = next.max(now).after(ALARM_PAUSE + slack);
    armed.is_some_and(|armed| armed <= latest)
}
