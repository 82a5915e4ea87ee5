//! Which of Stripe's events are taken, the secrets that sign them, and how Stripe itself is asked.

use super::{
    jwks_url::JwksUrl,
    reader::Reader,
    secret::{SECRETS_MAX, Secret, StripeKey, StripeSecret},
};

/// Where Stripe is.
pub const STRIPE: &str = "https://api.stripe.com";

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

/// How subscriptions are read from Stripe.
#[derive(Clone, Debug)]
pub struct StripeApi {
    /// `STRIPE_API_KEY`: a restricted key.
    pub key: StripeKey,
    /// `STRIPE_API_URL`, default Stripe's: where it is, without a path. The key goes nowhere else, but to this machine in
    /// tests.
    pub url: String,
}

pub(super) fn api(reader: &mut Reader) -> Option<StripeApi> {
    let keys = reader.listed("STRIPE_API_KEY", "secret", 1, |text| {
        let secret = Secret::try_from(text).map_err(|error| error.to_string())?;
        StripeKey::new(secret).ok_or_else(|| "must begin with rk_: a restricted key".to_owned())
    });
    let url = reader
        .text("STRIPE_API_URL")
        .unwrap_or_else(|| STRIPE.to_owned());
    let is_local = JwksUrl::read(&url).is_ok_and(|url| url.is_local());
    let has_path = url.matches('/').count() > 2 || url.contains('?');
    if url != STRIPE && (!is_local || has_path) {
        let detail = format!(
            "must be {STRIPE}, or in tests http://127.0.0.1 or localhost with a port, without a path"
        );
        reader.fault("STRIPE_API_URL", detail);
    }
    let key = keys.into_iter().next()?;
    Some(StripeApi { key, url })
}
