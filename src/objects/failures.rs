//! The object of the list of failures: decides and persists in one synchronous turn, then has gates asked.

use super::shell::{Shell, fault};
use crate::{clients::GateClient, clock, log::log};
use futures_util::future::join_all;
use queue_core::{
    config::Config,
    domain::{ReplayId, Timestamp},
    events::Event,
    failures::{
        Answer, Ask, Command, Effects, Reply, RunState, SqlStore, Store, Turn, apply, next_due,
    },
    gate::{
        self,
        command::{Replay, ReplayRun, answer_of},
    },
    storage::{Database, StorageError},
};
use std::{collections::BTreeMap, rc::Rc};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

/// Gates that are asked at the same time: fewer than the connections that an invocation may have open.
const AT_ONCE: usize = 5;

/// The Durable Object of the list of failures.
#[durable_object(alarm)]
pub struct FailuresObject {
    list: Rc<List>,
}

/// What is shared with the calls of gates, which go on after an answer.
struct List {
    shell: Shell,
}

impl DurableObject for FailuresObject {
    fn new(state: State, env: Env) -> Self {
        let shell = Shell::new("failures", state, env);
        Self {
            list: Rc::new(List { shell }),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let list = &self.list;
        let perform = |config: Rc<Config>, command| async move {
            list.shell.mend(|| list.next_due(&config)).await?;
            list.perform(&config, command).await
        };
        list.shell.answer(request, perform).await
    }

    async fn alarm(&self) -> Result<Response> {
        let list = &self.list;
        let wake = |config: Rc<Config>| async move {
            let woken = list.perform(&config, Command::Wake).await;
            woken.map(drop)
        };
        let next_due =
            |config: Option<&Config>| config.map_or(Ok(None), |config| list.next_due(config));
        list.shell.ring(wake, next_due).await
    }
}

impl List {
    /// One synchronous turn, all of its writes or none; then what follows from it.
    async fn perform(self: &Rc<Self>, config: &Rc<Config>, command: Command) -> Result<Reply> {
        let store = SqlStore::new(&self.shell.database);
        let rules = (config.gate.retention, clock::now());
        let migrated = self.shell.migrate(|| store.migrate());
        let decided = migrated.and_then(|()| {
            self.shell
                .database
                .atomically(|| apply(&store, rules, command))
        });
        let Turn { reply, effects } = decided.map_err(|error| fault(&error))?;
        self.follow(config, effects).await;
        Ok(reply)
    }

    /// Does what a turn asked for. The turn stands whatever fails here: its rows say what is still owed.
    async fn follow(self: &Rc<Self>, config: &Rc<Config>, effects: Effects) {
        let format = config.log_format;
        self.shell.arm(format, effects.wake_by).await;
        for run in &effects.turned {
            log(format, &Event::of_run(run));
        }
        let mut runs: BTreeMap<String, Vec<Ask>> = BTreeMap::new();
        for ask in effects.asks {
            runs.entry(ask.run.to_string()).or_default().push(ask);
        }
        for asks in runs.into_values() {
            let (list, config) = (self.clone(), config.clone());
            self.shell
                .go_on(async move { list.ask(&config, asks).await });
        }
    }

    /// Asks gates on behalf of one replay, and records what they say.
    async fn ask(self: Rc<Self>, config: &Rc<Config>, asks: Vec<Ask>) {
        let Some(id) = asks.first().map(|ask| ask.run.clone()) else {
            return;
        };
        for few in asks.chunks(AT_ONCE) {
            if !self.goes_on(&id) {
                break;
            }
            let answers = join_all(few.iter().map(|ask| self.ask_one(config, ask))).await;
            self.record(config, &id, answers).await;
        }
        self.shell.log_costs(config, "replay");
    }

    /// Whether it was not paused or stopped meanwhile.
    fn goes_on(&self, id: &ReplayId) -> bool {
        let run = SqlStore::new(&self.shell.database).run(id);
        run.is_ok_and(|run| run.is_some_and(|run| run.state == RunState::Running))
    }

    async fn ask_one(&self, config: &Config, ask: &Ask) -> (u32, Answer) {
        let failed = &ask.job.failed;
        let command = gate::Command::Replay(Replay {
            job_id: failed.job_id.clone(),
            key: None,
            run: Some(ReplayRun {
                id: ask.run.clone(),
                epoch: failed.epoch,
            }),
            tier_ceiling: None,
        });
        let asked = GateClient::new(&self.shell.env)
            .ask(&failed.user_id, command)
            .await;
        if let Err(error) = &asked {
            let what = "a gate could not be asked to replay a job; it is asked again";
            log(config.log_format, &Event::fault(what, error));
        }
        (ask.job.number, answer_of(asked.as_ref().ok()))
    }

    /// If it cannot be recorded, the gates are asked again.
    async fn record(
        self: &Rc<Self>,
        config: &Rc<Config>,
        id: &ReplayId,
        answers: Vec<(u32, Answer)>,
    ) {
        let id = id.clone();
        let answered = Command::Answered { id, answers };
        let store = SqlStore::new(&self.shell.database);
        let rules = (config.gate.retention, clock::now());
        let decided = self
            .shell
            .database
            .atomically(|| apply(&store, rules, answered));
        match decided {
            Ok(turn) => {
                let wake_by = turn.effects.wake_by;
                self.shell.arm(config.log_format, wake_by).await;
            }
            Err(error) => {
                let what = "the answers of gates could not be recorded; they are asked again";
                log(config.log_format, &Event::fault(what, &error));
            }
        }
    }

    fn next_due(&self, config: &Config) -> Result<Option<Timestamp>, StorageError> {
        let store = SqlStore::new(&self.shell.database);
        if self.shell.exists(|| store.exists())? {
            next_due(&store, (config.gate.retention, clock::now()))
        } else {
            Ok(None)
        }
    }
}
