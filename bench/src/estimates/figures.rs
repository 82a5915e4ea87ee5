//! What looks came to.

use crate::{
    policies::ours::{Look, Told},
    stats::quantile,
};

/// Of a wait, at least so much counts, so that a second is a quarter of it.
const LEAST: i64 = 4_000;

/// The figures of some looks; shares are of those at which something was told.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// How many.
    pub looks: usize,
    /// The share at which nothing was told.
    pub none: f64,
    /// How many were told something, and nobody overtook them later.
    pub not_overtaken: usize,
    /// Half of the errors of these are no larger: a share of the wait, or of four seconds.
    pub error: f64,
    /// The share that started within the range told.
    pub within: f64,
    /// The share that started after it.
    pub late: f64,
    /// The share of pairs a second apart that differ by less than the range.
    pub steady: f64,
    /// Half of the ranges are no wider: a share of the wait, or of four seconds.
    pub width: f64,
}

impl Figures {
    /// Of those looks.
    #[must_use]
    pub fn of<'a>(looks: impl IntoIterator<Item = &'a Look>) -> Self {
        let looks: Vec<&Look> = looks.into_iter().collect();
        let told: Vec<(&Look, Told)> = looks
            .iter()
            .filter_map(|look| Some((*look, look.told?)))
            .collect();
        let errors: Vec<i64> = told
            .iter()
            .filter(|(look, _)| !look.overtaken)
            .map(|(look, told)| part((told.starts - look.started).abs(), look))
            .collect();
        let widths: Vec<i64> = told
            .iter()
            .map(|(look, told)| part(told.until - told.from, look))
            .collect();
        let pairs: Vec<(Told, Told)> = told
            .iter()
            .filter_map(|(look, told)| Some((*told, look.again?)))
            .collect();
        let steady = pairs
            .iter()
            .filter(|(one, other)| (one.starts - other.starts).abs() < one.until - one.from);
        let early = told.iter().filter(|(look, told)| look.started < told.from);
        let late = told.iter().filter(|(look, told)| told.until < look.started);
        let (early, late) = (early.count(), late.count());
        Self {
            looks: looks.len(),
            none: share(looks.len() - told.len(), looks.len()),
            not_overtaken: errors.len(),
            error: quantile(&errors, 0.5) as f64 / 1_000.0,
            within: share(told.len() - early - late, told.len()),
            late: share(late, told.len()),
            steady: share(steady.count(), pairs.len()),
            width: quantile(&widths, 0.5) as f64 / 1_000.0,
        }
    }
}

fn share(count: usize, all: usize) -> f64 {
    count as f64 / all.max(1) as f64
}

/// In thousandths of the wait.
fn part(of: i64, look: &Look) -> i64 {
    of * 1_000 / (look.started - look.at).max(LEAST)
}
