//! Every number in the input, with values at and beyond the bounds.
//!
//! | from | numbers | table |
//! |---|---|---|
//! | body of `POST /create-story` | `videoConfig.width`, `.height`, `.fps`; `script.scenes[].durationSeconds`; numbers in unknown fields; numbers where a string belongs | [`requests`] |
//! | query of `GET …/jobs` | `limit`; `cursor` is an id, a number is none | [`requests`] |
//! | headers | `content-length`; an `idempotency-key` that looks like a number is a string | `hostile.test.ts`, on workerd; [`requests`] |
//! | tickets | `v`, `priority`, `submittedAt`, `epoch`, `weight` | [`wire`] |
//! | calls of a gate | `epoch`, `entropy`, `limit`, `scriptChars`, `weight`, `artifacts[].bytes`, `artifacts[].epoch` | [`wire`] |
//! | answers of a gate | all of a job's record; `attempt`, `waitMs`, `active`, `limit`, `position`, `retryAt`, `parked`, `queued`, `retrying` | [`wire`] |
//! | calls and answers of the pool | `began`, `places`, `room`, `epoch`, `rank`, `position`, `active`, `capacity` | [`wire`] |
//! | rows | the same record: `priority`, `rank`, `submittedAt`, `stage`, `epoch`, `due`, `sends`, `grantedAt`, `grantedEpoch`, `startedAt`, `finishedAt`, `timesParked`, `error.at`, `stages[]` with `failures`, times and artifacts; the schema; what SQL counts | [`wire`]; `rows.rs` |
//! | settings | the eight variables with a number and `TIERS.*.maxConcurrentJobs`, `.maxBatchSize`, `.priority` | [`settings`] |
//! | the platform | the clock, the alarm's time and SQL integers, each held within ±(2^53 − 1) | `timestamp.rs`, `integer.rs` |

mod requests;
mod settings;
mod wire;
