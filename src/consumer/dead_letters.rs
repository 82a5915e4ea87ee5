//! Messages that nobody could handle. A readable ticket is noted on its job; what cannot be read is kept as a record that
//! an operator can list. Never silently gone.

use super::context::{Consumer, text};
use crate::{
    clients::GateClient,
    clock,
    letters::{self, DeadLetter},
};
use js_sys::{ArrayBuffer, JSON, Uint8Array};
use queue_core::{
    delivery::settlement::{DeadTicket, Settlement, of_dead_letter},
    domain::Ticket,
    events::Event,
    gate::Command,
};
use wasm_bindgen::JsCast;
use worker::{MessageExt, RawMessage};

/// Settles a message of the dead-letter queue.
pub(super) async fn settle(
    consumer: &Consumer<'_>,
    queue: &str,
    message: &RawMessage,
) -> Settlement {
    let error = match text(message).as_deref().map(Ticket::parse) {
        Some(Ok(ticket)) => return note(consumer, queue, message, ticket).await.settlement(),
        Some(Err(error)) => error.to_string(),
        None => "the body is not a string".to_owned(),
    };
    Settlement::of_unreadable(keep(consumer, queue, message, &error).await)
}

/// Notes on the job that its ticket was dead-lettered. The job goes on: its gate sends another.
async fn note(
    consumer: &Consumer<'_>,
    queue: &str,
    message: &RawMessage,
    ticket: Ticket,
) -> DeadTicket {
    let text = format!(
        "a ticket of this job ended in {queue}; a new one is sent if the job still needs it"
    );
    let command = Command::Bury {
        job_id: ticket.job_id.clone(),
        message: text,
    };
    let answer = GateClient::new(consumer.env)
        .ask(&ticket.user_id, command)
        .await;
    let fate = of_dead_letter(answer.as_ref().ok());
    let what = match fate {
        DeadTicket::Noted => "delivered too often; noted on its job",
        DeadTicket::Dropped => "delivered too often; its job is unknown, so it is dropped",
        DeadTicket::Again => {
            let what = "the gate of a dead-lettered ticket gave no answer; it is delivered again";
            let why = answer
                .err()
                .map_or_else(|| "unexpected reply".to_owned(), |error| error.to_string());
            consumer.log(&Event::fault(what, why));
            return fate;
        }
    };
    consumer.log(&Event::Buried {
        queue: queue.to_owned(),
        message_id: message.id(),
        job_id: Some(ticket.job_id),
        error: what.to_owned(),
    });
    fate
}

/// Keeps a record of the message; says whether it is kept.
pub(super) async fn keep(
    consumer: &Consumer<'_>,
    queue: &str,
    message: &RawMessage,
    error: &str,
) -> bool {
    let letter = DeadLetter {
        message_id: message.id(),
        queue: queue.to_owned(),
        buried_at: clock::now().to_rfc3339(),
        error: error.to_owned(),
        body: String::new(),
    };
    let sent_at = message.timestamp();
    match letters::bury(consumer.env, &sent_at, letter, bytes(message)).await {
        Ok(()) => {
            consumer.log(&Event::Buried {
                queue: queue.to_owned(),
                message_id: message.id(),
                job_id: None,
                error: error.to_owned(),
            });
            true
        }
        Err(error) => {
            consumer.log(&Event::fault(
                "a message could not be recorded; it is delivered again",
                error,
            ));
            false
        }
    }
}

/// The body of a message as bytes: a text or bytes as they are, anything else as JSON.
fn bytes(message: &RawMessage) -> Vec<u8> {
    let body = message.body();
    if let Some(text) = body.as_string() {
        return text.into_bytes();
    }
    if body.is_instance_of::<ArrayBuffer>() || ArrayBuffer::is_view(&body) {
        return Uint8Array::new(&body).to_vec();
    }
    let json = JSON::stringify(&body)
        .ok()
        .and_then(|text| text.as_string());
    json.unwrap_or_else(|| format!("{body:?}")).into_bytes()
}
