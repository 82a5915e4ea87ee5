//! The shared types and rules; no I/O, no dependency on any other folder.
//!
//! Reading order: identifiers ([`id`]), time ([`timestamp`], [`month`]), what a user bought
//! ([`subscription`], [`plan`]) and what that allows ([`tier`]), which job goes first ([`rank`]), what a job consists of
//! ([`kind`]), when it may start ([`window`]), what its stages need ([`backend`]), what an episode is made of ([`source`]), where mails for a user go
//! ([`mailbox`]), and the message that stands for it ([`ticket`]).

pub mod backend;
pub(crate) mod hex;
pub mod id;
pub mod integer;
pub mod kind;
pub mod mailbox;
pub mod month;
pub(crate) mod named;
pub mod plan;
pub mod rank;
pub mod source;
pub mod subscription;
pub mod ticket;
pub mod tier;
pub mod timestamp;
pub mod window;

pub use backend::{Backend, Blame};
pub use id::{JobId, Kind, ReplayId, SeriesId, UserId};
pub use kind::{Kinds, Stage};
pub use mailbox::Mailbox;
pub use month::Month;
pub use plan::Plans;
pub use rank::Rank;
pub use subscription::Subscription;
pub use ticket::{Ticket, TicketError};
pub use tier::{Tier, TierRules, Tiers};
pub use timestamp::Timestamp;
pub use window::Window;
