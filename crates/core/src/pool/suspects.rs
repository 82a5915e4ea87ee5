//! Users whose jobs meet faults where the jobs of others succeed. Such a fault says nothing about the back end: it opens no
//! breaker, and does not keep another job's fault from being that job's own.

use super::outage::{Fault, Well};
use crate::domain::{Stage, Timestamp, UserId};
use std::collections::BTreeMap;

/// Users with faults that are remembered.
const REMEMBERED: usize = 1_000;

/// What is known of users' faults and successes.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Suspects {
    /// When the first fault began that a user met at a stage since its own success there.
    faulted: BTreeMap<(Stage, UserId), Timestamp>,
    /// The latest successes at a stage, of two users: whose each was, and when it began.
    well: BTreeMap<Stage, Vec<(UserId, Timestamp)>>,
}

impl Suspects {
    /// Whether the user has met a fault at that stage, and since then jobs of others have begun there and succeeded, but
    /// none of its own.
    pub(super) fn has(&self, stage: Stage, user_id: &UserId) -> bool {
        let first = self.faulted.get(&(stage, user_id.clone()));
        let mut well = self.well.get(&stage).into_iter().flatten();
        first.is_some_and(|first| well.any(|(other, began)| other != user_id && began > first))
    }

    /// A fault.
    pub(super) fn met(&mut self, fault: &Fault) {
        let key = (fault.stage, fault.user_id.clone());
        self.faulted.entry(key).or_insert(fault.began);
        if self.faulted.len() > REMEMBERED {
            let oldest = self.faulted.iter().min_by_key(|(_, began)| **began);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.faulted.remove(&key);
            }
        }
    }

    /// A stage succeeded.
    pub(super) fn succeeded(&mut self, well: &Well) {
        let key = (well.stage, well.user_id.clone());
        if self
            .faulted
            .get(&key)
            .is_some_and(|first| well.began > *first)
        {
            self.faulted.remove(&key);
        }
        let latest = self.well.entry(well.stage).or_default();
        latest.retain(|(user_id, _)| *user_id != well.user_id);
        latest.insert(0, (well.user_id.clone(), well.began));
        latest.truncate(2);
    }
}
