//! The gate's object: decides and persists in one synchronous turn, then performs what follows from it.

mod listing;
mod purging;
mod reading;
mod watching;

use super::{
    shell::{Shell, fault},
    sockets::{Sockets, close},
};
use crate::{clients::PoolClient, clock, log::log};
use queue_core::{
    config::Config,
    domain::{Timestamp, UserId},
    events::Event,
    gate::{
        Effects, Memory, SqlStore, Store as _, Turn, apply,
        command::{Call, Command, Reply},
        next_due,
        teller::{self, After, Teller},
        view::of_stranger,
        words::Lister,
    },
    pool,
    storage::{Database, StorageError},
};
use std::{cell::RefCell, rc::Rc};
use worker::{
    Delay, DurableObject, Env, Error, Method, Request, Response, Result, Socket, State, WebSocket,
    WebSocketIncomingMessage, durable_object, wasm_bindgen,
};

/// The Durable Object of one user.
#[durable_object]
pub struct GateObject {
    gate: Rc<Gate>,
}

/// What is shared with the calls of the pool, which go on after an answer.
struct Gate {
    shell: Shell,
    sockets: Sockets,
    /// What need not be read again.
    memory: RefCell<Memory>,
    /// What the pool must hear.
    teller: RefCell<Teller>,
    /// What the list of failures must hear.
    lister: RefCell<Lister>,
}

impl DurableObject for GateObject {
    fn new(state: State, env: Env) -> Self {
        let (sockets, state) = Sockets::of(state);
        let gate = Rc::new(Gate {
            sockets,
            shell: Shell::new("gate", state, env),
            memory: RefCell::default(),
            teller: RefCell::default(),
            lister: RefCell::default(),
        });
        Self { gate }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let gate = &self.gate;
        if request.method() == Method::Get {
            return gate.watch(&request);
        }
        let perform = |config: Rc<Config>, Call { user_id, command }| async move {
            gate.perform(&config, &user_id, command).await
        };
        gate.shell.answer(request, perform).await
    }

    async fn alarm(&self) -> Result<Response> {
        let gate = &self.gate;
        let wake = |config: Rc<Config>| async move { gate.wake(&config).await };
        let next_due =
            |config: Option<&Config>| config.map_or(Ok(None), |config| gate.next_due(config));
        gate.shell.ring(wake, next_due).await
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<()> {
        self.gate.hear(&socket, &message);
        Ok(())
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        _code: usize,
        _reason: String,
        _was_clean: bool,
    ) -> Result<()> {
        close(&socket);
        Ok(())
    }

    async fn websocket_error(&self, socket: WebSocket, _error: Error) -> Result<()> {
        close(&socket);
        Ok(())
    }

    async fn connect(&self, _socket: Socket) -> Result<()> {
        Err(Error::from("a gate takes no connections"))
    }
}

impl Gate {
    async fn perform(
        self: &Rc<Self>,
        config: &Rc<Config>,
        user_id: &UserId,
        command: Command,
    ) -> Result<Reply> {
        self.shell.mend(|| self.next_due(config)).await?;
        let Turn { reply, effects } = self
            .turn(config, clock::now(), user_id, command)
            .map_err(|error| fault(&error))?;
        self.follow(config, user_id, effects).await;
        Ok(reply)
    }

    /// One synchronous turn: all of its writes or none.
    fn turn(
        &self,
        config: &Config,
        now: Timestamp,
        user_id: &UserId,
        command: Command,
    ) -> Result<Turn, StorageError> {
        let store = SqlStore::new(&self.shell.database);
        if !self.exists()?
            && let Some(reply) = of_stranger(&config.gate, now, &command)
        {
            return Ok(Turn {
                reply,
                effects: Effects::default(),
            });
        }
        self.shell.migrate(|| store.migrate())?;
        let memory = &mut self.memory.borrow_mut();
        memory.is_watched = self.sockets.is_watched();
        let mut turn = self
            .shell
            .database
            .atomically(|| apply(&store, memory, &config.gate, now, user_id, command));
        match &mut turn {
            Ok(turn) => self.push(now, std::mem::take(&mut turn.effects.changed)),
            Err(_) => **memory = Memory::default(),
        }
        turn
    }

