//! How the objects are asked: the gate of a user, and the pool.

pub(crate) mod call;
mod failures;
mod gate;
mod pool;
pub(crate) mod watch;

pub(crate) use failures::FailuresClient;
pub(crate) use gate::GateClient;
pub(crate) use pool::PoolClient;
