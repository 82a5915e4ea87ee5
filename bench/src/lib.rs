//! The benchmarks of story-queue that need no platform.
//!
//! - **policy**: who waits how long under which order of service, on one and the same trace.
//! - **fairness**: what a heavy user costs the others of the same tier.
//! - **estimates**: what users are told of when their jobs start, against what came.
//! - **load**: what a decision costs as the backlog grows.
//!
//! Everything but the times of **load** follows from a seed. Reading order: [`trace`] (what arrives),
//! [`ledger`] (what is measured), [`policies`] (who runs when), [`theory`] (what must come out), [`stats`];
//! then the parts, [`policy`], [`fairness`], [`estimates`] and [`load`], and how they are shown: [`report`], [`plot`].

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "statistics: counts become fractions, and fractions become milliseconds, all far from any limit"
)]

pub mod estimates;
pub mod fairness;
pub mod ledger;
pub mod load;
pub mod plot;
pub mod policies;
pub mod policy;
pub mod report;
pub mod stats;
pub mod theory;
pub mod trace;
