//! Outages, seen at the generator: whose fault is whose.

use super::{
    World,
    work::{Fate, Met},
};
use crate::{
    marks::Mark,
    oracle::{Violation, require},
    outage::{Outage, Scope},
};
use queue_core::{
    delivery::stage::Ending,
    domain::{Blame, Stage, Timestamp},
    gate::Command,
    pool::{Store as _, outages::Way},
};

/// A success and a fault reach the pool in any order within this time.
const CROSSES: i64 = 60_000;

/// How soon after the last fault a job tries whether the back end is there again: the longest pause of a breaker or of a
/// gate, and the calls around it.
const TRIED_WITHIN: i64 = 5_000 + 2_000;

/// How soon all have heard that it succeeded.
const BACK_WITHIN: i64 = 2_000;

/// Faults that all must hear of: so many within so long.
const FAULTS: usize = 3;
const WINDOW: i64 = 10_000;

/// Until the pool has heard of them.
const HEARD: i64 = 5_000;

/// Tries of a breaker in its first seconds, and a few that cross; then there is one in ten seconds.
const TRIES: i64 = 8;

impl World {
    /// The outage that a job meets which starts now.
    pub(super) fn meets(&mut self, number: usize) -> Option<Blame> {
        let task = &self.tasks[number];
        let stage = task.assignment.grant.stage as usize;
        let (user, at) = (task.user, self.elapsed());
        let mut outages = self.plan.outages.iter();
        let outage = *outages.find(|outage| outage.is_met(at, user, stage))?;
        self.mark(Mark::BackendOut);
        let met = Met {
            at: self.now,
            back: None,
        };
        self.progress.met_at.insert(stage, met);
        self.counts_calls(user, &outage);
        let end = Timestamp::from_millis(self.plan.start + outage.to);
        Some(Blame {
            backend: outage.backend,
            until: outage.is_named.then_some(end),
        })
    }

    /// The work has stopped, and the delivery hears how; what is to be reported of it.
    pub(super) fn stops(&mut self, number: usize, ending: Ending) -> Option<Command> {
        self.notes_ending(number, &ending);
        let command = self.reports(number, ending)?;
        let verdict = self.blames(number, &command);
        self.judge(verdict);
        Some(command)
    }

    /// In a seed without other faults: an outage that all jobs meet is met by those that were under way, and then by one
    /// after the other.
    fn counts_calls(&mut self, user: usize, outage: &Outage) {
        let is_judged = self.plan.is_calm
            && self.plan.deploys.is_empty()
            && self.plan.outages.len() == 1
            && outage.scope == Scope::All
            && outage.flaps.is_none();
        let capacity = i64::from(self.plan.config.pool.capacity);
        if !is_judged || capacity == 0 {
            return;
        }
        let now = self.now;
        if let Some((since, calls)) = &mut self.progress.out {
            *calls += i64::from(now > *since + HEARD);
            let most = capacity + TRIES + 2 * (now - *since) / WINDOW;
            let (calls, since) = (*calls, *since);
            if calls > most {
                let detail = format!("{calls} calls meet an outage since {since}, at most {most}");
                self.breaks("I11 bounded calls", detail);
            }
            return;
        }
        let met = &mut self.progress.met;
        met.push((now, user));
        met.retain(|(at, _)| now - at < WINDOW);
        let is_of_others = met.iter().any(|(_, other)| *other != user);
        if met.len() >= FAULTS && is_of_others {
            self.progress.out = Some((now, 0));
        }
    }

    /// A stage has ended so.
    fn notes_ending(&mut self, number: usize, ending: &Ending) {
        let task = &self.tasks[number];
        let stage = task.assignment.grant.stage as usize;
        if matches!(ending, Ending::Made(_)) {
            self.progress.well.insert(stage, (task.job, self.now));
            self.progress.outs.remove(&task.job);
            let began = self.tasks[number].began;
            if let Some(met) = self.progress.met_at.get_mut(&stage)
                && began > met.at
            {
                met.back.get_or_insert(self.now);
            }
        }
    }

    /// An attempt is spent by a job at fault alone: an outage counts as its own only if it repeated it while another job
    /// succeeded there.
    fn blames(&mut self, number: usize, command: &Command) -> Result<(), Violation> {
        let task = &self.tasks[number];
        let (job, stage) = (task.job, task.assignment.grant.stage as usize);
        let Command::Fail {
            blame, permanent, ..
        } = command
        else {
            return Ok(());
        };
        if !matches!(task.fate, Fate::Out(_)) || *permanent {
            return Ok(());
        }
        let met = self.progress.outs.get(&job).copied();
        let met = met.filter(|(of, ..)| *of == stage);
        let (times, at) = met.map_or((0, 0), |(_, times, at)| (times, at));
        if blame.is_some() {
            let outs = &mut self.progress.outs;
            outs.insert(job, (stage, times + 1, self.now));
            return Ok(());
        }
        let well = self.progress.well.get(&stage);
        let others = well.is_some_and(|(other, when)| *other != job && *when > at - CROSSES);
        require(times >= 2 && others, "P2 attempts", || {
            format!("job {job} spends an attempt on an outage that it met {times} times before")
        })
    }

    /// The stages that jobs may begin now, and those that one may try.
    pub(super) fn ways(&self, now: Timestamp) -> (Vec<Stage>, Vec<Stage>) {
        let outages = self.pool.product.rows.outages().unwrap_or_default();
        (
            outages.stages(Way::Open, now),
            outages.stages(Way::Trial, now),
        )
    }

    /// An outage is on, or the first job after it has not shown yet that it is over. One that only a user's jobs meet
    /// disturbs nobody else.
    pub(super) fn is_disturbed(&self) -> bool {
        if self.is_paused() {
            return true;
        }
        if self.poisoned().is_some() {
            return false;
        }
        let at = self.elapsed();
        let mut outages = self.plan.outages.iter();
        outages.any(|outage| outage.from <= at && at < outage.to)
            || self.progress.met_at.iter().any(|(stage, met)| {
                let is_tried = || {
                    let mut tasks = self.oracle.executions.keys().map(|task| &self.tasks[*task]);
                    tasks.any(|task| {
                        task.assignment.grant.stage as usize == *stage && task.began > met.at
                    })
                };
                match met.back {
                    Some(back) => self.now < back + BACK_WITHIN,
                    None => self.now < met.at + TRIED_WITHIN || is_tried(),
                }
            })
    }

    /// The only user whose jobs meet an outage.
    fn poisoned(&self) -> Option<usize> {
        let mut users = self.plan.outages.iter().map(|outage| match outage.scope {
            Scope::User(user) => Some(user),
            Scope::All | Scope::Stage(_) => None,
        });
        let first = users.next()??;
        users.all(|user| user == Some(first)).then_some(first)
    }

    /// Whether the jobs of that user wait for an outage that nobody else meets.
    pub(super) fn is_poisoned(&self, user: usize) -> bool {
        self.poisoned() == Some(user)
    }
}

/// How a stage ends that meets an outage.
pub(super) fn out(blame: Blame) -> Ending {
    Ending::Out {
        blame,
        code: "out".to_owned(),
        message: "on purpose".to_owned(),
    }
}
