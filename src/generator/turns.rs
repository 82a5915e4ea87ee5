//! Turns at this isolate's one thread. Whose turn it is, and when everything else goes first, the core decides.

use crate::clock;
use futures_util::{
    future::{Either, select},
    lock::Mutex,
};
use queue_core::{
    delivery::turns::{TurnId, Turns},
    domain::UserId,
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    convert::Infallible,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use worker::Delay;

/// How often a delivery looks whether the turn of another is over. It cannot be woken by that one: on Workers, the events
/// of one invocation do not reach another.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

thread_local! {
    /// Who waits for a turn in this isolate.
    static TURNS: RefCell<Turns> = RefCell::default();
}

/// Those of one delivery that wait for a turn.
#[derive(Default)]
pub(crate) struct Waiting {
    wakers: RefCell<BTreeMap<TurnId, Waker>>,
    /// One of them looks for all.
    looking: Mutex<()>,
}

impl Waiting {
    /// Waits for a turn.
    pub(crate) async fn turn<'a>(&'a self, user_id: &'a UserId, weight: u32) -> Turn<'a> {
        let mut turn = Turn {
            waiting: self,
            user_id,
            weight,
            id: TURNS.with_borrow_mut(|turns| turns.enter(user_id)),
            work: 0,
        };
        {
            let begins = pin!(poll_fn(|context| turn.begin(context)));
            match select(begins, pin!(self.look())).await {
                Either::Left(((), _)) => {}
                Either::Right((never, _)) => match never {},
            }
        }
        if TURNS.with_borrow(Turns::is_round_over) {
            Delay::from(Duration::ZERO).await;
            TURNS.with_borrow_mut(Turns::begin_round);
        }
        turn
    }

    /// Wakes whoever of this delivery has the next turn, whenever that is.
    async fn look(&self) -> Infallible {
        let _others_wait = self.looking.lock().await;
        loop {
            Delay::from(LOOK_AGAIN).await;
            self.wake();
        }
    }

    fn wake(&self) {
        let next = TURNS.with_borrow_mut(|turns| turns.next(clock::now()));
        let waker = next.and_then(|id| self.wakers.borrow_mut().remove(&id));
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A turn, or a place in the queue for one; it ends when this is dropped.
pub(crate) struct Turn<'a> {
    waiting: &'a Waiting,
    user_id: &'a UserId,
    weight: u32,
    id: TurnId,
    /// What was done in it.
    work: u64,
}

impl Turn<'_> {
    /// So much more was done. Says whether there is time for more.
    pub(crate) fn goes_on(&mut self, work: u64) -> bool {
        self.work += work;
        TURNS.with_borrow_mut(|turns| turns.goes_on(work))
    }

    fn begin(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.waiting.wakers.borrow_mut().remove(&self.id);
        TURNS.with_borrow_mut(|turns| {
            if turns.begin(self.id, clock::now()) {
                return Poll::Ready(());
            }
            if !turns.is_waiting(self.id) {
                self.id = turns.enter(self.user_id);
            }
            let waker = context.waker().clone();
            self.waiting.wakers.borrow_mut().insert(self.id, waker);
            Poll::Pending
        })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.waiting.wakers.borrow_mut().remove(&self.id);
        TURNS.with_borrow_mut(|turns| turns.end(self.id, self.work, self.weight));
        self.waiting.wake();
    }
}
