//! What each route asks of its caller. A route that is added does not compile until it is listed here.

use super::Caller;
use crate::{
    api::{problem::ApiError, routes::Route},
    domain::UserId,
};

/// What a route asks of its caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Need<'a> {
    /// Nothing: no credential is looked at.
    Nothing,
    /// The signature of the body, which the route checks itself.
    Signature,
    /// Any caller; for whom it may act, the body says.
    Anybody,
    /// A caller that acts for this user; to any other, the answer is that there is nothing, in the words in which the
    /// route says so to the user.
    User(&'a UserId, ApiError),
    /// The operator or the product's back end.
    Operator,
}

/// What the route asks of its caller.
#[must_use]
pub const fn need(route: &Route) -> Need<'_> {
    match route {
        Route::Health | Route::Tiers => Need::Nothing,
        Route::StripeWebhook => Need::Signature,
        Route::CreateStory => Need::Anybody,
        // Somebody else's account looks like a path that does not exist, whether there is such a user or not.
        Route::User(user_id) | Route::Jobs(user_id) => Need::User(user_id, ApiError::NoRoute),
        Route::Job(user_id, _)
        | Route::Cancel(user_id, _)
        | Route::Artifacts(user_id, _)
        | Route::Artifact(user_id, _, _) => Need::User(user_id, ApiError::NoSuchJob),
        // What a user has bought is not for the user to say; whose account is to be deleted, the product decides.
        Route::SetPlan(_) | Route::DeleteUser(_) | Route::DeadLetters => Need::Operator,
    }
}

/// Lets the caller pass, or says what it is told instead.
///
/// # Errors
/// [`ApiError::Forbidden`] for a user where only an operator may ask; what the route says of what is not there for
/// another user.
pub fn permit(need: Need<'_>, caller: &Caller) -> Result<(), ApiError> {
    match (need, caller) {
        (Need::Nothing | Need::Signature | Need::Anybody, _)
        | (Need::Operator, Caller::Service | Caller::Open) => Ok(()),
        (Need::Operator, Caller::User { .. }) => Err(ApiError::Forbidden(
            "Only a service key may ask for this; a user token may not.",
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
