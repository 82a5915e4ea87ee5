//! Calls of objects: how long an answer is waited for, and whether a call that failed is made again.
//!
//! Nothing here waits or calls. The Worker performs it, and so does the simulator.

use std::time::Duration;

/// Pauses after a try that failed; one more try than there are pauses is made.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(500)];

/// An object that has not answered by then is taken for unreachable. Its turns take milliseconds; jobs hold
/// leases while a delivery waits for it.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a call that listens for work stays open before it is answered with nothing.
pub const LISTEN: Duration = Duration::from_secs(10);

/// Why a try brought no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The platform failed, and is not overloaded. The call may have taken effect; every command may be repeated.
    Transient,
    /// The object is overloaded, and must not be called again (Durable Objects, "Error handling"); or it did not answer
    /// in time, or refused, and will do so again.
    Final,
}

/// The tries of one call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tries(usize);

impl Tries {
    /// The pause before the next try; `None`: the call has failed.
    pub fn again(&mut self, failure: Failure) -> Option<Duration> {
        let pause = PAUSES
            .get(self.0)
            .filter(|_| failure == Failure::Transient)?;
        self.0 += 1;
        Some(*pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transient_failure_is_tried_again_twice() {
        let mut tries = Tries::default();
        let pauses = std::iter::from_fn(|| tries.again(Failure::Transient));
        assert_eq!(pauses.collect::<Vec<_>>(), PAUSES);
    }

    #[test]
    fn an_object_that_is_overloaded_is_not_called_again() {
        assert_eq!(Tries::default().again(Failure::Final), None);
    }
}
