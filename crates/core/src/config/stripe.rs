//! Which of Stripe's events are taken, and the secrets that sign them.

use super::{
    reader::Reader,
    secret::{SECRETS_MAX, Secret, StripeSecret},
};

/// Most connected accounts whose events are taken.
const ACCOUNTS_MAX: usize = 100;

/// Which events are taken. The others are answered and logged, and change nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StripeScope {
    /// `STRIPE_MODE`, default `auto` (`live`, and in open mode `both`): whether events of live mode are taken.
    pub takes_live: bool,
    /// And those of test mode, in which nobody pays.
    pub takes_test: bool,
    /// `STRIPE_ACCOUNTS`: the connected accounts whose events are taken. What they say of a user is what the owner of that
    /// account wants it to say.
    pub accounts: Vec<String>,
}

pub(super) fn scope(reader: &mut Reader, is_open: bool) -> StripeScope {
    let (takes_live, takes_test) = reader.choice(
        "STRIPE_MODE",
        &[
            ("auto", (true, is_open)),
            ("live", (true, false)),
            ("test", (false, true)),
            ("both", (true, true)),
        ],
    );
    let accounts = reader.listed("STRIPE_ACCOUNTS", "account", ACCOUNTS_MAX, |text| {
        let is_id = text.strip_prefix("acct_").is_some_and(|rest| {
            (1..=250).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let why = || "is not the id of an account, acct_ and letters or digits".to_owned();
        is_id.then(|| text.to_owned()).ok_or_else(why)
    });
    StripeScope {
        takes_live,
        takes_test,
        accounts,
    }
}

pub(super) fn secrets(reader: &mut Reader) -> Vec<StripeSecret> {
    reader.listed("STRIPE_WEBHOOK_SECRETS", "secret", SECRETS_MAX, |text| {
        let secret = Secret::try_from(text).map_err(|error| error.to_string())?;
        StripeSecret::new(secret).ok_or_else(|| "must begin with whsec_".to_owned())
    })
}
