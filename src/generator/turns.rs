//! Whose turn it is to compute. An isolate has one thread: while one stage draws, nobody else is answered. So work comes in
//! pieces, one at a time in the isolate, and before each of them whatever else is waiting goes first.

use crate::clock;
use futures_util::lock::Mutex;
use queue_core::domain::Timestamp;
use std::{cell::Cell, time::Duration};
use worker::Delay;

/// How often a delivery looks whether the turn of another is over. It cannot be woken by that one: on Workers, the events
/// of one invocation do not reach another.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// After so long a turn counts as left by an invocation that ended. If it was only slow, two pieces may follow each other
/// without a pause.
const TURN_MAX: Duration = Duration::from_secs(1);

thread_local! {
    /// Since when somebody has the turn in this isolate, and a number that tells turns apart.
    static TURN: Cell<(u64, Option<Timestamp>)> = const { Cell::new((0, None)) };
}

/// The queue of one delivery for its turns.
#[derive(Default)]
pub(crate) struct Turns(Mutex<()>);

impl Turns {
    /// Does a piece of work. Nobody else is answered while it lasts, so it should be short.
    pub(crate) async fn take<T>(&self, work: impl FnOnce() -> T) -> T {
        let _first = self.0.lock().await;
        let _turn = loop {
            match Turn::begin() {
                Some(turn) => break turn,
                None => Delay::from(LOOK_AGAIN).await,
            }
        };
        Delay::from(Duration::ZERO).await;
        work()
    }
}

/// The turn; it ends when this is dropped.
struct Turn(u64);

impl Turn {
    fn begin() -> Option<Self> {
        let now = clock::now();
        let (number, since) = TURN.get();
        if since.is_some_and(|since| since <= now && now < since.after(TURN_MAX)) {
            return None;
        }
        let number = number.wrapping_add(1);
        TURN.set((number, Some(now)));
        Some(Self(number))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (number, _) = TURN.get();
        if number == self.0 {
            TURN.set((number, None));
        }
    }
}
