//! The world around the product's decisions: a clock that jumps to the next event, clients, a queue,
//! consumers, a generator, and the objects of the gates and of the pool. One list of events, one source of chance.

mod bucket;
mod call;
mod calls;
mod clients;
mod close;
mod consumer;
mod ends;
mod event;
mod gates;
mod hosts;
mod list_calls;
mod operator;
mod outages;
mod plans;
mod pool_calls;
mod progress;
mod queue;
mod replays;
mod state;
mod steps;
mod tasks;
mod trace;
mod work;

pub(crate) use state::World;
