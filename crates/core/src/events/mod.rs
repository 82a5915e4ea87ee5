//! Logging: one [`Event`] each time something happens to a job.
//!
//! In text (`LOG_FORMAT = "text"`) an event is one or two lines; in JSON one object with the same facts.
//!
//! | event | when | lines begin with |
//! |---|---|---|
//! | `started` | a stage starts | `[Queue Consumer] Processing …`, `Active Concurrency: …` |
//! | `completed` | a stage succeeded | `[Queue Consumer] Completed …` |
//! | `succeeded` | the last stage succeeded | `[Queue Consumer] Job … succeeded` |
//! | `attemptFailed` | a stage failed and will be tried again | `[Queue Consumer] Attempt …` |
//! | `failed`, `cancelled` | the job ended without success | `[Queue Consumer] Job … failed`, `… cancelled` |
//! | `parked` | the user is at the limit | `[Concurrency Manager] Concurrency limit reached …` |
//! | `capacityReached` | all slots of the pool are taken | `[Capacity Pool] Capacity reached …` |
//! | `skipped` | a job did not have to start (in most cases it had just ended) | `[Queue Consumer] Skipped …` |
//! | `startMissed` | a delivery was given a job and did not start it within seconds | `[Capacity Pool] Start missed …` |
//! | `requeued` | a running job lost its slot | `[Queue Consumer] Slot lost …` |
//! | `stale` | another holder had the lease when the stage ended | `[Queue Consumer] Late result …` |
//! | `leaseExpired` | a consumer died; the lease was taken back | `[Concurrency Manager] Lease expired …` |
//! | `slotExpired` | a consumer died; the slot was taken back | `[Capacity Pool] Slot expired …` |
//! | `ticketResent` | the queue did not deliver in time | `[Concurrency Manager] Ticket sent again …` |
//! | `buried` | a message could not be read, or was dead-lettered | `[Dead Letters] …` |
//! | `lettersExpired` | once a day, records of dead letters were deleted after their retention | `[Retention] …` |
//! | `refused` | a caller or a webhook was refused | `[Access] …` |
//! | `webhook` | Stripe sent an event | `[Stripe] …` |
//! | `turn`, `delivery` | an object or the consumer did something that is billed; only with `LOG_COSTS` | `[Costs] …` |
//! | `fault` | something else went wrong; it recovers by itself, or the answer is 5xx | `[Fault] …` |
//!
//! Payloads, prompts and credentials are never logged. Ids cannot contain line breaks; other text is escaped.

pub mod event;
mod json;
mod text;

pub use event::{Event, JobFacts};
