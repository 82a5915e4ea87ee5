//! How much of the requests' bodies one isolate holds at a time, and how long one may take to arrive.

use crate::domain::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// Most bytes of all bodies that one isolate holds. A text is there twice while it is stored, so this is 48 MiB of the
/// 128 MB; as much is for jobs ([`WEIGHT_MAX`](crate::delivery::weight::WEIGHT_MAX)).
pub const HELD_MAX: usize = 24 * 1024 * 1024;

/// Most bytes of those that nobody has signed for yet. Senders without a credential who stall leave room for all others.
pub const UNSIGNED_MAX: usize = 8 * 1024 * 1024;

/// A body must arrive within this time: 6 MiB by a line of one megabit per second.
pub const BODY_WITHIN: Duration = Duration::from_mins(1);

/// A request that was ended from outside gives nothing back; so long after its last byte, what it held counts as free.
const HELD_FOR: Duration = Duration::from_mins(5);

/// One request.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct BodyId(u64);

/// Which part of the room a body may fill.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Share {
    /// All of it, [`HELD_MAX`]: its sender is known.
    Known,
    /// [`UNSIGNED_MAX`], until its signature is checked.
    Unsigned,
}

/// What one request holds.
#[derive(Clone, Copy, Debug)]
struct Holding {
    bytes: usize,
    since: Timestamp,
    share: Share,
}

/// What the requests of one isolate hold of their bodies.
#[derive(Clone, Debug, Default)]
pub struct Bodies {
    ids: u64,
    held: BTreeMap<BodyId, Holding>,
}

impl Bodies {
    /// A request that holds nothing yet.
    pub const fn enter(&mut self) -> BodyId {
        self.ids += 1;
        BodyId(self.ids)
    }

    /// So many more bytes of a request arrived. Says whether there is room for them; if not, they are not counted.
    pub fn hold(&mut self, id: BodyId, share: Share, bytes: usize, now: Timestamp) -> bool {
        self.held
            .retain(|_, holding| now <= holding.since.after(HELD_FOR));
        let room = |most: usize, held: usize| held.saturating_add(bytes) <= most;
        let has_room = room(HELD_MAX, self.sum(|_| true))
            && (share == Share::Known || room(UNSIGNED_MAX, self.sum(|of| of == Share::Unsigned)));
        if has_room {
            let holding = self.held.entry(id).or_insert(Holding {
                bytes: 0,
                since: now,
                share,
            });
            holding.bytes += bytes;
            holding.since = now;
        }
        has_room
    }

    fn sum(&self, of: impl Fn(Share) -> bool) -> usize {
        let held = self.held.values().filter(|holding| of(holding.share));
        held.map(|holding| holding.bytes).sum()
    }

    /// The signature of the request's body is good.
    pub fn signed(&mut self, id: BodyId) {
        if let Some(holding) = self.held.get_mut(&id) {
            holding.share = Share::Known;
        }
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
    const KNOWN: Share = Share::Known;

    #[test]
    fn all_bodies_together_are_bounded_until_a_request_ends() {
        let mut bodies = Bodies::default();
        let [one, other] = [bodies.enter(), bodies.enter()];
        assert!(bodies.hold(one, KNOWN, HELD_MAX - 3, NOW));
        assert!(bodies.hold(other, KNOWN, 1, NOW));
        assert!(bodies.hold(one, KNOWN, 1, NOW));
        assert!(!bodies.hold(other, KNOWN, 2, NOW));
        assert!(
            bodies.hold(other, KNOWN, 1, NOW),
            "what was refused is not held"
        );
        bodies.release(other);
        assert!(bodies.hold(bodies.clone().enter(), KNOWN, 2, NOW));
    }

    #[test]
    fn what_a_request_held_that_was_ended_from_outside_is_free_after_a_while() {
        let mut bodies = Bodies::default();
        let [one, other] = [bodies.enter(), bodies.enter()];
        assert!(bodies.hold(one, KNOWN, 1, NOW));
        let later = NOW.after(HELD_FOR);
        assert!(bodies.hold(one, KNOWN, HELD_MAX - 1, later));
        let last = later.after(HELD_FOR);
        assert!(!bodies.hold(other, KNOWN, 1, last));
        let over = last.after(Duration::from_millis(1));
        assert!(bodies.hold(other, KNOWN, HELD_MAX, over));
    }

    #[test]
    fn what_nobody_has_signed_for_leaves_room_for_all_others() {
        let mut bodies = Bodies::default();
        let [one, other, known] = [bodies.enter(), bodies.enter(), bodies.enter()];
        assert!(bodies.hold(one, Share::Unsigned, UNSIGNED_MAX - 1, NOW));
        assert!(!bodies.hold(other, Share::Unsigned, 2, NOW));
        assert!(bodies.hold(known, KNOWN, HELD_MAX - UNSIGNED_MAX, NOW));
        bodies.signed(one);
        assert!(bodies.hold(other, Share::Unsigned, 1, NOW));
        assert!(!bodies.hold(other, Share::Unsigned, 1, NOW), "all is held");
    }
}
