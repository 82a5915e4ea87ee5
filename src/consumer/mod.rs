//! What happens to a delivered batch.
//!
//! 1. Each message is parsed on its own ([`batch`]).
//! 2. The rest is sorted by rank, duplicates within the batch are dropped.
//! 3. Each user's gate is asked once for all of that user's tickets. *Safe to repeat*: the same delivery
//!    gets the same grants, another delivery finds the jobs running.
//! 4. Each message is settled by name, on its [`verdict`].
//! 5. The pool is asked once for a slot for each that was admitted; what gets none waits there under its lease
//!    ([`capacity`]). *Safe to repeat*: a claim under the same lease gets the same slot.
//! 6. What got one runs, in a lane for each tier as wide as the tier's batch size ([`lanes`]), best rank
//!    first ([`stage`]). *Safe to repeat*: every report is fenced by the lease's epoch.
//! 7. Within its budget, and where nobody waits for the place, the delivery goes on with what an end frees: with the
//!    job's next stage and what the gate hands over in the answer to the report, and with the ticket that the pool
//!    gives in exchange for the slot. *Safe to lose*: leases run out, and the pool sends the ticket again.
//! 8. What did not start within the budget is handed back.
//! 9. Beside these, what cannot be read is recorded ([`dead_letters`]), so that it delays nobody.
//!
//! What a delivery does after its gates have answered is decided in [`delivery`], without the platform; [`runner`]
//! performs it.
//!
//! A message that is acknowledged is not a job that is done: the job lives in its gate, and the gate sends
//! another ticket when a delivery dies.

pub mod admitted;
pub mod batch;
pub(crate) mod capacity;
pub(crate) mod dead_letters;
pub mod delivery;
pub(crate) mod handler;
pub mod lanes;
pub(crate) mod runner;
pub mod slots;
pub(crate) mod stage;
pub mod verdict;
