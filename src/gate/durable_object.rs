//! The gate's object: loads nothing, decides and persists in one synchronous turn, then performs what
//! follows from it.

#![expect(missing_docs, reason = "the macro makes methods without any")]

use super::{
    command::{Call, Command, Reply},
    sql::SqlStore,
    state::{Effects, Turn, apply},
    store::Store,
    view::of_stranger,
};
use crate::{
    artifacts, bindings, clock,
    config::{Config, LogFormat},
    domain::{JobId, Ticket, Timestamp, UserId},
    observability::{Event, sink},
    settings,
    storage::{Database, StorageError, durable::DurableDatabase},
};
use std::{cell::Cell, time::Duration};
use worker::{
    BatchMessageBuilder, DurableObject, Env, MessageBuilder, QueueContentType, Request, Response,
    Result, State, durable_object, wasm_bindgen,
};

/// Messages in one `sendBatch` (Queues limits: 100, and 256 KB; a ticket stays below 500 bytes).
const SEND_MAX: usize = 100;

/// How long to wait after an alarm whose work failed, instead of the platform's six tries and then none.
const ALARM_PAUSE: Duration = Duration::from_secs(10);

/// An alarm that did not ring by so long after its time was dropped by the platform.
const ALARM_LATE: Duration = Duration::from_mins(2);

/// The Durable Object of one user.
#[durable_object(alarm)]
pub struct GateObject {
    state: State,
    env: Env,
    database: DurableDatabase,
    /// When the alarm rings; `None` until it was asked for. The only thing kept in memory, and only to
    /// save asking: storage has it, too.
    alarm: Cell<Option<Alarm>>,
}

#[derive(Clone, Copy)]
struct Alarm(Option<Timestamp>);

impl DurableObject for GateObject {
    fn new(state: State, env: Env) -> Self {
        let database = DurableDatabase::new(&state.storage());
        Self {
            state,
            env,
            database,
            alarm: Cell::new(None),
        }
    }

    async fn fetch(&self, mut request: Request) -> Result<Response> {
        let bytes = request.bytes().await?;
        let Call { user_id, command } = match serde_json::from_slice(&bytes) {
            Ok(call) => call,
            Err(error) => return Response::error(format!("unreadable call: {error}"), 400),
        };
        let config = match settings::load(&self.env) {
            Ok(config) => config,
            Err(error) => return Response::error(error.to_string(), 500),
        };
        match self.perform(&config, &user_id, command).await {
            Ok(reply) => Response::from_json(&reply),
            Err(error) => {
                sink::log(
                    config.log_format,
                    &Event::fault("a gate could not decide", &error),
                );
                Response::error(error.to_string(), 500)
            }
        }
    }

    /// Rings at least once, perhaps late, perhaps twice. Never fails: after six failures the platform
    /// would not ring again.
    async fn alarm(&self) -> Result<Response> {
        self.alarm.set(Some(Alarm(None)));
        let result = match settings::load(&self.env) {
            Ok(config) => self.wake(&config).await,
            Err(error) => Err(worker::Error::RustError(error.to_string())),
        };
        if let Err(error) = result {
            sink::log(
                LogFormat::Text,
                &Event::fault("an alarm could not be served; it rings again", &error),
            );
            self.arm(Some(clock::now().after(ALARM_PAUSE))).await?;
        }
        Response::ok("")
    }
}

impl GateObject {
    async fn perform(&self, config: &Config, user_id: &UserId, command: Command) -> Result<Reply> {
        let now = clock::now();
        self.load_alarm(now).await?;
        let Turn { reply, effects } = self
            .turn(config, now, user_id, command)
            .map_err(|error| fault(&error))?;
        self.follow(config, effects).await?;
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
        let store = SqlStore::new(&self.database);
        if !store.exists()?
            && let Some(reply) = of_stranger(&config.gate, &command)
        {
            return Ok(Turn {
                reply,
                effects: Effects::default(),
            });
        }
        store.migrate()?;
        self.database
            .atomically(|| apply(&store, &config.gate, now, user_id, command))
    }

