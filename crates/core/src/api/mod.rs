//! The HTTP API, as `docs/api.md` describes it.
//!
//! [`routes`] has the paths, [`content`] says which bodies are read, [`bodies`] how much of them
//! at a time, [`submit`], [`episode`], [`mail`], [`job_body`] and [`plan`] read them, [`window`] when a job may start, [`json`] is the strict
//! JSON reader, [`canonical`] the form that a fingerprint is made of, [`query`] reads the query. [`fault`] is one thing
//! wrong, [`problem`] every error (`detail` its sentence), [`quota`] the errors of a quota. [`view`], [`attempts`], [`account`] and [`export`] are every answer,
//! [`replay`] reads what asks for one,
//! [`validator`] says whether the client has it, [`prefer`] how long it would wait for another; [`events`] is the stream of changes.
//! [`range`] says which part of an artifact is asked for, [`disposition`] under which name it is saved, [`link`] who needs no credential
//! for it. [`auth`] has authentication and permissions, [`stripe`] Stripe's events, [`mac`] the
//! check of signatures, [`cors`] which pages of other origins may ask.

pub mod account;
pub mod attempts;
pub mod auth;
pub mod backends;
pub mod bodies;
pub mod canonical;
pub mod content;
pub mod cors;
mod detail;
pub mod disposition;
pub(crate) mod draft;
pub mod episode;
pub mod events;
pub mod export;
pub mod fault;
mod form;
pub mod job_body;
pub mod json;
pub mod link;
pub mod mac;
pub mod mail;
mod path;
pub mod plan;
pub mod prefer;
pub mod problem;
pub mod query;
pub mod quota;
pub mod range;
pub mod replay;
pub mod routes;
pub mod rules;
pub mod source;
mod story;
pub mod stripe;
pub mod submit;
pub mod validator;
pub mod view;
mod waiting;
pub mod window;
