//! What the gates answer, against what the world knows.

use super::{Oracle, Violation, require};
use crate::marks::Mark;
use queue_core::{
    domain::{JobId, Tier, Timestamp},
    gate::{
        Command, Reply,
        command::{Grant, NewJob, Outcome, SkipReason, Start},
    },
};
use std::cmp::Ordering;

pub(crate) use crate::kinds::{STAGES, payload};

/// Where and when a turn was taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Whose gate.
    pub(crate) user: usize,
    /// By its clock.
    pub(crate) now: Timestamp,
}

impl Oracle {
    /// A turn was taken and answered.
    pub(crate) fn answered(
        &mut self,
        place: Place,
        command: &Command,
        reply: &Reply,
    ) -> Result<(), Violation> {
        match (command, reply) {
            (Command::Start { holder, jobs }, Reply::Started { starts }) => {
                require(jobs.len() == starts.len(), "I5 no phantom", || {
                    "a start has not one answer a job".to_owned()
                })?;
                for (holding, start) in jobs.iter().zip(starts) {
                    self.start_answered(place, holder, &holding.job_id, start)?;
                }
                Ok(())
            }
            (
                Command::Complete { job_id, epoch, .. }
                | Command::Fail { job_id, epoch, .. }
                | Command::Renew { job_id, epoch }
                | Command::Requeue { job_id, epoch, .. },
                Reply::Reported { outcome, next, .. },
            ) => {
                let number = self.index.get(job_id).copied();
                let holder = number.and_then(|number| self.jobs[number].grant.clone());
                self.reported(place, command, (job_id, *epoch), *outcome)?;
                match (next, holder) {
                    (Some(grant), Some((_, holder))) => self.granted(place, &holder, job_id, grant),
                    (next, _) => require(next.is_none(), "I5 no phantom", || format!("{next:?}")),
                }
            }
            (Command::Cancel { job_id }, Reply::Job { view: Some(view) }) => {
                let number = self.number(job_id)?;
                self.jobs[number].cancel_noted |= !self.jobs[number].state.is_final();
                let right =
                    self.jobs[number].recorded.is_some() && view.limit == self.limit(place.user);
                require(right || !self.views, "view", || {
                    format!("job {number} is shown as {view:?}")
                })
            }
            (Command::Submit(new), _) => self.submitted(place, new, reply),
            (Command::Replay(ask), _) => self.replay_answered(place, ask, reply),
            _ => self.of_plans(place, command, reply),
        }
    }

    /// A submission was answered: each key stands for one job, and nothing but a plan or a quota refuses it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what answers no submission")]
    fn submitted(&mut self, place: Place, new: &NewJob, reply: &Reply) -> Result<(), Violation> {
        match reply {
            Reply::Submitted { job, replayed } => {
                if !replayed {
                    self.bounded(place, new, None)?;
                }
                let (new, old) = (self.number(&new.job_id)?, self.number(&job.job_id)?);
                let same = self.jobs[new].key.is_some() && self.jobs[new].key == self.jobs[old].key;
                let right = if *replayed {
                    same && self.jobs[old].user == place.user
                } else {
                    new == old
                };
                let is_kept = !self.users[place.user].erasing;
                require(right && is_kept, "P8 one key, one job", || {
                    format!("job {new} was answered with job {old}")
                })
            }
            Reply::KeyReused { job_id } => {
                let (new, old) = (self.number(&new.job_id)?, self.number(job_id)?);
                let key = |number: usize| self.jobs[number].key.unwrap_or((usize::MAX, false));
                let other = key(new).0 == key(old).0 && key(new).1 != key(old).1;
                require(other, "P8 one key, one job", || {
                    format!("job {new} was refused for job {old}")
                })
            }
            Reply::QuotaExceeded { exceeded } => self.bounded(place, new, Some(exceeded)),
            Reply::TierNotEntitled { allowed } => self.refused(place, new, *allowed),
            Reply::Untimely { faults } => self.untimely(place, new, faults),
            _ => Ok(()),
        }
    }

    /// What a turn shows of the account, after all that it changed.
    pub(crate) fn shown(&mut self, place: Place, reply: &Reply) -> Result<(), Violation> {
        let Reply::Account { account } = reply else {
            return Ok(());
        };
        self.tally.mark(Mark::Looked);
        let user = &self.users[place.user];
        let until = account.plan.as_ref().and_then(|plan| plan.until);
        let terms = (&account.months, until);
        let right = account.limit == self.limit(place.user)
            && (user.erasing || terms == (&self.month_use(place), self.tier_until(place.user)))
            && (account.active, account.parked) == (user.held, user.parked)
            && (account.queued, account.scheduled) == (user.queued, user.scheduled);
        require(right || !self.views, "view", || {
            format!("{account:?}, but {user:?}")
        })
    }

    /// From now on a user has that tier.
    pub(super) fn tier(&mut self, user: usize, tier: Tier) {
        let before = self.limit(user);
        self.users[user].tier = tier;
        match self.limit(user).cmp(&before) {
            Ordering::Greater => self.tally.mark(Mark::TierRaised),
            Ordering::Less => self.tally.mark(Mark::TierLowered),
            Ordering::Equal => {}
        }
    }

