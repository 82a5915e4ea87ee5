//! Puts tickets on the queue.

use crate::log::log;
use queue_core::{bindings, config::LogFormat, domain::Ticket, events::Event};
use std::time::Duration;
use worker::{BatchMessageBuilder, Delay, Env, MessageBuilder, QueueContentType, Result};

/// Messages in one `sendBatch` (Queues limits: 100, and 256 KB; a ticket stays below 500 bytes).
const SEND_MAX: usize = 100;

/// Pauses after each try of a send; the last one only ends the tries.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::ZERO,
];

/// Sends tickets. Each is owed by its row, so one that cannot be sent is sent by the alarm; but the queue's
/// passing errors are frequent, and an alarm is a minute away.
pub(crate) async fn send(env: &Env, format: LogFormat, tickets: &[Ticket]) {
    for chunk in tickets.chunks(SEND_MAX) {
        for pause in PAUSES {
            let Err(error) = send_chunk(env, chunk).await else {
                break;
            };
            log(format, &Event::fault("tickets could not be sent", &error));
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
