//! A waiting line with a limit: what the gate's line of one user and the pool's line of all users share.
//!
//! A row is **held** (it has what the line is for, a lease or a slot), or it **waits** for that. The best of those that
//! wait is the one with the smallest (rank, job id).

pub mod pause;
pub mod table;
pub mod want;

/// How far a place in a line is counted; a job behind so many is told "at least". Counting further would cost a
/// row read for each job ahead, with every question.
pub const POSITION_MAX: u32 = 10_000;
