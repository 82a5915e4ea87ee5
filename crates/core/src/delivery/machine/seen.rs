//! What a delivery has seen of back ends since it last told the pool.

use super::running::Running;
use crate::{
    delivery::{assignment::Assignment, stage::Ending},
    domain::{Blame, Stage, Timestamp, UserId},
    line::want::Mark,
    pool::outage::{Fault, Well},
};
use std::collections::BTreeMap;

/// Faults and successes.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Faults of back ends.
    pub(super) faults: Vec<Fault>,
    /// The latest success of each user at each stage.
    well: BTreeMap<(Stage, UserId), Well>,
    /// The success of a job that tried: the pool waits for it.
    trials: Vec<Well>,
}

impl Seen {
    /// Whether the pool must hear of it at once.
    pub(super) const fn is_news(&self) -> bool {
        !self.faults.is_empty() || !self.trials.is_empty()
    }

    fn succeeded(&mut self, assignment: &Assignment, began: Timestamp, tried: bool) {
        let well = Well {
            job_id: assignment.job_id().clone(),
            user_id: assignment.want.ticket.user_id.clone(),
            stage: assignment.grant.stage,
            began,
        };
        if tried {
            self.trials.push(well);
        } else {
            let key = (well.stage, well.user_id.clone());
            self.well.insert(key, well);
        }
    }

    fn failed(&mut self, assignment: &Assignment, began: Timestamp, blame: Blame, code: &str) {
        self.faults.push(Fault {
            job_id: assignment.job_id().clone(),
            epoch: assignment.grant.epoch,
            user_id: assignment.want.ticket.user_id.clone(),
            stage: assignment.grant.stage,
            began,
            backend: blame.backend,
            until: blame.until,
            code: code.to_owned(),
        });
    }

    /// All of it, for a call.
    pub(super) fn take(&mut self) -> (Vec<Well>, Vec<Fault>) {
        let mut well = std::mem::take(&mut self.trials);
        well.extend(std::mem::take(&mut self.well).into_values());
        (well, std::mem::take(&mut self.faults))
    }

    /// The call failed: it goes with the next one.
    pub(super) fn again(&mut self, well: Vec<Well>, faults: Vec<Fault>) {
        self.trials.splice(0..0, well);
        self.faults.splice(0..0, faults);
    }

    /// How a stage went, as far as back ends are concerned. A fault that the job has repeated where others succeed is its
    /// own.
    pub(super) fn ended(
        &mut self,
        now: Timestamp,
        running: &mut Running,
        (assignment, ending): (&Assignment, Ending),
    ) -> Ending {
        let began = std::mem::replace(&mut running.began, now);
        let mark = running.want.mark;
        match ending {
            Ending::Made(made) => {
                running.want.mark = None;
                self.succeeded(assignment, began, mark == Some(Mark::Trial));
                Ending::Made(made)
            }
            // Not where it asks for a pause: then it is the back end's word.
            Ending::Out {
                blame: Blame { until: None, .. },
                code,
                message,
            } if mark == Some(Mark::Own) => Ending::Failed {
                permanent: false,
                code,
                message,
            },
            Ending::Out {
                blame,
                code,
                message,
            } => {
                self.failed(assignment, began, blame, &code);
                Ending::Out {
                    blame,
                    code,
                    message,
                }
            }
            Ending::Failed { .. }
            | Ending::Cancelled
            | Ending::Lost
            | Ending::Forgotten
            | Ending::NoSlot
            | Ending::NotYet(_) => ending,
        }
    }
}
