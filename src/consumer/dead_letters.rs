//! Messages that nobody could handle: recorded on their job, or, where that cannot be, as a record of
//! their own that an operator can list. Never silently gone.

use super::context::{Consumer, text};
use crate::{
    artifacts::{self, DeadLetter},
    clock,
    objects::GateClient,
};
use js_sys::{ArrayBuffer, JSON, Uint8Array};
use queue_core::{
    delivery::settlement::Settlement,
    domain::Ticket,
    events::Event,
    gate::{Command, Reply},
};
use wasm_bindgen::JsCast;
use worker::{MessageExt, RawMessage};

/// Settles a message of the dead-letter queue.
pub(super) async fn record(
    consumer: &Consumer<'_>,
    queue: &str,
    message: &RawMessage,
) -> Settlement {
    let noted = match text(message).as_deref().map(Ticket::parse) {
        Some(Ok(ticket)) => note(consumer, queue, message, ticket).await,
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the body is not a string".to_owned()),
    };
    match noted {
        Ok(()) => Settlement::Acknowledge,
        Err(error) if keep(consumer, queue, message, &error).await => Settlement::Acknowledge,
        Err(_) => Settlement::DeliverAgain,
    }
}

/// Notes on the job that its ticket was dead-lettered. The job goes on: its gate sends another.
async fn note(
    consumer: &Consumer<'_>,
    queue: &str,
    message: &RawMessage,
    ticket: Ticket,
) -> Result<(), String> {
    let text = format!(
        "a ticket of this job ended in {queue}; a new one is sent if the job still needs it"
    );
    let command = Command::Bury {
        job_id: ticket.job_id.clone(),
        message: text,
    };
    match GateClient::new(consumer.env)
        .ask(&ticket.user_id, command)
        .await
    {
        Ok(Reply::Reported { state: Some(_), .. }) => {
            consumer.log(&Event::Buried {
                queue: queue.to_owned(),
                message_id: message.id(),
                job_id: Some(ticket.job_id),
                error: "delivered too often; noted on its job".to_owned(),
            });
            Ok(())
        }
        Ok(_) => Err("delivered too often, and its job is unknown".to_owned()),
        Err(error) => Err(format!(
            "delivered too often, and its gate cannot be reached: {error}"
        )),
    }
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
    match artifacts::bury(consumer.env, letter, bytes(message)).await {
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
