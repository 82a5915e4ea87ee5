//! What a delivery does where a back end is out.

use super::harness::{Scene, grant, holding, want};
use queue_core::{
    delivery::{CONFIRM_AFTER, assignment::Assignment, stage::Ending},
    domain::{Backend, Blame, Stage, Timestamp},
    gate::Command,
    line::want::{Mark, Want},
    pool::command::Given,
};

fn out(until: Option<Timestamp>) -> Ending {
    Ending::Out {
        blame: Blame {
            backend: Backend::Generator,
            until,
        },
        code: "out".to_owned(),
        message: "out".to_owned(),
    }
}

#[test]
fn a_job_does_not_go_on_into_a_stage_that_the_pool_holds() {
    for is_held in [true, false] {
        let mut scene = Scene::given(&[want(1)]);
        scene.start_all();
        scene.pass(CONFIRM_AFTER);
        let held = is_held.then_some(Stage::Audio).into_iter();
        scene.answers(Some(Given {
            held: held.collect(),
            ..Given::default()
        }));
        assert_eq!(scene.stops(1, true).on, !is_held);
    }
}

#[test]
fn a_fault_that_is_its_own_is_blamed_on_nobody_unless_the_back_end_asks_for_a_pause() {
    for (mark, until, is_blamed) in [
        (None, None, true),
        (Some(Mark::Own), None, false),
        (Some(Mark::Own), Some(Timestamp::from_millis(9)), true),
    ] {
        let want = Want { mark, ..want(1) };
        let mut scene = Scene::given(std::slice::from_ref(&want));
        scene.start_all();
        let grant = grant(2);
        let assignment = Assignment { want, grant };
        let report = scene
            .delivery
            .stopped(scene.now, &assignment, out(until), 7);
        scene.act();
        let Some(Command::Fail {
            blame, permanent, ..
        }) = report
        else {
            panic!("{report:?}")
        };
        assert_eq!((blame.is_some(), permanent), (is_blamed, false));
        let exchange = scene.exchanges();
        assert_eq!(exchange.freed, [holding(1, 2)]);
        assert_eq!(
            exchange.faults.len(),
            usize::from(is_blamed),
            "the pool hears of it"
        );
    }
}
