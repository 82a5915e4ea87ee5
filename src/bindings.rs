//! Every name that `wrangler.toml` gives to the code, written once.

/// The Durable Object namespace of the gates.
pub const GATES: &str = "GATES";
/// The bucket of the artifacts and of the dead letters.
pub const ARTIFACTS: &str = "ARTIFACTS";
/// The producer binding of the queue.
pub const STORIES: &str = "STORIES";
/// The name of the queue of tickets.
pub const STORIES_QUEUE: &str = "stories";
/// The name of its dead-letter queue.
pub const DEAD_LETTER_QUEUE: &str = "stories-dlq";
