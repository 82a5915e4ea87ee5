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
    BatchMessageBuilder, Delay, DurableObject, Env, MessageBuilder, QueueContentType, Request,
    Response, Result, State, durable_object, wasm_bindgen,
};

/// Messages in one `sendBatch` (Queues limits: 100, and 256 KB; a ticket stays below 500 bytes).
const SEND_MAX: usize = 100;

/// Pauses after each try of a send; the last one only ends the tries.
const SEND_PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::ZERO,
];

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

    /// Rings at least once, perhaps late, perhaps twice. Fails only if it cannot even be set again: after
    /// six failures the platform would not ring any more.
    async fn alarm(&self) -> Result<Response> {
        self.alarm.set(Some(Alarm(None)));
        let (format, result) = match settings::load(&self.env) {
            Ok(config) => (config.log_format, self.wake(&config).await),
            Err(error) => (
                LogFormat::Text,
                Err(worker::Error::RustError(error.to_string())),
            ),
        };
        if let Err(error) = result {
            let event = Event::fault("an alarm could not be served; it rings again", &error);
            sink::log(format, &event);
            self.arm(Some(clock::now().after(ALARM_PAUSE))).await?;
        }
        if self.alarm.get().is_none() {
            // The next could not be set. Perhaps nobody ever calls: this one must not count as served.
            self.load_alarm(clock::now()).await?;
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

    /// Does what a turn asked for. The turn stands whatever fails here: its rows say what is still owed.
    async fn follow(&self, config: &Config, user_id: &UserId, effects: Effects) {
        let format = config.log_format;
        if let Err(error) = self.arm(effects.wake_by).await {
            let event = Event::fault("an alarm could not be set; the next call sets it", &error);
            sink::log(format, &event);
        }
        for (notice, job) in &effects.notices {
            sink::log(format, &Event::from_notice(*notice, job, user_id));
        }
        if !effects.tickets.is_empty() {
            let env = self.env.clone();
            self.state
                .wait_until(async move { send(&env, format, &effects.tickets).await });
        }
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

    /// Learns when the alarm rings, and mends one that was never set, could not be set, or was dropped by the
    /// platform: whatever storage says, it must ring by the time the next job is due.
    async fn load_alarm(&self, now: Timestamp) -> Result<()> {
        let in_time = |armed: &Timestamp| now <= armed.after(ALARM_LATE);
        let known = self.alarm.get();
        if known
            .and_then(|Alarm(armed)| armed)
            .as_ref()
            .is_some_and(in_time)
        {
            return Ok(());
        }
        let armed = match known {
            Some(Alarm(late)) => late,
            None => self
                .state
                .storage()
                .get_alarm()
                .await?
                .map(Timestamp::from_millis),
        };
        self.alarm.set(Some(Alarm(armed.filter(in_time))));
        let store = SqlStore::new(&self.database);
        if !store.exists().map_err(|error| fault(&error))? {
            return Ok(());
        }
        let next = store.next_due().map_err(|error| fault(&error))?;
        self.arm(next).await
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
    async fn purge(&self, config: &Config, user_id: &UserId, job_id: JobId) -> Result<()> {
        artifacts::delete_all(&self.env, user_id, &job_id).await?;
        let forget = Command::Forget { jobs: vec![job_id] };
        let turn = self
            .turn(config, clock::now(), user_id, forget)
            .map_err(|error| fault(&error))?;
        self.follow(config, user_id, turn.effects).await;
        Ok(())
    }
}

/// Puts tickets on the queue. Each is owed by its row, so one that cannot be sent is sent by the alarm; but
/// the queue's passing errors are frequent, and an alarm is a minute away.
async fn send(env: &Env, format: LogFormat, tickets: &[Ticket]) {
    for chunk in tickets.chunks(SEND_MAX) {
        for pause in SEND_PAUSES {
            let Err(error) = send_chunk(env, chunk).await else {
                break;
            };
            sink::log(format, &Event::fault("tickets could not be sent", &error));
            Delay::from(pause).await;
        }
    }
}

async fn send_chunk(env: &Env, tickets: &[Ticket]) -> Result<()> {
    let message = |ticket: &Ticket| {
        MessageBuilder::new(ticket.to_text())
            .content_type(QueueContentType::Text)
            .build()
    };
    let batch = BatchMessageBuilder::new()
        .messages(tickets.iter().map(message))
        .build();
    env.queue(bindings::STORIES)?.send_batch(batch).await
}

fn fault(error: &StorageError) -> worker::Error {
    worker::Error::RustError(error.to_string())
}
