//! The consumer's calls about slots: of the pool, for a whole delivery at once, and of the gates whose jobs wait for
//! one. Where capacity is unbounded, the pool is never called.

use super::{admitted::Admitted, runner::Consumer};
use crate::{
    domain::UserId,
    gate::{self, GateClient, command::Holding},
    observability::Event,
    pool::{Command, PoolClient, Reply},
};
use futures_util::{StreamExt, stream};
use std::{collections::BTreeMap, time::Duration};
use worker::Delay;

/// Gates told at the same time (Workers limits: six connections that wait for an answer).
const GATES_AT_ONCE: usize = 6;

impl Consumer<'_> {
    /// Asks the pool; what came of it is up to the delivery.
    pub(super) async fn exchange(&self, command: Command) {
        let answer = match PoolClient::new(self.env).ask(&command).await {
            Ok(reply @ Reply::Claimed { .. }) => Some(reply),
            Ok(_) => {
                let what = "the pool gave no answer to a claim";
                self.log(&Event::fault(what, "another kind of answer"));
                None
            }
            Err(error) => {
                let what =
                    "the pool could not be asked; the jobs wait, and slots that were freed run out";
                self.log(&Event::fault(what, error));
                None
            }
        };
        let events = self.delivery.borrow_mut().exchanged(answer);
        self.log_all(&events);
    }

    /// Tells the gates, each once, that these jobs wait for a slot.
    pub(super) async fn wait(&self, jobs: Vec<Admitted>, in_line: bool) {
        let mut users: BTreeMap<UserId, Vec<Holding>> = BTreeMap::new();
        for admitted in jobs {
            let holding = admitted.holding();
            users
                .entry(admitted.ticket.user_id)
                .or_default()
                .push(holding);
        }
        let told = users.into_iter().map(async |(user_id, jobs)| {
            let command = gate::Command::Wait { jobs, in_line };
            if let Err(error) = GateClient::new(self.env).ask(&user_id, command).await {
                let what = "a gate was not told that jobs wait; their leases run out";
                self.log(&Event::fault(what, error));
            }
        });
        stream::iter(told)
            .buffer_unordered(GATES_AT_ONCE)
            .collect::<()>()
            .await;
        self.delivery.borrow_mut().told();
    }

    /// How long a slot goes without renewal: a quarter of the lease, so that two renewals may fail; and half of
    /// what the pool waits before it sends the ticket again that came with a slot.
    fn renewal_pause(&self) -> Duration {
        (self.config.pool.lease / 4).min(self.config.pool.ticket_resend / 2)
    }

    /// Waits for that pause, and renews all slots held then.
    pub(super) async fn renew(&self) {
        Delay::from(self.renewal_pause()).await;
        let jobs = self.delivery.borrow().slots().holdings();
        if jobs.is_empty() {
            return;
        }
        match PoolClient::new(self.env)
            .ask(&Command::Renew { jobs })
            .await
        {
            Ok(Reply::Renewed { lost }) => self.delivery.borrow_mut().lost(lost),
            Ok(_) => {}
            Err(error) => self.log(&Event::fault("slots could not be renewed", error)),
        }
    }
}
