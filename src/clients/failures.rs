//! Asks the list of failures.

use super::call::call;
use queue_core::{
    bindings,
    calls::CALL_TIMEOUT,
    failures::{Command, Reply},
};
use worker::{Env, Result};

/// The one list.
const NAME: &str = "failures";

/// The list of failures.
pub(crate) struct FailuresClient<'a> {
    env: &'a Env,
}

impl<'a> FailuresClient<'a> {
    /// The list as bound in that environment.
    #[must_use]
    pub(crate) const fn new(env: &'a Env) -> Self {
        Self { env }
    }

    /// Has the list decide.
    ///
    /// # Errors
    /// When it cannot be reached, is overloaded, or failed.
    pub(crate) async fn ask(&self, command: &Command) -> Result<Reply> {
        call(self.env, bindings::FAILURES, NAME, command, CALL_TIMEOUT).await
    }
}
