//! The gate: which jobs of a user may run now.

mod cancelling;
pub mod commands;
mod erase;
mod failures;
pub mod harness;
mod healing;
mod limits;
mod model;
mod plan_changes;
mod plans;
mod questions;
mod quotas;
mod reference;
mod reports;
mod rules;
mod seen;
mod starts;
mod steps;
mod subscriptions;
mod waiting;