    /// Does what a turn asked for. The alarm comes first: it stands behind everything else.
    async fn follow(&self, config: &Config, effects: Effects) -> Result<()> {
        self.arm(effects.wake_by).await?;
        for notice in &effects.notices {
            sink::log(config.log_format, &Event::from_notice(notice));
        }
        if !effects.tickets.is_empty() {
            let (env, format) = (self.env.clone(), config.log_format);
            self.state.wait_until(async move {
                if let Err(error) = send(&env, &effects.tickets).await {
                    // Each ticket is still owed by its row; the alarm sends it again.
                    sink::log(
                        format,
                        &Event::fault(
                            "tickets could not be sent; the alarm sends them again",
                            &error,
                        ),
                    );
                }
            });
        }
        Ok(())
    }

    /// Has the alarm ring by then; it is moved only when it must come earlier, since each move is billed
    /// as a row written.
    async fn arm(&self, wake_by: Option<Timestamp>) -> Result<()> {
        let Some(wake_by) = wake_by else {
            return Ok(());
        };
        let armed = self.alarm.get().and_then(|Alarm(armed)| armed);
        if armed.is_some_and(|armed| armed <= wake_by) {
            return Ok(());
        }
        let pause = wake_by.millis_since(clock::now());
        self.alarm.set(Some(Alarm(Some(wake_by))));
        let pause = Duration::from_millis(u64::try_from(pause).unwrap_or(0));
        let set = self.state.storage().set_alarm(pause).await;
        if set.is_err() {
            self.alarm.set(None);
        }
        set
    }

    /// Learns when the alarm rings, and mends one that the platform dropped.
    async fn load_alarm(&self, now: Timestamp) -> Result<()> {
        let known = self.alarm.get().and_then(|Alarm(armed)| armed);
        if known.is_some_and(|armed| now <= armed.after(ALARM_LATE)) {
            return Ok(());
        }
        if self.alarm.get().is_none() {
            let armed = self
                .state
                .storage()
                .get_alarm()
                .await?
                .map(Timestamp::from_millis);
            self.alarm.set(Some(Alarm(armed)));
            if armed.is_some_and(|armed| now <= armed.after(ALARM_LATE)) {
                return Ok(());
            }
        }
        let store = SqlStore::new(&self.database);
        if store.exists().map_err(|error| fault(&error))? {
            let next = store.next_due().map_err(|error| fault(&error))?;
            self.alarm.set(Some(Alarm(None)));
            self.arm(next).await?;
        }
        Ok(())
    }

    async fn wake(&self, config: &Config) -> Result<()> {
        let store = SqlStore::new(&self.database);
        if !store.exists().map_err(|error| fault(&error))? {
            return Ok(());
        }
        let Some(account) = store.account().map_err(|error| fault(&error))? else {
            return Ok(());
        };
        let user_id = account.user_id;
        let turn = self
            .turn(config, clock::now(), &user_id, Command::Wake)
            .map_err(|error| fault(&error))?;
        let Effects { purge, wake_by, .. } = turn.effects;
        let effects = Effects {
            // Forgetting follows at once and knows better when to ring next.
            wake_by: if purge.is_empty() { wake_by } else { None },
            purge: Vec::new(),
            ..turn.effects
        };
        self.follow(config, effects).await?;
        if !purge.is_empty() {
            self.purge(config, &user_id, purge).await?;
        }
        Ok(())
    }

    /// Deletes the artifacts first and the rows afterwards, so that a crash in between repeats it.
    async fn purge(&self, config: &Config, user_id: &UserId, jobs: Vec<JobId>) -> Result<()> {
        for job_id in &jobs {
            artifacts::delete_all(&self.env, user_id, job_id).await?;
        }
        let forget = Command::Forget { jobs };
        let turn = self
            .turn(config, clock::now(), user_id, forget)
            .map_err(|error| fault(&error))?;
        self.follow(config, turn.effects).await
    }
}

async fn send(env: &Env, tickets: &[Ticket]) -> Result<()> {
    let queue = env.queue(bindings::STORIES)?;
    for chunk in tickets.chunks(SEND_MAX) {
        let message = |ticket: &Ticket| {
            MessageBuilder::new(ticket.to_text())
                .content_type(QueueContentType::Text)
                .build()
        };
        let batch = BatchMessageBuilder::new()
            .messages(chunk.iter().map(message))
            .build();
        queue.send_batch(batch).await?;
    }
    Ok(())
}

fn fault(error: &StorageError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}
