//! How much of the requests' bodies one isolate holds at a time, and how long one may take to arrive.

use crate::domain::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// Most bytes of all bodies that one isolate holds. A text is there twice while it is stored, so this is 48 MiB of the
/// 128 MB; as much is for jobs ([`WEIGHT_MAX`](crate::delivery::weight::WEIGHT_MAX)).
pub const HELD_MAX: usize = 24 * 1024 * 1024;

/// A body must arrive within this time: 6 MiB by a line of one megabit per second.
pub const BODY_WITHIN: Duration = Duration::from_mins(1);

/// A request that was ended from outside gives nothing back; so long after its last byte, what it held counts as free.
const HELD_FOR: Duration = Duration::from_mins(5);

/// One request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct BodyId(u64);

/// What the requests of one isolate hold of their bodies.
#[derive(Clone, Debug, Default)]
pub struct Bodies {
    ids: u64,
    held: BTreeMap<BodyId, (usize, Timestamp)>,
}

impl Bodies {
    /// A request that holds nothing yet.
    pub const fn enter(&mut self) -> BodyId {
        self.ids += 1;
        BodyId(self.ids)
    }

    /// So many more bytes of a request arrived. Says whether there is room for them; if not, they are not counted.
    pub fn hold(&mut self, id: BodyId, bytes: usize, now: Timestamp) -> bool {
        self.held
            .retain(|_, (_, since)| now <= since.after(HELD_FOR));
        let all = self.held.values().map(|(held, _)| held).sum::<usize>();
        if all.saturating_add(bytes) > HELD_MAX {
            return false;
        }
        let (held, since) = self.held.entry(id).or_insert((0, now));
        *held += bytes;
        *since = now;
        true
    }

    /// The request has ended.
    pub fn release(&mut self, id: BodyId) {
        self.held.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn all_bodies_together_are_bounded_until_a_request_ends() {
        let mut bodies = Bodies::default();
        let [one, other] = [bodies.enter(), bodies.enter()];
        assert!(bodies.hold(one, HELD_MAX - 3, NOW));
        assert!(bodies.hold(other, 1, NOW));
        assert!(bodies.hold(one, 1, NOW));
        assert!(!bodies.hold(other, 2, NOW));
        assert!(bodies.hold(other, 1, NOW), "what was refused is not held");
        bodies.release(other);
        assert!(bodies.hold(bodies.clone().enter(), 2, NOW));
    }

    #[test]
    fn what_a_request_held_that_was_ended_from_outside_is_free_after_a_while() {
        let mut bodies = Bodies::default();
        let [one, other] = [bodies.enter(), bodies.enter()];
        assert!(bodies.hold(one, 1, NOW));
        let later = NOW.after(HELD_FOR);
        assert!(bodies.hold(one, HELD_MAX - 1, later));
        let last = later.after(HELD_FOR);
        assert!(!bodies.hold(other, 1, last));
        let over = last.after(Duration::from_millis(1));
        assert!(bodies.hold(other, HELD_MAX, over));
    }
}
