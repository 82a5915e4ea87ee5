//! Whose turn it is to compute.

use proptest::prelude::*;
use queue_core::{
    delivery::turns::{TurnId, Turns},
    domain::{Timestamp, UserId},
};
use std::{collections::BTreeMap, time::Duration};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn user(name: &str) -> UserId {
    UserId::try_from(name.to_owned()).unwrap()
}

/// Has the next turn taken, with so much work done in it; says whose it was.
fn serve(turns: &mut Turns, work: u64, weight: u32) -> Option<TurnId> {
    let id = turns.next(NOW)?;
    assert!(turns.begin(id, NOW), "who comes next may begin");
    turns.end(id, work, weight);
    Some(id)
}

#[test]
fn only_one_has_the_turn() {
    let mut turns = Turns::default();
    let (one, two) = (turns.enter(&user("ann")), turns.enter(&user("bob")));

    assert!(!turns.begin(two, NOW), "the first comes first");
    assert!(turns.begin(one, NOW));
    assert_eq!(turns.next(NOW), None);
    assert!(!turns.begin(two, NOW));
    turns.end(one, 1, 1);
    assert!(turns.begin(two, NOW));
}

#[test]
fn a_newcomer_waits_for_the_turn_that_runs_however_many_another_user_waits_for() {
    let mut turns = Turns::default();
    let hostile: Vec<TurnId> = (0..50).map(|_| turns.enter(&user("mallory"))).collect();
    for id in &hostile[..10] {
        assert_eq!(serve(&mut turns, 100_000, 1), Some(*id));
    }
    assert!(turns.begin(hostile[10], NOW));
    let newcomer = turns.enter(&user("ann"));
    turns.end(hostile[10], 100_000, 1);

    assert_eq!(turns.next(NOW), Some(newcomer));
}

#[test]
fn large_pieces_bring_no_larger_share() {
    let mut turns = Turns::default();
    let mut done = [0, 0];
    let mut ids = ["mallory", "ann"].map(|name| turns.enter(&user(name)));
    for _ in 0..1_000 {
        let whose = usize::from(turns.next(NOW) == Some(ids[1]));
        let work = [50_000, 1_000][whose];
        serve(&mut turns, work, 1);
        done[whose] += work;
        ids[whose] = turns.enter(&user(["mallory", "ann"][whose]));
    }

    assert!(done[0].abs_diff(done[1]) <= 51_000, "{done:?}");
}

#[test]
fn who_pauses_saves_nothing_up() {
    let mut turns = Turns::default();
    let _first = turns.enter(&user("ann"));
    serve(&mut turns, 10, 1);
    for _ in 0..100 {
        turns.enter(&user("bob"));
    }
    for _ in 0..50 {
        serve(&mut turns, 1_000, 1);
    }
    let back: Vec<TurnId> = (0..50).map(|_| turns.enter(&user("ann"))).collect();
    let served: Vec<TurnId> = (0..20)
        .filter_map(|_| serve(&mut turns, 1_000, 1))
        .collect();

    let of_ann = served.iter().filter(|id| back.contains(id)).count();
    assert_eq!(of_ann, 10, "they take turns from now on");
}

#[test]
fn a_turn_that_nobody_takes_or_ends_is_passed_on_after_a_second() {
    let mut turns = Turns::default();
    let (dead, alive) = (turns.enter(&user("ann")), turns.enter(&user("bob")));
    let at = |millis| NOW.after(Duration::from_millis(millis));

    assert_eq!(turns.next(at(0)), Some(dead));
    assert!(!turns.begin(alive, at(999)));
    assert!(turns.begin(alive, at(1_000)), "nobody took the turn");
    assert!(!turns.is_waiting(dead), "it has to queue up again");
    let next = turns.enter(&user("ann"));
    assert!(!turns.begin(next, at(1_999)));
    assert!(turns.begin(next, at(2_000)), "nobody ended the turn");
    turns.end(alive, 1, 1);
    assert_eq!(
        turns.next(at(2_001)),
        None,
        "it was not the slow one's turn"
    );
}

#[test]
fn others_of_the_isolate_go_first_after_some_work_however_many_did_it() {
    let mut turns = Turns::default();
    for _ in 0..3 {
        assert!((0..7).all(|_| turns.goes_on(16_384)) && !turns.is_round_over());
        assert!(!turns.goes_on(16_384) && turns.is_round_over());
        turns.begin_round();
    }
    assert!(!turns.goes_on(10_000_000), "a long piece");
}

#[test]
fn who_gives_up_is_passed_over() {
    let mut turns = Turns::default();
    let ids = ["ann", "bob", "cid"].map(|name| turns.enter(&user(name)));
    assert_eq!(turns.next(NOW), Some(ids[0]));
    turns.forget(ids[0]);
    turns.forget(ids[1]);

    assert!(turns.begin(ids[2], NOW));
}

proptest! {
    /// The bound of start-time fair queueing (Goyal, Vin, Cheng 1996, theorem 1): while two users both wait all the time,
    /// their work by weight differs at most by one piece of each.
    #[test]
    fn users_who_always_wait_share_the_work_by_their_weights(
        pieces in prop::collection::vec(1_000..100_000_u32, 200),
        weights in prop::collection::vec(1..20_u32, 2..6),
    ) {
        let mut turns = Turns::default();
        let users: Vec<UserId> = (0..weights.len()).map(|index| user(&format!("user{index}"))).collect();
        let mut waits: BTreeMap<TurnId, usize> = BTreeMap::new();
        let mut done = vec![0.0; users.len()];
        for (index, user) in users.iter().enumerate() {
            // Two at a time: a user waits for its next turn before this one ends.
            waits.insert(turns.enter(user), index);
            waits.insert(turns.enter(user), index);
        }
        for work in pieces {
            let id = turns.next(NOW).unwrap();
            let index = waits[&id];
            prop_assert!(turns.begin(id, NOW));
            waits.insert(turns.enter(&users[index]), index);
            turns.end(id, u64::from(work), weights[index]);
            done[index] += f64::from(work) / f64::from(weights[index]);
            for (one, two) in (0..users.len()).flat_map(|one| (0..one).map(move |two| (one, two))) {
                let most = 100_000.0 / f64::from(weights[one]) + 100_000.0 / f64::from(weights[two]);
                prop_assert!((done[one] - done[two]).abs() <= most + 200.0, "{done:?}");
            }
        }
    }
}
