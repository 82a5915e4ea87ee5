//! What both objects have on the platform: a database whose tables are made once, one alarm, and calls to be answered.

use super::{alarm::Alarm, database::DurableDatabase, outbox};
use crate::{clients::call, clock, log::log, settings};
use queue_core::{
    config::{Config, LogFormat},
    domain::{Ticket, Timestamp},
    events::Event,
    storage::StorageError,
};
use serde::{Deserialize, Serialize};
use std::{cell::Cell, rc::Rc};
use worker::{Env, Error, Request, Response, Result, State};

/// What is known of the tables. They stay, so each instance looks once.
#[derive(Clone, Copy, Default, PartialEq)]
enum Tables {
    #[default]
    Unknown,
    Missing,
    Found,
    /// In this build's form.
    Current,
}

/// An object without its decisions.
pub(super) struct Shell {
    pub(super) env: Env,
    pub(super) database: DurableDatabase,
    state: State,
    alarm: Alarm,
    tables: Cell<Tables>,
    /// How it is called in the log: `gate` or `pool`.
    name: &'static str,
}

impl Shell {
    pub(super) fn new(name: &'static str, state: State, env: Env) -> Self {
        Self {
            database: DurableDatabase::new(&state.storage()),
            env,
            state,
            alarm: Alarm::default(),
            tables: Cell::default(),
            name,
        }
    }

    /// Answers a call with what `perform` makes of it.
    pub(super) async fn answer<C, R, F>(
        &self,
        mut request: Request,
        perform: impl FnOnce(Rc<Config>, C) -> F,
    ) -> Result<Response>
    where
        C: for<'de> Deserialize<'de>,
        R: Serialize,
        F: Future<Output = Result<R>>,
    {
        let bytes = request.bytes().await?;
        let command = match serde_json::from_slice(&bytes) {
            Ok(command) => command,
            Err(error) => return Response::error(format!("unreadable call: {error}"), 400),
        };
        let config = match settings::load(&self.env) {
            Ok(config) => config,
            Err(error) => return Response::error(error.to_string(), 500),
        };
        let performed = perform(config.clone(), command).await;
        self.log_costs(&config, "call");
        match performed {
            Ok(reply) => call::answer(&reply),
            Err(error) => {
                let why = format!("{}: {error}", self.name);
                let event = Event::fault("an object could not process a call", why);
                log(config.log_format, &event);
                Response::error(error.to_string(), 500)
            }
        }
    }

    /// The alarm rang: has `wake` do what is due.
    pub(super) async fn ring<F: Future<Output = Result<()>>>(
        &self,
        wake: impl FnOnce(Rc<Config>) -> F,
        next_due: impl FnOnce(Option<&Config>) -> Result<Option<Timestamp>, StorageError>,
    ) -> Result<Response> {
        let config = settings::load(&self.env);
        let known = config.as_ref().ok().cloned();
        let work = async {
            let config = config.map_err(|error| Error::RustError(error.to_string()))?;
            let woken = wake(config.clone()).await;
            self.log_costs(&config, "alarm");
            woken
        };
        let format = known
            .as_ref()
            .map_or(LogFormat::Text, |config| config.log_format);
        let next = || next_due(known.as_deref());
        let storage = self.state.storage();
        self.alarm.ring(&storage, format, work, next).await?;
        Response::ok("")
    }

    /// Before a call: an alarm that was lost is set again.
    pub(super) async fn mend(
        &self,
        next_due: impl FnOnce() -> Result<Option<Timestamp>, StorageError>,
    ) -> Result<()> {
        let storage = self.state.storage();
        self.alarm.mend(&storage, clock::now(), next_due).await
    }

    /// Has the alarm ring by then. A turn stands if that fails: the next call sets it.
    pub(super) async fn arm(&self, format: LogFormat, wake_by: Option<Timestamp>) {
        if let Err(error) = self.alarm.arm(&self.state.storage(), wake_by).await {
            let event = Event::fault("an alarm could not be set; the next call sets it", &error);
            log(format, &event);
        }
    }

    /// Puts tickets on the queue, after the answer.
    pub(super) fn send(&self, format: LogFormat, tickets: Vec<Ticket>) {
        if !tickets.is_empty() {
            let env = self.env.clone();
            self.go_on(async move { outbox::send(&env, format, tickets).await });
        }
    }

    /// Goes on with that after the answer.
    pub(super) fn go_on(&self, work: impl Future<Output = ()> + 'static) {
        self.state.wait_until(work);
    }

    /// Whether the tables exist, which `look` finds out.
    pub(super) fn exists(
        &self,
        look: impl FnOnce() -> Result<bool, StorageError>,
    ) -> Result<bool, StorageError> {
        if self.tables.get() == Tables::Unknown {
            let found = if look()? {
                Tables::Found
            } else {
                Tables::Missing
            };
            self.tables.set(found);
        }
        Ok(self.tables.get() != Tables::Missing)
    }

    /// Has `migrate` bring the tables to this build's form, once.
    pub(super) fn migrate(
        &self,
        migrate: impl FnOnce() -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        if self.tables.get() != Tables::Current {
            migrate()?;
            self.tables.set(Tables::Current);
        }
        Ok(())
    }

    /// Logs what was billed since this was called last.
    pub(super) fn log_costs(&self, config: &Config, trigger: &'static str) {
        let (rows, alarms_set) = (self.database.take_meter(), self.alarm.take_sets());
        if config.log_costs {
            let event = Event::Turn {
                object: self.name,
                trigger,
                rows_read: rows.read,
                rows_written: rows.written,
                alarms_set,
            };
            log(config.log_format, &event);
        }
    }
}

/// A failed turn, as the platform's error.
pub(super) fn fault(error: &StorageError) -> Error {
    Error::RustError(error.to_string())
}
