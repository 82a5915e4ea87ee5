//! The queue's event: runs the steps of [`super`] and settles every message by name.

use super::{
    batch::{arrange, by_user},
    dead_letters,
    delivery::Delivery,
    lanes::WEIGHT_MAX,
    runner::Consumer,
    verdict::{Settlement, Verdict},
};
use crate::{
    bindings, clock,
    config::LogFormat,
    domain::{JobId, Ticket, TicketError, UserId},
    gate::{Command, GateClient, Reply},
    observability::{Event, sink},
    settings,
};
use futures_util::{StreamExt, future::join, stream};
use std::cell::RefCell;
use worker::{Env, MessageBatch, MessageExt, RawMessage};

/// Gates asked at the same time (Workers limits: six connections that wait for an answer).
const GATES_AT_ONCE: usize = 6;

/// Settles and runs a batch. Never fails: with this platform an error here is a panic, which would take
/// every other request of the isolate with it.
pub(crate) async fn deliver(batch: MessageBatch<()>, env: Env) {
    let messages: Vec<RawMessage> = batch.raw_iter().collect();
    let config = match settings::load(&env) {
        Ok(config) => config,
        Err(error) => {
            sink::log(
                LogFormat::Text,
                &Event::fault("the configuration is faulty", error),
            );
            for message in &messages {
                settle(message, Settlement::DeliverAgain);
            }
            return;
        }
    };
    let now = clock::now();
    let consumer = Consumer {
        env: &env,
        config: &config,
        holder: clock::job_id().to_string(),
        delivery: RefCell::new(Delivery::new(now, &config, WEIGHT_MAX)),
    };
    let queue = batch.queue();
    if config.log_costs {
        consumer.log(&Event::Delivery {
            queue: queue.clone(),
            messages: messages.len(),
        });
    }
    if queue.ends_with(bindings::DEAD_LETTER_SUFFIX) {
        for message in &messages {
            settle(
                message,
                dead_letters::record(&consumer, &queue, message).await,
            );
        }
    } else {
        let bodies: Vec<_> = messages.iter().map(text).collect();
        let batch = arrange(&bodies, config.gate.priority_boost);
        for (index, _) in &batch.duplicates {
            settle(&messages[*index], Settlement::Acknowledge);
        }
        admit(&consumer, batch.tickets, &messages).await;
        // What cannot be read waits for what can.
        join(
            consumer.run(),
            bury(&consumer, &queue, &batch.unreadable, &messages),
        )
        .await;
    }
}

fn settle(message: &RawMessage, settlement: Settlement) {
    match settlement {
        Settlement::Acknowledge => message.ack(),
        // After the pause that `wrangler.toml` sets for the queue.
        Settlement::DeliverAgain => message.retry(),
    }
}

/// The body of a message, if it is a text.
pub(super) fn text(message: &RawMessage) -> Option<String> {
    message.body().as_string()
}

/// Keeps records of messages that are not tickets, and settles them.
async fn bury(
    consumer: &Consumer<'_>,
    queue: &str,
    unreadable: &[(usize, TicketError)],
    messages: &[RawMessage],
) {
    for (index, error) in unreadable {
        let message = &messages[*index];
        let recorded = dead_letters::keep(consumer, queue, message, &error.to_string()).await;
        settle(message, Verdict::Bury.settlement(recorded));
    }
}

/// Asks the gates about the whole batch, settles every ticket, and gives the delivery what may run.
async fn admit(consumer: &Consumer<'_>, tickets: Vec<(usize, Ticket)>, messages: &[RawMessage]) {
    let (indexes, tickets): (Vec<_>, Vec<_>) = tickets.into_iter().unzip();
    let verdicts = consumer.ask_gates(tickets).await;
    for (index, (ticket, verdict)) in indexes.into_iter().zip(verdicts) {
        settle(&messages[index], verdict.settlement(true));
        let event = consumer.delivery.borrow_mut().judged(ticket, verdict);
        consumer.log_all(event.as_slice());
    }
}

impl Consumer<'_> {
    /// Asks each user's gate once about all of that user's tickets; one verdict a ticket, in the order given.
    pub(super) async fn ask_gates(&self, tickets: Vec<Ticket>) -> Vec<(Ticket, Verdict)> {
        let users = by_user(&tickets);
        let asked = users.iter().map(|(user_id, positions)| {
            let job = |position: &usize| tickets[*position].job_id.clone();
            self.ask_gate(user_id, positions.iter().map(job).collect())
        });
        // Not all at once: each answer holds up to a hundred payloads, once as text and once read.
        let answers: Vec<_> = stream::iter(asked).buffered(GATES_AT_ONCE).collect().await;
        let mut verdicts: Vec<Option<Verdict>> = tickets.iter().map(|_| None).collect();
        for (positions, answers) in users.values().zip(answers) {
            for (position, verdict) in positions.iter().zip(answers) {
                verdicts[*position] = Some(verdict);
            }
        }
        let verdicts = verdicts
            .into_iter()
            .map(|verdict| verdict.unwrap_or(Verdict::Retry));
        tickets.into_iter().zip(verdicts).collect()
    }

    /// One verdict a job, in the order asked.
    async fn ask_gate(&self, user_id: &UserId, jobs: Vec<JobId>) -> Vec<Verdict> {
        let asked = jobs.len();
        let command = Command::Admit {
            holder: self.holder.clone(),
            jobs,
        };
        match GateClient::new(self.env).ask(user_id, command).await {
            Ok(Reply::Admitted { admissions }) if admissions.len() == asked => {
                admissions.into_iter().map(Verdict::from).collect()
            }
            Ok(reply) => {
                // Not the reply itself: it may hold payloads.
                let count = matches!(reply, Reply::Admitted { .. });
                let what = if count {
                    "another number of answers"
                } else {
                    "another kind of answer"
                };
                self.log(&Event::fault("a gate gave no answer to an admission", what));
                vec![Verdict::Retry; asked]
            }
            Err(error) => {
                let what = "a gate could not be asked; delivered again";
                self.log(&Event::fault(what, error));
                vec![Verdict::Retry; asked]
            }
        }
    }
}
