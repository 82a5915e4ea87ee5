//! The pool: which jobs of all users have a slot.

mod calls;
mod capacity;
mod deliveries;
pub mod harness;
mod healing;
mod jobs;
mod listeners;
mod lost_answers;
mod model;
mod reference;
mod returns;
mod rules;
mod steps;
mod takers;
