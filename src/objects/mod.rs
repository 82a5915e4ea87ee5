//! The Durable Objects: the gate of each user and the pool, how they are asked, and what they have in common on the
//! platform's side: their database, their one alarm, and how they put tickets on the queue.

mod alarm;
mod call;
mod database;
mod gate;
mod gate_client;
mod outbox;
mod pool;
mod pool_client;
mod shell;

pub(crate) use gate_client::GateClient;
pub(crate) use pool_client::PoolClient;
