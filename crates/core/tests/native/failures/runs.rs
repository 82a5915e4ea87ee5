//! Replays of many: how fast, how far, and what a crash leaves.

use super::harness::{ListHarness, RETENTION, of_user1, replay_id};
use queue_core::failures::{
    Answer, Command, Reply, RunState,
    apply::{ENDED_MAX, RUNS_MAX},
    command::Refusal,
    run::{ASKED_MAX, RATE_MAX},
};
use std::time::Duration;

fn with_failures(count: u8) -> ListHarness {
    let mut list = ListHarness::new();
    for number in 1..=count {
        list.fails(number, 3);
    }
    list
}

#[test]
fn it_asks_for_one_after_the_other_at_its_rate_and_counts_what_came_of_each() {
    let mut list = with_failures(3);
    let run = list.begin(1, of_user1(), 60);
    assert_eq!((run.matched, run.state), (3, RunState::Running));
    assert_eq!(list.effects.turned.len(), 1, "it is logged");
    let mut asked = Vec::new();
    let answers = [
        Answer::Replayed,
        Answer::Refused(Refusal::Quota),
        Answer::Replayed,
    ];
    for answer in answers {
        let numbers = list.wake();
        let seconds = list.now.millis_since(run.began_at) / 1_000;
        asked.push((seconds, numbers.clone()));
        list.answer(1, &[(numbers[0], answer)]);
    }
    assert_eq!(asked, [(0, vec![1]), (1, vec![2]), (2, vec![3])]);
    assert_eq!(list.wake(), [0; 0]);
    let run = list.run(1);
    assert_eq!((run.state, run.replayed), (RunState::Done, 2));
    assert_eq!(run.refused[&Refusal::Quota], 1);
}

#[test]
fn the_fastest_asks_for_a_fifth_of_a_second_at_once_and_no_more() {
    let mut list = with_failures(250);
    list.begin(1, of_user1(), RATE_MAX);
    list.now = list.now.after(Duration::from_hours(1));
    let asked = list.wake();
    assert_eq!(asked.len(), 21, "what was not used is not made up for");
    list.now = list.now.after(Duration::from_hours(1));
    let again = list.wake().len() - asked.len();
    assert_eq!(again, 21, "beside those that have no answer");
    for _ in 0..4 {
        list.now = list.now.after(Duration::from_secs(1));
        list.turn(Command::Wake);
        list.answer(1, &[]);
    }
    let asked = list.run(1).asked.len();
    assert!(asked <= ASKED_MAX, "{asked} without an answer");
}

#[test]
fn what_has_failed_since_it_began_is_not_replayed_by_it() {
    let mut list = with_failures(1);
    list.begin(1, of_user1(), RATE_MAX);
    list.fails(2, 3);
    assert_eq!(list.wake(), [1]);
    list.goes(1, 3);
    list.answer(1, &[(1, Answer::Replayed)]);
    list.fails(1, 9);
    assert_eq!(
        list.wake(),
        [0; 0],
        "the job has failed again: another failure"
    );
    assert_eq!(list.run(1).state, RunState::Done);
    assert_eq!(list.listed().len(), 2);
}

#[test]
fn what_was_asked_for_before_a_crash_is_asked_for_again_after_a_minute_and_counted_once() {
    let mut list = with_failures(1);
    list.begin(1, of_user1(), 60);
    assert_eq!(list.wake(), [1]);
    // The gate has replayed it and said so; whoever asked is gone.
    list.goes(1, 3);
    let before = list.now;
    assert_eq!(list.wake(), [1]);
    assert_eq!(list.now.millis_since(before), 60_000);
    for _ in 0..2 {
        list.answer(1, &[(1, Answer::Replayed)]);
    }
    assert_eq!(list.run(1).replayed, 1);
    list.wake();
    assert_eq!(list.run(1).state, RunState::Done);
}

#[test]
fn a_gate_that_cannot_be_reached_is_asked_again_while_the_others_go_on() {
    let mut list = with_failures(20);
    list.begin(1, of_user1(), 60);
    let (began, mut again) = (list.now, Vec::new());
    while list.run(1).state != RunState::Done {
        let asked = list.wake();
        let seconds = list.now.millis_since(began) / 1_000;
        if asked.contains(&1) {
            again.push(seconds);
        }
        let answer = |number: &u32| {
            let is_out = *number == 1 && seconds < 20;
            let answer = if is_out {
                Answer::Unreached
            } else {
                Answer::Replayed
            };
            (*number, answer)
        };
        let answers: Vec<_> = asked.iter().map(answer).collect();
        list.answer(1, &answers);
    }
    assert_eq!(again, [0, 10, 20]);
    assert_eq!(list.run(1).replayed, 20);
}

#[test]
fn a_pause_holds_it_and_an_end_ends_it() {
    let mut list = with_failures(3);
    list.begin(1, of_user1(), 60);
    assert_eq!(list.wake(), [1]);
    let id = replay_id(1);
    let pause = |pauses| Command::Pause {
        id: id.clone(),
        pauses,
    };
    for _ in 0..2 {
        list.turn(pause(true));
        assert_eq!(list.run(1).state, RunState::Paused);
    }
    list.answer(1, &[(1, Answer::Replayed)]);
    assert_eq!(list.run(1).replayed, 1, "what was under way counts");
    list.now = list.now.after(Duration::from_hours(1));
    list.turn(Command::Wake);
    assert_eq!(list.effects.asks, []);
    list.turn(pause(false));
    assert_eq!(list.wake(), [2], "and nothing is made up for");
    list.turn(Command::Stop { id: id.clone() });
    assert_eq!(list.effects.turned.len(), 1, "it is logged");
    assert_eq!(list.run(1).state, RunState::Stopped);
    let over = list.turn(pause(false));
    assert!(matches!(over, Reply::Run { is_over: true, .. }), "{over:?}");
    list.answer(1, &[(2, Answer::Replayed)]);
    assert_eq!(list.run(1).replayed, 2);
    assert_eq!(list.wake(), [0; 0]);
}

