//! Whose turn it is to compute. An isolate has one thread, which all its deliveries share: while one of them draws, no other
//! does, and nobody is answered. So work comes in pieces, and users take turns.
//!
//! What is shared is work, not turns: each user has a clock that goes on by the work that was done for it, divided by the
//! user's weight, and the user whose clock is furthest behind comes next. One who comes back after a pause gets no credit
//! for it. That is start-time fair queueing (Goyal, Vin, Cheng, SIGCOMM 1996), with a turn's length known only at its end.
//! So however much one user has to do, and however large its pieces are, another waits for the piece that runs and for its
//! fair share of the rest.

use crate::domain::{Timestamp, UserId};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// So much work may be done before others of the isolate are let go first, in the time that a byte takes to be written
/// (`Render::step` of the renderer). A piece that has begun is finished.
const ROUND_WORK: u64 = 128 * 1024;

/// After so long a turn that somebody has, or does not take, counts as left: its invocation was ended from outside. If it
/// was only slow, two pieces may follow each other without a pause.
const TURN_MAX: Duration = Duration::from_secs(1);

/// A place in the queue for a turn.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TurnId(u64);

/// The users that wait for a turn, and who has it.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    users: BTreeMap<UserId, User>,
    /// The clock of the user that had the last turn.
    clock: u64,
    /// Who has the turn or may take it, and since when.
    first: Option<(TurnId, Timestamp)>,
    ids: u64,
    /// Work done since the event loop had its turn.
    round: u64,
}

#[derive(Clone, Debug, Default)]
struct User {
    clock: u64,
    waiting: VecDeque<TurnId>,
    /// The turn that it has.
    turn: Option<TurnId>,
}

impl Turns {
    /// Queues up behind what this user waits for already.
    pub fn enter(&mut self, user_id: &UserId) -> TurnId {
        self.ids += 1;
        let id = TurnId(self.ids);
        let clock = self.clock;
        let user = self.users.entry(user_id.clone()).or_default();
        if user.is_idle() {
            user.clock = user.clock.max(clock);
        }
        user.waiting.push_back(id);
        id
    }

    /// Whose turn it is, if nobody has it.
    #[must_use]
    pub fn next(&mut self, now: Timestamp) -> Option<TurnId> {
        if let Some((id, since)) = self.first {
            let is_left = now < since || since.after(TURN_MAX) <= now;
            if !is_left {
                return self.is_waiting(id).then_some(id);
            }
            self.forget(id);
        }
        let waiting = self.users.values();
        let first = waiting.filter_map(|user| Some((user.clock, *user.waiting.front()?)));
        let id = first.min().map(|(_, id)| id)?;
        self.first = Some((id, now));
        Some(id)
    }

    /// Takes the turn, if it is this one's.
    pub fn begin(&mut self, id: TurnId, now: Timestamp) -> bool {
        if self.next(now) != Some(id) {
            return false;
        }
        let mut users = self.users.values_mut();
        let Some(user) = users.find(|user| user.waiting.front() == Some(&id)) else {
            return false;
        };
        user.waiting.pop_front();
        user.turn = Some(id);
        self.clock = user.clock;
        self.first = Some((id, now));
        true
    }

    /// So much more was done. Says whether there is time for more.
    pub const fn goes_on(&mut self, work: u64) -> bool {
        self.round = self.round.saturating_add(work);
        !self.is_round_over()
    }

    /// Whether whatever else waits in the isolate has to go first.
    #[must_use]
    pub const fn is_round_over(&self) -> bool {
        self.round >= ROUND_WORK
    }

    /// It has gone first.
    pub const fn begin_round(&mut self) {
        self.round = 0;
    }

    /// The turn is over; so much was done in it. A user of twice the `weight` may do twice as much.
    pub fn end(&mut self, id: TurnId, work: u64, weight: u32) {
        let whose = self.users.values_mut().find(|user| user.turn == Some(id));
        if let Some(user) = whose {
            user.clock += (work / u64::from(weight.max(1))).max(1);
        }
        self.forget(id);
    }

    /// Takes it out, whether it has the turn, waits for it, or is gone already.
    pub fn forget(&mut self, id: TurnId) {
        for user in self.users.values_mut() {
            user.waiting.retain(|other| *other != id);
            user.turn = user.turn.filter(|turn| *turn != id);
        }
        if self.first.is_some_and(|(first, _)| first == id) {
            self.first = None;
        }
        // Who is behind the common clock has nothing to be remembered for.
        let clock = self.clock;
        self.users
            .retain(|_, user| !user.is_idle() || user.clock > clock);
        if self.users.values().all(User::is_idle) {
            self.users.clear();
        }
    }

    /// Whether it still waits. What did not take its turn in time does not.
    #[must_use]
    pub fn is_waiting(&self, id: TurnId) -> bool {
        let mut users = self.users.values();
        users.any(|user| user.waiting.contains(&id))
    }
}

impl User {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.turn.is_none()
    }
}
