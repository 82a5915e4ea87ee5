//! What theory says of a queue with several servers, Poisson arrivals and exponential service times.

/// A queue that theory can speak about.
#[derive(Clone, Copy, Debug)]
pub struct Markov {
    /// Servers.
    pub servers: u32,
    /// Load of each.
    pub load: f64,
    /// Mean service time.
    pub mean: f64,
}

impl Markov {
    /// Erlang's C: the probability that an arrival finds all servers taken.
    #[must_use]
    pub fn erlang_c(&self) -> f64 {
        let offered = self.load * f64::from(self.servers);
        let blocked = (1..=self.servers).fold(1.0, |blocked, server| {
            offered * blocked / (f64::from(server) + offered * blocked)
        });
        blocked / (1.0 - self.load * (1.0 - blocked))
    }

    /// The mean time until a server frees, over all arrivals.
    fn residual(&self) -> f64 {
        self.erlang_c() * self.mean / f64::from(self.servers)
    }

    /// The mean wait, first come first served.
    #[must_use]
    pub fn fifo_wait(&self) -> f64 {
        self.residual() / (1.0 - self.load)
    }

    /// The mean wait of each class under non-preemptive priority (Cobham 1954, Davis 1966): `shares` of the
    /// arrivals, the most urgent class first.
    #[must_use]
    pub fn priority_waits<const N: usize>(&self, shares: [f64; N]) -> [f64; N] {
        let mut above = 0.0;
        shares.map(|share| {
            let with = above + share * self.load;
            let wait = self.residual() / ((1.0 - above) * (1.0 - with));
            above = with;
            wait
        })
    }
}

/// The longest that a job can wait from when its user's limit has room for it, on slots that never idle: so many
/// jobs go before it, and none takes longer than `longest`. All the slots are taken until it starts, each by a job
/// that ran already or by one of those before it.
#[must_use]
pub const fn longest_wait(before: u32, slots: u32, longest: i64) -> i64 {
    (before / slots + 1) as i64 * longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: Markov = Markov {
        servers: 20,
        load: 0.95,
        mean: 30.0,
    };

    #[test]
    fn one_server_waits_as_in_every_textbook() {
        let queue = Markov {
            servers: 1,
            load: 0.5,
            mean: 1.0,
        };
        assert!((queue.erlang_c() - 0.5).abs() < 1e-12);
        assert!((queue.fifo_wait() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_conservation_law_holds_in_the_formulas() {
        let shares = [0.05, 0.10, 0.25, 0.60];
        let waits = QUEUE.priority_waits(shares);
        let sum: f64 = shares
            .iter()
            .zip(waits)
            .map(|(share, wait)| share * wait)
            .sum();
        assert!((sum - QUEUE.fifo_wait()).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn the_waits_are_those_of_the_literature_table() {
        assert!(
            (QUEUE.fifo_wait() - 22.7).abs() < 0.05,
            "{}",
            QUEUE.fifo_wait()
        );
        let waits = QUEUE.priority_waits([0.05, 0.10, 0.25, 0.60]);
        for (wait, wanted) in waits.into_iter().zip([1.19, 1.39, 2.13, 36.6]) {
            assert!((wait - wanted).abs() < 0.05, "{wait} {wanted}");
        }
    }
}
