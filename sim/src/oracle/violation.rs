//! What was broken.

/// What was broken, and how.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Which invariant.
    pub invariant: &'static str,
    /// The particulars.
    pub detail: String,
}

/// The violation of an invariant, if a condition does not hold.
pub(crate) fn require(
    holds: bool,
    invariant: &'static str,
    detail: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds {
        return Ok(());
    }
    Err(Violation {
        invariant,
        detail: detail(),
    })
}
