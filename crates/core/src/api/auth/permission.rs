//! What each route requires of its caller. A new route does not compile until it is listed here.

use super::Caller;
use crate::{
    api::{problem::ApiError, routes::Route},
    domain::UserId,
};

/// What a route requires of its caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Need<'a> {
    /// Nothing: credentials are not checked.
    Nothing,
    /// The signature of the body, which the route checks itself.
    Signature,
    /// Any caller; the body says for which user.
    Anybody,
    /// A caller that acts for this user; any other caller gets this error, which does not say whether anything exists.
    User(&'a UserId, ApiError),
    /// The operator or the product's back end.
    Operator,
}

/// What the route requires of its caller.
#[must_use]
pub const fn need(route: &Route) -> Need<'_> {
    match route {
        Route::Health | Route::Tiers | Route::Kinds => Need::Nothing,
        Route::StripeWebhook => Need::Signature,
        Route::CreateStory | Route::CreateEpisode | Route::CreateJobs => Need::Anybody,
        // Another user's account is refused alike, whether the user exists or not.
        Route::User(user_id)
        | Route::Events(user_id)
        | Route::Jobs(user_id)
        | Route::Export(user_id)
        | Route::SetMailbox(user_id) => Need::User(user_id, ApiError::OtherUser),
        Route::Job(user_id, _)
        | Route::Cancel(user_id, _)
        | Route::Replay(user_id, _)
        | Route::Attempts(user_id, _)
        | Route::Artifacts(user_id, _)
        | Route::Artifact(user_id, _, _)
        | Route::LinkArtifact(user_id, _, _) => Need::User(user_id, ApiError::NoSuchJob),
        // Only the product sets what a user has bought, and deletes accounts.
        Route::SetPlan(_)
        | Route::Reconcile(_)
        | Route::DeleteUser(_)
        | Route::Backends
        | Route::PauseBackend(_)
        | Route::ResumeBackend(_)
        | Route::LetThrough(..)
        | Route::Replays
        | Route::ListReplays
        | Route::ShowReplay(_)
        | Route::StopReplay(_)
        | Route::PauseReplay(_)
        | Route::ResumeReplay(_)
        | Route::DeadLetters => Need::Operator,
    }
}

/// Checks that the caller is permitted; otherwise the error is the answer.
///
/// # Errors
/// [`ApiError::Forbidden`] for a user on a route for operators; for another user, the same error as for something that
/// does not exist.
pub fn permit(need: Need<'_>, caller: &Caller) -> Result<(), ApiError> {
    match (need, caller) {
        (Need::Nothing | Need::Signature | Need::Anybody, _)
        | (Need::Operator, Caller::Service | Caller::Open) => Ok(()),
        (Need::Operator, Caller::User { .. }) => Err(ApiError::Forbidden(
            "This requires a service key. A user token is not allowed.",
        )),
        (Need::User(user_id, absent), caller) => {
            if caller.acts_for(user_id) {
                Ok(())
            } else {
                Err(absent)
            }
        }
    }
}

/// Checks that the caller may submit a job of that user.
///
/// # Errors
/// Why not, in a sentence.
pub fn permit_submission(caller: &Caller, user_id: &UserId) -> Result<(), &'static str> {
    if caller.acts_for(user_id) {
        Ok(())
    } else if user_id.is_nobody() {
        Err("Jobs of this kind require a service key. A user token is not allowed.")
    } else {
        Err("A user token can submit only for its own user.")
    }
}
