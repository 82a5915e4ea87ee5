//! Links that need no credential: which are good, for what, and until when.

use queue_core::{
    api::{
        link::{self, Claim, LinkFault, Target},
        routes::{Route, route},
        view,
    },
    config::secret::Secret,
    domain::{JobId, Timestamp, UserId},
};

const JOB: &str = "018bcfe5-6800-7000-8000-000000000000";
const OTHER_JOB: &str = "018bcfe5-6800-7000-8000-000000000001";
const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_999);

fn secret(text: &str) -> Secret {
    Secret::try_from(text.repeat(8).as_str()).unwrap()
}

fn with<T>(user: &str, job: &str, name: &str, with: impl FnOnce(&Target<'_>) -> T) -> T {
    let user_id = UserId::try_from(user.to_owned()).unwrap();
    let job_id = JobId::try_from(job.to_owned()).unwrap();
    with(&Target::new(&user_id, &job_id, name))
}

/// What a link of that name says, which was made now for a minute.
fn made(secret: &Secret, name: &str) -> (String, String) {
    let link = with("mara", JOB, name, |target| {
        view::link(target, &link::sign(NOW, secret, target, 60))
    });
    let text = |name: &str| link[name].as_str().unwrap().to_owned();
    (text("href"), text("expiresAt"))
}

fn pairs(href: &str) -> impl Iterator<Item = (&str, &str)> {
    let (_, query) = href.split_once('?').unwrap();
    query.split('&').map(|pair| pair.split_once('=').unwrap())
}

fn claim(href: &str) -> Claim {
    Claim::of(pairs(href)).unwrap()
}

/// Checked for mara's `frames/001.svg` at that time.
fn checked(href: &str, at: Timestamp, secrets: &[Secret]) -> Result<(), LinkFault> {
    with("mara", JOB, "frames/001.svg", |target| {
        claim(href).check(at, secrets, target)
    })
}

#[test]
fn a_link_leads_to_its_artifact_until_it_expires() {
    let ours = [secret("ours")];
    let (href, expires_at) = made(&ours[0], "frames/001.svg");
    assert_eq!(
        href.split_once("?expires=1700000060&signature=").unwrap().0,
        format!("/users/mara/jobs/{JOB}/artifacts/frames/001.svg")
    );
    assert_eq!(expires_at, "2023-11-14T22:14:20.000Z");
    let end = Timestamp::from_rfc3339(&expires_at).unwrap();
    let at = |offset| {
        checked(
            &href,
            Timestamp::from_millis(end.as_millis() + offset),
            &ours,
        )
    };
    assert_eq!(checked(&href, NOW, &ours), Ok(()));
    assert_eq!(at(-1), Ok(()));
    assert_eq!(at(0), Err(LinkFault::Expired));
    assert_eq!(at(1_000_000), Err(LinkFault::Expired));
}

/// So that a link can be checked, or made, by a program that has the secret.
#[test]
fn the_signed_text_is_pinned() {
    // printf 'story-queue link to an artifact, 1\nmara\n…0\n1700000060\nframes/001.svg' | openssl dgst -sha256 -hmac …
    let (href, _) = made(&secret("ours"), "frames/001.svg");
    let (_, signature) = href.split_once("signature=").unwrap();
    assert_eq!(signature, "7ZiDhTvM8v6YTUWzrtO-I0_lmdoq_jsE3ivvVm64dFo");
}

#[test]
fn a_changed_or_foreign_link_is_refused_also_when_it_has_expired() {
    let ours = [secret("ours")];
    let (href, _) = made(&ours[0], "frames/001.svg");
    let late = Timestamp::from_millis(NOW.as_millis() + 3_600_000);
    let refused = |href: &str| {
        for at in [NOW, late] {
            let found = checked(href, at, &ours);
            assert_eq!(found, Err(LinkFault::Invalid), "{href}");
        }
    };
    for (from, to) in [
        ("1700000060", "1700000061"),
        ("1700000060", "9999999999"),
        ("1700000060", "01700000060"),
        ("1700000060", "+1700000060"),
        ("1700000060", "1700000060.0"),
        ("1700000060", "9999999999999999999999"),
        ("1700000060", ""),
        ("signature=", "signature=A"),
        ("signature=", "signature=&x="),
        ("signature=", "x="),
        ("expires=", "x="),
    ] {
        refused(&href.replace(from, to));
    }
    // Each other character, each other length.
    let (front, signature) = href.split_once("signature=").unwrap();
    for (index, _) in signature.char_indices() {
        let (before, after) = signature.split_at(index);
        let other = if after.starts_with('A') { "B" } else { "A" };
        refused(&format!("{front}signature={before}{other}{}", &after[1..]));
        refused(&format!("{front}signature={before}"));
    }
    for (user, job, name) in [
        ("theo", JOB, "frames/001.svg"),
        ("mara", OTHER_JOB, "frames/001.svg"),
        ("mara", JOB, "frames/002.svg"),
        ("mara", JOB, "frames/001.svg\n"),
        ("mara", JOB, ""),
    ] {
        let found = with(user, job, name, |target| {
            claim(&href).check(NOW, &ours, target)
        });
        assert_eq!(found, Err(LinkFault::Invalid), "{user} {job} {name}");
    }
}

#[test]
fn while_a_secret_is_replaced_links_of_both_are_good() {
    let (old, new) = (secret("old!"), secret("new!"));
    let (href, _) = made(&old, "frames/001.svg");
    let check = |secrets: &[Secret]| checked(&href, NOW, secrets);
    assert_eq!(check(&[new.clone(), old.clone()]), Ok(()));
    assert_eq!(check(&[old]), Ok(()));
    assert_eq!(check(&[new]), Err(LinkFault::Invalid));
    assert_eq!(check(&[]), Err(LinkFault::Invalid));
}

#[test]
fn a_query_without_a_trace_of_a_link_is_none() {
    assert_eq!(Claim::of([("download", "x")].into_iter()), None);
    assert_eq!(Claim::of([("", ""); 0].into_iter()), None);
    for name in ["expires", "signature"] {
        let found = Claim::of([(name, "")].into_iter()).unwrap();
        let found = with("mara", JOB, "x", |target| {
            found.check(NOW, &[secret("ours")], target)
        });
        assert_eq!(found, Err(LinkFault::Invalid));
    }
}

#[test]
fn a_name_with_other_characters_has_a_link_that_leads_back_to_it() {
    let ours = [secret("ours")];
    for name in ["a b/ü?&#%.svg", "link", "x/link", "%2F"] {
        let (href, _) = made(&ours[0], name);
        let (path, _) = href.split_once('?').unwrap();
        let Ok(Route::Artifact(user_id, job_id, found)) = route("GET", path) else {
            panic!("{path}");
        };
        assert_eq!(found, name);
        let target = Target::new(&user_id, &job_id, &found);
        assert_eq!(claim(&href).check(NOW, &ours, &target), Ok(()));
    }
}

#[test]
fn a_link_holds_for_an_hour_or_as_long_as_is_wished() {
    for (body, seconds) in [
        ("", 3_600),
        ("{}", 3_600),
        (r#"{"expiresInSeconds":null}"#, 3_600),
        (r#"{"expiresInSeconds":60}"#, 60),
        (r#"{"expiresInSeconds":6.048e5}"#, 604_800),
    ] {
        assert_eq!(link::parse(body.as_bytes()), Ok(seconds), "{body}");
    }
    for (body, pointer) in [
        (r#"{"expiresInSeconds":59}"#, "/expiresInSeconds"),
        (r#"{"expiresInSeconds":604801}"#, "/expiresInSeconds"),
        (r#"{"expiresInSeconds":"60"}"#, "/expiresInSeconds"),
        (r#"{"expiresInSeconds":60.5}"#, "/expiresInSeconds"),
        (r#"{"expires":60}"#, "/expires"),
        ("[]", ""),
        ("x", ""),
    ] {
        let errors = link::parse(body.as_bytes()).unwrap_err();
        assert_eq!(errors[0].pointer.as_deref(), Some(pointer), "{body}");
    }
}
