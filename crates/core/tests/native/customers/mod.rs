//! Stripe's customers: what their events do to their users' plans, in whatever order they come.

mod deletions;
mod lives;
mod orders;
mod owners;
mod shuffles;
mod table;
mod world;