#[test]
fn a_row_that_no_word_took_out_is_taken_out_by_the_replay_that_meets_it() {
    let mut list = with_failures(3);
    list.begin(1, of_user1(), RATE_MAX);
    list.now = list.now.after(Duration::from_secs(1));
    let asked = list.wake();
    assert_eq!(asked, [1, 2, 3]);
    list.answer(
        1,
        &[
            (1, Answer::Refused(Refusal::Forgotten)),
            (2, Answer::Refused(Refusal::NotFailedAnyMore)),
            (3, Answer::Refused(Refusal::Quota)),
        ],
    );
    assert_eq!(list.listed().len(), 1, "that one has failed still");
}

#[test]
fn one_key_begins_one_replay() {
    let mut list = with_failures(1);
    let begin = |number, rate| Command::Begin {
        id: replay_id(number),
        filter: of_user1(),
        rate,
        key: Some("k".to_owned()),
    };
    let is_new = |reply| {
        matches!(
            reply,
            Reply::Begun {
                repeated: false,
                ..
            }
        )
    };
    assert!(is_new(list.turn(begin(1, 60))));
    assert!(is_new(list.turn(begin(1, 60))), "the same call once more");
    let again = list.turn(begin(2, 60));
    assert!(matches!(again, Reply::Begun { repeated: true, .. }));
    let id = replay_id(1);
    assert_eq!(list.turn(begin(3, 61)), Reply::KeyReused { id });
}

#[test]
fn so_many_are_under_way_at_once_and_no_more() {
    let mut list = with_failures(1);
    for number in 0..u8::try_from(RUNS_MAX).unwrap() {
        list.begin(number, of_user1(), 60);
    }
    let one_more = Command::Begin {
        id: replay_id(99),
        filter: of_user1(),
        rate: 60,
        key: None,
    };
    assert_eq!(list.turn(one_more.clone()), Reply::TooMany);
    list.turn(Command::Stop { id: replay_id(3) });
    assert!(matches!(list.turn(one_more), Reply::Begun { .. }));
}

#[test]
fn one_that_has_ended_is_forgotten_after_the_retention() {
    let mut list = ListHarness::new();
    list.begin(1, of_user1(), 60);
    list.wake();
    assert_eq!(list.run(1).state, RunState::Done);
    let ended = list.now;
    for day in 1..=7 {
        list.wake();
        let hours = Duration::from_hours(24 * day);
        assert_eq!(list.now, ended.after(hours), "it is looked at once a day");
    }
    assert_eq!(list.now, ended.after(RETENTION));
    let id = replay_id(1);
    let gone = list.turn(Command::Run { id });
    assert!(matches!(gone, Reply::Run { run: None, .. }));
    assert_eq!(list.effects.wake_by, None);
}

#[test]
fn a_clock_that_is_set_back_holds_up_nothing() {
    let mut list = with_failures(2);
    list.begin(1, of_user1(), 1);
    assert_eq!(list.wake(), [1]);
    list.answer(1, &[(1, Answer::Replayed)]);
    list.now = list.now.before(Duration::from_hours(24 * 30));
    let seconds = list.run(1).next_at.millis_since(list.now) / 1_000;
    assert!(seconds > 60);
    list.turn(Command::Wake);
    list.now = list.now.after(Duration::from_mins(1));
    list.turn(Command::Wake);
    assert_eq!(list.effects.asks.len(), 1);
}

#[test]
fn a_gate_out_of_reach_or_a_pause_makes_it_no_faster() {
    let mut list = with_failures(3);
    list.begin(1, of_user1(), 1);
    assert_eq!(list.wake(), [1]);
    let id = replay_id(1);
    for pauses in [true, false] {
        let id = id.clone();
        list.turn(Command::Pause { id, pauses });
    }
    list.turn(Command::Wake);
    assert_eq!(list.effects.asks, []);
    list.now = list.now.after(Duration::from_secs(20));
    list.answer(1, &[(1, Answer::Unreached)]);
    list.now = list.now.after(Duration::from_secs(10));
    list.turn(Command::Wake);
    let asked = list.effects.asks.iter().map(|ask| ask.job.number);
    assert_eq!(asked.collect::<Vec<_>>(), [1], "that one again, no other");
}

#[test]
fn what_a_stopped_one_had_asked_for_and_never_heard_of_is_forgotten() {
    let mut list = with_failures(3);
    list.begin(1, of_user1(), 60);
    assert_eq!(list.wake(), [1]);
    list.turn(Command::Stop { id: replay_id(1) });
    assert_eq!(list.run(1).asked.len(), 1, "its answer still counts");
    assert_eq!(list.wake(), [0; 0]);
    assert_eq!(list.run(1).asked, []);
}

#[test]
fn of_those_that_have_ended_so_many_are_remembered() {
    let mut list = ListHarness::new();
    let many = u8::try_from(ENDED_MAX + 5).unwrap();
    for number in 0..many {
        list.now = list.now.after(Duration::from_secs(1));
        list.begin(number, of_user1(), 60);
        list.turn(Command::Stop {
            id: replay_id(number),
        });
    }
    let Reply::Runs { runs } = list.turn(Command::Runs) else {
        panic!("these are asked for");
    };
    assert_eq!(runs.len(), ENDED_MAX);
    let id = replay_id(4);
    let first = list.turn(Command::Run { id });
    assert!(
        matches!(first, Reply::Run { run: None, .. }),
        "the oldest went"
    );
}
