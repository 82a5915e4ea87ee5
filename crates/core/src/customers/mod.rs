//! Stripe's customers: whose they and their subscriptions are, and what their events mean for a user.
//!
//! Reading order: [`ledger`] (what is noted, and what applying an event reads and writes), [`telling`] (what the gates hear),
//! [`apply`] with `checkout` (the steps, and why no order of them loses anything), [`reconcile`] (what is mended by Stripe's list), and [`mark`] (what is left of a
//! subscription whose user is deleted).

pub mod apply;
mod checkout;
pub mod ledger;
pub mod mark;
pub mod reconcile;
pub mod telling;

pub use apply::{Applied, apply};
pub use ledger::{Ledger, Link};
pub use telling::Rules;
