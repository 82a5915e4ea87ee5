//! Tells watchers of what changes.

use super::Gate;
use crate::{
    clients::watch::WATCH,
    clock,
    objects::{shell::fault, sockets},
};
use queue_core::{
    domain::Timestamp,
    gate::{Job, SqlStore, Store as _},
    live::{self, Said, Watch},
};
use worker::{Request, Response, Result, WebSocket, WebSocketIncomingMessage};

impl Gate {
    /// Opens a socket for a watcher. 204 if the job that it waits for is already another.
    pub(super) fn watch(&self, request: &Request) -> Result<Response> {
        let watch = request.headers().get(WATCH)?.unwrap_or_default();
        let Ok(watch) = serde_json::from_str::<Watch>(&watch) else {
            return Response::error("unreadable watch", 400);
        };
        if let Some(seen) = &watch.job {
            let store = SqlStore::new(&self.shell.database);
            let job = match self.exists() {
                Ok(true) => store.find(&seen.job_id),
                Ok(false) => Ok(None),
                Err(error) => Err(error),
            };
            let job = job.map_err(|error| fault(&error))?;
            if watch.is_over(job.as_ref()) {
                return Ok(Response::empty()?.with_status(204));
            }
        }
        self.sockets.admit(clock::now(), &watch)
    }

    /// Answers a watcher. One that cannot be answered is closed, and its client asks again.
    pub(super) fn hear(&self, socket: &WebSocket, message: &WebSocketIncomingMessage) {
        if self.say(socket, message).is_err() {
            sockets::close(socket);
        }
    }

    fn say(&self, socket: &WebSocket, message: &WebSocketIncomingMessage) -> Result<()> {
        let ask = match message {
            WebSocketIncomingMessage::String(text) => serde_json::from_str(text)?,
            WebSocketIncomingMessage::Binary(bytes) => serde_json::from_slice(bytes)?,
        };
        let now = clock::now();
        let answer = if self.exists().map_err(|error| fault(&error))? {
            let store = SqlStore::new(&self.shell.database);
            live::answer(&store, now, &ask).map_err(|error| fault(&error))?
        } else {
            vec![Said::Page {
                at: now,
                before: None,
            }]
        };
        answer.iter().try_for_each(|said| socket.send(said))
    }

    /// Tells all watchers of what a turn has changed, in the turn, so that they hear of turns in their order. The turn
    /// stands whatever fails here.
    pub(super) fn push(&self, now: Timestamp, changed: Vec<Job>) {
        if changed.is_empty() {
            return;
        }
        let (gone, open): (Vec<_>, Vec<_>) = self
            .sockets
            .open()
            .into_iter()
            .partition(|open| open.watcher.is_gone(now, open.alive_at));
        for open in &gone {
            sockets::close(&open.socket);
        }
        for job in changed {
            let mut those = open
                .iter()
                .filter(|open| open.watcher.hears_of(&job.job_id))
                .peekable();
            if those.peek().is_none() {
                continue;
            }
            let said = Said::Job {
                at: now,
                job: Box::new(job.clone()),
            };
            let Ok(text) = serde_json::to_string(&said) else {
                continue;
            };
            for open in those {
                // One that is closed meanwhile hears nothing.
                let _ = open.socket.send_with_str(&text);
            }
        }
    }
}
