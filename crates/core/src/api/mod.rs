//! What the outside may ask.
//!
//! | route | does |
//! |---|---|
//! | `POST /create-story` | submits a story |
//! | `GET /users/{userId}` | where the user stands |
//! | `DELETE /users/{userId}` | forgets the user, with all jobs and artifacts |
//! | `PUT /users/{userId}/plan` | changes the user's plan |
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
//! [`routes`] knows paths, [`submit`] and [`plan`] the bodies, [`query`] the query, [`json`] how strictly JSON is read,
//! [`problem`] every error, [`quota`] what is told of one that a quota made, [`view`] and [`account`] every answer;
//! [`auth`] knows who is asking and may, [`stripe`] what Stripe sends, [`mac`] how signatures are checked; [`handler`] and
//! [`users`] are the platform's side.

pub mod account;
pub mod auth;
mod form;
pub mod json;
pub mod mac;
pub mod plan;
pub mod problem;
pub mod query;
pub mod quota;
pub mod routes;
pub mod stripe;
pub mod submit;
pub mod view;
