//! What the outside may ask.
//!
//! | route | does |
//! |---|---|
//! | `POST /create-story` | submits a story |
//! | `GET /users/{userId}` | where the user stands |
//! | `GET /users/{userId}/jobs` | the user's jobs, newest first |
//! | `GET /users/{userId}/jobs/{jobId}` | one job |
//! | `DELETE /users/{userId}/jobs/{jobId}` | cancels it |
//! | `GET /users/{userId}/jobs/{jobId}/artifacts` | what was made |
//! | `GET /users/{userId}/jobs/{jobId}/artifacts/{name}` | one file of it |
//! | `GET /tiers` | the tiers as configured |
//! | `GET /dead-letters` | messages that could not be read |
//! | `GET /healthz` | 200 when the configuration is valid and the bindings answer |
//! | `POST /webhooks/stripe` | takes what Stripe says of subscriptions |
//!
//! [`routes`] knows paths, [`submit`] the body, [`query`] the query, [`json`] how strictly JSON is read, [`problem`] every
//! error, [`view`] every answer; [`auth`] who is asking and may, [`stripe`] what Stripe sends, [`mac`] how signatures are
//! checked; [`handler`] is the platform's side.

pub mod auth;
mod form;
pub(crate) mod handler;
pub mod json;
pub mod mac;
pub mod problem;
pub mod query;
pub mod routes;
pub mod stripe;
pub mod submit;
pub mod view;
