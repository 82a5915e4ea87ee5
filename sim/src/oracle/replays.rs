//! Replays: once for one word, from where the job ended, at its old place or, with many others, at that of now.

use super::{Oracle, Violation, replies::Place, require};
use crate::marks::Mark;
use queue_core::{
    domain::{Rank, Timestamp},
    gate::{
        Command, Job, Reply, State,
        command::{Exceeded, Quota, Replay, ReplayOutcome},
    },
};
use std::time::Duration;

impl Oracle {
    /// A replay was answered; what it did to the rows is judged afterwards.
    pub(super) fn replay_answered(
        &mut self,
        place: Place,
        ask: &Replay,
        reply: &Reply,
    ) -> Result<(), Violation> {
        let number = self.number(&ask.job_id)?;
        let fact = &self.jobs[number];
        let state = fact.state;
        let is_there = fact.recorded.is_some() && !fact.forgotten;
        if let Reply::QuotaExceeded { exceeded } = reply {
            self.tally.mark(Mark::ReplayRefused);
            let full = self.leaves_no_room(place, number);
            return require(full.contains(exceeded), "quotas", || {
                format!("job {number} is not replayed for {exceeded:?}, used up is {full:?}")
            });
        }
        let Reply::Replayed { outcome, .. } = reply else {
            return Ok(());
        };
        let is_right = match outcome {
            ReplayOutcome::Begun => is_there,
            ReplayOutcome::Repeated => {
                self.tally.mark(Mark::ReplayRepeated);
                is_there
            }
            ReplayOutcome::Succeeded => state == State::Succeeded,
            ReplayOutcome::Changed => {
                self.tally.mark(Mark::ReplayOutdated);
                is_there && ask.run.is_some()
            }
            ReplayOutcome::Unknown => !is_there || state.is_final(),
            ReplayOutcome::Sweeping => false,
        };
        require(is_right, "replays", || {
            format!("a replay of job {number}, which is {state:?}, is answered {outcome:?}")
        })
    }

    /// Which quotas leave no room for a replay.
    fn leaves_no_room(&self, place: Place, number: usize) -> Vec<Exceeded> {
        let (user, fact) = (&self.users[place.user], &self.jobs[number]);
        let tier = user.tier;
        let mut full = Vec::new();
        let parked = self.config.tiers.of(tier).max_parked_jobs;
        let waits = user.parked + user.queued + user.retrying + user.scheduled;
        if parked > 0 && waits >= parked {
            full.push(Exceeded {
                quota: Quota::MaxParkedJobs,
                tier,
                limit: parked,
                used: parked,
                resets_at: None,
            });
        }
        let kind = crate::kinds::kind(fact.kind);
        let limit = self.config.kinds.quota(&kind, tier).jobs_per_month;
        let month = user.months.of(fact.kind, limit, place.now);
        if self.is_given_back(number) && limit > 0 && month.used >= limit {
            full.push(Exceeded {
                quota: Quota::JobsPerMonth,
                tier,
                limit,
                used: month.used,
                resets_at: Some(month.ends_at),
            });
        }
        full
    }

    /// Whether it counted in a month and ended, at its user's word or late, before it started.
    fn is_given_back(&self, number: usize) -> bool {
        let fact = &self.jobs[number];
        let is_free = matches!(fact.state, State::Cancelled | State::Expired);
        fact.grant.is_none() && is_free
    }

    /// Whether a job that had ended is on its way again, as it may be.
    pub(super) fn begins_anew(
        &mut self,
        place: Place,
        command: &Command,
        number: usize,
        (before, after): (&Job, &Job),
    ) -> Result<bool, Violation> {
        if before.past.is_swept && !after.past.is_swept {
            // What it had made was deleted while its clock stepped.
            let fact = &mut self.jobs[number];
            (fact.committed, fact.failures) = ([false; 3], [0; 3]);
        }
        let Command::Replay(ask) = command else {
            return Ok(false);
        };
        let begins = before.state.is_final() && !after.state.is_final();
        if begins {
            self.replayed(place, ask, number, (before, after))?;
        }
        Ok(begins)
    }

