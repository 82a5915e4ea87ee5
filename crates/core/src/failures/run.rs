//! A replay of many jobs: what it is to do, how far it is, and how fast it may go.

use super::{
    answer::{Answer, Refusal},
    filter::Filter,
    word::Listed,
};
use crate::domain::{ReplayId, Timestamp, named::named};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// Jobs a minute, where nobody says how many. Slower than the pool of the default settings works off jobs of half a minute
/// (50 slots), so that a replay does not fill the line; a thousand jobs take 17 minutes.
pub const RATE_DEFAULT: u32 = 60;

/// The fastest: 100 a second, so that no more than may be unanswered are asked for in a second.
pub const RATE_MAX: u32 = 6_000;

/// Jobs that are asked for and not answered, at most.
pub const ASKED_MAX: usize = 100;

/// The shortest time between two turns that ask. Jobs that come one by one leave the next free slot to live ones more often
/// than jobs that come in a crowd.
const TURN: Duration = Duration::from_millis(200);

/// Whoever was asked has answered by then, or the object that asked is gone.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

/// How long a gate that could not be reached is left alone.
const AGAIN: Duration = Duration::from_secs(10);

named! {
    /// Where a replay of many is.
    pub enum RunState {
        /// It replays.
        Running = "running",
        /// It waits to be told to go on.
        Paused = "paused",
        /// It was stopped; what it has replayed stays so.
        Stopped = "stopped",
        /// It has asked for all.
        Done = "done",
    }
}

impl RunState {
    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Done)
    }
}

/// A replay of many jobs. This is also its stored form, so a new field needs a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: ReplayId,
    /// Which jobs.
    pub filter: Filter,
    /// How many a minute.
    pub rate: u32,
    /// The key of who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// When it began.
    pub began_at: Timestamp,
    /// When it was done or stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Where it is.
    pub state: RunState,
    /// How many jobs there were when it began.
    pub matched: u32,
    /// How many were replayed.
    pub replayed: u32,
    /// How many were not, and why.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refused: BTreeMap<Refusal, u32>,
    /// The last number that there was when it began.
    pub until: u32,
    /// The number that it has come to.
    pub cursor: u32,
    /// Jobs that were asked for and are not answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Listed>,
    /// When the next job may be asked for, by the rate.
    pub next_at: Timestamp,
    /// When those that are not answered are asked for again.
    pub again_at: Timestamp,
    /// When its next turn is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Run {
    fn cost(&self) -> Duration {
        Duration::from_millis(60_000 / u64::from(self.rate.clamp(1, RATE_MAX)))
    }

    /// From when what the rate allows counts. What was not used is not made up for, beyond a turn; and a clock that was set
    /// back holds up nothing.
    fn from(&self, now: Timestamp) -> Timestamp {
        if self.next_at > now.after(self.cost()) {
            now
        } else {
            self.next_at.max(now.before(TURN))
        }
    }

    /// How many more jobs may be asked for now.
    #[must_use]
    pub fn allowance(&self, now: Timestamp) -> usize {
        let cost = i64::try_from(self.cost().as_millis()).unwrap_or(i64::MAX);
        let from = self.from(now);
        let allowed = if from > now {
            0
        } else {
            1 + now.millis_since(from) / cost
        };
        let room = ASKED_MAX.saturating_sub(self.asked.len());
        usize::try_from(allowed).unwrap_or(0).min(room)
    }

    /// Whether those that are not answered are to be asked for again.
    #[must_use]
    pub(super) fn is_again(&self, now: Timestamp) -> bool {
        let is_due = self.again_at <= now || self.again_at > now.after(ANSWERED_WITHIN);
        is_due && !self.asked.is_empty()
    }

    /// These are asked for now; and, if it is time, those that are not answered.
    pub(super) fn asks(&mut self, now: Timestamp, jobs: Vec<Listed>) {
        let until = now.after(ANSWERED_WITHIN);
        if self.asked.is_empty() || self.is_again(now) {
            self.again_at = until;
        }
        let count = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        let spent = self.cost().saturating_mul(count);
        self.next_at = self.from(now).after(spent);
        self.asked.extend(jobs);
        self.due = Some(until);
    }

    /// Those were answered.
    pub(super) fn hears(&mut self, now: Timestamp, answers: &[(u32, Answer)]) {
        for (number, answer) in answers {
            let place = self.asked.iter().position(|one| one.number == *number);
            let Some(place) = place.filter(|_| *answer != Answer::Unreached) else {
                continue;
            };
            self.asked.remove(place);
            match answer {
                Answer::Replayed => self.replayed = self.replayed.saturating_add(1),
                Answer::Refused(why) => *self.refused.entry(*why).or_default() += 1,
                Answer::Unreached => {}
            }
        }
        self.again_at = self.again_at.min(now.after(AGAIN));
        if self.state == RunState::Running {
            self.schedule(now);
        } else if self.asked.is_empty() {
            self.due = None;
        }
    }

    /// Its next turn is as soon as there is something to do.
    pub(super) fn schedule(&mut self, now: Timestamp) {
        let has_more = self.cursor < self.until && self.asked.len() < ASKED_MAX;
        let more = has_more.then(|| self.from(now).max(now.after(TURN)));
        let again = (!self.asked.is_empty()).then_some(self.again_at);
        let is_over = self.cursor >= self.until && self.asked.is_empty();
        let over = is_over.then_some(now);
        self.due = [more, again, over].into_iter().flatten().min();
    }

    /// Whether it is over and those that it asked for have had time to answer: what is left of them is forgotten.
    #[must_use]
    pub(super) fn is_to_forget(&self, now: Timestamp) -> bool {
        self.state.is_over() && !self.asked.is_empty() && self.again_at <= now
    }

    /// It ends.
    pub(super) fn ends(&mut self, now: Timestamp, state: RunState) {
        self.state = state;
        self.ended_at = Some(now);
        self.due = (!self.asked.is_empty()).then_some(self.again_at);
    }
}
