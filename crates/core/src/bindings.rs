//! Every name that `wrangler.toml` gives to the code, written once.

/// The Durable Object namespace of the gates.
pub const GATES: &str = "GATES";
/// The Durable Object namespace of the pool.
pub const POOLS: &str = "POOLS";
/// The Durable Object namespace of the list of failures.
pub const FAILURES: &str = "FAILURES";
/// The bucket of the artifacts and of the dead letters.
pub const ARTIFACTS: &str = "ARTIFACTS";
/// The producer binding of the queue.
pub const STORIES: &str = "STORIES";
/// The rate limiter of submissions and of failed credentials (`SUBMIT_RATE_LIMIT`).
pub const SUBMISSIONS: &str = "SUBMISSIONS";
/// How the name of every dead-letter queue ends; what comes before is the name of its queue.
pub const DEAD_LETTER_SUFFIX: &str = "-dlq";
