//! A gate as its object drives it: the alarm rings when it was set to, a bucket answers, deliveries run what is told, and
//! the clock may be wrong for a while.

use super::{
    commands::{LEAVES, completed},
    harness::GateHarness,
};
use crate::harness::Harness;
use queue_core::{
    alarm::Alarm,
    domain::{JobId, Timestamp},
    gate::{
        Command, Reply, State,
        command::{Outcome, Start},
        teller::Out,
    },
};
use std::{collections::VecDeque, time::Duration};

/// More rings than any case needs: an alarm that has nothing to do must not ring.
const RINGS_MAX: usize = 2_000;

pub struct Object {
    pub gate: GateHarness,
    alarm: Alarm,
    /// What the pool was told, and no delivery has run yet.
    told: VecDeque<JobId>,
    /// What was forgotten, and when.
    pub forgotten: Vec<(JobId, Timestamp)>,
    /// Whether the bucket answers.
    pub has_bucket: bool,
    /// Whether deliveries come.
    pub has_deliveries: bool,
}

impl Object {
    pub fn new() -> Self {
        Self {
            gate: GateHarness::new(),
            alarm: Alarm::NotSet,
            told: VecDeque::new(),
            forgotten: Vec::new(),
            has_bucket: true,
            has_deliveries: true,
        }
    }

    /// A call, which mends an alarm that is late.
    pub fn call(&mut self, command: Command) -> Reply {
        if !self.alarm.is_in_time(self.gate.now) {
            self.alarm.learn(self.gate.now, None);
            self.alarm.arm(self.gate.next_due());
        }
        let reply = self.gate.turn(command);
        self.follow();
        reply
    }

    /// Does what the latest turn asked for.
    pub fn follow(&mut self) {
        self.alarm.arm(self.gate.effects.wake_by);
        self.told.extend(self.gate.told());
        let purge = std::mem::take(&mut self.gate.effects.purge);
        let gone = std::mem::take(&mut self.gate.effects.tell.gone);
        let words = std::mem::take(&mut self.gate.effects.words);
        if !words.is_empty() {
            self.gate.turn(Command::Listed { words });
            self.follow();
        }
        if !gone.is_empty() {
            self.gate.turn(Command::Told {
                gone,
                out: Out::new(),
            });
            self.follow();
        }
        if !purge.is_empty() && self.has_bucket {
            let now = self.gate.now;
            let forgotten = purge.iter().map(|job_id| (job_id.clone(), now));
            self.forgotten.extend(forgotten);
            let (jobs, failed) = (purge, Vec::new());
            self.gate.turn(Command::Forget { jobs, failed });
            self.follow();
        }
    }

    /// So much time passes, in which nobody calls but deliveries.
    pub fn go_on(&mut self, span: Duration) {
        let end = self.gate.now.after(span);
        for _ in 0..RINGS_MAX {
            self.deliver();
            let Alarm::Set(at) = self.alarm else { break };
            if at > end {
                break;
            }
            self.gate.now = self.gate.now.max(at);
            self.alarm.rings();
            self.gate.wake();
            self.follow();
        }
        let is_quiet = !matches!(self.alarm, Alarm::Set(at) if at <= end);
        assert!(is_quiet, "the alarm rings for nothing");
        self.gate.now = end;
    }

    /// Deliveries run all that was told, to its end.
    fn deliver(&mut self) {
        while self.has_deliveries
            && let Some(job_id) = self.told.pop_front()
        {
            while let Start::Run(grant) = self.gate.try_start(&job_id) {
                self.follow();
                let report = completed(&job_id, grant.epoch, LEAVES);
                assert_eq!(self.gate.report(report).outcome, Outcome::Accepted);
                self.follow();
            }
        }
    }

    /// The pool and the deliveries forget what they know.
    pub fn lose(&mut self) {
        self.told.clear();
    }

    /// What is left that has neither ended nor been forgotten.
    pub fn stuck(&self) -> Vec<(State, Option<Timestamp>)> {
        let jobs = self.gate.jobs().into_iter();
        jobs.map(|job| (job.state, job.due)).collect()
    }
}

/// A clock that is wrong by so much for a while.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    pub by: Duration,
    pub is_ahead: bool,
    /// How long it is wrong.
    pub span: Duration,
    /// The object is evicted with each change of the clock.
    pub evicts: bool,
}

impl Step {
    pub fn begins(self, object: &mut Object) {
        self.sets(object, self.is_ahead);
    }

    pub fn ends(self, object: &mut Object) {
        self.sets(object, !self.is_ahead);
    }

    fn sets(self, object: &mut Object, ahead: bool) {
        let gate = &mut object.gate;
        gate.now = if ahead {
            gate.now.after(self.by)
        } else {
            gate.now.before(self.by)
        };
        if self.evicts {
            gate.evict();
        }
    }

    /// By how much something may come too early.
    pub fn early(self) -> Duration {
        if self.is_ahead {
            self.by
        } else {
            Duration::ZERO
        }
    }
}
