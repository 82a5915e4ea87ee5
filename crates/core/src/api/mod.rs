//! The HTTP API, as `docs/api.md` describes it.
//!
//! [`routes`] has the paths, [`submit`] and [`plan`] the bodies, [`query`] the query, [`json`] the strict JSON reader,
//! [`canonical`] the form that a fingerprint is made of, [`problem`] every error, [`quota`] the errors of a quota,
//! [`view`] and [`account`] every answer; [`auth`] has authentication and permissions, [`stripe`] Stripe's events,
//! [`mac`] the check of signatures.

pub mod account;
pub mod auth;
pub mod canonical;
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
