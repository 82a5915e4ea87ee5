//! What a turn promises for later: tickets it sends, and the alarm behind everything that waits.

use super::{Oracle, User, Violation, replies::Place, require};
use crate::{
    marks::{Mark, Tally},
    table::Change,
};
use queue_core::{
    domain::{JobId, Ticket, Timestamp},
    gate::{Job, State},
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
    ///
    /// # Errors
    /// When nobody owes one, or it is sent too often (I11).
    pub fn sends(
        &mut self,
        place: Place,
        ticket: &Ticket,
        row: Option<&Job>,
        tally: &mut Tally,
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
        let right = fact
            .recorded
            .is_some_and(|(at, _, tier, priority)| shown == (at, tier, priority));
        require(right && fact.user == place.user, "P7 age", || {
            format!("{ticket:?} of {fact:?}")
        })?;
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
            tally.mark(Mark::TicketResent);
            fact.allowance += 1;
            fact.sent = Some((place.now, times + 1));
        } else {
            fact.sent = Some((place.now, 1));
        }
        Ok(())
    }

    /// Behind everything that waits for a time there is an alarm (I6).
    ///
    /// # Errors
    /// When there is none.
    pub fn covered(
        &self,
        place: Place,
        next: Option<Timestamp>,
        armed: Option<Timestamp>,
    ) -> Result<(), Violation> {
        let Some(next) = next else {
            let User { parked, held, .. } = &self.users[place.user];
            return require(*parked == 0 || *held > 0, "I6 never stuck", || {
                format!(
                    "user{}: {parked} parked and nothing will ever happen",
                    place.user
                )
            });
        };
        // An alarm whose work failed rings again after its pause; once the clock was set back, that is later.
        let stepped = self.users[place.user].stepped;
        let slack = if stepped { STEP_MAX } else { Duration::ZERO };
        let latest = next.max(place.now).after(ALARM_PAUSE + slack);
        require(
            armed.is_some_and(|armed| armed <= latest),
            "I6 never stuck",
            || {
                format!(
                    "user{}: due {next:?}, the alarm rings {armed:?}",
                    place.user
                )
            },
        )
    }

    /// Every job that has neither ended nor is in the line is due at some time (I6).
    ///
    /// # Errors
    /// When one is not.
    pub fn due(&self, changes: &[Change<Job>]) -> Result<(), Violation> {
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
