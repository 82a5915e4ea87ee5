//! Stripe's customers: what their events do to their users' plans, in whatever order they come.

mod deletions;
mod lists;
mod lives;
mod orders;
mod owners;
mod reconcile;
mod shuffles;
mod table;
mod world;
