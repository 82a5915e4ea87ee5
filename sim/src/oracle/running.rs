//! What really runs.

use queue_core::domain::Timestamp;

/// One stage that really runs.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    /// Its job.
    pub(crate) job: usize,
    /// Whose.
    pub(crate) user: usize,
    /// Under which epoch.
    pub(crate) epoch: u32,
    /// The epoch under which its delivery was given the job.
    pub(crate) given_epoch: u32,
    /// The end of its lease.
    pub(crate) until: Timestamp,
    /// Its lease ended once, by the gate's clock; only a renewal revives it.
    pub(crate) expired: bool,
    /// By which delivery.
    pub(crate) delivery: usize,
    /// The delivery was told that its slot is another's.
    pub(crate) slot_lost: bool,
    /// The number and the limit of its lease.
    pub(crate) lease: (usize, u32),
}
