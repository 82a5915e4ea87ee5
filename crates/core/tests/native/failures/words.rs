//! What gates tell, in whatever order it comes.

use super::harness::{ListHarness, failed, job_id, of_user1};
use queue_core::{
    domain::{Kind, Tier, UserId},
    failures::{Command, Filter, Reply},
};
use std::time::Duration;

#[test]
fn a_failure_is_listed_until_it_is_none_any_more() {
    let mut list = ListHarness::new();
    list.fails(1, 3);
    list.fails(2, 3);
    assert_eq!(list.listed(), [(job_id(1), 3), (job_id(2), 3)]);
    list.goes(1, 3);
    assert_eq!(list.listed(), [(job_id(2), 3)]);
}

#[test]
fn a_word_said_twice_is_heard_once() {
    let mut list = ListHarness::new();
    for _ in 0..2 {
        list.fails(1, 3);
        assert_eq!(list.listed(), [(job_id(1), 3)]);
    }
    for _ in 0..2 {
        list.goes(1, 3);
        assert_eq!(list.listed(), []);
    }
}

#[test]
fn a_late_word_about_an_older_failure_changes_nothing() {
    let mut list = ListHarness::new();
    list.fails(1, 3);
    list.goes(1, 3);
    list.fails(1, 3);
    assert_eq!(list.listed(), [], "it was replayed before");
    list.fails(1, 7);
    list.goes(1, 3);
    list.fails(1, 3);
    assert_eq!(list.listed(), [(job_id(1), 7)], "it has failed again");
    list.goes(2, 5);
    list.fails(2, 5);
    assert_eq!(list.listed(), [(job_id(1), 7)], "the words changed places");
}

#[test]
fn what_is_gone_is_remembered_for_ten_minutes_and_then_costs_nothing() {
    let mut list = ListHarness::new();
    list.fails(1, 3);
    list.goes(1, 3);
    let minutes = list.effects.wake_by.unwrap().millis_since(list.now) / 60_000;
    assert_eq!(minutes, 10);
    list.now = list.now.after(Duration::from_mins(9));
    list.turn(Command::Wake);
    list.fails(1, 3);
    assert_eq!(list.listed(), []);
    list.wake();
    assert_eq!(list.effects.wake_by, None);
    list.fails(1, 3);
    assert_eq!(list.listed().len(), 1, "nobody remembers");
}

#[test]
fn a_preview_counts_all_that_are_meant_and_shows_ten() {
    let mut list = ListHarness::new();
    for number in 1..=12 {
        list.fails(number, 3);
    }
    let filter = of_user1();
    let Reply::Preview { matched, first } = list.turn(Command::Preview { filter }) else {
        panic!("it is a preview");
    };
    assert_eq!((matched, first.len()), (12, 10));
    assert_eq!(first[0], failed(1, 3), "the oldest first");
}

/// A filter, and how many of four jobs it means.
fn filters() -> Vec<(Filter, u32)> {
    let any = Filter::default;
    let at = Some(failed(2, 3).at);
    let error = |text: &str| Some(text.to_owned());
    let with = |change: &dyn Fn(&mut Filter)| {
        let mut filter = any();
        change(&mut filter);
        filter
    };
    vec![
        (of_user1(), 4),
        (with(&|filter| filter.error = error("planted")), 4),
        (with(&|filter| filter.error = error("other")), 0),
        (with(&|filter| filter.kind = Some(Kind::story())), 4),
        (with(&|filter| filter.kind = Some(Kind::episode())), 0),
        (with(&|filter| filter.tier = Some(Tier::Tier1)), 4),
        (with(&|filter| filter.tier = Some(Tier::Tier2)), 0),
        (with(&|filter| filter.user_id = Some(UserId::nobody())), 0),
        (with(&|filter| filter.failed_after = at), 3),
        (with(&|filter| filter.failed_before = at), 1),
        (
            Filter {
                failed_before: at,
                ..of_user1()
            },
            1,
        ),
    ]
}

#[test]
fn each_part_of_a_filter_counts_in_the_rows_as_in_the_words() {
    let mut list = ListHarness::new();
    for number in 1..=4 {
        list.fails(number, 3);
    }
    for (filter, expected) in filters() {
        let meant = (1..=4).filter(|number| filter.means(&failed(*number, 3)));
        assert_eq!(meant.count(), expected as usize, "{filter:?}");
        let preview = Command::Preview { filter };
        let Reply::Preview { matched, .. } = list.turn(preview.clone()) else {
            panic!("it is a preview");
        };
        assert_eq!(matched, expected, "{preview:?}");
    }
}
