//! The pool: which jobs of all users have a slot.

mod backlog;
mod calls;
mod capacity;
mod deliveries;
pub mod harness;
mod healing;
pub mod jobs;
mod listeners;
mod lost_answers;
mod model;
pub mod outages;
mod pauses;
mod reference;
mod returns;
mod rules;
mod steps;
mod suspects;
mod takers;
