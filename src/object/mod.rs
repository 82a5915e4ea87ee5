//! What the objects of the project have in common on the platform's side: how they are called, their one
//! alarm, and how they put tickets on the queue.

pub(crate) mod alarm;
pub(crate) mod call;
pub(crate) mod outbox;
