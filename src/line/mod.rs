//! A waiting line with a limit: what the gate's line of one user and the pool's line of all users share.
//!
//! A row is **held** (it has what the line is for, a lease or a slot), or **parked** (it waits for it). The best
//! parked row is the one with the smallest (rank, job id). A row that is owed a ticket *is* the outbox: it names
//! when the ticket is sent again, unless somebody was admitted with it before.

pub mod pace;
pub mod pause;
pub mod table;

use crate::storage::StorageError;

/// How far a place in a line is counted; a job behind so many is told "at least". Counting further would cost a
/// row read for each job ahead, with every question.
pub const POSITION_MAX: u32 = 10_000;

/// A line in the middle of a turn.
pub trait Line {
    /// How many hold.
    ///
    /// # Errors
    /// When the storage fails.
    fn held(&self) -> Result<u32, StorageError>;

    /// How many may.
    fn limit(&self) -> u32;

    /// Has the best parked row hold, and says whether there was one.
    ///
    /// # Errors
    /// When the storage fails.
    fn grant_best(&mut self) -> Result<bool, StorageError>;

    /// Gives what is free to the best parked. Called at the end of every turn that may free something, so that
    /// nothing idles while a row is parked; it wakes as many as are free and no more.
    ///
    /// # Errors
    /// When the storage fails.
    fn fill(&mut self) -> Result<(), StorageError> {
        let mut held = self.held()?;
        while held < self.limit() && self.grant_best()? {
            held += 1;
        }
        Ok(())
    }
}
