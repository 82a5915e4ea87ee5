//! What a gate tells the list of failures: each word until it is confirmed, and none about what goes well.

use super::harness::GateHarness;
use crate::harness::Harness;
use queue_core::{
    domain::{Stage, Tier, Timestamp},
    failures::Word,
    gate::{Command, SqlStore, Store, words::Lister},
};
use std::time::Duration;

impl GateHarness {
    /// What is owed.
    fn owed(&self) -> Vec<Word> {
        let store = SqlStore::new(&self.database);
        let ever = Timestamp::from_millis(i64::MAX);
        store.words(ever, u32::MAX).unwrap()
    }

    /// The list hears all that it was told in the latest turn.
    fn list_hears(&mut self) {
        let words = self.effects.words.clone();
        self.turn(Command::Listed { words });
    }

    fn fail_for_good(&mut self) -> (queue_core::domain::JobId, Word) {
        let job_id = self.submit(Tier::Tier1);
        let epoch = self.start(&job_id).epoch;
        self.fail(&job_id, epoch, true);
        let [word] = &self.effects.words[..] else {
            panic!("one word: {:?}", self.effects.words);
        };
        (job_id, word.clone())
    }
}

#[test]
fn a_failure_is_told_until_it_is_heard() {
    let mut gate = GateHarness::new();
    let (job_id, word) = gate.fail_for_good();
    let Word::Failed(failed) = &word else {
        panic!("it has failed: {word:?}");
    };
    let told = (failed.stage, failed.error.as_str(), failed.epoch);
    assert_eq!(told, (Stage::Image, "planted", gate.job(&job_id).epoch));
    for _ in 0..2 {
        gate.wake_after(Duration::from_mins(1));
        assert_eq!(gate.effects.words, std::slice::from_ref(&word));
    }
    gate.list_hears();
    assert_eq!(gate.owed(), []);
    gate.wake_after(Duration::from_mins(1));
    assert_eq!(gate.effects.words, []);
}

#[test]
fn a_replay_takes_the_failure_back_whether_it_was_heard_or_not() {
    for is_heard in [true, false] {
        let mut gate = GateHarness::new();
        let (job_id, failed) = gate.fail_for_good();
        if is_heard {
            gate.list_hears();
        }
        let epoch = gate.job(&job_id).epoch;
        gate.replay(&job_id);
        let gone = Word::Gone {
            job_id: job_id.clone(),
            epoch,
        };
        assert_eq!(gate.effects.words, std::slice::from_ref(&gone));
        let words = vec![failed];
        gate.turn(Command::Listed { words });
        assert_eq!(gate.owed(), [gone], "what was heard late is not this word");
    }
}

#[test]
fn what_is_forgotten_is_taken_back_and_what_went_well_is_never_told() {
    let mut gate = GateHarness::new();
    let (failed, _) = gate.fail_for_good();
    gate.list_hears();
    let done = gate.submit(Tier::Tier1);
    gate.run_to_the_end(&done);
    let cancelled = gate.submit(Tier::Tier1);
    gate.cancel(&cancelled);
    assert_eq!(gate.owed(), []);
    gate.turn(Command::Forget {
        jobs: vec![failed.clone(), done, cancelled],
        failed: Vec::new(),
    });
    let owed = gate.owed();
    assert!(
        matches!(&owed[..], [Word::Gone { job_id, .. }] if *job_id == failed),
        "{owed:?}"
    );
}

#[test]
fn a_user_is_deleted_when_the_list_knows_of_no_failure() {
    let mut gate = GateHarness::new();
    let (failed, _) = gate.fail_for_good();
    gate.list_hears();
    assert_eq!(gate.delete_user(), (0, false));
    gate.turn(Command::Forget {
        jobs: vec![failed],
        failed: Vec::new(),
    });
    assert_eq!(gate.delete_user(), (0, false), "the list has not heard yet");
    gate.wake_after(Duration::from_mins(1));
    gate.list_hears();
    assert_eq!(gate.delete_user(), (0, true));
}

#[test]
fn words_are_told_one_call_after_the_other_in_their_order() {
    let mut gate = GateHarness::new();
    let (_, first) = gate.fail_for_good();
    let (_, second) = gate.fail_for_good();
    let mut lister = Lister::default();
    assert!(lister.take(&mut vec![first.clone()]), "somebody must call");
    assert_eq!(lister.call(), Some(vec![first]));
    assert!(!lister.take(&mut vec![second.clone()]), "somebody does");
    assert_eq!(lister.call(), Some(vec![second.clone()]));
    assert_eq!(lister.call(), None);
    assert!(lister.take(&mut vec![second.clone()]));
    let _ = lister.call();
    lister.failed();
    assert_eq!(lister.call(), None, "the alarm tells again");
    assert!(lister.take(&mut vec![second]));
}