    /// Does what a turn asked for. The turn stands whatever fails here: its rows say what is still owed.
    async fn follow(self: &Rc<Self>, config: &Rc<Config>, user_id: &UserId, mut effects: Effects) {
        let format = config.log_format;
        if self.teller.borrow_mut().take(&mut effects) {
            let (gate, config, user_id) = (self.clone(), config.clone(), user_id.clone());
            self.shell
                .go_on(async move { gate.tell(&config, &user_id).await });
        }
        self.list(config, user_id, &mut effects);
        self.shell.arm(format, effects.wake_by).await;
        for (notice, job) in &effects.notices {
            log(format, &Event::from_notice(*notice, job, user_id));
        }
        self.shell.send(format, effects.tickets);
    }

    /// Tells the pool all that it must hear, one call after the other.
    async fn tell(self: Rc<Self>, config: &Rc<Config>, user_id: &UserId) {
        loop {
            let Some(tell) = self.teller.borrow_mut().call() else {
                return;
            };
            let called = PoolClient::new(&self.shell.env)
                .ask(&pool::Command::Tell(tell))
                .await;
            if let Err(error) = &called {
                let event = Event::fault(
                    "the pool could not be told about jobs; the call is repeated",
                    error,
                );
                log(config.log_format, &event);
            }
            let reached = called.ok().map(teller::out);
            let (tickets, after) = self.teller.borrow_mut().called(reached);
            self.shell.send(config.log_format, tickets);
            match after {
                After::Told(gone, out) if gone.is_empty() && out.is_empty() => {}
                After::Told(gone, out) => {
                    let told = Command::Told { gone, out };
                    self.confirm(config, user_id, told).await;
                }
                After::Pause(pause) => Delay::from(pause).await,
                After::Nothing => return,
            }
        }
    }

    /// The pool, or the list, has heard it: nothing more is owed. If that cannot be recorded, it is told again.
    async fn confirm(self: &Rc<Self>, config: &Rc<Config>, user_id: &UserId, told: Command) {
        match self.turn(config, clock::now(), user_id, told) {
            Ok(Turn { mut effects, .. }) => {
                // What it ended is told next: this is within the calls.
                let _ = self.teller.borrow_mut().take(&mut effects);
                self.list(config, user_id, &mut effects);
                let format = config.log_format;
                self.shell.arm(format, effects.wake_by).await;
                for (notice, job) in &effects.notices {
                    log(format, &Event::from_notice(*notice, job, user_id));
                }
                self.shell.send(format, effects.tickets);
            }
            Err(error) => {
                let event = Event::fault(
                    "a gate could not record that it was heard; it tells again",
                    &error,
                );
                log(config.log_format, &event);
            }
        }
        self.shell.log_costs(config, "told");
    }

    /// Whether the user was ever recorded.
    fn exists(&self) -> Result<bool, StorageError> {
        self.shell
            .exists(|| SqlStore::new(&self.shell.database).exists())
    }

    fn next_due(&self, config: &Config) -> Result<Option<Timestamp>, StorageError> {
        if self.exists()? {
            let store = SqlStore::new(&self.shell.database);
            next_due(&store, &self.memory.borrow(), &config.gate, clock::now())
        } else {
            Ok(None)
        }
    }

    async fn wake(self: &Rc<Self>, config: &Rc<Config>) -> Result<()> {
        if !self.exists().map_err(|error| fault(&error))? {
            return Ok(());
        }
        let store = SqlStore::new(&self.shell.database);
        let Some(user_id) = store.owner().map_err(|error| fault(&error))? else {
            return Ok(());
        };
        let command = Command::Wake {
            entropy: clock::entropy(),
        };
        let turn = self
            .turn(config, clock::now(), &user_id, command)
            .map_err(|error| fault(&error))?;
        let (purge, reads_stripe) = (turn.effects.purge.clone(), turn.effects.reads_stripe);
        self.follow(config, &user_id, turn.effects).await;
        if reads_stripe {
            let (gate, config, user_id) = (self.clone(), config.clone(), user_id.clone());
            self.shell
                .go_on(async move { gate.reconcile(&config, &user_id).await });
        }
        if !purge.is_empty() {
            let (gate, config) = (self.clone(), config.clone());
            self.shell
                .go_on(async move { gate.purge(&config, &user_id, purge).await });
        }
        Ok(())
    }
}
