//! The queue's event: runs the steps of [`super`] and settles every message by name.

use super::{
    batch::{arrange, by_user},
    capacity::Slots,
    dead_letters,
    runner::{Admitted, Delivery},
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
    let delivery = Delivery {
        env: &env,
        config: &config,
        holder: clock::job_id().to_string(),
        started_at: clock::now(),
        slots: Slots::default(),
    };
    let queue = batch.queue();
    if config.log_costs {
        delivery.log(&Event::Delivery {
            queue: queue.clone(),
            messages: messages.len(),
        });
    }
    if queue.ends_with(bindings::DEAD_LETTER_SUFFIX) {
        for message in &messages {
            settle(
                message,
                dead_letters::record(&delivery, &queue, message).await,
            );
        }
    } else {
        let bodies: Vec<_> = messages.iter().map(text).collect();
        let batch = arrange(&bodies, config.gate.priority_boost);
        for (index, _) in &batch.duplicates {
            settle(&messages[*index], Settlement::Acknowledge);
        }
        let admitted = admit(&delivery, batch.tickets, &messages).await;
        let admitted = delivery.claim(admitted).await;
        // What cannot be read waits for what can.
        join(
            delivery.run(admitted),
            bury(&delivery, &queue, &batch.unreadable, &messages),
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
    delivery: &Delivery<'_>,
    queue: &str,
    unreadable: &[(usize, TicketError)],
    messages: &[RawMessage],
) {
    for (index, error) in unreadable {
        let message = &messages[*index];
        let recorded = dead_letters::keep(delivery, queue, message, &error.to_string()).await;
        settle(message, Verdict::Bury.settlement(recorded));
    }
}

/// Asks the gates about the whole batch, settles every ticket, and returns what may run, best first.
async fn admit(
    delivery: &Delivery<'_>,
    tickets: Vec<(usize, Ticket)>,
    messages: &[RawMessage],
) -> Vec<Admitted> {
    let users = by_user(&tickets);
    let asked = users.iter().map(|(user_id, positions)| {
        let job = |position: &usize| tickets[*position].1.job_id.clone();
        ask(delivery, user_id, positions.iter().map(job).collect())
    });
    // Not all at once: each answer holds up to a hundred payloads, once as text and once read.
    let answers: Vec<_> = stream::iter(asked).buffered(GATES_AT_ONCE).collect().await;
    let mut verdicts: Vec<Option<Verdict>> = tickets.iter().map(|_| None).collect();
    for (positions, answers) in users.values().zip(answers) {
        for (position, verdict) in positions.iter().zip(answers) {
            verdicts[*position] = Some(verdict);
        }
    }
    let mut admitted = Vec::new();
    for ((index, ticket), verdict) in tickets.into_iter().zip(verdicts) {
        let verdict = verdict.unwrap_or(Verdict::Retry);
        settle(&messages[index], verdict.settlement(true));
        admitted.extend(note(delivery, ticket, verdict));
    }
    // By the gates' ranks: a ticket does not know how long its user left no room for the job.
    admitted.sort_by_cached_key(|admitted| (admitted.grant.rank, admitted.ticket.job_id.clone()));
    admitted
}

/// One verdict a job, in the order asked.
async fn ask(delivery: &Delivery<'_>, user_id: &UserId, jobs: Vec<JobId>) -> Vec<Verdict> {
    let asked = jobs.len();
    let command = Command::Admit {
        holder: delivery.holder.clone(),
        jobs,
    };
    match GateClient::new(delivery.env).ask(user_id, command).await {
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
            delivery.log(&Event::fault("a gate gave no answer to an admission", what));
            vec![Verdict::Retry; asked]
        }
        Err(error) => {
            delivery.log(&Event::fault(
                "a gate could not be asked; delivered again",
                error,
            ));
            vec![Verdict::Retry; asked]
        }
    }
}

/// Logs a verdict, and passes on what may run.
fn note(delivery: &Delivery<'_>, ticket: Ticket, verdict: Verdict) -> Option<Admitted> {
    let job = (&ticket).into();
    match verdict {
        Verdict::Run(grant) => return Some(Admitted { ticket, grant }),
        Verdict::Park { active, limit } => delivery.log(&Event::Parked { job, active, limit }),
        Verdict::Skip(reason) => {
            delivery.slots.skip(&ticket, reason);
            delivery.log(&Event::Skipped { job, reason });
        }
        // Logged where they were found out.
        Verdict::Retry | Verdict::Bury => {}
    }
    None
}
