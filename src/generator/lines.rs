//! Where the fetches of one delivery wait for each other. Which is next, the core decides.

use queue_core::{
    delivery::fetches::{FetchId, Fetches},
    domain::UserId,
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    future::poll_fn,
    task::{Poll, Waker},
};

/// The fetches of one delivery.
#[derive(Default)]
pub(crate) struct Lines {
    fetches: RefCell<Fetches>,
    wakers: RefCell<BTreeMap<FetchId, Waker>>,
}

impl Lines {
    /// Waits for a place.
    pub(super) async fn place(&self, user_id: &UserId, host: &str) -> Place<'_> {
        let id = self.fetches.borrow_mut().enter(user_id, host);
        let place = Place { lines: self, id };
        poll_fn(|context| {
            if self.fetches.borrow_mut().begin(id) {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            self.wakers.borrow_mut().insert(id, waker);
            Poll::Pending
        })
        .await;
        self.wake();
        place
    }

    fn wake(&self) {
        let next = self.fetches.borrow().next();
        let waker = next.and_then(|id| self.wakers.borrow_mut().remove(&id));
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A place, or a wait for one; it ends when this is dropped.
pub(super) struct Place<'a> {
    lines: &'a Lines,
    id: FetchId,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.lines.wakers.borrow_mut().remove(&self.id);
        self.lines.fetches.borrow_mut().end(self.id);
        self.lines.wake();
    }
}
