//! The address of a user's mails.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::{
    domain::{Mailbox, Tier, Timestamp, mailbox::MAILBOX_BYTES},
    gate::{Command, Reply},
};
use std::time::Duration;

pub fn mailbox() -> Mailbox {
    Mailbox::new(&[0xa7; MAILBOX_BYTES])
}

impl GateHarness {
    /// Whether the user has that mailbox after it was asked for then.
    fn takes(&mut self, mailbox: Mailbox, asked_at: Timestamp) -> bool {
        let wanted = Some(mailbox.clone());
        let reply = self.turn(Command::SetMailbox { mailbox, asked_at });
        if let Reply::Account { account } = reply {
            return account.mailbox == wanted;
        }
        assert_eq!(reply, Reply::Erasing);
        false
    }
}

#[test]
fn a_new_mailbox_ends_the_one_before_and_changes_nothing_else() {
    let mut gate = GateHarness::new();
    gate.submit(Tier::Tier2);
    let before = gate.account();
    assert_eq!(before.mailbox, None);
    for byte in [1, 2, 2] {
        let mailbox = Mailbox::new(&[byte; MAILBOX_BYTES]);
        assert!(gate.takes(mailbox.clone(), gate.now));
        gate.evict();
        let account = gate.account();
        assert_eq!(account.mailbox, Some(mailbox));
        assert_eq!((account.tier, account.active), (before.tier, before.active));
    }
}

#[test]
fn a_mailbox_goes_with_its_user_whoever_else_is_recorded_of_it() {
    let mut gate = GateHarness::new();
    assert!(gate.takes(mailbox(), gate.now));
    let asked_before = gate.now;
    gate.pass(Duration::from_secs(1));
    assert_eq!(gate.delete_user(), (0, true));
    assert!(gate.is_forgotten());
    assert_eq!(gate.account().mailbox, None);
    assert!(!gate.takes(mailbox(), asked_before), "it was on its way");
    assert!(gate.is_forgotten());
    assert!(gate.takes(mailbox(), gate.now), "a user of the same name");
}

#[test]
fn who_is_being_deleted_gets_no_mailbox() {
    let (mut gate, ..) = GateHarness::running();
    gate.delete_user();
    assert!(!gate.takes(mailbox(), gate.now));
}
