//! What happens to a delivered batch.
//!
//! A ticket says "come": that there is work. Which work is best, the pool's line knows, since it is told of each job at
//! its submission. Where there is no pool (`POOL_CAPACITY = 0`), the delivery works off its own batch, best rank first.
//!
//! 1. Each message is parsed on its own ([`batch`]), the rest is sorted by rank (which matters only without a pool), and
//!    duplicates are dropped.
//! 2. The delivery asks the pool for jobs, each with a slot, for as many as it has places. *Safe to repeat*: what was
//!    given in an answer that was lost is given again.
//! 3. Each user's gate is asked once to start that user's jobs. *Safe to repeat*: the same delivery gets the same grants,
//!    another one finds the jobs running, and a job that left its lease is not started.
//! 4. What started runs ([`stage`]), in any free place. *Safe to repeat*: every report is fenced by the lease's epoch.
//! 5. What ended is reported. Beside that, the pool gets the slot back, unless the job's next stage follows in it, and
//!    gives the best of its line for the free place. With a later call it hears of the job that the freed lease went to.
//! 6. While something runs and a place is free, the delivery keeps a call open at the pool. Past its budget it goes on
//!    where no younger one has a place, for ten minutes at the most; when nothing runs any more, it leaves.
//! 7. Each message is settled by name ([`settlement`]): only what nobody could be asked about comes again. Beside all this,
//!    what cannot be read is recorded.
//!
//! What a delivery does is decided by [`Delivery`]; the Worker and the simulator perform it.
//!
//! A message that is acknowledged is not a job that is done: the job lives in its gate, which tells of it again when a
//! delivery dies.

pub mod assignment;
pub mod batch;
pub mod fetches;
mod machine;
pub mod settlement;
pub mod stage;
pub mod turns;
pub mod weight;

pub use machine::{Action, CONFIRM_AFTER, Delivery};
