//! The Durable Objects: the gate of each user, the pool and the list of failures, and what they have in common on the platform's side:
//! their database, their one alarm, and how they put tickets on the queue.

mod alarm;
mod database;
mod failures;
mod gate;
mod outbox;
mod pool;
mod shell;
mod sockets;