    fn reported(
        &mut self,
        place: Place,
        command: &Command,
        (job_id, epoch): (&JobId, u32),
        outcome: Outcome,
    ) -> Result<(), Violation> {
        let number = self.index.get(job_id);
        let ended = number.is_some_and(|number| {
            let fact = &self.jobs[*number];
            epoch <= fact.taken_back && epoch != fact.accepted
        });
        require(!ended || outcome == Outcome::Stale, "I3 fencing", || {
            format!("epoch {epoch} of {job_id} was taken back; its report is {outcome:?}")
        })?;
        match outcome {
            Outcome::Accepted => return self.accepted(place, command, job_id, epoch),
            Outcome::Repeated => self.tally.mark(Mark::ReportRepeated),
            Outcome::Stale => self.tally.mark(Mark::ReportStale),
        }
        Ok(())
    }

    fn start_answered(
        &mut self,
        place: Place,
        holder: &str,
        job_id: &JobId,
        start: &Start,
    ) -> Result<(), Violation> {
        match start {
            Start::Run(grant) => self.granted(place, holder, job_id, grant)?,
            Start::Skip { reason } => self.tally.mark(match reason {
                SkipReason::AlreadyRunning => Mark::SkipRunning,
                SkipReason::AlreadyParked => Mark::SkipParked,
                // Only what was sent for a job that was forgotten, and has come once more, speaks of one that is put off.
                SkipReason::Scheduled | SkipReason::Retrying => Mark::SkipRetrying,
                SkipReason::OtherLease => Mark::SkipOtherLease,
                SkipReason::Ended => Mark::SkipEnded,
                SkipReason::Unknown => Mark::SkipUnknown,
            }),
        }
        Ok(())
    }

    fn granted(
        &mut self,
        place: Place,
        holder: &str,
        job_id: &JobId,
        grant: &Grant,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        self.may_start(place, number)?;
        let lease = self.config.lease;
        let fact = &mut self.jobs[number];
        let stage = fact.stage();
        require(
            stage < 3 && grant.stage.name() == STAGES[stage],
            "I3 one effect a stage",
            || format!("job {number} may run {} after {stage} stages", grant.stage),
        )?;
        require(
            grant.attempt == fact.failures[stage] + 1,
            "P7 attempts",
            || {
                let failures = fact.failures[stage];
                format!(
                    "job {number} is at attempt {} after {failures} failures",
                    grant.attempt
                )
            },
        )?;
        require(grant.payload == payload(number), "I5 no phantom", || {
            format!("job {number} has the payload {:?}", grant.payload)
        })?;
        let repeated = fact
            .grant
            .as_ref()
            .is_some_and(|(epoch, last)| *epoch == grant.epoch && last == holder);
        if repeated {
            self.tally.mark(Mark::RunRepeated);
            return Ok(());
        }
        let last = fact.grant.as_ref().map_or(0, |(epoch, _)| *epoch);
        require(grant.epoch > last, "I3 epochs grow", || {
            format!("job {number} is granted epoch {} after {last}", grant.epoch)
        })?;
        self.tally.mark(Mark::Run);
        fact.grant = Some((grant.epoch, holder.to_owned()));
        fact.until = place.now.after(lease);
        Ok(())
    }

    fn accepted(
        &mut self,
        place: Place,
        command: &Command,
        job_id: &JobId,
        epoch: u32,
    ) -> Result<(), Violation> {
        let number = self.number(job_id)?;
        let (lease, now) = (self.config.lease, place.now);
        let fact = &mut self.jobs[number];
        let current = fact.grant.as_ref().map_or(0, |(epoch, _)| *epoch);
        require(epoch == current, "I3 fencing", || {
            format!("a report of epoch {epoch} on job {number} was accepted; granted is {current}")
        })?;
        let stage = fact.stage();
        if !matches!(command, Command::Renew { .. }) {
            fact.accepted = epoch;
        }
        match command {
            Command::Complete { artifacts, .. } => {
                let made = artifacts
                    .first()
                    .map_or("", |artifact| artifact.name.as_str());
                require(
                    stage < 3 && made == STAGES[stage],
                    "I3 one effect a stage",
                    || format!("job {number} took {made:?} as its stage {stage}"),
                )?;
                fact.out_since = None;
                fact.committed[stage] = true;
            }
            // The end that the user wished for; no attempt is counted.
            Command::Fail { .. } if fact.cancel_noted => self.tally.mark(Mark::CancelledByFailure),
            Command::Fail {
                blame, permanent, ..
            } => fact.fails(now, (blame.is_some(), *permanent), &mut self.tally),
            Command::Requeue { .. } => self.tally.mark(Mark::Requeued),
            Command::Renew { .. } => {
                fact.until = now.after(lease);
                let until = fact.until;
                for execution in self.executions.values_mut() {
                    if execution.job == number && execution.epoch == epoch {
                        (execution.until, execution.expired) = (until, false);
                    }
                }
            }
            Command::Submit(_)
            | Command::Start { .. }
            | Command::Bury { .. }
            | Command::Told { .. }
            | Command::Listed { .. }
            | Command::Cancel { .. }
            | Command::Replay(_)
            | Command::SetPlan(_)
            | Command::SetMailbox { .. }
            | Command::DeleteUser
            | Command::Forget { .. }
            | Command::Swept { .. }
            | Command::Wake { .. }
            | Command::Account
            | Command::Job { .. }
            | Command::Jobs(_)
            | Command::Export { .. } => {}
        }
        Ok(())
    }
}
