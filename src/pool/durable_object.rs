//! The pool's object: decides and persists in one synchronous turn, then performs what follows from it.

#![expect(missing_docs, reason = "the macro makes methods without any")]

use super::{
    command::{Command, Reply},
    sql::SqlStore,
    state::{Turn, apply},
    store::Store,
};
use crate::{
    clock,
    config::{Config, LogFormat},
    domain::Timestamp,
    line::pace::Meter,
    object::{alarm::Alarm, call::answer, outbox},
    observability::{Event, sink},
    settings,
    storage::{Database, StorageError, durable::DurableDatabase},
};
use std::cell::{Cell, RefCell};
use worker::{DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen};

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
                let event = Event::fault("the pool could not decide", &error);
                sink::log(config.log_format, &event);
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
            match config {
                Ok(config) => {
                    let woken = self.turn(&config, clock::now(), Command::Wake).await;
                    self.log_costs(&config, "alarm");
                    woken.map(drop)
                }
                Err(error) => Err(worker::Error::RustError(error.to_string())),
            }
        };
        let storage = self.state.storage();
        self.alarm
            .ring(&storage, format, work, || self.next_due())
            .await?;
        Response::ok("")
    }
}

impl PoolObject {
    async fn perform(&self, config: &Config, command: Command) -> Result<Reply> {
        let now = clock::now();
        self.alarm
            .mend(&self.state.storage(), now, || self.next_due())
            .await?;
        self.turn(config, now, command).await
    }

    /// One synchronous turn, all of its writes or none; then what follows from it. The turn stands whatever fails
    /// there: its rows say what is still owed.
    async fn turn(&self, config: &Config, now: Timestamp, command: Command) -> Result<Reply> {
        let store = SqlStore::new(&self.database);
        let decided = self.migrate(&store).and_then(|()| {
            self.database
                .atomically(|| apply(&store, &config.pool, now, command))
        });
        let Turn { mut reply, effects } =
            decided.map_err(|error| worker::Error::RustError(error.to_string()))?;
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
            sink::log(format, &event);
        }
        for (notice, claim) in &effects.notices {
            sink::log(format, &Event::from_pool(*notice, claim));
        }
        if !effects.tickets.is_empty() {
            let env = self.env.clone();
            self.state
                .wait_until(async move { outbox::send(&env, format, &effects.tickets).await });
        }
        Ok(reply)
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
            sink::log(config.log_format, &event);
        }
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        let store = SqlStore::new(&self.database);
        if self.is_migrated.get() || store.exists()? {
            store.next_due()
        } else {
            Ok(None)
        }
    }
}
