//! The queue's event: runs the steps of [`super`] and settles every message by name.

use super::{
    batch::{Batch, arrange, by_user},
    dead_letters,
    runner::{Admitted, Delivery},
    verdict::{Settlement, Verdict},
};
use crate::{
    bindings, clock,
    config::LogFormat,
    domain::{JobId, Ticket, UserId},
    gate::{Command, GateClient, Reply},
    observability::{Event, JobFacts, sink},
    settings,
};
use futures_util::future::join_all;
use worker::{Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage};

/// How long the queue waits before it delivers again what no gate could answer for.
const RETRY_SECONDS: u32 = 10;

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
    };
    let queue = batch.queue();
    if queue.ends_with(bindings::DEAD_LETTER_SUFFIX) {
        for message in &messages {
            settle(
                message,
                dead_letters::record(&delivery, &queue, message).await,
            );
        }
    } else {
        let admitted = admit(&delivery, &queue, &messages).await;
        delivery.run(admitted).await;
    }
}

pub(super) fn settle(message: &RawMessage, settlement: Settlement) {
    match settlement {
        Settlement::Acknowledge => message.ack(),
        Settlement::DeliverAgain => {
            let options = QueueRetryOptionsBuilder::new()
                .with_delay_seconds(RETRY_SECONDS)
                .build();
            message.retry_with_options(&options);
        }
    }
}

/// The body of a message, if it is a text.
pub(super) fn text(message: &RawMessage) -> Option<String> {
    message.body().as_string()
}

/// Asks the gates about the whole batch, settles every message, and returns what may run, best first.
async fn admit(delivery: &Delivery<'_>, queue: &str, messages: &[RawMessage]) -> Vec<Admitted> {
    let bodies: Vec<_> = messages.iter().map(text).collect();
    let Batch {
        tickets,
        duplicates,
        unreadable,
    } = arrange(&bodies, delivery.config.gate.priority_boost);
    for (index, error) in unreadable {
        let message = &messages[index];
        let recorded = dead_letters::keep(delivery, queue, message, &error.to_string()).await;
        settle(message, Verdict::Bury.settlement(recorded));
    }
    for (index, _) in duplicates {
        settle(&messages[index], Settlement::Acknowledge);
    }
    let users = by_user(&tickets);
    let asked = users.iter().map(|(user_id, positions)| {
        let jobs: Vec<_> = positions
            .iter()
            .map(|position| tickets[*position].1.job_id.clone())
            .collect();
        ask(delivery, user_id, jobs)
    });
    let mut verdicts: Vec<Option<Verdict>> = tickets.iter().map(|_| None).collect();
    for (positions, answers) in users.values().zip(join_all(asked).await) {
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
            delivery.log(&Event::fault(
                "a gate gave no answer to an admission",
                format!("{reply:?}"),
            ));
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
        Verdict::Skip(reason) => delivery.log(&Event::Skipped { job, reason }),
        // Logged where they were found out.
        Verdict::Retry | Verdict::Bury => {}
    }
    None
}

impl From<&Ticket> for JobFacts {
    fn from(ticket: &Ticket) -> Self {
        Self {
            job_id: ticket.job_id.clone(),
            user_id: Some(ticket.user_id.clone()),
            kind: ticket.kind,
            stage: ticket.stage,
            tier: ticket.tier,
            priority: ticket.priority,
        }
    }
}
