//! Puts tickets on the queue.

use crate::log::log;
use queue_core::{
    bindings,
    config::LogFormat,
    domain::Ticket,
    events::Event,
    patience::{SEND_MAX, SEND_PAUSES},
};
use worker::{BatchMessageBuilder, Delay, Env, MessageBuilder, QueueContentType, Result};

/// Sends tickets. Each is owed by its row, so one that cannot be sent is sent by the alarm; but the queue's
/// transient errors are frequent, and an alarm is a minute away.
pub(crate) async fn send(env: &Env, format: LogFormat, tickets: &[Ticket]) {
    for chunk in tickets.chunks(SEND_MAX) {
        for pause in SEND_PAUSES {
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
