//! The gate's object: loads nothing, decides and persists in one synchronous turn, then performs what
//! follows from it.

use super::{PoolClient, alarm::Alarm, call::answer, database::DurableDatabase, outbox};
use crate::{artifacts, clock, log::log, settings};
use queue_core::{
    config::{Config, LogFormat},
    domain::{JobId, Ticket, Timestamp, UserId},
    events::Event,
    gate::{
        SqlStore, Store as _, Turn, apply,
        command::{Call, Command, Reply},
        heal::next_due,
        teller::{After, Teller},
        turn::{Effects, Memory},
        view::of_stranger,
    },
    line::want::Holding,
    pool,
    storage::{Database, StorageError},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use worker::{
    Delay, DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen,
};

/// The Durable Object of one user.
#[durable_object(alarm)]
pub struct GateObject {
    gate: Rc<Gate>,
}

/// What is shared with the calls of the pool, which go on after an answer.
struct Gate {
    state: State,
    env: Env,
    database: DurableDatabase,
    alarm: Alarm,
    /// What is known of the tables. They stay, so each instance looks once.
    tables: Cell<Tables>,
    /// What need not be read again.
    memory: RefCell<Memory>,
    /// What the pool must hear.
    teller: RefCell<Teller>,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Tables {
    #[default]
    Unknown,
    Missing,
    Found,
    /// In this build's form.
    Current,
}

impl DurableObject for GateObject {
    fn new(state: State, env: Env) -> Self {
        let database = DurableDatabase::new(&state.storage());
        let gate = Rc::new(Gate {
            state,
            env,
            database,
            alarm: Alarm::default(),
            tables: Cell::default(),
            memory: RefCell::default(),
            teller: RefCell::default(),
        });
        Self { gate }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let Call { user_id, command } = match serde_json::from_slice(&bytes) {
            Ok(call) => call,
            Err(error) => return Response::error(format!("unreadable call: {error}"), 400),
        };
        let config = match settings::load(&self.gate.env) {
            Ok(config) => config,
            Err(error) => return Response::error(error.to_string(), 500),
        };
        let performed = self.gate.perform(&config, &user_id, command).await;
        self.gate.log_costs(&config, "call");
        match performed {
            Ok(reply) => answer(&reply),
            Err(error) => {
                log(
                    config.log_format,
                    &Event::fault("a gate could not process a call", &error),
                );
                Response::error(error.to_string(), 500)
            }
        }
    }

    async fn alarm(&self) -> Result<Response> {
        let config = settings::load(&self.gate.env);
        let format = config
            .as_ref()
            .map_or(LogFormat::Text, |config| config.log_format);
        let gate = &self.gate;
        let work = async {
            match config {
                Ok(config) => {
                    let woken = gate.wake(&config).await;
                    gate.log_costs(&config, "alarm");
                    woken
                }
                Err(error) => Err(worker::Error::RustError(error.to_string())),
            }
        };
        let storage = gate.state.storage();
        gate.alarm
            .ring(&storage, format, work, || gate.next_due())
            .await?;
        Response::ok("")
    }
}

impl Gate {
    async fn perform(
        self: &Rc<Self>,
        config: &Rc<Config>,
        user_id: &UserId,
        command: Command,
    ) -> Result<Reply> {
        let now = clock::now();
        self.alarm
            .mend(&self.state.storage(), now, || self.next_due())
            .await?;
        let Turn { reply, effects } = self
            .turn(config, now, user_id, command)
            .map_err(|error| fault(&error))?;
        self.follow(config, user_id, effects).await;
        Ok(reply)
    }

    fn log_costs(&self, config: &Config, trigger: &'static str) {
        let (rows, alarms) = (self.database.take_meter(), self.alarm.take_sets());
        if config.log_costs {
            let event = Event::turn("gate", trigger, rows, alarms);
            log(config.log_format, &event);
        }
    }

    /// One synchronous turn: all of its writes or none.
    fn turn(
        &self,
        config: &Config,
        now: Timestamp,
        user_id: &UserId,
        command: Command,
    ) -> Result<Turn, StorageError> {
        let store = SqlStore::new(&self.database);
        if !self.exists()?
            && let Some(reply) = of_stranger(&config.gate, now, &command)
        {
            return Ok(Turn {
                reply,
                effects: Effects::default(),
            });
        }
        if self.tables.get() != Tables::Current {
            store.migrate()?;
            self.tables.set(Tables::Current);
        }
        let memory = &mut self.memory.borrow_mut();
        let turn = self
            .database
            .atomically(|| apply(&store, memory, &config.gate, now, user_id, command));
        if turn.is_err() {
            **memory = Memory::default();
        }
        turn
    }

    /// Does what a turn asked for. The turn stands whatever fails here: its rows say what is still owed.
    async fn follow(self: &Rc<Self>, config: &Rc<Config>, user_id: &UserId, effects: Effects) {
        let format = config.log_format;
        let tickets = if effects.tell.is_empty() {
            effects.tickets
        } else {
            if self.teller.borrow_mut().add(effects.tell, effects.tickets) {
                let (gate, config, user_id) = (self.clone(), config.clone(), user_id.clone());
                self.state
                    .wait_until(async move { gate.tell(&config, &user_id).await });
            }
            Vec::new()
        };
        if let Err(error) = self.alarm.arm(&self.state.storage(), effects.wake_by).await {
            let event = Event::fault("an alarm could not be set; the next call sets it", &error);
            log(format, &event);
        }
        for (notice, job) in &effects.notices {
            log(format, &Event::from_notice(*notice, job, user_id));
        }
        self.send(format, tickets);
    }

    /// Puts tickets on the queue.
    fn send(&self, format: LogFormat, tickets: Vec<Ticket>) {
        if !tickets.is_empty() {
            let env = self.env.clone();
            self.state
                .wait_until(async move { outbox::send(&env, format, &tickets).await });
        }
    }

    /// Tells the pool all that it must hear, one call after the other.
    async fn tell(self: Rc<Self>, config: &Rc<Config>, user_id: &UserId) {
        loop {
            let Some(tell) = self.teller.borrow_mut().call() else {
                return;
            };
            let called = PoolClient::new(&self.env)
                .ask(&pool::Command::Tell(tell))
                .await;
            if let Err(error) = &called {
                let event = Event::fault(
                    "the pool could not be told about jobs; the call is repeated",
                    error,
                );
                log(config.log_format, &event);
            }
            let (tickets, after) = self.teller.borrow_mut().called(called.is_ok());
            self.send(config.log_format, tickets);
            match after {
                After::Told(gone) if gone.is_empty() => {}
                After::Told(gone) => self.confirm(config, user_id, gone).await,
                After::Pause(pause) => Delay::from(pause).await,
                After::Nothing => return,
            }
        }
    }

    /// The pool knows that these are gone: nothing more is owed. If that cannot be recorded, it is told again.
    async fn confirm(&self, config: &Config, user_id: &UserId, gone: Vec<Holding>) {
        let told = self.turn(config, clock::now(), user_id, Command::Told { gone });
        let armed = match told {
            Ok(turn) => {
                self.alarm
                    .arm(&self.state.storage(), turn.effects.wake_by)
                    .await
            }
            Err(error) => Err(fault(&error)),
        };
        if let Err(error) = armed {
            let event = Event::fault("a gate could not record what the pool knows", &error);
            log(config.log_format, &event);
        }
        self.log_costs(config, "told");
    }

    /// Whether the user was ever recorded.
    fn exists(&self) -> Result<bool, StorageError> {
        if self.tables.get() == Tables::Unknown {
            let exists = SqlStore::new(&self.database).exists()?;
            let tables = if exists {
                Tables::Found
            } else {
                Tables::Missing
            };
            self.tables.set(tables);
        }
        Ok(self.tables.get() != Tables::Missing)
    }

    fn next_due(&self) -> Result<Option<Timestamp>, StorageError> {
        if self.exists()? {
            next_due(&SqlStore::new(&self.database))
        } else {
            Ok(None)
        }
    }

    async fn wake(self: &Rc<Self>, config: &Rc<Config>) -> Result<()> {
        if !self.exists().map_err(|error| fault(&error))? {
            return Ok(());
        }
        let store = SqlStore::new(&self.database);
        let Some(account) = store.account().map_err(|error| fault(&error))? else {
            return Ok(());
        };
        let user_id = account.user_id;
        let command = Command::Wake {
            entropy: clock::entropy(),
        };
        let turn = self
            .turn(config, clock::now(), &user_id, command)
            .map_err(|error| fault(&error))?;
        let purge = turn.effects.purge.clone();
        self.follow(config, &user_id, turn.effects).await;
        for job_id in purge {
            self.purge(config, &user_id, job_id).await?;
        }
        Ok(())
    }

    /// Deletes the artifacts first and the row afterwards, so that a crash in between repeats it.
    async fn purge(
        self: &Rc<Self>,
        config: &Rc<Config>,
        user_id: &UserId,
        job_id: JobId,
    ) -> Result<()> {
        artifacts::delete_all(&self.env, user_id, &job_id).await?;
        let forget = Command::Forget { jobs: vec![job_id] };
        let turn = self
            .turn(config, clock::now(), user_id, forget)
            .map_err(|error| fault(&error))?;
        self.follow(config, user_id, turn.effects).await;
        Ok(())
    }
}

fn fault(error: &StorageError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}
