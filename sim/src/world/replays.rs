//! Clients that have ended jobs begin anew, one or many, and repeat what was not answered.

use super::{
    World,
    call::{Ask, Caller, OfMany},
    clients::TRIES,
    event::Event,
};
use crate::{
    kinds,
    marks::Mark,
    object::{Gate, Object},
    oracle::require,
    replays::Meant,
};
use queue_core::{
    domain::{ReplayId, Timestamp},
    failures::{Command, Filter, Reply, RunState},
    gate::{self, State, Store as _, command::Replay},
};
use std::collections::BTreeMap;

impl World {
    pub(super) fn plan_replays(&mut self) {
        for number in 0..self.plan.replays.single.len() {
            let (at, _) = self.plan.replays.single[number];
            self.after(at, Event::Replay(number));
        }
        for number in 0..self.plan.replays.many.len() {
            let many = self.plan.replays.many[number];
            self.after(many.at, Event::Many(number, OfMany::Begin, 1));
            if let Some((after, span)) = many.pause {
                self.after(many.at + after, Event::Many(number, OfMany::Pause, 1));
                self.after(
                    many.at + after + span,
                    Event::Many(number, OfMany::Resume, 1),
                );
            }
            if let Some(after) = many.stop {
                self.after(many.at + after, Event::Many(number, OfMany::Stop, 1));
            }
        }
    }

    /// A user replays one of those that can be; or any, if there is none.
    pub(super) fn replay(&mut self, number: usize) {
        let (_, pick) = self.plan.replays.single[number];
        let can_be = |job: &usize| {
            let fact = &self.oracle.jobs[*job];
            let ended = fact.state.is_final() && fact.state != State::Succeeded;
            fact.recorded.is_some() && !fact.forgotten && ended
        };
        let mut jobs: Vec<usize> = (0..self.oracle.jobs.len()).filter(can_be).collect();
        if jobs.is_empty() {
            jobs = (0..self.oracle.jobs.len()).collect();
        }
        if !jobs.is_empty() {
            self.ask_replay(jobs[pick % jobs.len()], number, 1);
        }
    }

    pub(super) fn ask_replay(&mut self, job: usize, number: usize, tries: u32) {
        let fact = &self.oracle.jobs[job];
        let (user, job_id) = (fact.user, fact.job_id.clone());
        self.say(|| format!("client replays job {job} of user{user}"));
        let command = gate::Command::Replay(Replay {
            job_id,
            key: Some(format!("key{number}")),
            run: None,
            tier_ceiling: None,
        });
        if self.dice.chance(self.rates.repeat) {
            self.call(Ask::Gate(user, command.clone()), Caller::Nobody);
        }
        let caller = Caller::Replay { job, number, tries };
        self.call(Ask::Gate(user, command), caller);
    }

    pub(super) fn replay_answered(
        &mut self,
        (job, number): (usize, usize),
        tries: u32,
        is_answered: bool,
    ) {
        if !is_answered && tries < TRIES {
            let pause = self.dice.between(100, 60_000);
            self.after(pause, Event::ReplayAgain(job, number, tries + 1));
        }
    }

    fn replay_id(&self, number: usize) -> ReplayId {
        let at = Timestamp::from_millis(self.plan.start + self.plan.replays.many[number].at);
        ReplayId::new(at, &[u8::try_from(number).unwrap_or(0); 10])
    }

    /// An operator speaks of a replay of many.
    pub(super) fn of_many(&mut self, number: usize, what: OfMany, tries: u32) {
        let many = self.plan.replays.many[number];
        let id = self.replay_id(number);
        let filter = match many.meant {
            Meant::User(user) => Filter {
                user_id: self.plan.users.get(user).cloned(),
                ..Filter::default()
            },
            Meant::Kind(kind) => Filter {
                kind: Some(kinds::kind(kind)),
                ..Filter::default()
            },
            Meant::Planned => Filter {
                error: Some("planned".to_owned()),
                ..Filter::default()
            },
        };
        let command = match what {
            OfMany::Begin => Command::Begin {
                id,
                filter,
                rate: many.rate,
                key: None,
            },
            OfMany::Pause | OfMany::Resume => Command::Pause {
                id,
                pauses: matches!(what, OfMany::Pause),
            },
            OfMany::Stop => Command::Stop { id },
        };
        self.say(|| format!("operator: {command:?}"));
        let caller = Caller::OfMany {
            number,
            what,
            tries,
        };
        self.call(Ask::List(command), caller);
    }

    pub(super) fn of_many_answered(
        &mut self,
        (number, what, tries): (usize, OfMany, u32),
        answer: Option<&Reply>,
    ) {
        // A pause must not last for ever because nobody heard of its end.
        let most = if matches!(what, OfMany::Resume) {
            100 * TRIES
        } else {
            TRIES
        };
        if answer.is_none() && tries < most {
            let pause = self.dice.between(100, 60_000);
            self.after(pause, Event::Many(number, what, tries + 1));
        }
        let Some(Reply::Run { run: Some(run), .. }) = answer else {
            return;
        };
        match run.state {
            RunState::Paused => self.mark(Mark::ManyPaused),
            RunState::Stopped => self.mark(Mark::ManyStopped),
            RunState::Running | RunState::Done => {}
        }
    }

    /// Whether a gate has yet to tell the list something: after its clock was set back, that takes a while.
    pub(crate) fn owes_words(&self) -> bool {
        let owes = |gate: &Object<Gate>| {
            // By then, all are later than any rule allows, and so all are due.
            let words = gate.product.rows.words(Timestamp::from_millis(0), 1);
            words.is_ok_and(|words| !words.is_empty())
        };
        self.gates.iter().any(owes)
    }

    /// At the end: the list knows exactly the failed jobs of the gates, and no replay of many has lost one.
    pub(crate) fn judge_the_list(&mut self) {
        let mut failed = BTreeMap::new();
        for gate in &self.gates {
            let jobs = gate
                .product
                .rows
                .page(Some(State::Failed), None, None, u32::MAX);
            let jobs = jobs.unwrap_or_default().into_iter();
            failed.extend(jobs.map(|job| (job.job_id, job.epoch)));
        }
        let rows = self.list.product.rows.listed();
        let listed = rows.iter().map(|row| &row.failed);
        let listed: BTreeMap<_, _> = listed
            .map(|failed| (failed.job_id.clone(), failed.epoch))
            .collect();
        let verdict = require(listed == failed, "the list is right", || {
            format!("listed are {listed:?}, and failed have {failed:?}")
        });
        self.judge(verdict);
        for run in self.list.product.runs() {
            let is_left = |row: &&queue_core::failures::word::Listed| {
                row.number <= run.until && run.filter.means(&row.failed)
            };
            let left = u32::try_from(rows.iter().filter(is_left).count()).unwrap_or(0);
            let refused: u32 = run.refused.values().sum();
            let is_over = run.state == RunState::Done && left <= refused;
            // A pause whose caller had given it up may have come last.
            let is_held = matches!(run.state, RunState::Stopped | RunState::Paused);
            let is_right = is_over || is_held;
            let verdict = require(is_right, "no replay is lost", || {
                format!("{left} jobs are left of {run:?}")
            });
            self.judge(verdict);
            self.oracle
                .tally
                .add_to(Mark::ManyReplayed, run.replayed.into());
        }
    }
}
