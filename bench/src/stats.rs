//! Statistics of a run.

/// The smallest value that so large a share of them does not exceed (nearest rank); 0 of none.
#[must_use]
pub fn quantile(values: &[i64], share: f64) -> i64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil() as usize;
    let index = rank.saturating_sub(1).min(sorted.len().saturating_sub(1));
    sorted.get(index).copied().unwrap_or(0)
}

/// The mean; 0 of none.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len().max(1) as f64)
}

/// A mean with the half-width of its 99 % confidence interval.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The half-width.
    pub half: f64,
}

impl Interval {
    /// Of independent measurements, at least two. Student's t for 99 % with 9 or more degrees of freedom is at
    /// most 3.25, which is taken for all.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let (mean, count) = (mean(values), values.len() as f64);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0)).sqrt();
        Self {
            mean,
            half: 3.25 * deviation / count.sqrt(),
        }
    }

    /// Whether the value lies within.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        (self.mean - value).abs() <= self.half
    }
}

/// Jain's index of fairness: 1 when all are equal, 1/n when one has everything.
#[must_use]
pub fn jain(values: &[f64]) -> f64 {
    let (sum, squares) = values.iter().fold((0.0, 0.0), |(sum, squares), value| {
        (sum + value, squares + value * value)
    });
    if squares == 0.0 {
        return 1.0;
    }
    sum * sum / (values.len() as f64 * squares)
}

/// Temporal's `wrongorderness`: the share of all pairs that were served in the wrong order, by their levels.
#[must_use]
pub fn wrongorderness(levels: &[u32]) -> f64 {
    let count = levels.len();
    let wrong: usize = (0..count)
        .map(|first| {
            let after = &levels[first + 1..];
            after.iter().filter(|level| **level < levels[first]).count()
        })
        .sum();
    let pairs = count * count.saturating_sub(1) / 2;
    wrong as f64 / pairs.max(1) as f64
}

/// Temporal's `unfairness`: the mean place in the order of service at which a user is served first, over the
/// number of users. Round robin over n users has (n − 1) / 2n.
#[must_use]
pub fn unfairness(served: &[usize]) -> f64 {
    let mut firsts = std::collections::BTreeMap::new();
    for (place, user) in served.iter().enumerate() {
        firsts.entry(*user).or_insert(place);
    }
    let users = firsts.len().max(1) as f64;
    firsts.values().sum::<usize>() as f64 / (users * users)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(quantile(&values, 0.5), 50);
        assert_eq!(quantile(&values, 0.95), 95);
        assert_eq!(quantile(&values, 1.0), 100);
        assert_eq!(quantile(&[], 0.5), 0);
    }

    #[test]
    fn the_indices_of_fairness_have_their_known_ends() {
        let near = |value: f64, wanted: f64| assert!((value - wanted).abs() < 1e-9, "{value}");
        near(jain(&[3.0; 5]), 1.0);
        near(jain(&[1.0, 0.0, 0.0, 0.0]), 0.25);
        near(wrongorderness(&[1, 1, 2, 3]), 0.0);
        near(wrongorderness(&[3, 2, 1]), 1.0);
        near(unfairness(&[0, 1, 2, 3, 0, 1, 2, 3]), 6.0 / 16.0);
        near(unfairness(&[0, 0, 0, 0, 1]), 4.0 / 4.0);
    }
}
