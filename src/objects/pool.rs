//! The pool's object: decides and persists in one synchronous turn, then performs what follows from it.

use super::{alarm::Alarm, call::answer, database::DurableDatabase, outbox};
use crate::{clock, log::log, settings};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use queue_core::{
    config::{Config, LogFormat},
    domain::Timestamp,
    events::Event,
    line::{pace::Meter, want::Want},
    pool::{
        Desk, SqlStore, Turn, apply,
        command::{Command, Given, Reply},
        next_due,
    },
    storage::{Database, StorageError},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    time::Duration,
};
use worker::{
    Delay, DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen,
};

/// How long a call of who listens stays open before it is answered with nothing.
pub(super) const LISTEN: Duration = Duration::from_secs(10);

/// The Durable Object of one pool.
#[durable_object(alarm)]
pub struct PoolObject {
    state: State,
    env: Env,
    database: DurableDatabase,
    alarm: Alarm,
    /// Whether the tables were seen in this build's form. They stay, so each instance looks once.
    is_migrated: Cell<bool>,
    /// How fast the line moved lately, for estimates.
    meter: RefCell<Meter>,
    /// The deliveries under way.
    desk: RefCell<Desk>,
    /// Open calls, by delivery.
    calls: RefCell<BTreeMap<String, oneshot::Sender<Given>>>,
}

/// The open call of a delivery.
struct Call {
    delivery: String,
    given: oneshot::Receiver<Given>,
}

impl DurableObject for PoolObject {
    fn new(state: State, env: Env) -> Self {
        let database = DurableDatabase::new(&state.storage());
        Self {
            state,
            env,
            database,
            alarm: Alarm::default(),
            is_migrated: Cell::default(),
            meter: RefCell::default(),
            desk: RefCell::default(),
            calls: RefCell::default(),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let command = match serde_json::from_slice(&bytes) {
            Ok(command) => command,
            Err(error) => return Response::error(format!("unreadable call: {error}"), 400),
        };
        let config = match settings::load(&self.env) {
            Ok(config) => config,
            Err(error) => return Response::error(error.to_string(), 500),
        };
        let performed = self.perform(&config, command).await;
        self.log_costs(&config, "call");
        match performed {
            Ok(reply) => answer(&reply),
            Err(error) => {
                let event = Event::fault("the pool could not process a call", &error);
                log(config.log_format, &event);
                Response::error(error.to_string(), 500)
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let config = settings::load(&self.env);
        let format = config
            .as_ref()
            .map_or(LogFormat::Text, |config| config.log_format);
        let work = async {
            match &config {
                Ok(config) => {
                    let woken = self.turn(config, clock::now(), Command::Wake).await;
                    self.log_costs(config, "alarm");
                    woken.map(drop)
                }
                Err(error) => Err(worker::Error::RustError(error.to_string())),
            }
        };
        let storage = self.state.storage();
        self.alarm
            .ring(&storage, format, work, || match &config {
                Ok(config) => self.next_due(config),
                Err(_) => Ok(None),
            })
            .await?;
        Response::ok("")
    }
}

impl PoolObject {
    async fn perform(&self, config: &Config, command: Command) -> Result<Reply> {
        self.alarm
            .mend(&self.state.storage(), clock::now(), || {
                self.next_due(config)
            })
            .await?;
        let (reply, call) = self.turn(config, clock::now(), command).await?;
        match call {
            Some(call) => Ok(Reply::Given(self.wait(call).await)),
            None => Ok(reply),
        }
    }

    /// Waits for work, or for the end of the wait.
    async fn wait(
        &self,
        Call {
            delivery,
            mut given,
        }: Call,
    ) -> Given {
        match select(&mut given, Delay::from(LISTEN)).await {
            // A call that another one replaced, or whose delivery has left, is answered with nothing.
            Either::Left((given, _)) => given.unwrap_or_default(),
            Either::Right(((), _)) => {
                // What came at the last moment is there already.
                let late = given.try_recv().ok().flatten();
                if late.is_none() {
                    let _ = self.desk.borrow_mut().hang_up(&delivery, clock::now());
                }
                late.unwrap_or_default()
            }
        }
    }

    /// One synchronous turn, all of its writes or none; then what follows from it. The turn stands whatever fails
    /// there: its rows say what is still owed.
    async fn turn(
        &self,
        config: &Config,
        now: Timestamp,
        command: Command,
    ) -> Result<(Reply, Option<Call>)> {
        let store = SqlStore::new(&self.database);
        let listener = command.listener().map(str::to_owned);
        let decided = self.migrate(&store).and_then(|()| {
            let desk = &mut self.desk.borrow_mut();
            let turn = self
                .database
                .atomically(|| apply(&store, desk, &config.pool, now, command));
            if turn.is_err() {
                desk.forget_rows();
            }
            turn
        });
        let Turn { mut reply, effects } =
            decided.map_err(|error| worker::Error::RustError(error.to_string()))?;
        // Before anything is awaited: no other turn may come in between.
        let call = self.answer_calls(effects.answers, listener.filter(|_| reply == Reply::Held));
        for _ in 0..effects.moved {
            self.meter.borrow_mut().moved(now);
        }
        if let Reply::Place { place } = &mut reply {
            place.pace = self.meter.borrow().pace(now);
        }
        let format = config.log_format;
        let storage = self.state.storage();
        if let Err(error) = self.alarm.arm(&storage, effects.wake_by).await {
            let event = Event::fault("an alarm could not be set; the next call sets it", &error);
            log(format, &event);
        }
        for (notice, claim) in &effects.notices {
            log(
                format,
                &Event::from_pool(*notice, claim, config.pool.capacity),
            );
        }
        if !effects.tickets.is_empty() {
            let env = self.env.clone();
            self.state
                .wait_until(async move { outbox::send(&env, format, &effects.tickets).await });
        }
        Ok((reply, call))
    }

    /// Answers open calls, ends those whose deliveries have left, and opens one for `listener`.
    fn answer_calls(
        &self,
        answers: Vec<(String, Vec<Want>)>,
        listener: Option<String>,
    ) -> Option<Call> {
        let mut calls = self.calls.borrow_mut();
        for (delivery, jobs) in answers {
            if let Some(call) = calls.remove(&delivery) {
                let given = Given {
                    jobs,
                    ..Given::default()
                };
                // Whoever hung up meanwhile gets them again with the next call, or loses them within seconds.
                let _ = call.send(given);
            }
        }
        let desk = self.desk.borrow();
        calls.retain(|delivery, _| desk.listens(delivery));
        let delivery = listener?;
        let (call, given) = oneshot::channel();
        calls.insert(delivery.clone(), call);
        Some(Call { delivery, given })
    }

    fn migrate(&self, store: &SqlStore<'_, DurableDatabase>) -> Result<(), StorageError> {
        if !self.is_migrated.get() {
            store.migrate()?;
            self.is_migrated.set(true);
        }
        Ok(())
    }

    fn log_costs(&self, config: &Config, trigger: &'static str) {
        let (rows, alarms) = (self.database.take_meter(), self.alarm.take_sets());
        if config.log_costs {
            let event = Event::turn("pool", trigger, rows, alarms);
            log(config.log_format, &event);
        }
    }

    fn next_due(&self, config: &Config) -> Result<Option<Timestamp>, StorageError> {
        let store = SqlStore::new(&self.database);
        if self.is_migrated.get() || store.exists()? {
            next_due(&store, &config.pool, clock::now())
        } else {
            Ok(None)
        }
    }
}
