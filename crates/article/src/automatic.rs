//! Mails that a program sent by itself.

/// The value of `X-Loop` in every mail that we send.
pub const LOOP_MARK: &str = "story-queue";

/// Why a mail counts as sent by a program. Such mails are never answered, so that no two programs write to each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Automatic {
    /// It says so itself, as RFC 3834 asks: an out-of-office note, a confirmation.
    AutoSubmitted,
    /// It is sent in bulk, and not by a list or newsletter that says which one it is.
    Bulk,
    /// It has no sender, or is a report: mail that came back.
    Bounce,
    /// It is ours.
    Loop,
}

impl Automatic {
    /// In a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AutoSubmitted => "an automatic reply",
            Self::Bulk => "bulk mail",
            Self::Bounce => "a bounce",
            Self::Loop => "a mail of ours",
        }
    }
}
