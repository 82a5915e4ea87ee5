//! The oracle in the world: what rests, and for how long, seen at the generator and at the clients. It asks no book of
//! leases or slots: a job waits when it was accepted, has not ended and does not run, and its user runs fewer jobs than
//! the limit.

use super::World;
use crate::{kinds, marks::Mark, oracle::require};
use queue_core::{
    domain::Timestamp,
    gate::{Job, State, Store as _},
};
/// How long a slot may rest while nothing starts: a ticket travels for 200 ms, and calls that follow one another take
/// up to 100 ms each: the word of the freed slot, perhaps after one that is under way, and the start.
const REST_MAX: i64 = 1_500;

/// How long a job may have waited that another one of a worse rank overtakes: it may be on its way itself.
const PASS_MAX: i64 = 1_500;

/// How long a job may be on its way from the pool's word to its start.
const ON_THE_WAY: i64 = 1_000;

impl World {
    /// In a seed without faults: no slot rests while a job waits whose user is below the limit, and somebody has a place.
    pub(super) fn watch_progress(&mut self) {
        if !self.plan.is_calm || self.plan.config.pool.capacity == 0 {
            return;
        }
        self.watch_order();
        let starts = self.oracle.started;
        if !self.could_work() || starts != self.progress.starts || self.is_disturbed() {
            self.progress.resting = None;
        } else {
            self.mark(Mark::SlotRested);
            let since = *self.progress.resting.get_or_insert(self.now);
            let rests = self.now - since;
            if rests > REST_MAX + self.plan.batch_ms {
                let detail = format!("a slot rests for {rests} ms beside a job that could run");
                self.breaks("P4 in the world", detail);
            }
        }
        self.progress.starts = starts;
    }

    fn could_work(&self) -> bool {
        let capacity = self.plan.config.pool.capacity as usize;
        let running = &self.oracle.executions;
        if running.len() >= capacity || !self.has_place() {
            return false;
        }
        let mut per_user = vec![[0_u32; kinds::COUNT]; self.oracle.users.len()];
        for execution in running.values() {
            let kind = self.oracle.jobs[execution.job].kind;
            per_user[execution.user][kind] += 1;
        }
        let busy: Vec<usize> = running.values().map(|execution| execution.job).collect();
        self.oracle.jobs.iter().enumerate().any(|(job, fact)| {
            let is_open = fact.acknowledged
                && fact.opened
                && !fact.state.is_final()
                // It may wait out the pause after a failure of its own; nothing else fails in such a seed.
                && (fact.state != State::Retrying || self.plan.outages.is_empty())
                && !fact.cancelled
                && !self.is_poisoned(fact.user);
            let run = &per_user[fact.user];
            let has_room = run.iter().sum::<u32>() < self.oracle.limit(fact.user)
                && run[fact.kind] < self.oracle.limit_of_kind(fact.kind);
            is_open && !busy.contains(&job) && has_room
        })
    }

    /// Somebody has a free place, or would with the next ticket.
    fn has_place(&self) -> bool {
        let now = Timestamp::from_millis(self.now);
        let mut consumers = self.consumers.values();
        self.consumers.len() < self.plan.consumers
            || consumers.any(|consumer| consumer.delivery.has_place(now))
    }

    /// In a seed without faults: the best of those that wait starts next. One that is passed is on its way itself.
    pub(super) fn passes(&mut self, job: usize) {
        // One whose rank changed on its way got its slot by the rank before.
        let has_pool = self.plan.config.pool.capacity > 0;
        let goes_first = self.is_moving(job) || self.progress.through.contains(&job);
        if !self.plan.is_calm || !has_pool || self.is_disturbed() || goes_first {
            return;
        }
        let key = |row: &Job| (row.pool_rank(), row.job_id.clone());
        let Some(started) = self.row(job).filter(|row| row.stage == 0) else {
            return;
        };
        let by_when = self.now + ON_THE_WAY;
        let passed = (0..self.oracle.jobs.len()).filter(|other| {
            if self.is_moving(*other) || self.is_poisoned(self.oracle.jobs[*other].user) {
                return false;
            }
            let row = self.row(*other).filter(|row| self.waits_long(row));
            row.is_some_and(|row| key(&row) < key(&started))
        });
        let passed: Vec<_> = passed.map(|other| (by_when, other, job)).collect();
        self.progress.passed.extend(passed);
    }

    /// The user gets another tier, and the jobs that wait another rank.
    pub(super) fn is_repriced(&mut self, user: usize) {
        self.progress.repriced.insert(user, self.now);
    }

    /// Whether the pool has not heard yet of the rank that a job of the user has now.
    fn is_moving(&self, job: usize) -> bool {
        let user = self.oracle.jobs[job].user;
        let repriced = self.progress.repriced.get(&user);
        repriced.is_some_and(|at| self.now - at <= PASS_MAX)
    }

    fn waits_long(&self, row: &Job) -> bool {
        let since = row.granted_at.map_or(i64::MAX, Timestamp::as_millis);
        let is_new = row.state == State::Queued && row.reported == 0 && !row.cancel_requested;
        is_new && self.now - since > PASS_MAX
    }

    fn row(&self, job: usize) -> Option<Job> {
        let fact = &self.oracle.jobs[job];
        let rows = &self.gates[fact.user].product.rows;
        rows.find(&fact.job_id).unwrap_or(None)
    }

    fn watch_order(&mut self) {
        let (now, passed) = (self.now, std::mem::take(&mut self.progress.passed));
        let (due, later) = passed
            .into_iter()
            .partition(|(by_when, ..)| *by_when <= now);
        self.progress.passed = later;
        let due: Vec<(i64, usize, usize)> = due;
        for (_, job, by) in due {
            let waits = self.row(job).filter(|row| self.waits_long(row));
            let verdict = require(waits.is_none(), "P5 in the world", || {
                format!("job {by} started before job {job}, which waits still: {waits:?}")
            });
            self.judge(verdict);
        }
    }
}