    /// A job that had ended is on its way again.
    fn replayed(
        &mut self,
        place: Place,
        ask: &Replay,
        number: usize,
        (before, after): (&Job, &Job),
    ) -> Result<(), Violation> {
        let word = match (&ask.run, &ask.key) {
            (Some(run), _) => run.id.to_string(),
            (None, key) => key.clone().unwrap_or_default(),
        };
        let is_first = self.jobs[number].replays.insert(word.clone());
        require(is_first, "replays", || {
            format!("job {number} is replayed once more for {word}")
        })?;
        let ended = before.state != State::Succeeded;
        let waits = matches!(after.state, State::Queued | State::Parked);
        let is_there = ended && waits && !self.users[place.user].erasing;
        let is_known = ask
            .run
            .as_ref()
            .is_none_or(|run| run.epoch == before.epoch && before.state == State::Failed);
        require(
            is_there && is_known && after.epoch > before.epoch,
            "replays",
            || format!("job {number} is replayed: {before:?} to {after:?}"),
        )?;
        let done = self.jobs[number].stage();
        require(after.stage == done, "I3 one effect a stage", || {
            format!(
                "job {number} begins anew at stage {} with {done} done",
                after.stage
            )
        })?;
        let full = self.leaves_no_room(place, number);
        require(full.is_empty(), "quotas", || {
            format!("job {number} is replayed, used up is {full:?}")
        })?;
        if self.is_given_back(number) {
            self.counts_again(place, number);
        }
        self.ages(place, ask, number, before);
        let has_pool = self.config.has_pool;
        let fact = &mut self.jobs[number];
        let stage = fact.stage().min(2);
        fact.failures[stage] = 0;
        fact.permanent = false;
        fact.out_since = None;
        fact.cancel_noted = false;
        // Where there is a pool, it sends a ticket as a submission does.
        fact.allowance += u32::from(has_pool);
        self.open += 1;
        self.tally.mark(Mark::Replayed);
        Ok(())
    }

    /// The tier of its user, if a plan is known, and its place: from its submission on, without the time for which it was
    /// cancelled or expired; or from a minute after a replay of many.
    fn ages(&mut self, place: Place, ask: &Replay, number: usize, before: &Job) {
        let user = &self.users[place.user];
        let (of_user, is_planned) = (user.tier, user.is_planned());
        let boost = self.config.priority_boost;
        let fact = &mut self.jobs[number];
        let Some((at, mut rank, mut tier, mut priority)) = fact.recorded else {
            return;
        };
        let window = std::mem::take(&mut fact.window);
        fact.opened = true;
        if ask.run.is_some() {
            fact.aged_from = Some(place.now.max(at).after(Duration::from_mins(1)));
        } else if let Some(ended) = before.finished_at.filter(|_| before.state != State::Failed) {
            let from = fact.aged_from.unwrap_or(window.age_from(at));
            let age = u64::try_from(ended.millis_since(from)).unwrap_or(0);
            fact.aged_from = Some(place.now.before(Duration::from_millis(age)).max(at));
        } else if window.not_before.is_some() && fact.aged_from.is_none() {
            fact.aged_from = Some(window.age_from(at).min(place.now));
        }
        let from: Timestamp = fact.aged_from.unwrap_or(at);
        if is_planned {
            let given = fact.lowered.map_or(of_user, |lowered| lowered.min(of_user));
            let given_priority = self.config.tiers.of(given).priority;
            if (tier, priority) != (given, given_priority) {
                (tier, priority) = (given, given_priority);
                rank = Rank::new(from, priority, boost);
            }
        }
        if fact.aged_from.is_some() {
            rank = Rank::new(from, priority, boost);
        }
        fact.recorded = Some((at, rank, tier, priority));
    }
}
