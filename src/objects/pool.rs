//! The pool's object: decides and persists in one synchronous turn, then performs what follows from it.

use super::shell::{Shell, fault};
use crate::{clock, log::log};
use futures_channel::oneshot;
use futures_util::future::{Either, select};
use queue_core::{
    calls::LISTEN,
    config::Config,
    domain::Timestamp,
    events::Event,
    line::want::Want,
    pool::{
        Desk, Listeners, SqlStore, Turn, apply,
        command::{Command, Given, Reply},
        next_due,
    },
    storage::{Database, StorageError},
};
use std::{cell::RefCell, rc::Rc};
use worker::{
    Delay, DurableObject, Env, Request, Response, Result, State, durable_object, wasm_bindgen,
};

/// The Durable Object of one pool.
#[durable_object(alarm)]
pub struct PoolObject {
    shell: Shell,
    /// The deliveries under way.
    desk: RefCell<Desk>,
    /// Their open calls.
    listeners: RefCell<Listeners<oneshot::Sender<Given>>>,
}

/// The open call of a delivery.
struct Call {
    delivery: String,
    given: oneshot::Receiver<Given>,
}

impl DurableObject for PoolObject {
    fn new(state: State, env: Env) -> Self {
        Self {
            shell: Shell::new("pool", state, env),
            desk: RefCell::default(),
            listeners: RefCell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        let perform = |config: Rc<Config>, command| async move {
            self.shell.mend(|| self.next_due(&config)).await?;
            let (reply, call) = self.turn(&config, clock::now(), command).await?;
            Ok(match call {
                Some(call) => Reply::Given(self.wait(call).await),
                None => reply,
            })
        };
        self.shell.answer(request, perform).await
    }

    async fn alarm(&self) -> Result<Response> {
        let wake = |config: Rc<Config>| async move {
            let woken = self.turn(&config, clock::now(), Command::Wake).await;
            woken.map(drop)
        };
        let next_due = |config: Option<&Config>| match config {
            Some(config) => self.next_due(config),
            None => Ok(None),
        };
        self.shell.ring(wake, next_due).await
    }
}

impl PoolObject {
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
                if let Some(late) = given.try_recv().ok().flatten() {
                    return late;
                }
                let (desk, mut listeners) =
                    (&mut self.desk.borrow_mut(), self.listeners.borrow_mut());
                listeners.hang_up(desk, &delivery, clock::now());
                Given::default()
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
        let store = SqlStore::new(&self.shell.database);
        let listener = command.listener().map(str::to_owned);
        let migrated = self.shell.migrate(|| store.migrate());
        let decided = migrated.and_then(|()| {
            let desk = &mut self.desk.borrow_mut();
            let turn = self
                .shell
                .database
                .atomically(|| apply(&store, desk, &config.pool, now, command));
            if turn.is_err() {
                desk.forget_rows();
            }
            turn
        });
        let Turn { reply, effects } = decided.map_err(|error| fault(&error))?;
        // Before anything is awaited: no other turn may come in between.
        let call = self.answer_calls(effects.answers, listener.filter(|_| reply == Reply::Held));
        let format = config.log_format;
        self.shell.arm(format, effects.wake_by).await;
        for (notice, claim) in &effects.notices {
            log(
                format,
                &Event::from_pool(*notice, claim, config.pool.capacity),
            );
        }
        for turned in &effects.turned {
            log(format, &Event::turned(turned, now));
        }
        self.shell.send(format, effects.tickets);
        Ok((reply, call))
    }

    /// Answers open calls, and opens one for `listener`. A call whose sender is dropped is answered with nothing.
    fn answer_calls(
        &self,
        answers: Vec<(String, Vec<Want>)>,
        listener: Option<String>,
    ) -> Option<Call> {
        let mut listeners = self.listeners.borrow_mut();
        for (call, given) in listeners.answered(answers) {
            let _ = call.send(given);
        }
        drop(listeners.ended(&self.desk.borrow()));
        let delivery = listener?;
        let (call, given) = oneshot::channel();
        drop(listeners.open(delivery.clone(), call));
        Some(Call { delivery, given })
    }

    fn next_due(&self, config: &Config) -> Result<Option<Timestamp>, StorageError> {
        let store = SqlStore::new(&self.shell.database);
        if self.shell.exists(|| store.exists())? {
            next_due(&store, &config.pool, clock::now())
        } else {
            Ok(None)
        }
    }
}
