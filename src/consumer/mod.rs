//! The queue's event: performs the steps that [`delivery`](queue_core::delivery) decides, and settles every message by name.

mod context;
mod dead_letters;
mod runner;
mod stage;
mod sweep;

use crate::{
    clock,
    generator::{lines::Lines, turns::Waiting},
    log::log,
    settings,
};
use context::{Consumer, text};
use futures_util::future::join;
use queue_core::{
    bindings,
    config::LogFormat,
    delivery::{
        Delivery,
        batch::{Batch, arrange},
        settlement::Settlement,
    },
    domain::TicketError,
    events::Event,
};
use runner::Runner;
use std::cell::RefCell;
use worker::{Env, MessageBatch, MessageExt, RawMessage};

/// Settles and runs a batch. Never fails: with this platform an error here is a panic, which would take
/// every other request of the isolate with it.
pub(crate) async fn deliver(batch: MessageBatch<()>, env: Env) {
    let messages: Vec<RawMessage> = batch.raw_iter().collect();
    let config = match settings::load(&env) {
        Ok(config) => config,
        Err(error) => {
            log(
                LogFormat::Text,
                &Event::fault("the configuration is invalid", error),
            );
            for message in &messages {
                settle(message, Settlement::DeliverAgain);
            }
            return;
        }
    };
    let name = clock::job_id().to_string();
    let consumer = Consumer {
        env: &env,
        config: &config,
        delivery: RefCell::new(Delivery::new(name, clock::now(), &config)),
        waiting: Waiting::default(),
        lines: Lines::default(),
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
                dead_letters::settle(&consumer, &queue, message).await,
            );
        }
    } else {
        serve(&consumer, &queue, &messages).await;
    }
}

/// Runs a delivery, and buries beside it what cannot be read. With a pool, the tickets only brought the delivery: its
/// work comes from the pool's line.
async fn serve(consumer: &Consumer<'_>, queue: &str, messages: &[RawMessage]) {
    let bodies: Vec<_> = messages.iter().map(text).collect();
    let Batch {
        tickets,
        duplicates,
        unreadable,
    } = arrange(&bodies, consumer.config.gate.priority_boost);
    let brought = tickets.iter().map(|(_, ticket)| ticket.clone());
    consumer.delivery.borrow_mut().brought(brought);
    join(
        Runner { consumer }.run(),
        bury(consumer, queue, &unreadable, messages),
    )
    .await;
    let delivery = consumer.delivery.borrow();
    for (index, ticket) in tickets.iter().chain(&duplicates) {
        let is_unreached = delivery.is_unreached(&ticket.job_id);
        settle(&messages[*index], Settlement::of_ticket(is_unreached));
    }
}

fn settle(message: &RawMessage, settlement: Settlement) {
    match settlement {
        Settlement::Acknowledge => message.ack(),
        // After the pause that `wrangler.toml` sets for the queue.
        Settlement::DeliverAgain => message.retry(),
    }
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
        let is_recorded = dead_letters::keep(consumer, queue, message, &error.to_string()).await;
        settle(message, Settlement::of_unreadable(is_recorded));
    }
}
