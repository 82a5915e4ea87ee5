//! The HTTP API, as `docs/api.md` describes it.
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
