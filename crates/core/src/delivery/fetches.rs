//! Who of a delivery fetches a page next. There are two places; a user has one of them at most, and so has a site, so that
//! slow answers to one of them hold up nobody else. Users take turns.

use crate::domain::UserId;
use std::collections::BTreeMap;

/// Fetches at a time. One invocation may have six connections that wait for an answer (Workers limits); most are for the
/// gates and the pool, and no site may hold those up.
const PLACES: usize = 2;

/// One fetch.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct FetchId(u64);

/// For whom a page is fetched, and from where.
#[derive(Clone, Debug)]
struct Fetch {
    user_id: UserId,
    host: String,
}

/// The fetches of one delivery.
#[derive(Clone, Debug, Default)]
pub struct Fetches {
    ids: u64,
    waiting: BTreeMap<FetchId, Fetch>,
    under_way: BTreeMap<FetchId, Fetch>,
    begun: u64,
    /// Which of those that began was each user's last.
    last: BTreeMap<UserId, u64>,
}

impl Fetches {
    /// Waits behind what this user waits for already.
    pub fn enter(&mut self, user_id: &UserId, host: &str) -> FetchId {
        self.ids += 1;
        let id = FetchId(self.ids);
        let fetch = Fetch {
            user_id: user_id.clone(),
            host: host.to_owned(),
        };
        self.waiting.insert(id, fetch);
        id
    }

    /// Which may begin now: of the users without a fetch, that whose last one began first.
    #[must_use]
    pub fn next(&self) -> Option<FetchId> {
        if self.under_way.len() >= PLACES {
            return None;
        }
        let is_free = |fetch: &Fetch| {
            let mut others = self.under_way.values();
            others.all(|other| other.user_id != fetch.user_id && other.host != fetch.host)
        };
        let free = self.waiting.iter().filter(|(_, fetch)| is_free(fetch));
        free.map(|(id, fetch)| (self.last.get(&fetch.user_id), *id))
            .min()
            .map(|(_, id)| id)
    }

    /// Begins, if it is next.
    pub fn begin(&mut self, id: FetchId) -> bool {
        if self.next() != Some(id) {
            return false;
        }
        if let Some(fetch) = self.waiting.remove(&id) {
            self.begun += 1;
            self.last.insert(fetch.user_id.clone(), self.begun);
            self.under_way.insert(id, fetch);
        }
        true
    }

    /// Has ended, or is not waited for any more.
    pub fn end(&mut self, id: FetchId) {
        self.waiting.remove(&id);
        self.under_way.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(fetches: &mut Fetches, user: &str, host: &str) -> FetchId {
        fetches.enter(&UserId::try_from(user.to_owned()).unwrap(), host)
    }

    /// The next one begins.
    fn began(fetches: &mut Fetches) -> Option<FetchId> {
        let id = fetches.next()?;
        fetches.begin(id).then_some(id)
    }

    #[test]
    fn a_user_with_many_slow_pages_leaves_a_place_to_others() {
        let mut fetches = Fetches::default();
        let mine: Vec<_> = (0..100)
            .map(|site| enter(&mut fetches, "slow", &site.to_string()))
            .collect();
        assert!(fetches.begin(mine[0]));
        assert_eq!(fetches.next(), None, "one place stays free");
        let other = enter(&mut fetches, "other", "o");
        assert!(!fetches.begin(mine[1]));
        assert!(fetches.begin(other));
        assert_eq!(fetches.next(), None, "there are two");
        fetches.end(mine[0]);
        assert_eq!(began(&mut fetches), Some(mine[1]), "in their order");
        fetches.end(other);
        assert!(!fetches.begin(other), "it has ended");
    }

    #[test]
    fn a_site_that_is_slow_for_many_users_leaves_a_place_to_others() {
        let mut fetches = Fetches::default();
        let slow: Vec<_> = (0..100)
            .map(|user| enter(&mut fetches, &format!("u{user}"), "slow"))
            .collect();
        assert_eq!(began(&mut fetches), Some(slow[0]));
        assert_eq!(fetches.next(), None);
        let other = enter(&mut fetches, "other", "fast");
        assert_eq!(began(&mut fetches), Some(other));
    }

    #[test]
    fn users_take_turns() {
        let mut fetches = Fetches::default();
        let mut order = Vec::new();
        let mut names = BTreeMap::new();
        for (user, site) in [
            ("a", "1"),
            ("a", "2"),
            ("a", "3"),
            ("b", "4"),
            ("b", "5"),
            ("c", "6"),
        ] {
            names.insert(enter(&mut fetches, user, site), format!("{user}{site}"));
        }
        while let Some(id) = began(&mut fetches) {
            order.push(names[&id].as_str());
            fetches.end(id);
        }
        assert_eq!(order, ["a1", "b4", "c6", "a2", "b5", "a3"]);
    }

    #[test]
    fn one_that_is_not_waited_for_any_more_holds_up_nobody() {
        let mut fetches = Fetches::default();
        let (first, second) = (enter(&mut fetches, "a", "1"), enter(&mut fetches, "b", "2"));
        fetches.end(first);
        assert_eq!(fetches.next(), Some(second));
    }
}
