//! The calls that deliveries keep open for work: which are answered, and which end with nothing.

use super::{command::Given, desk::Desk};
use crate::{domain::Timestamp, line::want::Want};
use std::collections::BTreeMap;

/// Open calls by delivery; `C` is what the platform answers one by.
#[derive(Clone, Debug)]
pub struct Listeners<C>(BTreeMap<String, C>);

impl<C> Default for Listeners<C> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<C> Listeners<C> {
    /// A call waits for work. One that it replaces is answered with nothing.
    #[must_use]
    pub fn open(&mut self, delivery: String, call: C) -> Option<C> {
        self.0.insert(delivery, call)
    }

    /// What a turn gave away, for those that listen. Who has hung up meanwhile gets it with the next call, or loses it
    /// within seconds.
    #[must_use]
    pub fn answered(&mut self, answers: Vec<(String, Vec<Want>)>) -> Vec<(C, Given)> {
        let given = |jobs| Given {
            jobs,
            ..Given::default()
        };
        let answer = |(delivery, jobs): (String, _)| Some((self.0.remove(&delivery)?, given(jobs)));
        answers.into_iter().filter_map(answer).collect()
    }

    /// After a turn: the calls of deliveries that have left, which end with nothing.
    #[must_use]
    pub fn ended(&mut self, desk: &Desk) -> Vec<C> {
        let ended = self.0.extract_if(.., |delivery, _| !desk.listens(delivery));
        ended.map(|(_, call)| call).collect()
    }

    /// A call has waited for as long as it may; gives it back, if it is open.
    pub fn hang_up(&mut self, desk: &mut Desk, delivery: &str, now: Timestamp) -> Option<C> {
        let call = self.0.remove(delivery)?;
        let _ = desk.hang_up(delivery, now);
        Some(call)
    }

    /// The delivery whose open call is that one.
    pub fn delivery_of(&self, is_it: impl Fn(&C) -> bool) -> Option<&str> {
        let mut open = self.0.iter();
        let found = open.find(|(_, call)| is_it(call));
        found.map(|(delivery, _)| delivery.as_str())
    }
}
