//! What happens next.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Events by time; those of one moment in the order in which they were set.
pub struct Agenda<E> {
    heap: BinaryHeap<Reverse<(i64, u64, E)>>,
    next: u64,
}

impl<E: Ord> Agenda<E> {
    /// Nothing happens.
    #[must_use]
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            next: 0,
        }
    }

    /// This happens then.
    pub fn at(&mut self, time: i64, event: E) {
        self.heap.push(Reverse((time, self.next, event)));
        self.next += 1;
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<(i64, E)> {
        self.heap
            .pop()
            .map(|Reverse((time, _, event))| (time, event))
    }
}

impl<E: Ord> Default for Agenda<E> {
    fn default() -> Self {
        Self::new()
    }
}
