//! Kinds of jobs: one with the tier's limit alone, and one with a limit of its own.

use queue_core::domain::Kind;

/// How many kinds there are.
pub(crate) const COUNT: usize = 2;

/// The one that has a limit of its own in some seeds.
pub(crate) const LIMITED: usize = 1;

/// The kind of that number.
pub(crate) fn kind(number: usize) -> Kind {
    let name = ["story", "episode"][number.min(LIMITED)];
    Kind::try_from(name.to_owned()).expect("these names are valid")
}

/// A user's jobs of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfKind {
    /// In the line.
    pub(crate) parked: u32,
    /// With a lease.
    pub(crate) held: u32,
}

/// The stages of a story, in order.
pub(crate) const STAGES: [&str; 3] = ["image", "audio", "video"];

/// The payload of a job: told apart from any other's.
pub(crate) fn payload(number: usize) -> String {
    format!("{{\"n\":{number}}}")
}
