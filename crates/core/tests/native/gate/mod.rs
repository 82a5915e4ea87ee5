//! The gate: which jobs of a user may run now.

mod cancelling;
mod clock_cases;
mod clock_steps;
mod clock_table;
pub mod commands;
mod erase;
mod failures;
pub mod harness;
mod healing;
mod limits;
mod many_subscriptions;
mod model;
mod object;
mod plan_changes;
mod plans;
mod questions;
mod quotas;
mod reference;
mod reports;
mod retention;
mod rules;
mod seen;
mod slices;
mod starts;
mod steps;
mod subscriptions;
mod waiting;
