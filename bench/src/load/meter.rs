//! Takes the time of a decision, and the steps of its database.

use std::{collections::BTreeMap, time::Instant};

/// Something that counts the steps of its database.
pub trait Counted {
    /// The steps since this was asked last.
    fn steps(&self) -> i64;
}

/// Takes times, and steps of the database, by the kind of decision.
#[derive(Default)]
pub struct Meter(BTreeMap<&'static str, Vec<(i64, i64)>>);

impl Meter {
    /// Measures one decision.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is no wasm, and time is what is asked"
    )]
    pub fn time<C: Counted, T>(
        &mut self,
        kind: &'static str,
        what: &mut C,
        decide: impl FnOnce(&mut C) -> T,
    ) -> T {
        what.steps();
        let begin = Instant::now();
        let value = decide(what);
        let nanos = i64::try_from(begin.elapsed().as_nanos()).unwrap_or(i64::MAX);
        self.0.entry(kind).or_default().push((nanos, what.steps()));
        value
    }

    /// Nanoseconds and steps of each decision, by its kind.
    pub fn samples(self) -> impl Iterator<Item = (&'static str, Vec<(i64, i64)>)> {
        self.0.into_iter()
    }
}
