//! A job that a delivery runs.

use crate::{
    domain::Timestamp,
    line::want::{Holding, Want},
};

/// A job that runs.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) want: Want,
    pub(super) epoch: u32,
    /// When the pool must hear of its start; `None` when it has, or need not.
    pub(super) confirm_at: Option<Timestamp>,
    /// Its slot is another's by now.
    pub(super) is_lost: bool,
    /// Its work has stopped, and its slot is given up; only the report is under way.
    pub(super) has_stopped: bool,
    /// When its stage began.
    pub(super) began: Timestamp,
}

impl Running {
    pub(super) fn holding(&self) -> Holding {
        Holding {
            job_id: self.want.job_id().clone(),
            epoch: self.epoch,
        }
    }
}
