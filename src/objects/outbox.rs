//! Puts tickets on the queue.

use crate::log::log;
use queue_core::{
    bindings,
    config::LogFormat,
    domain::Ticket,
    events::Event,
    sends::{Next, Sending},
};
use worker::{BatchMessageBuilder, Delay, Env, MessageBuilder, QueueContentType, Result};

/// Sends tickets.
pub(crate) async fn send(env: &Env, format: LogFormat, tickets: Vec<Ticket>) {
    let mut sending = Sending::new(tickets);
    while let Some(chunk) = sending.chunk() {
        let sent = send_chunk(env, chunk).await;
        if let Err(error) = &sent {
            log(format, &Event::fault("tickets could not be sent", error));
        }
        if let Next::Again(pause) = sending.tried(sent.is_ok()) {
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
