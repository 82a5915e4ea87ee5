//! Who may do what: every kind of caller on every route.

use queue_core::{
    api::{
        auth::{Caller, Need, need, permission::permit_submission, permit},
        problem::ApiError,
        routes::{Route, route},
    },
    domain::{Tier, UserId},
};

const JOB: &str = "018bcfe5-6800-7000-8000-000000000000";

/// What a caller is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Pass,
    Forbidden,
    /// As if the job did not exist.
    NoJob,
    /// That it is not the token's user.
    OtherUser,
}
use Told::{Forbidden, NoJob, OtherUser, Pass};

fn told(route: &Route, caller: &Caller) -> Told {
    match permit(need(route), caller) {
        Ok(()) => Pass,
        Err(ApiError::Forbidden(_)) => Forbidden,
        Err(ApiError::NoSuchJob) => NoJob,
        Err(ApiError::OtherUser) => OtherUser,
        Err(other) => panic!("{other:?}"),
    }
}

fn user(id: &str, tier: Option<Tier>) -> Caller {
    let user_id = UserId::try_from(id.to_owned()).unwrap();
    Caller::User { user_id, tier }
}

#[test]
fn permissions_of_every_caller_on_every_route_match_the_table() {
    let job = format!("/users/mara/jobs/{JOB}");
    let artifacts = format!("{job}/artifacts");
    let artifact = format!("{artifacts}/player.html");
    let link = format!("{artifact}/link");
    // Method, path, whether no credential is looked at; then what the user, and another user, is told.
    let table = [
        ("GET", "/healthz", true, Pass, Pass),
        ("GET", "/tiers", true, Pass, Pass),
        ("POST", "/webhooks/stripe", true, Pass, Pass),
        ("POST", "/create-story", false, Pass, Pass),
        ("POST", "/jobs", false, Pass, Pass),
        ("POST", "/create-episode", false, Pass, Pass),
        ("GET", "/users/mara", false, Pass, OtherUser),
        ("DELETE", "/users/mara", false, Forbidden, Forbidden),
        ("PUT", "/users/mara/plan", false, Forbidden, Forbidden),
        (
            "POST",
            "/users/mara/plan/reconcile",
            false,
            Forbidden,
            Forbidden,
        ),
        ("POST", "/users/mara/email-address", false, Pass, OtherUser),
        ("GET", "/users/mara/export", false, Pass, OtherUser),
        ("GET", "/users/mara/events", false, Pass, OtherUser),
        ("GET", "/users/mara/jobs", false, Pass, OtherUser),
        ("GET", &job, false, Pass, NoJob),
        ("DELETE", &job, false, Pass, NoJob),
        ("GET", &artifacts, false, Pass, NoJob),
        ("GET", &artifact, false, Pass, NoJob),
        ("POST", &link, false, Pass, NoJob),
        ("GET", "/dead-letters", false, Forbidden, Forbidden),
    ];
    let mut kinds = Vec::new();
    for (method, path, is_public, own, others) in table {
        let route = route(method, path).unwrap();
        let asks_nothing = matches!(need(&route), Need::Nothing | Need::Signature);
        assert_eq!(asks_nothing, is_public, "{method} {path}");
        for trusted in [Caller::Service, Caller::Open] {
            assert_eq!(told(&route, &trusted), Pass, "{trusted:?} {method} {path}");
        }
        for tier in [None, Some(Tier::Tier4)] {
            assert_eq!(told(&route, &user("mara", tier)), own, "{method} {path}");
            assert_eq!(told(&route, &user("theo", tier)), others, "{method} {path}");
        }
        kinds.push(std::mem::discriminant(&route));
    }
    // `need` has one arm a route; this table must have as many.
    kinds.dedup();
    assert_eq!(kinds.len(), table.len());
}

#[test]
fn a_user_submits_for_itself_and_nobodys_jobs_take_a_service_key() {
    let (mara, nobody) = (
        UserId::try_from("mara".to_owned()).unwrap(),
        UserId::nobody(),
    );
    for trusted in [Caller::Service, Caller::Open] {
        assert_eq!(permit_submission(&trusted, &mara), Ok(()));
        assert_eq!(permit_submission(&trusted, &nobody), Ok(()));
    }
    assert_eq!(permit_submission(&user("mara", None), &mara), Ok(()));
    let refused = permit_submission(&user("theo", None), &mara).unwrap_err();
    assert!(refused.contains("own user"), "{refused}");
    let refused = permit_submission(&user("mara", None), &nobody).unwrap_err();
    assert!(refused.contains("service key"), "{refused}");
}

#[test]
fn nobodys_jobs_are_shown_to_service_keys_alone() {
    let list = route("GET", "/users/~nobody/jobs").unwrap();
    let job = route("GET", &format!("/users/~nobody/jobs/{JOB}")).unwrap();
    assert_eq!(
        (told(&list, &Caller::Service), told(&job, &Caller::Service)),
        (Pass, Pass)
    );
    let mara = user("mara", Some(Tier::Tier4));
    assert_eq!((told(&list, &mara), told(&job, &mara)), (OtherUser, NoJob));
}

#[test]
fn a_different_spelling_of_a_user_id_is_another_user() {
    let route = route("GET", "/users/mara").unwrap();
    for name in ["Mara", "mara.", "mara~", "MARA", "m"] {
        assert_eq!(told(&route, &user(name, None)), OtherUser, "{name}");
    }
    // But an encoded one is the same.
    let encoded = queue_core::api::routes::route("GET", "/users/%6dara").unwrap();
    assert_eq!(told(&encoded, &user("mara", None)), Pass);
}
