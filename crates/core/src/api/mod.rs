//! The HTTP API.
//!
//! | route | does |
//! |---|---|
//! | `POST /create-story` | submits a story |
//! | `GET /users/{userId}` | the user's account |
//! | `DELETE /users/{userId}` | deletes the user, with all jobs and artifacts |
//! | `PUT /users/{userId}/plan` | changes the user's plan |
//! | `GET /users/{userId}/jobs` | the user's jobs, newest first |
//! | `GET /users/{userId}/jobs/{jobId}` | one job |
//! | `DELETE /users/{userId}/jobs/{jobId}` | cancels it |
//! | `GET /users/{userId}/jobs/{jobId}/artifacts` | its artifacts |
//! | `GET /users/{userId}/jobs/{jobId}/artifacts/{name}` | one artifact |
//! | `GET /tiers` | the tiers as configured |
//! | `GET /dead-letters` | messages that could not be read |
//! | `GET /healthz` | 200 if the configuration is valid and the bindings respond |
//! | `POST /webhooks/stripe` | receives Stripe's events about subscriptions |
//!
//! [`routes`] has the paths, [`submit`] and [`plan`] the bodies, [`query`] the query, [`json`] the strict JSON reader,
//! [`problem`] every error, [`quota`] the errors of a quota, [`view`] and [`account`] every answer; [`auth`] has
//! authentication and permissions, [`stripe`] Stripe's events, [`mac`] the check of signatures.

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
